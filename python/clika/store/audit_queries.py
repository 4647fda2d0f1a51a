"""What the audit asks of a database, typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.store.queries import query

if TYPE_CHECKING:
    from collections.abc import Collection

    from clika.store.connection import Connection

__all__ = [
    "Cell",
    "CellReading",
    "FirstCharacter",
    "FlagCount",
    "Misfit",
    "SharedSource",
    "SourceFile",
    "cell_readings",
    "first_characters",
    "flag_counts",
    "has_responses",
    "misfits",
    "shared_sources",
    "source_files",
]


class Cell(NamedTuple):
    """One model on one task in one language."""

    model: str
    task: str
    language: str


class CellReading(NamedTuple):
    """How one rule read the answers of one cell.

    Attributes
    ----------
    rule
        Extraction rule.
    cell
        The cell.
    n
        Answers.
    n_invalid
        Answers from which no option was read.
    n_beyond
        Those among them that name a letter beyond the task's options.
    n_right
        Right answers.
    n_letters
        Different options read.
    top_code
        The option read most often, 0-based (of equals the first); -1 where none was read.
    """

    rule: str
    cell: Cell
    n: int
    n_invalid: int
    n_beyond: int
    n_right: int
    n_letters: int
    top_code: int


class SharedSource(NamedTuple):
    """A cell whose source file has the same bytes as another cell's."""

    sha256: str
    cell: Cell


class FirstCharacter(NamedTuple):
    """How many responses of a cell begin with a character that stands as a label."""

    cell: Cell
    character: str
    n: int


class Misfit(NamedTuple):
    """A response that restates its question, or whose text is no option's of its item.

    Attributes
    ----------
    cell, item
        Whose answer to which item.
    response
        The raw response.
    lettered
        Whether it begins with an option's letter and a separator.
    question
        The item's question.
    """

    cell: Cell
    item: int
    response: str
    lettered: bool
    question: str


class SourceFile(NamedTuple):
    """A file that responses of a cell were read from, as ingest named it."""

    cell: Cell
    name: str


class FlagCount(NamedTuple):
    """How many cells or pairs of a task carry a flag.

    Attributes
    ----------
    task
        The task.
    flag
        One of :data:`clika.schema.FLAGS`.
    n_flagged
        Those that carry it.
    n
        All: cells for a flag of accuracies, unordered pairs of languages for a flag of pairs.
    """

    task: str
    flag: str
    n_flagged: int
    n: int


def has_responses(connection: Connection) -> bool:
    """Return whether a database holds responses and not answer codes alone."""
    row = connection.execute(query("audit_has_responses")).fetchone()
    return row is not None and bool(row[0])


def cell_readings(connection: Connection) -> list[CellReading]:
    """Return how each rule read each cell, in the order of rule, model, task and language."""
    rows = connection.execute(query("audit_cells")).fetchall()
    return [CellReading(rule, Cell(*row[:3]), *row[3:]) for rule, *row in rows]


def shared_sources(connection: Connection) -> list[SharedSource]:
    """Return the cells whose source files are equal, equal ones side by side."""
    rows = connection.execute(query("audit_shared_sources")).fetchall()
    return [
        SharedSource(sha256, Cell(model, task, language)) for sha256, task, language, model in rows
    ]


def first_characters(connection: Connection, letters: Collection[str]) -> list[FirstCharacter]:
    """Return how many responses of each cell begin with each of the given characters, as a label.

    A character that a word goes on after is none: words begin with look-alike letters, too.
    Combinations that do not occur are left out.
    """
    parameters = {"letters": sorted(letters)}
    rows = connection.execute(query("audit_first_characters"), parameters).fetchall()
    return [FirstCharacter(Cell(*row[:3]), *row[3:]) for row in rows]


def misfits(connection: Connection) -> list[Misfit]:
    """Return the responses whose text has no place among their item's options.

    Responses to items whose texts the database does not hold are left out.
    """
    rows = connection.execute(query("audit_misfits")).fetchall()
    return [Misfit(Cell(*row[:3]), *row[3:]) for row in rows]


def source_files(connection: Connection) -> list[SourceFile]:
    """Return the files that the responses of each cell were read from."""
    rows = connection.execute(query("audit_source_files")).fetchall()
    return [SourceFile(Cell(*row[:3]), row[3]) for row in rows]


def flag_counts(connection: Connection, *, rule: str) -> list[FlagCount]:
    """Return how many cells and pairs carry each flag; the score files must be attached."""
    rows = connection.execute(query("audit_flags"), {"rule": rule}).fetchall()
    return [FlagCount(*row) for row in rows]
