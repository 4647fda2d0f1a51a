"""What the views ask of a database, typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.store.connection import in_memory
from clika.store.queries import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.store.connection import Connection

__all__ = [
    "AnsweredItem",
    "CellComparison",
    "CellCoverage",
    "ItemAnswer",
    "ItemFacts",
    "ItemText",
    "LostItem",
    "PairCounts",
    "ShardSource",
    "answers_of_items",
    "compare_codes",
    "coverage",
    "item_answers",
    "item_texts",
    "items",
    "items_of_uuid",
    "lost_items",
    "pair_counts",
    "rules",
    "shard_sources",
    "task_sizes",
    "uuid_of_item",
]


class ItemFacts(NamedTuple):
    """An item without its text.

    Attributes
    ----------
    task, item
        Which item.
    k
        Number of options.
    gold
        Right option, 0-based.
    cluster
        Code shared by the items that rise and fall together.
    stratum
        Language that the item's entity comes from; ``None`` where the task does not say.
    """

    task: str
    item: int
    k: int
    gold: int
    cluster: int
    stratum: str | None


class ItemText(NamedTuple):
    """An item's text in one language; the options in the order of the letters."""

    language: str
    question: str
    options: tuple[str, ...]


class ItemAnswer(NamedTuple):
    """One model's answer to an item in one language.

    Attributes
    ----------
    model, language
        Whose answer.
    code
        Option read, 0-based; -1 = INVALID.
    fired
        Which part of the rule decided.
    response
        What the model answered, unaltered; ``None`` where the database has codes only.
    """

    model: str
    language: str
    code: int
    fired: str
    response: str | None


class PairCounts(NamedTuple):
    """How one model's answers to one task turned out in two languages.

    Attributes
    ----------
    n
        Items asked in both.
    n_right
        Items right in the first.
    n_lost
        Items right in the first and wrong in the second; INVALID is wrong.
    n_lost_invalid
        Those of them that are INVALID in the second.
    """

    n: int
    n_right: int
    n_lost: int
    n_lost_invalid: int


class LostItem(NamedTuple):
    """An item that a model has right in one language and wrong in another.

    Attributes
    ----------
    item
        Item id.
    gold
        Right option, 0-based; the option read in the first language.
    code
        Option read in the second language, 0-based; -1 = INVALID.
    fired
        Which part of the rule decided in the second language.
    question, options
        The text in the first language; ``None`` where it is not stored.
    options_wrong
        The options' texts in the second language.
    response, response_wrong
        The raw responses in the first and in the second language.
    """

    item: int
    gold: int
    code: int
    fired: str
    question: str | None
    options: Sequence[str] | None
    options_wrong: Sequence[str] | None
    response: str | None
    response_wrong: str | None


class AnsweredItem(NamedTuple):
    """An item as one model answered it in one language.

    Attributes
    ----------
    item
        Item id.
    gold
        Right option, 0-based.
    code
        Option read, 0-based; -1 = INVALID.
    fired
        Which part of the rule decided.
    question, options
        The text in the language; ``None`` where it is not stored.
    response
        The raw response; ``None`` where it is not stored.
    """

    item: int
    gold: int
    code: int
    fired: str
    question: str | None
    options: Sequence[str] | None
    response: str | None


class CellCoverage(NamedTuple):
    """How many items one model was asked of one task in one language."""

    model: str
    task: str
    language: str
    n_items: int


class ShardSource(NamedTuple):
    """A file that shards were made from, as ingest named it."""

    model: str
    task: str
    language: str
    file: str
    sha256: str


class CellComparison(NamedTuple):
    """How two sets of answer codes compare in one cell, by one rule.

    Attributes
    ----------
    model, task, language, rule
        Which cell and rule.
    n_both
        Answers that both have.
    n_differ
        Those of them whose option, gold or fired part differ.
    n_only_shipped, n_only_derived
        Answers that one has alone.
    same_source
        Whether both say that they were read from the same file.
    """

    model: str
    task: str
    language: str
    rule: str
    n_both: int
    n_differ: int
    n_only_shipped: int
    n_only_derived: int
    same_source: bool


