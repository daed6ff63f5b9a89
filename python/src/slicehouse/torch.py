"""Training sets for PyTorch.

>>> from slicehouse.torch import Dataset
>>> dataset = Dataset("sqlite:ich.sqlite", "ich@1", split="train", batch_size=32)
>>> for epoch in range(10):
...     dataset.set_epoch(epoch)
...     for batch in torch.utils.data.DataLoader(dataset, batch_size=None):
...         loss(model(batch["image"]), batch["mask"])

The library fetches and unpacks on threads of its own: `num_workers=0` is as fast and copies nothing. With workers, each
opens the warehouse for itself, after fork or spawn, and takes its share of the batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
import torch.distributed
import torch.utils.data

from ._warehouse import TrainingSet


class Dataset(torch.utils.data.IterableDataset):
    """The batches of one fold, or of several together, as dictionaries of tensors that share the library's memory.

    Keys: `image`, `mask` and `target` where the set has them, `sample_number`, `weight`, `valid_count`, `consumed`.

    Args:
        url: Of the warehouse.
        name: Of the training set, `name@version`.
        rank, world_size: By default those of `torch.distributed`, where it is initialised.
        options: What `TrainingSet.batches` takes besides.

    Pickles as its arguments. `state_dict` and `load_state_dict` resume within an epoch, as torchdata's
    StatefulDataLoader calls them, on the same number of workers; by `consumed` of a batch an epoch is resumed on any
    number of ranks and workers: `load_state_dict({"epoch": 3, "consumed": batch["consumed"]})`.
    """

    def __init__(
        self,
        url: str,
        name: str,
        *,
        split: str | Iterable[str] = "train",
        batch_size: int = 32,
        rank: int | None = None,
        world_size: int | None = None,
        epoch: int = 0,
        **options: Any,
    ):
        super().__init__()
        if rank is None and world_size is None and torch.distributed.is_available():
            if torch.distributed.is_initialized():
                rank, world_size = torch.distributed.get_rank(), torch.distributed.get_world_size()
        self._place = (url, name)
        folds = split if isinstance(split, str) else list(split)
        self._options = dict(
            options, split=folds, batch_size=batch_size, rank=rank or 0, world_size=world_size or 1
        )
        self._state = {"epoch": epoch, "consumed": 0, "skip": 0}
        self._set: TrainingSet | None = None
        self._length: int | None = None

    def set_epoch(self, epoch: int) -> None:
        """Chooses the epoch, from its beginning."""
        self._state = {"epoch": epoch, "consumed": 0, "skip": 0}

    def state_dict(self) -> dict[str, int]:
        """Where to go on: behind the last batch that this process took."""
        return dict(self._state)

    def load_state_dict(self, state: dict[str, int]) -> None:
        self._state = {"epoch": int(state["epoch"]), "consumed": int(state["consumed"]), "skip": int(state.get("skip", 0))}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        info = torch.utils.data.get_worker_info()
        sharing = {} if info is None else {"worker": info.id, "workers": info.num_workers}
        batches = self._training_set(info is not None).batches(**self._options, **self._state, **sharing)
        with batches:
            for batch in batches:
                if sharing:
                    self._state["skip"] += 1
                else:
                    self._state.update(consumed=batch.consumed, skip=0)
                yield _tensors(batch)
        self._state = {"epoch": self._state["epoch"] + 1, "consumed": 0, "skip": 0}

    def __len__(self) -> int:
        """Batches of an epoch for this rank, those of all its workers."""
        if self._length is None:
            with self._training_set(False).batches(**self._options, threads=1, prefetch=1) as batches:
                self._length = batches.info["rank_batch_count"]
        return self._length

    def _training_set(self, is_worker: bool) -> TrainingSet:
        # A set that was opened before a fork belongs to the parent.
        if self._set is None or is_worker:
            self._set = TrainingSet(*self._place)
        return self._set

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_set": None}


def _tensors(batch) -> dict[str, Any]:
    arrays = {name: getattr(batch, name) for name in ("image", "mask", "target", "sample_number", "weight")}
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items() if array is not None}
    return {**tensors, "valid_count": batch.valid_count, "consumed": batch.consumed}
