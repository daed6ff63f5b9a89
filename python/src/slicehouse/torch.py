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

# What a dataset and its copies in workers share, in one tensor of int64: whether workers read; how often the place was
# set by hand, and which it is; the epoch behind the one that a loader gave its workers a state of, or -1.
_READ_BY_WORKERS, _SETTINGS, _EPOCH, _CONSUMED, _SKIP, _NEXT = range(6)


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
      with the same number of workers. Behind what is left of the epoch, which is nothing behind its last batch, the next
      one begins, with workers and without.

    Call `set_epoch` before each epoch; workers that persist (`persistent_workers=True`) hear of it when they begin again.
    Where nobody calls it, they and this process go on with the next epoch, and workers that are started anew begin the
    one that was set. `batch["epoch"]` says which it is.
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
        self._shared = _shared_numbers([0, 0, 0, 0, 0, -1])
        # Of the shared settings, those that are in the state above.
        self._heard = 0
        # In a worker: the epoch that it began last, and whether a loader gave it its state.
        self._begun: int | None = None
        self._is_given = False

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
        if torch.utils.data.get_worker_info() is None and self._shared[_READ_BY_WORKERS]:
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
        self._state, self._begun = state, None
        if torch.utils.data.get_worker_info() is not None:
            # Workers of a loader get it for the rest of an epoch; those that it starts afterwards cannot ask them.
            self._is_given = True
            self._shared[_NEXT] = state["epoch"] + 1
            return
        for place, value in ((_EPOCH, state["epoch"]), (_CONSUMED, state["consumed"]), (_SKIP, state["skip"])):
            self._shared[place] = int(value)
        self._shared[_NEXT] = -1
        self._shared[_READ_BY_WORKERS] = 0
        self._shared[_SETTINGS] += 1
        self._heard = int(self._shared[_SETTINGS])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        info = torch.utils.data.get_worker_info()
        self._shared[_READ_BY_WORKERS] = int(info is not None)
        if info is None:
            return self._batches({})
        # Before the first batch is asked for: a loader asks for the state before that.
        self._begin_in_worker()
        return self._batches({"worker": info.id, "workers": info.num_workers})

    def _begin_in_worker(self) -> None:
        """Where a worker begins: as it was set since, behind what it began before, or behind what others were given."""
        _, settings, *place, following = self._shared.tolist()
        if settings != self._heard:
            self._state = dict(zip(("epoch", "consumed", "skip"), place))
        elif self._begun is not None:
            self._state = {"epoch": self._begun + 1, "consumed": 0, "skip": 0}
        elif not self._is_given and following >= 0:
            self._state = {"epoch": following, "consumed": 0, "skip": 0}
        self._heard, self._begun = settings, self._state["epoch"]

    def _batches(self, sharing: dict[str, int]) -> Iterator[dict[str, Any]]:
        # Whoever sets another place meanwhile has a state of its own.
        state = self._state
        epoch = state["epoch"]
        with self._training_set(bool(sharing)).batches(**self._options, **state, **sharing) as batches:
            for batch in batches:
                if sharing:
                    state["skip"] += 1
                else:
                    state.update(consumed=batch.consumed, skip=0)
                yield {**_tensors(batch), "epoch": epoch}
        if self._state is state:
            self._state = {"epoch": epoch + 1, "consumed": 0, "skip": 0}

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
        # A worker that was spawned shares the parent's numbers; any other copy is a dataset of its own.
        if not self._shared.is_shared():
            self._shared = _shared_numbers(self._shared.tolist())


def _shared_numbers(values: list[int]) -> torch.Tensor:
    """Numbers that workers and their parent see and set, whether they are forked or spawned."""
    numbers = torch.tensor(values, dtype=torch.int64)
    try:
        return numbers.share_memory_()
    except RuntimeError:  # Without shared memory a DataLoader has no workers either.
        return numbers


def _tensors(batch) -> dict[str, Any]:
    arrays = {name: getattr(batch, name) for name in ("image", "mask", "target", "sample_number", "weight")}
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items() if array is not None}
    return {**tensors, "valid_count": batch.valid_count, "consumed": batch.consumed}
