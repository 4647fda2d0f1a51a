"""Connections to DuckDB: one writer that builds a database aside, any number of readers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from clika.errors import PrerequisiteError, StaleStoreError
from clika.files import refusal, replacing
from clika.schema import CONDUCTIVITY_FILE, DATABASE_TABLES, SCHEMA_VERSION, SCORE_FILES
from clika.store.queries import query
from clika.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = [
    "STORAGE_VERSION",
    "Connection",
    "building",
    "in_memory",
    "meta",
    "on_one_thread",
    "open_database",
    "quoted",
    "writing",
]

Connection = duckdb.DuckDBPyConnection

#: The oldest storage format that has all we store; a newer default would shut older readers out.
STORAGE_VERSION = "v1.2.0"

# Nothing at run time may need the network: json and parquet are built in, the rest is not needed.
_SETTINGS: dict[str, str | bool] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def quoted(text: str | Path) -> str:
    """Return a text as an SQL literal, for the few places that take no parameter."""
    return "'" + str(text).replace("'", "''") + "'"


def in_memory(*, threads: int | None = None) -> Connection:
    """Return a connection to a fresh database in memory."""
    return duckdb.connect(config={**_SETTINGS, "threads": str(thread_count(threads))})


@contextmanager
def on_one_thread(connection: Connection) -> Iterator[None]:
    """Let a connection work on one thread for the block.

    On several, DuckDB writes the rows of a Parquet file in their order, but how they are packed
    varies from run to run; on one, equal rows give equal bytes.
    """
    (threads,) = connection.execute("select current_setting('threads')").fetchall()[0]
    connection.execute("set threads = 1")
    try:
        yield
    finally:
        connection.execute(f"set threads = {threads}")


@contextmanager
def building(path: Path, meta: Mapping[str, str], *, threads: int | None) -> Iterator[Connection]:
    """Yield a connection to a new database with empty tables; on success it becomes ``path``.

    The database is built under a temporary name, checkpointed, closed, synced and renamed, so a
    reader sees the old one or the new one and never a part.

    Parameters
    ----------
    path
        Where the database will be.
    meta
        Rows of the table ``meta`` beside ``schema_version``.
    threads
        Threads for DuckDB; ``None`` = as many as the process may run on.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    with writing(path), replacing(path) as temporary:
        wal = temporary.with_name(temporary.name + ".wal")
        connection = in_memory(threads=threads)
        try:
            connection.execute(
                f"attach {quoted(temporary)} as store (storage_version '{STORAGE_VERSION}')"
            )
            connection.execute("use store")
            connection.execute(query("create_tables"))
            rows = {"schema_version": str(SCHEMA_VERSION), **meta}
            connection.executemany(query("insert_meta"), sorted(rows.items()))
            yield connection
            connection.execute("checkpoint store")
        finally:
            connection.close()
            wal.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a refusal of the file system that DuckDB reports inside the block into a sentence.

    DuckDB names its temporary files and gives no error number, but it quotes the operating system.
    Its other errors pass.

    Raises
    ------
    FileSystemError
        The disk is full, the folder is read-only, and the like.
    """
    try:
        yield
    except duckdb.Error as error:
        sentence = refusal(path, message=str(error))
        if sentence is None:
            raise
        raise sentence from error


def open_database(
    path: Path, *, command: str, scores: Path | None = None, threads: int | None = None
) -> Connection:
    """Open a database for reading.

    Parameters
    ----------
    path
        The database.
    command
        The command that makes it, named in the errors.
    scores
        Folder of score files; each one that is there becomes a view of its name.
    threads
        Threads for DuckDB; ``None`` = as many as the process may run on.

    Raises
    ------
    PrerequisiteError
        There is no such file.
    StaleStoreError
        It was written by another version of clika, or is not a database.
    """
    if not path.is_file():
        raise PrerequisiteError(f"There is no database at {path}.", command=command)
    connection = in_memory(threads=threads)
    try:
        connection.execute(f"attach {quoted(path)} as store (read_only)")
        connection.execute("use store")
        found = meta(connection).get("schema_version")
        absent = connection.execute(
            query("absent_tables"), {"names": [*DATABASE_TABLES]}
        ).fetchall()
    except duckdb.Error as error:
        connection.close()
        raise StaleStoreError(
            f"{path} cannot be read as a clika database ({_first_line(error)}).", command=command
        ) from error
    if found != str(SCHEMA_VERSION):
        connection.close()
        raise StaleStoreError(
            f"{path} has schema version {found}, this clika reads {SCHEMA_VERSION}.",
            command=command,
        )
    if absent:
        connection.close()
        raise StaleStoreError(
            f"{path} lacks the table {absent[0][0]}: another version of clika built it.",
            command=command,
        )
    for name in (*SCORE_FILES, CONDUCTIVITY_FILE):
        if scores is not None and (scores / f"{name}.parquet").is_file():
            file = quoted(scores / f"{name}.parquet")
            connection.execute(f"create view memory.main.{name} as from read_parquet({file})")
    connection.execute("set search_path = 'store.main,memory.main'")
    return connection


def meta(connection: Connection) -> dict[str, str]:
    """Return the table ``meta``: schema_version, content_key, origin, study."""
    return dict(connection.execute(query("meta")).fetchall())


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
