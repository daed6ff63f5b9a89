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
import os
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

import torch
import torch.distributed
import torch.utils.data

from ._library import Error, PlanError
from ._warehouse import TrainingSet, _folds, _own_rank

_OWN = {"consumed", "skip", "worker", "workers"}
_OPTIONS = set(inspect.signature(TrainingSet.batches).parameters) - _OWN - {"self"}

# What a dataset and its copies in workers share, in one tensor of int64: whether workers read; how often the place was
# set by hand, and which it is. And where a state was loaded, so that passes are counted: the setting behind which that
# was, or -1; the epoch of the state; the passes of workers since, with a mark of the last one.
_READ_BY_WORKERS, _SETTINGS, _EPOCH, _CONSUMED, _SKIP, _LOADED_BEHIND, _LOADED, _PASSES = range(8)


class Dataset(torch.utils.data.IterableDataset):
    """The batches of one fold, or of several together, as dictionaries of tensors that share the library's memory.

    Keys: `image`, `mask` and `target` where the set has them, `sample_number`, `weight`, `valid_count`, `consumed`,
    `epoch`.

    Args:
        url: Of the warehouse.
        name: Of the training set, `name@version`.
        rank, world_size: What is not given is that of `torch.distributed`, where it is initialised.
        options: What `TrainingSet.batches` takes besides, but for `consumed`, `skip`, `worker` and `workers`, which are
            the dataset's own.

    Raises:
        TypeError: There is no such option.
        PlanError: Of `rank` and `world_size` one is given and the other cannot be known.

    A pass begins where `set_epoch`, `load_state_dict` or the end of the last one left the dataset: one that is broken off
    is begun anew by the next `iter`, unless `load_state_dict(state_dict())` comes before that. Pickles and copies are
    datasets of their own, and so is what a process gets that is no worker of a DataLoader. To go on within an epoch:

    - `load_state_dict(state_after(batch))` goes on behind that batch, on any number of ranks and workers.
    - `state_dict()` is the same where this process iterates (`num_workers=0`). Where workers of a DataLoader do, it
      cannot know how far they are, and refuses.
    - torchdata's StatefulDataLoader asks its workers for their states; use its own `state_dict` and `load_state_dict`,
      with the same number of workers. Behind what is left of the epoch, which is nothing behind its last batch, the next
      one begins, with workers and without.

    Call `set_epoch` before each epoch, and before `iter` of the loader: a pass that has begun keeps its epoch, and workers
    that persist (`persistent_workers=True`) hear of another when they begin again. Where nobody calls it, this process goes
    on with the next epoch behind a pass that ended. Workers that persist go on with each pass that begins, and so do those
    that are started anew behind a state that was loaded; otherwise these begin the epoch that was set. `batch["epoch"]`
    says which it is.
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
        rank, world_size = _share(rank, world_size)
        self._place = (url, name)
        self._options = dict(options, split=_folds(split), batch_size=batch_size, rank=rank, world_size=world_size)
        # Where the next pass begins. How far the last one is, which state_dict alone tells.
        self._start = {"epoch": epoch, "consumed": 0, "skip": 0}
        self._progress = dict(self._start)
        self._set: TrainingSet | None = None
        self._length: int | None = None
        self._shared = _shared_numbers([0, 0, 0, 0, 0, -1, 0, 0])
        # Of the shared settings, those that are in the place above.
        self._heard = 0
        # In a worker: the epoch that it began last, and whether a loader gave it its state.
        self._begun: int | None = None
        self._is_given = False
        self._process = self._opened_in = os.getpid()
        _datasets.add(self)

    def set_epoch(self, epoch: int) -> None:
        """Chooses the epoch, from its beginning, of the passes that begin from now on."""
        self._begin({"epoch": epoch, "consumed": 0, "skip": 0})

    @staticmethod
    def state_after(batch: dict[str, Any]) -> dict[str, int]:
        """The state behind a batch, for `load_state_dict`: whoever made it, the next batch is the one that followed.

        DataLoader gives the batches of its workers in order, unless it was made with `in_order=False`.
        """
        return {"epoch": int(batch["epoch"]), "consumed": int(batch["consumed"]), "skip": 0}

    def state_dict(self) -> dict[str, int]:
        """Where to go on: behind the last batch that this process took, also of a pass that was broken off.

        Raises:
            Error: Workers of a DataLoader took the batches.
        """
        self._own()
        if torch.utils.data.get_worker_info() is None and self._shared[_READ_BY_WORKERS]:
            raise Error(
                "The state of the dataset cannot be told: workers of a DataLoader iterate it, and how far they are is "
                "not known here; save dataset.state_after(batch) of the last batch, or use torchdata's "
                "StatefulDataLoader and its state_dict."
            )
        return dict(self._progress)

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Goes on where a state of `state_after` or `state_dict` was taken."""
        place = {"epoch": int(state["epoch"]), "consumed": int(state["consumed"]), "skip": int(state.get("skip", 0))}
        self._begin(place, is_loaded=True)

    def _begin(self, place: dict[str, int], is_loaded: bool = False) -> None:
        self._own()
        self._start, self._progress, self._begun = place, dict(place), None
        if torch.utils.data.get_worker_info() is not None:
            # Workers of a loader get it for the rest of an epoch, a pass that those it starts afterwards do not see.
            self._is_given = True
            self._count_from(place["epoch"], passes=1)
            return
        for number, value in ((_EPOCH, place["epoch"]), (_CONSUMED, place["consumed"]), (_SKIP, place["skip"])):
            self._shared[number] = int(value)
        self._shared[_READ_BY_WORKERS] = 0
        self._shared[_SETTINGS] += 1
        self._heard = int(self._shared[_SETTINGS])
        if is_loaded:
            self._count_from(place["epoch"], passes=0)

    def _count_from(self, epoch: int, passes: int) -> None:
        self._shared[_LOADED] = epoch
        self._shared[_PASSES] = passes << 32
        self._shared[_LOADED_BEHIND] = self._heard

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self._own()
        info = torch.utils.data.get_worker_info()
        self._shared[_READ_BY_WORKERS] = int(info is not None)
        # All before the first batch is asked for: a loader asks for the state before that, and sets epochs.
        if info is not None:
            self._begin_in_worker(info.seed - info.id)
        start, self._progress = self._start, dict(self._start)
        return self._batches(start, {} if info is None else {"worker": info.id, "workers": info.num_workers})

    def _begin_in_worker(self, seed: int) -> None:
        """Where a pass of a worker begins: the first where it was made to, whatever was set while it started."""
        if self._begun is not None:
            _, settings, *place = self._shared.tolist()[: _SKIP + 1]
            is_set = settings != self._heard
            self._start = dict(zip(("epoch", "consumed", "skip"), place if is_set else (self._begun + 1, 0, 0)))
            self._heard = settings
        elif not self._is_given and self._shared[_LOADED_BEHIND] == self._heard:
            passes = self._passes_before(seed)
            if passes > 0:
                self._start = {"epoch": int(self._shared[_LOADED]) + passes, "consumed": 0, "skip": 0}
        self._begun = self._start["epoch"]

    def _passes_before(self, seed: int) -> int:
        """The passes of workers before this one, since a state was loaded.

        The seed that a loader draws for the workers of a pass tells it from the one before. Number and mark are one word,
        read and written at once, so that workers that begin together say and write the same.
        """
        mark = seed % (2**32 - 1) + 1
        passes, last = divmod(int(self._shared[_PASSES]), 2**32)
        if mark == last:
            return passes - 1
        self._shared[_PASSES] = (passes + 1 << 32) + mark
        return passes

    def _batches(self, start: dict[str, int], sharing: dict[str, int]) -> Iterator[dict[str, Any]]:
        progress, epoch = dict(start), start["epoch"]
        with self._training_set().batches(**self._options, **progress, **sharing) as batches:
            for batch in batches:
                if sharing:
                    progress["skip"] += 1
                else:
                    progress.update(consumed=batch.consumed, skip=0)
                # Whoever set another place meanwhile goes on from there.
                if self._start is start:
                    self._progress = progress
                yield {**_tensors(batch), "epoch": epoch}
        if self._start is start:
            self._start = {"epoch": epoch + 1, "consumed": 0, "skip": 0}
            self._progress = dict(self._start)

    def __len__(self) -> int:
        """Batches of an epoch for this rank, those of all its workers."""
        if self._length is None:
            with self._training_set().batches(**{**self._options, "threads": 1, "prefetch": 1}) as batches:
                self._length = batches.info["rank_batch_count"]
        return self._length

    def _training_set(self) -> TrainingSet:
        # A set that was opened before a fork belongs to the parent.
        if self._set is None or self._opened_in != os.getpid():
            self._set, self._opened_in = TrainingSet(*self._place), os.getpid()
        return self._set

    def _own(self) -> None:
        """Where the dataset was handed to another process that is no worker of a loader, that one has its own."""
        if self._process != os.getpid() and torch.utils.data.get_worker_info() is None:
            self._take_over()

    def _take_over(self) -> None:
        """Makes it a dataset of its own: it stands where the other stood, and neither hears of the other again."""
        numbers = self._shared.tolist()
        numbers[_SETTINGS] = self._heard
        self._shared = _shared_numbers(numbers)
        self._start, self._progress = dict(self._start), dict(self._progress)
        self._process = os.getpid()

    def __copy__(self) -> Dataset:
        copy = self.__class__.__new__(self.__class__)
        copy.__dict__.update(self.__getstate__())
        copy._take_over()
        _datasets.add(copy)
        return copy

    def __getstate__(self) -> dict[str, Any]:
        self._own()
        return {**self.__dict__, "_set": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # A process that was spawned shares the numbers, which a worker must; any other copy is a dataset of its own.
        if not self._shared.is_shared():
            self._take_over()
        _datasets.add(self)


_datasets: weakref.WeakSet[Dataset] = weakref.WeakSet()


def _own_all() -> None:
    """Before a process forks workers: they share the numbers of their parent, not those of the process before it."""
    for dataset in list(_datasets):
        dataset._own()


os.register_at_fork(before=_own_all)


def _share(rank: int | None, world_size: int | None) -> tuple[int, int]:
    """The rank and how many there are: as given, else as torch.distributed has them, else one."""
    if world_size == 1 and rank is None:
        return 0, 1
    if (rank is None or world_size is None) and torch.distributed.is_available() and torch.distributed.is_initialized():
        rank = torch.distributed.get_rank() if rank is None else rank
        world_size = torch.distributed.get_world_size() if world_size is None else world_size
    if rank is not None and world_size is None:
        raise PlanError(
            f"The batches cannot be planned: rank is {rank} and world_size is not given; give both, or initialise "
            "torch.distributed before the dataset is made.", "invalid_plan")  # fmt: skip
    world_size = 1 if world_size is None else world_size
    return _own_rank(rank, world_size), world_size


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
