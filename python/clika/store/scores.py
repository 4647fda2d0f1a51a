"""Scores: answer matrices out of the database, long tables of numbers into ``scores/``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.schema import NOT_ASKED, SCORE_COLUMNS, Coded, Column
from clika.store.connection import on_one_thread, quoted
from clika.store.queries import query
from clika.store.shards import write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from clika.store.connection import Connection

__all__ = [
    "AnswerMatrices",
    "TaskItems",
    "present_models",
    "read_answers",
    "read_items",
    "stored",
    "write_scores",
]


class TaskItems(NamedTuple):
    """The items of one task, or a part of them.

    Attributes
    ----------
    items
        int64 ``(n_items,)``: item ids, ascending.
    gold
        int8 ``(n_items,)``.
    clusters
        int32 ``(n_items,)``: items that rise and fall together share a code.
    strata
        int32 ``(n_items,)``: where an item's entity comes from. A code below the number of
        languages is the place of that language; the codes from there on are other origins, in the
        order of their names; -1 = the task does not say.
    """

    items: NDArray[np.int64]
    gold: NDArray[np.int8]
    clusters: NDArray[np.int32]
    strata: NDArray[np.int32]

    def at(self, places: NDArray[np.int64]) -> TaskItems:
        """Return the items in those places."""
        return TaskItems(
            self.items[places], self.gold[places], self.clusters[places], self.strata[places]
        )


class AnswerMatrices(NamedTuple):
    """Answers of every model to one task, by one rule.

    Attributes
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option, -1 INVALID, -2 not asked.
    gold, items, clusters, strata
        As of :class:`TaskItems`.
    """

    codes: NDArray[np.int8]
    gold: NDArray[np.int8]
    items: NDArray[np.int64]
    clusters: NDArray[np.int32]
    strata: NDArray[np.int32]

    def of_items(self) -> TaskItems:
        """Return the items without their answers."""
        return TaskItems(self.items, self.gold, self.clusters, self.strata)


def present_models(connection: Connection) -> frozenset[str]:
    """Return the models that have at least one answer."""
    return frozenset(row[0] for row in connection.execute(query("present_models")).fetchall())


def read_items(connection: Connection, task: str, *, languages: Sequence[str]) -> TaskItems:
    """Read the items of a task; the languages give the codes of the strata."""
    found = connection.execute(query("task_items"), {"task": task}).fetchnumpy()
    return TaskItems(
        _plain(found["item"]),
        _plain(found["gold"]).astype(np.int8),
        _plain(found["cluster"]).astype(np.int32),
        _stratum_codes(found["stratum"], languages),
    )


def read_answers(
    connection: Connection,
    *,
    tasks: Sequence[str],
    rules: Sequence[str],
    models: Sequence[str],
    languages: Sequence[str],
    items: Mapping[str, TaskItems] | None = None,
) -> dict[tuple[str, str], AnswerMatrices]:
    """Read answers as matrices.

    Parameters
    ----------
    connection
        To a database.
    tasks, rules
        What to read.
    models, languages
        The axes of the matrices. The order of rows in the database makes no difference: models and
        languages follow the given orders, items their ids.
    items
        Items of each task to read the answers of; ``None``: all.

    Returns
    -------
    dict
        By rule and task, for all given.
    """
    chosen = items or {task: read_items(connection, task, languages=languages) for task in tasks}
    matrices = {}
    for task in tasks:
        of_task = chosen[task]
        for rule in rules:
            codes = np.full((len(models), len(of_task.items), len(languages)), NOT_ASKED, np.int8)
            matrices[rule, task] = AnswerMatrices(codes, **of_task._asdict())
    ends = [
        (of_task.items[0], of_task.items[-1]) for of_task in chosen.values() if of_task.items.size
    ]
    parameters = {
        "tasks": [*tasks],
        "rules": [*rules],
        "models": [*models],
        "languages": [*languages],
        "first": int(min((first for first, _ in ends), default=0)),
        "last": int(max((last for _, last in ends), default=-1)),
    }
    found = connection.execute(query("answer_codes"), parameters).fetchnumpy()
    rows = {name: _plain(column) for name, column in found.items()}
    for (rule, task), matrix in matrices.items():
        of_matrix = (rows["rule"] == rules.index(rule)) & (rows["task"] == tasks.index(task))
        (here,) = np.nonzero(of_matrix)
        here = here[np.isin(rows["item"][here], matrix.items)]
        item = np.searchsorted(matrix.items, rows["item"][here])
        matrix.codes[rows["model"][here], item, rows["language"][here]] = rows["code"][here]
    return matrices


def _stratum_codes(column: np.ndarray, languages: Sequence[str]) -> NDArray[np.int32]:
    names = np.ma.masked_array(column).tolist()  # None where masked
    others = sorted({name for name in names if name is not None} - {*languages})
    places = {name: place for place, name in enumerate([*languages, *others])}
    return np.array([places.get(name, -1) for name in names], dtype=np.int32)


def _plain(column: np.ndarray) -> np.ndarray:
    # DuckDB gives a masked array where a column may hold NULL; these columns never do.
    return np.ma.getdata(column)


def write_scores(
    connection: Connection,
    path: Path,
    columns: Mapping[str, NDArray[np.generic] | Coded],
    *,
    key: str,
) -> None:
    """Write one file of scores.

    Parameters
    ----------
    connection
        Any connection: it only does the writing.
    path
        The Parquet file.
    columns
        Columns of :data:`clika.schema.SCORE_COLUMNS`, rows in the order of the file; NaN becomes
        NULL, and so does a column that is left out.
    key
        Its content key.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    select = ", ".join(f"{stored(c, columns.get(c.name))} as {c.name}" for c in SCORE_COLUMNS)
    arrays = {
        name: column.codes if isinstance(column, Coded) else column
        for name, column in columns.items()
    }
    connection.register("scored", arrays)
    try:
        with on_one_thread(connection):
            write_parquet(connection, f"select {select} from scored", path, key=key)
    finally:
        connection.unregister("scored")


def stored(column: Column, values: NDArray[np.generic] | Coded | None) -> str:
    """Return the SQL of a registered column as it is stored."""
    if values is None or (isinstance(values, Coded) and not values.texts):
        return f"null::{column.type}"
    if isinstance(values, Coded):
        # As an ENUM, texts reach the file as the dictionary that they are, without hashing each
        # row; readers see a plain text column.
        texts = ", ".join(quoted(text) for text in values.texts)
        return f"list_extract([{texts}]::enum({texts})[], {column.name} + 1)"
    if column.type == "DOUBLE":
        # DuckDB may take a NaN in as one or as NULL; stored it is NULL.
        return f"nullif({column.name}, 'nan'::double)"
    return f"{column.name}::{column.type}"
