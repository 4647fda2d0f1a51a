"""Tables of other libraries: read column by column, and numbers handed out as an Arrow stream."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple

import duckdb
import numpy as np

from clika.store.connection import in_memory
from clika.store.queries import query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from clika.schema import Column
    from clika.store.connection import Connection

__all__ = ["ForeignColumn", "ForeignTable", "arrow_stream", "foreign_table"]

Kind = Literal["integer", "number", "text", "other"]

_INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
    | {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)


class ForeignColumn(NamedTuple):
    """One column of a table of another library.

    Attributes
    ----------
    kind
        ``integer``, ``number`` (floating point or decimal), ``text``, or ``other``.
    values
        int64, float64 or object (str) ``(n_rows,)``; anything where missing.
    missing
        bool ``(n_rows,)``: NULL, ``None``, NaN, ``NA``.
    """

    kind: Kind
    values: NDArray[np.generic]
    missing: NDArray[np.bool_]


class ForeignTable:
    """A table of another library, copied; columns are read when they are asked for.

    Attributes
    ----------
    names
        The columns, in their order.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        found = connection.execute(query("foreign_columns")).fetchall()
        self._types: dict[str, str] = dict(found)
        self.names: tuple[str, ...] = tuple(self._types)

    def column(self, name: str) -> ForeignColumn:
        """Return the column of that name, which must be one of :attr:`names`."""
        kind, type_ = _kind(self._types[name])
        identifier = '"' + name.replace('"', '""') + '"'
        select = f"select {identifier}::{type_} as cell from foreign_rows order by rowid"
        cells = self._connection.execute(select).fetchnumpy()["cell"]
        missing = np.ma.getmaskarray(cells).copy()
        values = np.ma.getdata(cells)
        if kind == "number":
            missing |= np.isnan(values)
        return ForeignColumn(kind, values, missing)


def _kind(type_: str) -> tuple[Kind, str]:
    """Return the kind of a column of that DuckDB type, and the type that it is read as."""
    if type_ in _INTEGERS:
        return "integer", "bigint"
    if type_ in {"FLOAT", "DOUBLE"} or type_.startswith("DECIMAL"):
        return "number", "double"
    # A column of NULLs alone has a type of its own, or an integer one.
    if type_ == "VARCHAR" or type_.startswith("ENUM") or type_ == '"NULL"':
        return "text", "varchar"
    return "other", "varchar"


@contextmanager
def foreign_table(table: object) -> Iterator[ForeignTable | None]:
    """Yield a table of another library; ``None`` where the object is not a table.

    Parameters
    ----------
    table
        Anything with ``__arrow_c_stream__`` (a polars or pandas DataFrame, a pyarrow table or
        reader, a DuckDB relation of any connection), a pandas DataFrame of any version, or a
        mapping of column names to sequences or NumPy arrays.
    """
    connection = in_memory()
    try:
        connection.register("foreign_object", _readable(table))
        connection.execute(query("foreign_copy"))
    # What DuckDB raises for an object that it cannot read depends on the object.
    except (duckdb.Error, TypeError, RuntimeError):
        connection.close()
        yield None
        return
    try:
        connection.unregister("foreign_object")
        yield ForeignTable(connection)
    finally:
        connection.close()


class _Stream:
    """An Arrow stream and nothing else: DuckDB refuses relations of another connection by type."""

    def __init__(self, source: object) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._source.__arrow_c_stream__(requested_schema)  # type: ignore[attr-defined]


def _readable(table: object) -> object:
    if hasattr(table, "__arrow_c_stream__"):
        return _Stream(table)
    if isinstance(table, Mapping):
        return {str(name): _array(values) for name, values in table.items()}
    return table


def _array(values: object) -> object:
    """Return a sequence as an array of a kind that DuckDB takes, texts and ``None`` as objects."""
    if isinstance(values, list | tuple):
        return np.fromiter(values, dtype=object, count=len(values))
    if isinstance(values, np.ndarray):
        plain = values.astype(object) if values.dtype.kind == "U" else values
        # DuckDB reads arrays from their beginning on, and a view may run backwards.
        return plain if np.ma.isMaskedArray(plain) else np.ascontiguousarray(plain)
    return values


def arrow_stream(
    columns: Mapping[str, NDArray[np.generic]],
    schema: tuple[Column, ...],
    requested_schema: object | None = None,
) -> object:
    """Return columns as an Arrow C stream capsule.

    Parameters
    ----------
    columns
        Arrays of one length; ``None`` in an object array and NaN are NULL.
    schema
        Name and DuckDB type of each column.
    requested_schema
        As the Arrow PyCapsule interface passes it on.
    """
    connection = in_memory()
    select = ", ".join(f"{column.name}::{column.type} as {column.name}" for column in schema)
    connection.register("columns", dict(columns))
    relation = connection.sql(f"select {select} from columns")
    return relation.__arrow_c_stream__(requested_schema)
