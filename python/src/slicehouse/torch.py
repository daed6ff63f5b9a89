"""Training sets for PyTorch.

>>> from slicehouse.torch import Dataset
>>> dataset = Dataset("sqlite:ich.sqlite", "ich@1", split="train", batch_size=32)
>>> for epoch in range(10):
...     dataset.set_epoch(epoch)
...     for batch in torch.utils.data.DataLoader(dataset, batch_size=None):
...         loss(model(batch["image"]), batch["mask"])

The library fetches and unpacks on threads of its own: `num_workers=0` is as fast and copies nothing. With workers, each
opens the warehouse for itself, after fork or spawn, and takes its share of the batches.

To save where an epoch stands, make the state from the last batch that was trained on; that is right with and without
workers, and on any number of ranks:

>>> saved = dataset.state_after(batch)
>>> dataset.load_state_dict(saved)
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import torch
import torch.distributed
import torch.utils.data

from ._library import Error
from ._warehouse import TrainingSet, _folds

_OWN = {"consumed", "skip", "worker", "workers"}
_OPTIONS = set(inspect.signature(TrainingSet.batches).parameters) - _OWN - {"self"}


class Dataset(torch.utils.data.IterableDataset):
    """The batches of one fold, or of several together, as dictionaries of tensors that share the library's memory.

    Keys: `image`, `mask` and `target` where the set has them, `sample_number`, `weight`, `valid_count`, `consumed`,
    `epoch`.

    Args:
        url: Of the warehouse.
        name: Of the training set, `name@version`.
        rank, world_size: By default those of `torch.distributed`, where it is initialised.
        options: What `TrainingSet.batches` takes besides, but for `consumed`, `skip`, `worker` and `workers`, which are
            the dataset's own.

    Raises:
        TypeError: There is no such option.

    Pickles as its arguments. To go on within an epoch:

    - `load_state_dict(state_after(batch))` goes on behind that batch, on any number of ranks and workers.
    - `state_dict()` is the same where this process iterates (`num_workers=0`). Where workers of a DataLoader do, it
      cannot know how far they are, and refuses.
    - torchdata's StatefulDataLoader asks its workers for their states; use its own `state_dict` and `load_state_dict`,
      with the same number of workers. Behind the last batch of an epoch the next one begins: without workers by itself,
      with workers in the epoch that this dataset has, so call `set_epoch` with the next one before the loader goes on.

    Call `set_epoch` before each epoch. Workers that persist (`persistent_workers=True`) do not hear of it and count
    epochs by themselves; `batch["epoch"]` says which it is.
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
        for option in options:
            if option not in _OPTIONS:
                own = "the dataset sets it itself; see load_state_dict"
                raise TypeError(f"Dataset() cannot take {option}: {own if option in _OWN else 'there is no such option'}.")
        if rank is None and world_size is None and torch.distributed.is_available():
            if torch.distributed.is_initialized():
                rank, world_size = torch.distributed.get_rank(), torch.distributed.get_world_size()
        self._place = (url, name)
        self._options = dict(
            options, split=_folds(split), batch_size=batch_size, rank=rank or 0, world_size=world_size or 1
        )
        self._state = {"epoch": epoch, "consumed": 0, "skip": 0}
        self._set: TrainingSet | None = None
        self._length: int | None = None
        self._read_by_workers = _shared_flag()

    def set_epoch(self, epoch: int) -> None:
        """Chooses the epoch, from its beginning."""
        self._begin({"epoch": epoch, "consumed": 0, "skip": 0})

    @staticmethod
    def state_after(batch: dict[str, Any]) -> dict[str, int]:
        """The state behind a batch, for `load_state_dict`: whoever made it, the next batch is the one that followed.

        DataLoader gives the batches of its workers in order, unless it was made with `in_order=False`.
        """
        return {"epoch": int(batch["epoch"]), "consumed": int(batch["consumed"]), "skip": 0}

    def state_dict(self) -> dict[str, int]:
        """Where to go on: behind the last batch that this process took.

        Raises:
            Error: Workers of a DataLoader took the batches.
        """
        if torch.utils.data.get_worker_info() is None and self._read_by_workers[0]:
            raise Error(
                "The state of the dataset cannot be told: workers of a DataLoader iterate it, and how far they are is "
                "not known here; save dataset.state_after(batch) of the last batch, or use torchdata's "
                "StatefulDataLoader and its state_dict."
            )
        return dict(self._state)

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Goes on where a state of `state_after` or `state_dict` was taken."""
        self._begin(
            {"epoch": int(state["epoch"]), "consumed": int(state["consumed"]), "skip": int(state.get("skip", 0))}
        )

    def _begin(self, state: dict[str, int]) -> None:
        self._state = state
        # A worker that is given its state says nothing about who iterates.
        if torch.utils.data.get_worker_info() is None:
            self._read_by_workers[0] = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        info = torch.utils.data.get_worker_info()
        self._read_by_workers[0] = info is not None
        sharing = {} if info is None else {"worker": info.id, "workers": info.num_workers}
        batches = self._training_set(info is not None).batches(**self._options, **self._state, **sharing)
        epoch = self._state["epoch"]
        with batches:
            for batch in batches:
                if sharing:
                    self._state["skip"] += 1
                else:
                    self._state.update(consumed=batch.consumed, skip=0)
                yield {**_tensors(batch), "epoch": epoch}
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

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # A worker that was spawned has the parent's flag; any other copy is a dataset of its own.
        if not self._read_by_workers.is_shared():
            self._read_by_workers = _shared_flag(int(self._read_by_workers[0]))


def _shared_flag(value: int = 0) -> torch.Tensor:
    """A flag that workers set and the parent sees, whether they are forked or spawned."""
    flag = torch.tensor([value], dtype=torch.uint8)
    try:
        return flag.share_memory_()
    except RuntimeError:  # Without shared memory a DataLoader has no workers either.
        return flag


def _tensors(batch) -> dict[str, Any]:
    arrays = {name: getattr(batch, name) for name in ("image", "mask", "target", "sample_number", "weight")}
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items() if array is not None}
    return {**tensors, "valid_count": batch.valid_count, "consumed": batch.consumed}