def items(connection: Connection) -> list[ItemFacts]:
    """Return every item, in the order of task and item."""
    return [ItemFacts(*row) for row in connection.execute(query("view_items")).fetchall()]


def items_of_uuid(connection: Connection, uuid: str) -> list[tuple[str, int]]:
    """Return (task, item) of each item that the source calls ``uuid``; none with codes alone."""
    return connection.execute(query("view_items_of_uuid"), {"uuid": uuid}).fetchall()


def uuid_of_item(connection: Connection, task: str, item: int) -> str | None:
    """Return the source's own id of an item; ``None`` where it is not stored."""
    parameters = {"task": task, "item": item}
    row = connection.execute(query("view_uuid_of_item"), parameters).fetchone()
    return None if row is None else str(row[0])


def item_texts(connection: Connection, task: str, item: int) -> dict[str, ItemText]:
    """Return an item's text in each language that it is stored in."""
    parameters = {"task": task, "item": item}
    rows = connection.execute(query("view_item_texts"), parameters).fetchall()
    return {language: ItemText(language, question, tuple(o)) for language, question, o in rows}


def item_answers(connection: Connection, task: str, item: int, *, rule: str) -> list[ItemAnswer]:
    """Return every answer to an item, read by one rule, in the order of model and language."""
    parameters = {"task": task, "item": item, "rule": rule}
    rows = connection.execute(query("view_item_answers"), parameters).fetchall()
    return [ItemAnswer(*row) for row in rows]


def pair_counts(connection: Connection, pair: dict[str, str]) -> PairCounts:
    """Return how a pair of cells turned out.

    Parameters
    ----------
    connection
        An open database.
    pair
        ``model``, ``task``, ``rule``, and the languages ``right`` and ``wrong``.
    """
    row = connection.execute(query("view_pair_counts"), pair).fetchone() or (0, 0, 0, 0)
    return PairCounts(*row)


def lost_items(connection: Connection, pair: dict[str, str]) -> list[LostItem]:
    """Return the items right in one cell and wrong in the other, in the order of their ids.

    Parameters
    ----------
    connection
        An open database.
    pair
        As of :func:`pair_counts`.
    """
    return [LostItem(*row) for row in connection.execute(query("view_lost_items"), pair).fetchall()]


def answers_of_items(
    connection: Connection, cell: dict[str, str], items: Sequence[int]
) -> list[AnsweredItem]:
    """Return some items as a model answered them, in the order of their ids.

    Parameters
    ----------
    connection
        An open database.
    cell
        ``model``, ``task``, ``rule`` and ``language``.
    items
        Ids; those that were not asked are left out.
    """
    parameters = {**cell, "items": [*items]}
    rows = connection.execute(query("view_answers_of_items"), parameters).fetchall()
    return [AnsweredItem(*row) for row in rows]


def rules(connection: Connection) -> tuple[str, ...]:
    """Return the extraction rules that the answers were read by, sorted."""
    return tuple(row[0] for row in connection.execute(query("view_rules")).fetchall())


def coverage(connection: Connection) -> list[CellCoverage]:
    """Return every cell that has answers, in the order of model, task and language."""
    return [CellCoverage(*row) for row in connection.execute(query("view_coverage")).fetchall()]


def task_sizes(connection: Connection) -> dict[str, int]:
    """Return the number of items of each task."""
    return dict(connection.execute(query("view_task_sizes")).fetchall())


def shard_sources(shards: Sequence[Path]) -> list[ShardSource]:
    """Return the files that response shards were made from; none for no shards."""
    if not shards:
        return []
    connection = in_memory()
    try:
        paths = {"paths": [str(path) for path in shards]}
        rows = connection.execute(query("view_shard_sources"), paths).fetchall()
    finally:
        connection.close()
    return [ShardSource(*row) for row in rows]


def compare_codes(connection: Connection, answers: Path) -> list[CellComparison]:
    """Return how answer codes in a file compare with a database's, for each cell and rule.

    Parameters
    ----------
    connection
        An open database.
    answers
        A Parquet file with the columns of the table ``answers``.
    """
    parameters = {"path": str(answers)}
    rows = connection.execute(query("view_code_comparison"), parameters).fetchall()
    return [CellComparison(*row) for row in rows]
