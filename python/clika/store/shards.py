"""Parquet files: the record. Written aside, synced once, renamed; versioned by their metadata."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from clika.files import replacing
from clika.schema import SCHEMA_VERSION
from clika.store.connection import quoted, writing
from clika.store.queries import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.store.connection import Connection

__all__ = ["ShardStamp", "content_key", "read_facts", "read_stamp", "write_parquet"]


class ShardStamp(NamedTuple):
    """What a Parquet file says of itself.

    Attributes
    ----------
    schema_version
        The version of :mod:`clika.schema` that it was written by.
    content_key
        Hash of everything that it was made from; equal keys mean equal rows.
    """

    schema_version: int
    content_key: str


def content_key(*parts: object) -> str:
    """Return a hash of the parts (anything JSON can hold) and of the schema version.

    Examples
    --------
    >>> content_key("a", 1) == content_key("a", 1) != content_key("a", 2)
    True
    """
    text = json.dumps([SCHEMA_VERSION, *parts], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write_parquet(
    connection: Connection,
    select: str,
    path: Path,
    *,
    key: str,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write the rows of a query to a Parquet file, in the order of the query.

    Parameters
    ----------
    connection
        Where the query runs.
    select
        The query, without a semicolon at its end.
    path
        The file; it appears under its name only when it is whole and on the disk.
    key
        Its content key.
    metadata
        What else the file shall say of itself, by key.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    stamp = {"clika_schema": str(SCHEMA_VERSION), "clika_key": key, **(metadata or {})}
    pairs = ", ".join(f"{name}: {quoted(value)}" for name, value in stamp.items())
    with writing(path), replacing(path) as temporary:
        connection.execute(
            f"copy ({select}) to {quoted(temporary)} "
            f"(format parquet, compression zstd, kv_metadata {{{pairs}}})"
        )


def read_stamp(connection: Connection, path: Path) -> ShardStamp | None:
    """Return a file's stamp; ``None`` where it is missing, not Parquet, or not written by clika."""
    if not path.is_file():
        return None
    try:
        rows: Sequence[tuple[bytes, bytes]] = connection.execute(
            query("parquet_stamp"), {"path": str(path)}
        ).fetchall()
    except duckdb.Error:
        return None
    found = {bytes(key): bytes(value).decode(errors="replace") for key, value in rows}
    version, key = found.get(b"clika_schema"), found.get(b"clika_key")
    if version is None or key is None or not version.isdigit():
        return None
    return ShardStamp(int(version), key)


def read_facts(connection: Connection, path: Path) -> dict[str, str]:
    """Return what a file that clika wrote says of itself beside its stamp; nothing of another.

    Parameters
    ----------
    connection
        Any connection: it only does the reading.
    path
        The file.
    """
    if not path.is_file():
        return {}
    try:
        rows: Sequence[tuple[bytes, bytes]] = connection.execute(
            query("shard_facts"), {"path": str(path)}
        ).fetchall()
    except duckdb.Error:
        return {}
    names = {bytes(key).decode(): bytes(value).decode(errors="replace") for key, value in rows}
    return {name.removeprefix("clika_"): value for name, value in names.items()}
