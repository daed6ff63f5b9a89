"""The C functions of libSlicehouseStream; see slicehouse_stream.h in the sources of Slicehouse."""

from __future__ import annotations

import ctypes
import json
import os
import pathlib

from . import _sqlite

ABI_VERSION = 3


class Error(Exception):
    """Something that Slicehouse refuses or cannot do. The message is a sentence; `code` is for programs."""

    def __init__(self, message: str, code: str = "misuse"):
        super().__init__(message)
        self.code = code


class NotFoundError(Error, LookupError):
    """The warehouse, training set or fold is not there."""


class PlanError(Error, ValueError):
    """An option of the batches, or a recipe, is wrong."""


class TrainingSetError(Error):
    """The training set cannot be used as it is: invalidated, pixels changed, samples missing, samples of several shapes."""


class DatabaseError(Error):
    """The database cannot be reached, or refuses."""


class ForkError(Error, RuntimeError):
    """A handle was used in a forked child. Open the warehouse inside the worker."""


_ERRORS = {
    "not_found": NotFoundError,
    "invalid_plan": PlanError,
    "invalid_recipe": PlanError,
    "unusable_set": TrainingSetError,
    "incomplete_set": TrainingSetError,
    "corrupt_pixels": TrainingSetError,
    "database": DatabaseError,
}


class Batch(ctypes.Structure):
    _fields_ = [
        ("owner", ctypes.c_void_p),
        ("image", ctypes.c_void_p),
        ("mask", ctypes.c_void_p),
        ("target", ctypes.c_void_p),
        ("sample_number", ctypes.c_void_p),
        ("weight", ctypes.c_void_p),
        ("count", ctypes.c_int64),
        ("valid_count", ctypes.c_int64),
        ("index", ctypes.c_int64),
        ("consumed", ctypes.c_int64),
    ]


class Sample(ctypes.Structure):
    _fields_ = [
        ("pixels", ctypes.c_void_p),
        ("mask", ctypes.c_void_p),
        ("mask_slices", ctypes.c_int64),
        ("slices", ctypes.c_int64),
        ("rows", ctypes.c_int64),
        ("columns", ctypes.c_int64),
        ("samples_per_pixel", ctypes.c_int64),
        ("type", ctypes.c_char_p),
        ("slope", ctypes.c_double),
        ("intercept", ctypes.c_double),
        ("bits_stored", ctypes.c_int64),
        ("spacing", ctypes.c_double * 3),
        ("augments", ctypes.c_int32),
        ("seed", ctypes.c_uint64),
        ("epoch", ctypes.c_uint64),
        ("sample_number", ctypes.c_uint64),
        ("occurrence", ctypes.c_uint64),
    ]


class Column(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("offsets", ctypes.c_void_p),
        ("validity", ctypes.c_void_p),
        ("byte_count", ctypes.c_int64),
    ]


_handle, _text = ctypes.c_void_p, ctypes.c_char_p
_error = ctypes.POINTER(ctypes.c_void_p)
_SIGNATURES = {
    "slicehouse_abi_version": (ctypes.c_int32, []),
    "slicehouse_free": (None, [_handle]),
    "slicehouse_set_open": (_handle, [_text, _text, _error]),
    "slicehouse_set_describe": (_handle, [_handle, _error]),
    "slicehouse_set_affine": (ctypes.c_int32, [_handle, ctypes.c_int64, ctypes.POINTER(ctypes.c_double), _error]),
    "slicehouse_set_close": (None, [_handle]),
    "slicehouse_stream_open": (_handle, [_handle, _text, _error]),
    "slicehouse_stream_describe": (_handle, [_handle, _error]),
    "slicehouse_stream_next": (ctypes.c_int32, [_handle, ctypes.c_int64, ctypes.POINTER(Batch), _error]),
    "slicehouse_batch_release": (None, [_handle]),
    "slicehouse_stream_close": (None, [_handle]),
    "slicehouse_recipe_open": (_handle, [_text, _error]),
    "slicehouse_recipe_json": (_handle, [_handle]),
    "slicehouse_recipe_close": (None, [_handle]),
    "slicehouse_recipe_shape": (_handle, [_handle, ctypes.POINTER(Sample), _error]),
    "slicehouse_recipe_render": (ctypes.c_int32, [_handle, ctypes.POINTER(Sample), _handle, _handle, _error]),
    "slicehouse_query": (_handle, [_text, _text, _error]),
    "slicehouse_table_describe": (_handle, [_handle]),
    "slicehouse_table_column": (None, [_handle, ctypes.c_int64, ctypes.POINTER(Column)]),
    "slicehouse_table_close": (None, [_handle]),
}


def _load() -> ctypes.CDLL:
    """The library inside the wheel; SLICEHOUSE_LIBRARY names another, for those who build it themselves."""
    folder = pathlib.Path(__file__).parent
    path = os.environ.get("SLICEHOUSE_LIBRARY") or str(folder / "libSlicehouseStream.so")
    try:
        _sqlite.load(folder)
        library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(
            f"The library of slicehouse cannot be loaded ({error}): install the wheel, or build it with "
            "'make python' and name it in SLICEHOUSE_LIBRARY."
        ) from None
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    version = library.slicehouse_abi_version()
    if version != ABI_VERSION:
        raise ImportError(f"{path} speaks version {version} and this package version {ABI_VERSION}: install both anew.")
    return library


library = _load()


def text(pointer: int | None) -> str:
    """Takes over a text that the library returned."""
    try:
        return ctypes.string_at(pointer).decode()
    finally:
        library.slicehouse_free(pointer)


def fail(error: ctypes.c_void_p) -> None:
    """Raises the error that the library told."""
    told = json.loads(text(error.value)) if error.value else {"code": "misuse", "message": "The call failed."}
    kind = _ERRORS.get(told["code"], Error)
    if told["code"] == "misuse" and "forked" in told["message"]:
        kind = ForkError
    raise kind(told["message"], told["code"])


def call(name: str, *arguments):
    """Calls a function whose last parameter is the error and that returns NULL on failure."""
    error = ctypes.c_void_p()
    result = getattr(library, name)(*arguments, ctypes.byref(error))
    if not result:
        fail(error)
    return result


def describe(name: str, *arguments) -> dict:
    return json.loads(text(call(name, *arguments)))
