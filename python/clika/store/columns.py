"""A small table of Python values as a Parquet file."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from clika.store.connection import in_memory
from clika.store.shards import content_key, write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.schema import Column

__all__ = ["write_columns"]


def write_columns(
    path: Path, columns: Mapping[str, Sequence[Any]], schema: Sequence[Column]
) -> None:
    """Write columns of equal lengths as Parquet, rows in their order.

    Parameters
    ----------
    path
        The file; it appears under its name when it is whole.
    columns
        Values by column; ``None`` becomes NULL.
    schema
        Names and types of all columns, in the order of the file.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    values = {column.name: list(columns[column.name]) for column in schema}
    select = ", ".join(f"unnest(${c.name}::{c.type}[]) as {c.name}" for c in schema)
    with closing(in_memory(threads=1)) as connection:
        connection.execute(f"create table written as select {select}", values)
        write_parquet(connection, "from written", path, key=content_key("columns", values))
