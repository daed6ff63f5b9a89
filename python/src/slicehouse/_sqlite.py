"""Which copy of SQLite the library uses."""

from __future__ import annotations

import ctypes
import os
import pathlib

#: As docs/architecture.md says.
_OLDEST = (3, 40)


def is_shared() -> bool:
    """Whether Python's own `sqlite3` has loaded a copy that the library can use."""
    try:
        import sqlite3

        ctypes.CDLL("libsqlite3.so.0", mode=os.RTLD_NOLOAD)
    except (ImportError, OSError):
        return False
    return sqlite3.sqlite_version_info >= _OLDEST


def load(folder: pathlib.Path) -> None:
    """Loads what the library calls SQLite, before the library itself.

    The locks of a file are of the process: where two copies of SQLite have one file open, the one that closes it first
    takes the locks of the other away ("How To Corrupt An SQLite Database File", 2.2.1). So the copy of Python's
    `sqlite3` serves both, unless it is linked into Python itself or too old.
    """
    form = folder / ("shared" if is_shared() else "own") / "libslicehouse_sqlite.so.0"
    if form.exists():
        ctypes.CDLL(str(form))
