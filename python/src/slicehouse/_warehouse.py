"""Warehouses, training sets and recipes."""

from __future__ import annotations

import ctypes
import io
import json
import numbers
import operator
import os
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from . import _library
from ._batches import Batches
from ._library import Error, NotFoundError, PlanError, library
from ._table import Table

_TYPES = {
    "uint8": b"u8", "int8": b"i8", "uint16": b"u16", "int16": b"i16",
    "uint32": b"u32", "int32": b"i32", "float32": b"f32", "float64": b"f64",
}  # fmt: skip


def _text(value: str, what: str, example: str) -> str:
    """What the caller gave, if it is a string: said here, and not by the method that something else lacks."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string such as {example}, not {type(value).__name__}.")
    return value


class Warehouse:
    """A warehouse by its URL. Nothing is opened before it is needed; objects of this class pickle."""

    def __init__(self, url: str):
        self.url = _text(url, "The warehouse", "sqlite:PATH or postgresql://USER@HOST/DATABASE")

    def training_set(self, name: str) -> TrainingSet:
        """A frozen training set: `"ich@1"`, or `"ich"` for its latest version.

        Raises:
            NotFoundError: There is no such set, or no warehouse.
            TrainingSetError: It was invalidated, such as by the erasure of a patient, or samples of it are gone; or a later
                version of Slicehouse made it.
            TypeError: The name is no string.
        """
        return TrainingSet(self.url, name)

    def sql(self, statement: str) -> Table:
        """The result of one statement that reads, column by column.

        >>> warehouse.sql("SELECT modality, count(*) AS n FROM series GROUP BY modality")["n"]

        A semicolon and comments behind it are fine.

        Raises:
            DatabaseError: The statement writes or cannot be understood; there is none, or more than one.
            Error: Two columns of the result have one name.
            TypeError: The statement is no string.
        """
        return Table(self.url, _text(statement, "The statement", "SELECT count(*) FROM slice"))

    def __repr__(self) -> str:
        return "<Warehouse>"  # a URL may hold a password


def open(url: str) -> Warehouse:
    """A warehouse: `sqlite:PATH` or `postgresql://USER@HOST/DATABASE?schema=NAME`. `PG*` variables work.

    Raises:
        TypeError: The URL is no string.
        Error: It begins with something else.
    """
    if not _text(url, "The warehouse", "sqlite:PATH or postgresql://USER@HOST/DATABASE").startswith(("sqlite:", "postgresql://", "postgres://")):
        raise Error("The warehouse cannot be opened: it is named sqlite:PATH or postgresql://USER@HOST/DATABASE.")
    return Warehouse(url)


class TrainingSet:
    """A frozen training set, opened for reading.

    Attributes:
        name, version, digest: What it is called, and what it is: equal digests are equal data.
        folds: Samples of each fold.
        sample_count: Samples of all of them.
        sample_kind, target_kind, parameters, class_weights, sampling_plan: As `slicehouse training-set create` stored
            them.
        recipe: How samples are made.
    """

    def __init__(self, url: str, name: str):
        self.url = _text(url, "The warehouse", "sqlite:PATH or postgresql://USER@HOST/DATABASE")
        name = _text(name, "The name of a training set", "ich@1")
        self._handle = _library.call("slicehouse_set_open", url.encode(), name.encode())
        self._finalizer = weakref.finalize(self, library.slicehouse_set_close, self._handle)
        info = _library.describe("slicehouse_set_describe", self._handle)
        self.name: str = info["name"]
        self.version: int = info["version"]
        self.digest: str = info["digest"]
        self.folds: dict[str, int] = info["folds"]
        self.sample_count: int = info["sample_count"]
        self.sample_kind: str = info["sample_kind"]
        self.target_kind: str = info["target_kind"]
        self.parameters: dict[str, Any] = info["parameters"]
        self.class_weights: Any = info["class_weights"]
        self.sampling_plan: Any = info["sampling_plan"]
        self.recipe = Recipe(info["recipe"])

    @property
    def title(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    def batches(
        self,
        split: str | Iterable[str] = "train",
        batch_size: int = 32,
        *,
        seed: int = 0,
        epoch: int = 0,
        shuffle: bool = True,
        rank: int | None = None,
        world_size: int = 1,
        worker: int = 0,
        workers: int = 1,
        tail: str | None = None,
        consumed: int = 0,
        skip: int = 0,
        augment: bool | None = None,
        oversample: bool = True,
        trained_on: str | Iterable[str] | None = None,
        baked: str | os.PathLike[str] | None = None,
        verify: bool = False,
        threads: int | None = None,
        prefetch: int | None = None,
        retry_seconds: float = 60,
    ) -> Batches:
        """The batches of one fold, or of several together, for one epoch.

        The order of samples depends on the folds, `seed` and `epoch` alone: position p of the epoch belongs to rank
        p mod `world_size`, and worker w takes the batches b with b mod `workers` = w.

        Args:
            split: The fold, such as "train"; several as a list or as "fold-1+fold-2"; all others as "all-but:fold-0".
            shuffle: False takes samples by number.
            rank, world_size: Which process this is, and of how many. Where there are several, both must be given.
            tail: Where the last samples do not fill a batch of every rank: "drop" them, "pad" the batch with the first
                samples of the epoch (the default with several ranks), or make it "short" (the default with one).
                Every rank gets the same number of batches in each case.
            consumed: Resumes: samples that all ranks together have taken before (`Batch.consumed`).
            skip: Batches of this worker to leave out, since it has made them before.
            augment: Whether the recipe's augmentation applies; by default where `shuffle` is on.
            oversample: Whether samples repeat as the plan of the set says. They do so only in the folds that are trained on.
            trained_on: The folds that a model is trained on, in the notation of `split`: class weights and plan are of these
                alone. A set knows its own where its split has a fold "train" or it was made with --train-fold. Of a k-fold
                split they are by default what is read, if that is several folds or "all-but:…", and for one fold, which is
                then a held-out one, all the others. Where two folds are held out, say so:
                `batches("fold-1", trained_on="all-but:fold-0+fold-1")`.
            baked: Folder of `slicehouse training-set bake`; by default the one that SLICEHOUSE_BAKED names, or its
                folder NAME@VERSION, where that is a bake of this set. Its samples are copied instead of made; epochs with
                augmentation, and folds that it lacks, come from the database (`Batches.info["baked"]` says which). A
                folder that is no bake of this set is refused in every epoch.
            verify: Compares each file of the bake with its SHA-256 before the first sample is taken from it, once for
                this object. Without it, that is done for files that are newer than the bake's manifest; of the others
                the size is looked at.
            threads: That fetch and unpack, at least 1; by default one per core, one more for PostgreSQL.
            prefetch: Batches made ahead, at least 1; by default two more than threads.
            retry_seconds: How long a lost connection is tried again; 0 does not.

        Raises:
            PlanError: An option is out of range, or `world_size` is above 1 and `rank` is not given.
            NotFoundError: There is no such fold, or no bake in the folder.
            TypeError: `split` or `trained_on` is neither text nor a list of texts.
            TrainingSetError: Pixels, targets or a baked file changed since the set was frozen, slices of a sample are gone,
                or samples have several shapes.
            DatabaseError: The database is away for longer than `retry_seconds`.
            ForkError: The set was opened before a fork.
            Error: The set was closed.
        """
        options = dict(
            fold=_folds(split), batch_size=batch_size, seed=seed, epoch=epoch, shuffle=shuffle,
            rank=_own_rank(rank, world_size), world_size=world_size, worker=worker, workers=workers, tail=tail, consumed=consumed, skip=skip, augment=augment,
            baked=os.fspath(baked) if baked else self._known_bake(), verify=verify,
            threads=threads, prefetch=prefetch, retry_seconds=retry_seconds,
        )  # fmt: skip
        if not oversample:
            options["oversample"] = False
        if trained_on is not None:
            options["trained_on"] = _folds(trained_on)
        return Batches(self, options)

    def cross_validation(self) -> Iterator[tuple[str, str]]:
        """What to train on and what is held out, once for each fold that has samples, for `batches`.

        >>> for train, held_out in training_set.cross_validation():
        ...     for batch in training_set.batches(train, epoch=0): ...
        ...     for batch in training_set.batches(held_out, shuffle=False): ...

        Raises:
            PlanError: Fewer than two folds have samples, or the set is balanced for training folds of its own.
        """
        own = self.parameters.get("train_fold")
        if own is not None:
            raise PlanError(
                f"The class weights and the plan of {self.title} are of {own} in every round; create a set of a k-fold "
                "split without --train-fold.", "invalid_plan")  # fmt: skip
        folds = [fold for fold, count in self.folds.items() if count]
        if len(folds) < 2:
            raise PlanError(
                f"There is nothing to hold out: of the folds of {self.title} only {', '.join(folds) or 'none'} has "
                "samples.", "invalid_plan")  # fmt: skip
        return iter([(f"all-but:{fold}", fold) for fold in sorted(folds)])

    def affine(self, sample_number: int) -> np.ndarray | None:
        """Where a sample lies in the patient.

        Returns:
            float64, `[4, 4]`: makes (x, y, z, 1) in mm, DICOM LPS, of (slice, row, column, 1) in voxels of the sample as
            the recipe makes it without augmentation; column 3 is the first voxel, the lengths of the other columns are the
            spacing. In a layout without D, slice 0 is the one that names the sample. None where its series is no volume,
            or, in a layout with D, slices came between those of the sample at uneven distances.

        Raises:
            NotFoundError: There is no such sample.
            Error: The set was closed.
            PlanError: The recipe cuts where the values say (`crop_black_borders`).
        """
        number = operator.index(sample_number)
        handle = self._opened()
        if not -(2**63) <= number < 2**63:
            raise NotFoundError(f"The training set {self.title} has no sample {number}.", "not_found")
        matrix, error = (ctypes.c_double * 16)(), ctypes.c_void_p()
        status = library.slicehouse_set_affine(handle, number, matrix, ctypes.byref(error))
        if status < 0:
            _library.fail(error)
        return np.array(matrix).reshape(4, 4) if status else None

    def _opened(self) -> int:
        """The handle, which the library must not get after it was given back."""
        if not self._finalizer.alive:
            raise Error(f"The training set {self.title} was closed; open it again.")
        return self._handle

    def _known_bake(self) -> str | None:
        root = os.environ.get("SLICEHOUSE_BAKED")
        if root and not os.path.isdir(root):
            raise NotFoundError("SLICEHOUSE_BAKED names no folder; correct the variable or unset it.", "not_found")
        for folder in [os.path.join(root, self.title), root] if root else []:
            try:
                with io.open(os.path.join(folder, "manifest.json")) as manifest:
                    if json.load(manifest).get("digest") == self.digest:
                        return folder
            except (OSError, ValueError):
                continue
        return None

    def close(self) -> None:
        """Closes its connections. Iterators that run must be closed before."""
        self._finalizer()

    def __enter__(self) -> TrainingSet:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def __reduce__(self):
        return TrainingSet, (self.url, self.title)

    def __repr__(self) -> str:
        folds = ", ".join(f"{fold}: {count}" for fold, count in self.folds.items())
        return f"<TrainingSet {self.title} ({folds})>"


def _own_rank(rank: int | None, world_size: int) -> int:
    """The rank that is given, or the only one there is."""
    if rank is None and isinstance(world_size, numbers.Integral) and world_size > 1:
        raise PlanError(
            f"The batches cannot be planned: world_size is {world_size} and rank is not given, so that every process would "
            "read the share of rank 0; give both.", "invalid_plan")  # fmt: skip
    return 0 if rank is None else rank


def _folds(split: str | Iterable[str]) -> str:
    """Folds as the library reads them: joined by `+`."""
    if isinstance(split, str):
        return split
    folds = list(split) if isinstance(split, Iterable) else [split]
    if not all(isinstance(fold, str) for fold in folds):
        raise TypeError(f"Folds are named by texts, such as 'train' or ['fold-1', 'fold-2'], not {split!r}.")
    if not folds:
        raise PlanError("The batches cannot be planned: no fold is named.", "invalid_plan")
    return "+".join(folds)


class Recipe:
    """How stored values become what a model sees; the same code as in training, for predictions.

    >>> recipe = slicehouse.open(url).training_set("ich@1").recipe
    >>> image, _ = recipe.render(stored_values, slope=1, intercept=-1024)
    """

    def __init__(self, recipe: str | dict[str, Any]):
        text = recipe if isinstance(recipe, str) else json.dumps(recipe)
        self._handle = _library.call("slicehouse_recipe_open", text.encode())
        self._finalizer = weakref.finalize(self, library.slicehouse_recipe_close, self._handle)

    @property
    def json(self) -> str:
        """Canonical JSON, every default written out; its SHA-256 is the identity of the recipe."""
        return _library.text(library.slicehouse_recipe_json(self._handle))

    def render(
        self,
        pixels: np.ndarray,
        mask: np.ndarray | None = None,
        *,
        slope: float = 1,
        intercept: float = 0,
        bits_stored: int | None = None,
        spacing: tuple[float, float, float] | None = None,
        augmentation: tuple[int, ...] | None = None,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """One sample, without the axis N.

        Args:
            pixels: Stored values, `[rows, columns]`, `[slices, rows, columns]` or with a last axis of colours,
                `[slices, rows, columns, samples]`; integers of 8, 16 or 32 bits, float32 or float64.
            mask: Marks, `[rows, columns]` or `[slices, rows, columns]`; anything but 0 is marked.
            slope, intercept: value = slope × stored + intercept.
            bits_stored: DICOM's Bits Stored, which a recipe with `values: unwrapped` needs: only 12 bits wrapped.
            spacing: Between slices, rows and columns, mm.
            augmentation: (seed, epoch, sample number[, occurrence]); None leaves the sample as it is.
        """
        pixels = np.asarray(pixels)
        if pixels.dtype.name not in _TYPES:
            raise Error(
                f"The sample cannot be made: its pixels are {pixels.dtype.name}, and taken are {', '.join(_TYPES)}; "
                "convert them with astype."
            )
        if pixels.ndim not in (2, 3, 4):
            raise Error(
                f"The sample cannot be made: its pixels have {pixels.ndim} axes; slices have two, three (slices first), "
                "or four (colours last)."
            )
        # The library reads values in the order of bytes of the machine, which dtype.name does not say.
        pixels = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("="))
        shape = (1,) * (pixels.ndim == 2) + pixels.shape + (1,) * (pixels.ndim < 4)
        sample = _library.Sample(
            pixels=pixels.ctypes.data, slices=shape[0], rows=shape[1], columns=shape[2], samples_per_pixel=shape[3],
            type=_TYPES[pixels.dtype.name], slope=slope, intercept=intercept,
            bits_stored=bits_stored or 0, spacing=(ctypes.c_double * 3)(*(spacing or (0, 0, 0))),
        )  # fmt: skip
        if mask is not None:
            mask = np.ascontiguousarray(np.asarray(mask) != 0, dtype=np.uint8)
            if mask.shape[-2:] != shape[1:3]:
                raise Error(f"The sample cannot be made: its mask is {mask.shape} and its slices are {shape[1:3]}.")
            sample.mask, sample.mask_slices = mask.ctypes.data, mask.size // (shape[1] * shape[2])
        if augmentation is not None:
            sample.augments = 1
            sample.seed, sample.epoch, sample.sample_number, sample.occurrence = (*augmentation, 0)[:4]
        return self._render(sample, mask is not None)

    def _render(self, sample: _library.Sample, has_mask: bool):
        form = _library.describe("slicehouse_recipe_shape", self._handle, ctypes.byref(sample))
        image = np.empty(form["image"]["shape"], form["image"]["dtype"])
        marks = np.empty(form["mask"]["shape"], form["mask"]["dtype"]) if has_mask else None
        error = ctypes.c_void_p()
        status = library.slicehouse_recipe_render(
            self._handle, ctypes.byref(sample), image.ctypes.data, None if marks is None else marks.ctypes.data,
            ctypes.byref(error),
        )  # fmt: skip
        if status < 0:
            _library.fail(error)
        return image, marks

    def __reduce__(self):
        return Recipe, (self.json,)

    def __repr__(self) -> str:
        return f"Recipe({self.json!r})"
