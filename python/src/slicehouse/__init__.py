"""Training sets of a Slicehouse warehouse as batches of NumPy arrays.

>>> import slicehouse
>>> ich = slicehouse.open("sqlite:ich.sqlite").training_set("ich@1")
>>> for batch in ich.batches(split="train", batch_size=32, seed=0, epoch=0):
...     batch.image, batch.mask        # NumPy views, no copy

`slicehouse.torch.Dataset` is an IterableDataset of PyTorch, `slicehouse.tensorflow.dataset` a tf.data.Dataset, and every
batch speaks DLPack. `Warehouse.sql` returns the result of a query as columns.
"""

from ._batches import Batch, Batches
from ._library import (
    DatabaseError,
    Error,
    ForkError,
    NotFoundError,
    PlanError,
    TrainingSetError,
)
from ._table import Table
from ._warehouse import Recipe, TrainingSet, Warehouse, open

__version__ = "0.1.0"
__all__ = [
    "Batch", "Batches", "DatabaseError", "Error", "ForkError", "NotFoundError", "PlanError", "Recipe", "Table",
    "TrainingSet", "TrainingSetError", "Warehouse", "open",
]  # fmt: skip
