"""From anyone's table to shards: DuckDB checks and writes, and every fault has its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.answers import extract_all
from clika.errors import Problem
from clika.store.queries import query
from clika.store.shards import write_parquet
from clika.store.table_reading import KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.store.connection import Connection
    from clika.store.table_reading import Source

__all__ = [
    "Coding",
    "Spelling",
    "TableCell",
    "TableTask",
    "coding",
    "find_problems",
    "gathered",
    "name_rows",
    "reference_counts",
    "spellings",
    "table_cells",
    "write_table_cell",
    "write_table_items",
]

#: This many kinds of fault are listed; the rest is counted.
_LISTED = 50
_ROWS_NAMED = 5


class Coding(NamedTuple):
    """How the answers of a table are written.

    Attributes
    ----------
    coded
        Whether every answer is an integer: a 0-based option, -1 INVALID.
    asked, not_asked
        Rows with an answer (an empty text is one), rows without.
    """

    coded: bool
    asked: int
    not_asked: int


class Spelling(NamedTuple):
    """A model, task or language as the table spells it, with the rows that do."""

    kind: str
    given: str
    rows: tuple[int, ...]


class TableTask(NamedTuple):
    """What a table says of a task.

    Attributes
    ----------
    name, items, options
        The task; how many items it has; how many options (k).
    guessed
        Whether k is no more than the highest option that occurs.
    no_zero
        Whether options are numbered and none is 0.
    """

    name: str
    items: int
    options: int
    guessed: bool
    no_zero: bool


class TableCell(NamedTuple):
    """How many answers a model gave to a task in a language."""

    model: str
    task: str
    language: str
    answers: int


def coding(connection: Connection) -> Coding:
    """Return how the answers of the table that was read are written."""
    row = connection.execute(query("table_coding")).fetchone()
    return Coding(*(row or (False, 0, 0)))


def spellings(connection: Connection) -> list[Spelling]:
    """Return every model, task and language as the table spells it."""
    rows = connection.execute(query("table_spellings")).fetchall()
    return [Spelling(kind, given, tuple(found)) for kind, given, found in rows]


def name_rows(
    connection: Connection,
    names: Sequence[tuple[str, str, str]],
    *,
    coded: bool,
    options: int | None,
) -> list[TableTask]:
    """Give every row its names, its item id, its option codes, and return the tasks.

    Parameters
    ----------
    connection
        Where the table was read.
    names
        (model, task or language; as the table spells it; as clika does). Rows with another name
        are left out: their fault is the caller's to report.
    coded
        Whether the answers are 0-based options.
    options
        Number of options of every task; ``None`` takes it from the options' texts, or else from
        the highest option that occurs.
    """
    connection.execute(query("table_create_names"))
    if names:
        connection.executemany(query("table_insert_name"), list(names))
    connection.execute(query("table_rows"), {"coded": coded})
    connection.execute(query("table_tasks"), {"options": options})
    return [TableTask(*row) for row in connection.execute(query("table_task_facts")).fetchall()]


def find_problems(
    connection: Connection, path: Path, sources: Mapping[str, Source]
) -> list[Problem]:
    """Return what is wrong with the rows, alike faults as one, in the order of their first rows."""
    faults = connection.execute(query("table_problems")).fetchall()
    places = list(KEYS)
    faults.sort(key=lambda fault: (fault[2][0], places.index(fault[0])))
    return gathered(path, sources, faults)


def gathered(
    path: Path, sources: Mapping[str, Source], faults: Sequence[tuple[str, str, Sequence[int]]]
) -> list[Problem]:
    """Return one problem for each fault (key, reason, rows), naming its column and its rows."""
    problems = []
    for key, reason, rows in faults[:_LISTED]:
        source = sources.get(key)
        column = key if source is None or source.constant else source.text
        problems.append(Problem(str(path), rows[0], column, reason + _so_too(rows[1:])))
    if len(faults) > _LISTED:
        reason = f"{len(faults) - _LISTED:,} more kinds of fault, not listed"
        problems.append(Problem(str(path), None, None, reason))
    return problems


def _so_too(rows: Sequence[int]) -> str:
    if not rows:
        return ""
    named = [f"{row:,}" for row in rows[:_ROWS_NAMED]]
    if len(rows) > _ROWS_NAMED:
        named.append(f"{len(rows) - _ROWS_NAMED:,} more")
    listing = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return f" (also row{'s' if len(rows) > 1 else ''} {listing})"


def table_cells(connection: Connection) -> list[TableCell]:
    """Return how many answers each model gave to each task in each language."""
    return [TableCell(*row) for row in connection.execute(query("table_cells")).fetchall()]


def reference_counts(
    connection: Connection, *, model: str, language: str, rule: str
) -> dict[str, tuple[int, int]]:
    """Return (right answers, answers) of a model in a language for each task, read by a rule."""
    cell = {"model": model, "language": language}
    connection.execute(query("table_reference_cell"), cell)
    reader = connection.cursor()
    try:
        unread = reader.sql(query("table_reference_unread"))
        connection.register("table_reference_read", extract_all(unread, rule=rule))
        rows = connection.execute(query("table_reference")).fetchall()
        connection.unregister("table_reference_read")
    finally:
        reader.close()
    return {task: (correct, answers) for task, correct, answers in rows}


def write_table_items(connection: Connection, path: Path, *, key: str) -> None:
    """Write the items shard: each item in each language that it occurs in."""
    write_parquet(connection, query("table_items"), path, key=key)


def write_table_cell(
    connection: Connection, path: Path, *, model: str, task: str, source: tuple[str, str], key: str
) -> None:
    """Write the shard of one model and task; ``source`` is the table's name and SHA-256."""
    name, sha256 = source
    connection.execute(query("table_create_source"), {"name": name, "sha256": sha256})
    connection.execute(query("create_cell_name"))
    connection.execute(query("name_cell"), {"model": model, "task": task})
    write_parquet(connection, query("table_shard"), path, key=key)
