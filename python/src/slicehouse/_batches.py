"""Batches of a training set as NumPy arrays that lie in the memory of the library."""

from __future__ import annotations

import ctypes
import json
import operator
import os
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import _library
from ._library import PlanError, library

_OWN = os.getpid


class _Owner:
    """Gives the memory of one batch back when the last array on it is gone."""

    def __init__(self, pointer: int):
        self._finalizer = weakref.finalize(self, library.slicehouse_batch_release, pointer)
        self._finalizer.atexit = False


def _array(owner: _Owner, address: int | None, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """An array on foreign memory that keeps the owner alive, by the array interface."""
    holder = _Interface(owner, address, shape, np.dtype(dtype))
    return np.asarray(holder) if 0 not in shape else np.empty(shape, dtype)


class _Interface:
    def __init__(self, owner: _Owner, address: int | None, shape: tuple[int, ...], dtype: np.dtype):
        self._owner = owner
        self.__array_interface__ = {"version": 3, "shape": shape, "typestr": dtype.str, "data": (address, False)}


class Batch:
    """One batch.

    Attributes:
        image: What the recipe made of the slices, float32, float16, int16 or uint8, in the recipe's layout.
        mask: Two-valued marks of the same rows and columns with one channel, or None.
        target: float32, `[count, labels]`, `[count]` for grades, `[count, n, 6]` for spheres, or None. An unknown label
            is NaN. A sphere is slice, row and column of its centre, then its radius along each, in voxels of `image` as
            it is, augmented or not: 0 is the centre of the first voxel. NaN fills up.
        sample_number: int64, the numbers of the samples in the training set.
        weight: float32, the weights of the samples in the loss.
        valid_count: The samples behind these repeat others (tail="pad").
        consumed: Samples that all ranks have taken after this batch: `consumed=` resumes there.

    The arrays are views without a copy, and may be written to. Their memory lives as long as any of them.
    """

    __slots__ = ("image", "mask", "target", "sample_number", "weight", "valid_count", "index", "consumed")

    image: np.ndarray
    mask: np.ndarray | None
    target: np.ndarray | None
    sample_number: np.ndarray
    weight: np.ndarray
    valid_count: int
    index: int
    consumed: int

    def __init__(self, raw: _library.Batch, info: dict[str, Any]):
        owner = _Owner(raw.owner)
        count = raw.count

        def part(name: str, address: int | None) -> np.ndarray:
            form = info[name]
            return _array(owner, address, (count, *form["shape"]), form["dtype"])

        self.image = part("image", raw.image)
        self.mask = part("mask", raw.mask) if info["mask"] else None
        self.target = part("target", raw.target) if info["target"] else None
        self.sample_number = _array(owner, raw.sample_number, (count,), "int64")
        self.weight = _array(owner, raw.weight, (count,), "float32")
        self.valid_count = raw.valid_count
        self.index = raw.index
        self.consumed = raw.consumed

    def __len__(self) -> int:
        return len(self.sample_number)

    def __repr__(self) -> str:
        mask = "" if self.mask is None else f", mask={self.mask.shape} {self.mask.dtype}"
        return f"<Batch {self.index}: image={self.image.shape} {self.image.dtype}{mask}, consumed={self.consumed}>"

    def __dlpack__(self, **options: Any) -> Any:
        """The image for any library that speaks DLPack, such as `jax.dlpack.from_dlpack(batch)`."""
        return self.image.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.image.__dlpack_device__()


def _plain(value: Any) -> int | float | bool:
    """Numbers and booleans of NumPy, and what else counts as an integer."""
    if isinstance(value, np.bool_):
        return bool(value)
    return float(value) if isinstance(value, np.floating) else operator.index(value)


class Batches(Iterator[Batch]):
    """The batches of one epoch, made ahead by threads of the library. See `TrainingSet.batches`.

    Close it, or use it in a `with` block, to end the threads before the last batch; dropping it does so too.
    """

    def __init__(self, training_set, options: dict[str, Any]):
        self._set = training_set
        self._process = _OWN()
        try:
            request = json.dumps(options, allow_nan=False, default=_plain)
        except ValueError:
            raise PlanError("The batches cannot be planned: its numbers must be finite.", "invalid_plan") from None
        self._handle = _library.call("slicehouse_stream_open", training_set._opened(), request.encode())
        self._finalizer = weakref.finalize(self, library.slicehouse_stream_close, self._handle)
        self._info = _library.describe("slicehouse_stream_describe", self._handle)
        #: Samples that all ranks have taken so far.
        self.consumed: int = self._info["consumed"]

    def __iter__(self) -> Batches:
        return self

    def __next__(self) -> Batch:
        if not self._finalizer.alive:
            raise StopIteration
        raw, error = _library.Batch(), ctypes.c_void_p()
        while True:
            # Short waits, between which Python sees Ctrl-C.
            status = library.slicehouse_stream_next(self._handle, 100, ctypes.byref(raw), ctypes.byref(error))
            if status == 1:
                batch = Batch(raw, self._info)
                self.consumed = batch.consumed
                return batch
            if status == 0:
                self.close()
                raise StopIteration
            if status < 0:
                try:
                    _library.fail(error)
                finally:
                    if _OWN() == self._process:
                        self.close()

    def __len__(self) -> int:
        """Batches of this worker from `consumed` at the start to the end of the epoch."""
        return self._info["batch_count"]

    @property
    def info(self) -> dict[str, Any]:
        """Shapes, types and counts; `retries` says how often a lost connection was opened again."""
        self._look()
        return dict(self._info)

    def _look(self) -> None:
        if self._finalizer.alive and _OWN() == self._process:
            self._info = _library.describe("slicehouse_stream_describe", self._handle)

    def close(self) -> None:
        """Ends the threads. Batches that were taken stay."""
        self._look()
        self._finalizer()

    def __reduce__(self):
        # Also of copies: two objects would close one stream.
        raise TypeError(
            "The batches of an epoch belong to the process that makes them and cannot be pickled or copied: pickle the "
            "training set, and call its batches(consumed=...) where it arrives."
        )

    def __enter__(self) -> Batches:
        return self

    def __exit__(self, *_) -> None:
        self.close()
