"""Building ``clika.duckdb`` from the record: shards of responses, or shipped answer codes."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from clika import answers
from clika.errors import StaleStoreError
from clika.store.connection import building, in_memory
from clika.store.queries import query
from clika.store.shards import write_parquet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.store.connection import Connection

__all__ = ["LoadCounts", "Record", "build_from_codes", "build_from_shards", "export_codes"]


class LoadCounts(NamedTuple):
    """How much a database holds.

    Attributes
    ----------
    items, responses, answers, outcomes
        Rows of these tables.
    invalid
        Answers of each rule from which no option could be read, as (rule, count).
    """

    items: int
    responses: int
    answers: int
    outcomes: int
    invalid: tuple[tuple[str, int], ...]


class Record(NamedTuple):
    """The shards that a database is derived from.

    Attributes
    ----------
    items
        The items shard.
    responses
        The response shards, in the order that the database keeps.
    option_scores, outcomes
        The shards of option scores and of outcomes of conductivity, likewise.
    """

    items: Path
    responses: Sequence[Path]
    option_scores: Sequence[Path] = ()
    outcomes: Sequence[Path] = ()


def build_from_shards(
    path: Path,
    record: Record,
    *,
    rules: Sequence[str],
    meta: dict[str, str],
    command: str,
    threads: int | None = None,
) -> LoadCounts:
    """Build a database from shards, applying every extraction rule.

    Parameters
    ----------
    path
        Where the database will be; it appears only when it is whole.
    record
        The shards.
    rules
        Extraction rules to apply.
    meta
        Facts about the database: content_key, origin, study.
    command
        The command that makes the shards.
    threads
        ``None`` = as many as the process may run on.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    StaleStoreError
        A shard is damaged; the command of the error removes the damaged ones and makes them again.
    """
    try:
        with building(path, meta, threads=threads) as connection:
            _fill(connection, record, rules=rules, threads=threads)
            return _counts(connection)
    except duckdb.Error as error:
        damaged = _damaged(record)
        if not damaged:
            raise
        state = "shard is" if len(damaged) == 1 else "shards are"
        names = " ".join(shlex.quote(str(file)) for file in damaged)
        raise StaleStoreError(
            f"{len(damaged)} {state} damaged.", command=f"rm {names} && {command}"
        ) from error


def _fill(
    connection: Connection, record: Record, *, rules: Sequence[str], threads: int | None
) -> None:
    connection.execute(query("load_items"), {"path": str(record.items)})
    connection.execute(query("load_item_texts"), {"path": str(record.items)})
    for name, files in (
        ("load_responses", record.responses),
        ("load_option_scores", record.option_scores),
        ("load_outcomes", record.outcomes),
    ):
        if files:
            connection.execute(query(name), {"paths": [str(file) for file in files]})
    reader = connection.cursor()
    try:
        reader.execute("use store")
        for rule in rules:
            if answers.check_rule(rule) == answers.CHOICE:
                connection.execute(query("load_choices"), {"rule": rule})
                continue
            unread = reader.sql(query("responses_to_read"))
            read = answers.extract_all(unread, rule=rule, threads=threads)
            connection.register("read_answers", read)
            connection.execute(query("load_answers"), {"rule": rule})
            connection.unregister("read_answers")
    finally:
        reader.close()


def _damaged(record: Record) -> list[Path]:
    """Return the shards that cannot be loaded, although their stamps can be read."""
    connection = in_memory()
    damaged = []
    try:
        connection.execute(query("create_tables"))
        for files, name in (
            (record.responses, "load_responses"),
            (record.option_scores, "load_option_scores"),
            (record.outcomes, "load_outcomes"),
        ):
            for file in files:
                try:
                    connection.execute(query(name), {"paths": [str(file)]})
                except duckdb.Error:
                    damaged.append(file)
        try:
            for name in ("load_items", "load_item_texts"):
                connection.execute(query(name), {"path": str(record.items)})
        except duckdb.Error:
            damaged.insert(0, record.items)
    finally:
        connection.close()
    return damaged


def build_from_codes(
    path: Path,
    *,
    items: Path,
    codes: Path,
    outcomes: Path | None = None,
    meta: dict[str, str],
    threads: int | None = None,
) -> LoadCounts:
    """Build a database from answer codes that ship with a study; it has no responses and no texts.

    Parameters
    ----------
    path
        Where the database will be; it appears only when it is whole.
    items, codes
        Parquet files with the columns of the tables ``items`` and ``answers``.
    outcomes
        Likewise of the table ``outcomes``; ``None`` for none.
    meta, threads
        As in :func:`build_from_shards`.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    with building(path, meta, threads=threads) as connection:
        connection.execute(query("load_shipped_items"), {"path": str(items)})
        connection.execute(query("load_shipped_answers"), {"path": str(codes)})
        if outcomes is not None:
            connection.execute(query("load_outcomes"), {"paths": [str(outcomes)]})
        return _counts(connection)


def _counts(connection: Connection) -> LoadCounts:
    row = connection.execute(query("load_counts")).fetchone() or (0, 0, 0, 0)
    invalid = connection.execute(query("invalid_by_rule")).fetchall()
    items, responses, answers, outcomes = row
    by_rule = tuple((rule, count) for rule, count in invalid)
    return LoadCounts(items, responses, answers, outcomes, by_rule)


def export_codes(connection: Connection, folder: Path, *, key: str) -> None:
    """Write the answer codes, items and outcomes of a database, without any text.

    Parameters
    ----------
    connection
        An open database.
    folder
        Where ``answers.parquet`` and ``items.parquet`` go, and ``outcomes.parquet`` where there are
        any.
    key
        Their content key.
    """
    write_parquet(connection, query("shipped_items"), folder / "items.parquet", key=key)
    write_parquet(connection, query("shipped_answers"), folder / "answers.parquet", key=key)
    row = connection.execute(query("outcome_count")).fetchone()
    if row and row[0]:
        write_parquet(connection, query("shipped_outcomes"), folder / "outcomes.parquet", key=key)
