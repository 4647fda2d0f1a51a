"""From released files to shards: bytes go to Rust, Arrow comes back, DuckDB checks and writes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika import _native
from clika.errors import Problem
from clika.store.queries import query
from clika.store.shards import content_key, read_stamp, write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.store.connection import Connection
    from clika.tasks.item import Item

__all__ = [
    "Cell",
    "CellOutcome",
    "ItemColumns",
    "SourceFile",
    "arrange_items",
    "ingest_cell",
    "register_items",
    "write_items",
]

#: A response is a short text; a line longer than this is a fault of the file, not a response.
MAX_LINE_BYTES = 8 * 2**20


class SourceFile(NamedTuple):
    """A file of responses in one language: where it is, and how to call it."""

    language: str
    path: Path
    name: str


class Cell(NamedTuple):
    """The responses of one model to one task, in every language there is; one shard."""

    model: str
    task: str
    options: int
    sources: tuple[SourceFile, ...]
    shard: Path


class CellOutcome(NamedTuple):
    """What came of one cell.

    Attributes
    ----------
    cell
        The cell.
    key
        Content key of its shard; ``None`` where no shard was written.
    rows
        Rows of its shard; 0 where the shard was there already or was not written.
    reused
        Whether the shard was there already, made from the same bytes.
    notes
        (file, note): a byte-order mark, CRLF line ends.
    problems
        Every bad row; any of them means that no shard was written.
    """

    cell: Cell
    key: str | None
    rows: int
    reused: bool
    notes: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]


class ItemColumns(NamedTuple):
    """Items on their way into a shard.

    Attributes
    ----------
    key
        The shard's content key.
    texts, numbers
        Its columns.
    """

    key: str
    texts: dict[str, list[str]]
    numbers: dict[str, np.ndarray]


def arrange_items(
    items: Sequence[Item], *, options: Mapping[str, int] | None = None
) -> ItemColumns:
    """Return the columns of an items shard, one row for each item and language.

    Clusters become codes: 0, 1, ... within a task, in the order of first appearance. ``options`` is
    the number of options of each task; without it each item has as many as it has texts.
    """
    codes: dict[tuple[str, str], int] = {}
    counts: dict[str, int] = {}
    for item in items:
        if (item.task, item.cluster) not in codes:
            codes[item.task, item.cluster] = counts.get(item.task, 0)
            counts[item.task] = counts.get(item.task, 0) + 1
    texts = {
        "task": [item.task for item in items],
        "language": [item.language for item in items],
        "uuid": [item.uuid for item in items],
        "question": [item.question for item in items],
        "options": [json.dumps(item.options) for item in items],
        "stratum": [item.stratum or "" for item in items],
    }
    numbers: dict[str, np.ndarray] = {
        "item": np.array([item.item for item in items], np.int64),
        "k": np.array(
            [options[item.task] if options else len(item.options) for item in items], np.int8
        ),
        "gold": np.array([item.gold for item in items], np.int8),
        "cluster": np.array([codes[item.task, item.cluster] for item in items], np.int32),
    }
    key = content_key("items", texts, {name: column.tolist() for name, column in numbers.items()})
    return ItemColumns(key, texts, numbers)


def write_items(connection: Connection, items: ItemColumns, path: Path) -> None:
    """Write the items shard."""
    texts = {name: np.array(column, dtype=object) for name, column in items.texts.items()}
    connection.register("read_items", {**texts, **items.numbers})
    try:
        write_parquet(connection, query("items_shard"), path, key=items.key)
    finally:
        connection.unregister("read_items")


def register_items(connection: Connection, shard: Path, *, pivot: str) -> None:
    """Load what every response row is checked against: the pivot's item ids, own ids and golds."""
    connection.execute(query("create_item_reference"))
    connection.execute(query("fill_item_reference"), {"path": str(shard), "pivot": pivot})


def ingest_cell(connection: Connection, cell: Cell) -> CellOutcome:
    """Read, check and write one cell; never raises for bad rows, but reports each.

    Parameters
    ----------
    connection
        A connection of this thread's own, on which :func:`register_items` was called.
    cell
        What to read, and where its shard goes.
    """
    contents, problems = _contents(cell.sources)
    if problems:
        return CellOutcome(cell, None, 0, reused=False, notes=(), problems=tuple(problems))

    stamp = read_stamp(connection, cell.shard)
    # The parser hashes too: only a shard that may be reused is worth a hash before parsing.
    if stamp is not None:
        key = _key(cell, [hashlib.sha256(content).hexdigest() for content in contents])
        if stamp.content_key == key:
            return CellOutcome(cell, key, 0, reused=True, notes=(), problems=())

    parsed = _native.parse_responses(
        contents, n_options=cell.options, threads=1, max_line_bytes=MAX_LINE_BYTES
    )
    key = _key(cell, parsed.sha256)
    names = [source.name for source in cell.sources]
    notes = tuple((names[i], note) for i, found in enumerate(parsed.notes) for note in found)
    problems = [
        Problem(names[file], line or None, column, reason)
        for file, line, column, reason in parsed.problems
    ]
    if not problems:
        connection.register("parsed", parsed)
        connection.register("sources", _as_columns(cell, parsed.sha256))
        try:
            connection.execute(query("create_cell_rows"))
            rows = connection.execute(query("cell_problems"), {"task": cell.task}).fetchall()
            problems = [Problem(*row) for row in rows]
            if not problems:
                select = query("cell_shard")
                connection.execute(query("create_cell_name"))
                connection.execute(query("name_cell"), {"model": cell.model, "task": cell.task})
                write_parquet(connection, select, cell.shard, key=key)
        finally:
            connection.unregister("parsed")
            connection.unregister("sources")
    if problems:
        return CellOutcome(cell, None, 0, reused=False, notes=notes, problems=tuple(problems))
    return CellOutcome(cell, key, sum(parsed.rows), reused=False, notes=notes, problems=())


def _contents(sources: Sequence[SourceFile]) -> tuple[list[bytes], list[Problem]]:
    contents: list[bytes] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            contents.append(source.path.read_bytes())
        except OSError as error:
            reason = f"the file cannot be read ({error.strerror})"
            problems.append(Problem(source.name, None, None, reason))
    return contents, problems


def _key(cell: Cell, digests: Sequence[str]) -> str:
    described = [[s.language, s.name, d] for s, d in zip(cell.sources, digests, strict=True)]
    return content_key("responses", cell.model, cell.task, cell.options, described)


def _as_columns(cell: Cell, digests: Sequence[str]) -> dict[str, np.ndarray]:
    return {
        "file": np.arange(len(cell.sources), dtype=np.uint16),
        "language": np.array([source.language for source in cell.sources], dtype=object),
        "name": np.array([source.name for source in cell.sources], dtype=object),
        "sha256": np.array(digests, dtype=object),
    }
