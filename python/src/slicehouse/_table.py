"""Results of SQL, column by column."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from . import _library
from ._library import Error, library


class Table(Mapping[str, np.ndarray]):
    """A result: a mapping from the names of the columns to NumPy arrays.

    Integers, floats, booleans and instants (`datetime64[us]`, UTC) are arrays of that type. Integers and booleans with
    NULLs are masked arrays, floats have NaN, instants NaT; texts and bytes are arrays of objects with None.

    SQLite has no type for booleans and instants: from there booleans are the integers 0 and 1, and instants texts such as
    "2026-01-01T00:00:00.000000Z", which `pandas.to_datetime` reads.

    A column without values has the type that the database says. SQLite says it of columns of tables only; others, such as
    sums, are arrays of objects.
    """

    def __init__(self, url: str, statement: str):
        handle = _library.call("slicehouse_query", url.encode(), statement.encode())
        try:
            form = json.loads(_library.text(library.slicehouse_table_describe(handle)))
            #: The names of the columns, in order.
            self.names: list[str] = [column["name"] for column in form["columns"]]
            _look_for_twins(self.names)
            read = {
                column["name"]: _read(handle, index, column["kind"], form["rows"])
                for index, column in enumerate(form["columns"])
            }
            self._columns = {name: values for name, (values, _) in read.items()}
            self._valid = {name: valid for name, (_, valid) in read.items()}
            self._kinds: dict[str, str] = {column["name"]: column["kind"] for column in form["columns"]}
            self._rows: int = form["rows"]
        finally:
            library.slicehouse_table_close(handle)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def row_count(self) -> int:
        return self._rows

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows as tuples."""
        columns = [self._columns[name].tolist() for name in self.names]
        return list(zip(*columns)) if columns else []

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`."""
        import pandas

        # Masked values are None in a list; `filled` writes "?".
        columns = {name: np.array(c.tolist(), object) if np.ma.isMaskedArray(c) else c
                   for name, c in self._columns.items()}  # fmt: skip
        return pandas.DataFrame(columns, columns=self.names)

    def to_polars(self) -> Any:
        """A `polars.DataFrame`."""
        import polars

        types = {
            "int64": polars.Int64, "float64": polars.Float64, "boolean": polars.Boolean, "text": polars.String,
            "blob": polars.Binary, "timestamp": polars.Datetime("us"),
        }  # fmt: skip
        known = {name: types[kind] for name, kind in self._kinds.items() if kind in types}
        return polars.DataFrame({name: self._values(name) for name in self.names}, schema_overrides=known)

    def to_arrow(self) -> Any:
        """A `pyarrow.Table`."""
        import pyarrow

        types = {
            "int64": pyarrow.int64(), "float64": pyarrow.float64(), "boolean": pyarrow.bool_(), "text": pyarrow.string(),
            "blob": pyarrow.binary(), "timestamp": pyarrow.timestamp("us"),
        }  # fmt: skip
        return pyarrow.table(
            {name: pyarrow.array(self._values(name), types.get(self._kinds[name])) for name in self.names})  # fmt: skip

    def _values(self, name: str) -> list[Any]:
        """Python values of a column; None is NULL, also of numbers that NumPy has NaN for."""
        return [value if valid else None for value, valid in zip(self._columns[name].tolist(), self._valid[name])]

    def __repr__(self) -> str:
        return f"<Table {self._rows} × {len(self.names)}: {', '.join(self.names)}>"


def _look_for_twins(names: list[str]) -> None:
    """Raises where two columns have one name, of which a mapping would show one."""
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise Error(f"Two columns are called {twins[0]}, which a mapping cannot tell apart; name them with AS.", "columns")


def _read(handle: int, index: int, kind: str, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The values of a column, and which are not NULL."""
    column = _library.Column()
    library.slicehouse_table_column(handle, index, ctypes.byref(column))
    valid = np.frombuffer(ctypes.string_at(column.validity, rows), np.uint8).astype(bool)
    return _array(column, kind, rows, valid), valid


def _array(column: _library.Column, kind: str, rows: int, valid: np.ndarray) -> np.ndarray:
    if kind in ("text", "blob"):
        data = ctypes.string_at(column.data, column.byte_count)
        ends = np.frombuffer(ctypes.string_at(column.offsets, 8 * (rows + 1)), np.int64)
        values = [data[a:b] if v else None for a, b, v in zip(ends, ends[1:], valid)]
        result = np.empty(rows, object)
        result[:] = [v if v is None or kind == "blob" else v.decode() for v in values]
        return result
    if kind == "null":
        return np.full(rows, None, object)
    words = np.frombuffer(ctypes.string_at(column.data, 8 * rows), np.int64)
    if kind == "float64":
        return words.view(np.float64).copy()
    if kind == "timestamp":
        return np.where(valid, words.astype("datetime64[us]"), np.datetime64("NaT"))
    words = words.astype(bool) if kind == "boolean" else words.copy()
    return words if valid.all() else np.ma.masked_array(words, ~valid)
