"""Outcomes of conductivity, one for each question: into shards, from the database into arrays."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.errors import BadInputError, Problem
from clika.schema import DATABASE_TABLES, QUESTION_SETS
from clika.store.queries import query
from clika.store.shards import write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from clika.store.connection import Connection

__all__ = ["OutcomeCell", "OutcomeRows", "read_outcomes", "write_outcomes"]


class OutcomeCell(NamedTuple):
    """Whose outcomes, and between which languages."""

    task: str
    model: str
    source_language: str
    target_language: str


class OutcomeRows(NamedTuple):
    """The questions of one cell and training seed.

    Attributes
    ----------
    question_set
        object (str) ``(n_rows,)``: one of :data:`clika.schema.QUESTION_SETS`.
    item, cluster, answered
        int64 ``(n_rows,)``: place or continent asked about, its continent, the continent that the
        answer names (-1: none or several, -2: not kept).
    is_right, is_identical, is_ambiguous
        bool ``(n_rows,)``.
    """

    question_set: NDArray[np.object_]
    item: NDArray[np.int64]
    cluster: NDArray[np.int64]
    answered: NDArray[np.int64]
    is_right: NDArray[np.bool_]
    is_identical: NDArray[np.bool_]
    is_ambiguous: NDArray[np.bool_]


def write_outcomes(
    connection: Connection,
    path: Path,
    columns: Mapping[str, NDArray[np.generic]],
    *,
    key: str,
) -> None:
    """Write a shard of outcomes.

    Parameters
    ----------
    connection
        Any connection: it only does the writing.
    path
        The shard.
    columns
        The columns of the table ``outcomes``, by name; one that may be NULL may be left out.
    key
        Its content key.

    Raises
    ------
    BadInputError
        A question is there twice or is of no known set, or a place is on two continents.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    rows = len(next(iter(columns.values())))
    absent = np.full(rows, None, dtype=object)
    optional = [column.name for column in DATABASE_TABLES["outcomes"] if column.nullable]
    # DuckDB reads arrays from their beginning on.
    given = {name: np.ascontiguousarray(column) for name, column in columns.items()}
    connection.register("asked_outcomes", {**dict.fromkeys(optional, absent), **given})
    try:
        found = connection.execute(query("outcome_problems"), {"sets": [*QUESTION_SETS]}).fetchall()
        if found:
            raise BadInputError(
                Problem(f"outcomes of {cell}", None, f"item {item}", reason)
                for cell, item, reason in found
            )
        write_parquet(connection, query("outcomes_shard"), path, key=key)
    finally:
        connection.unregister("asked_outcomes")


def read_outcomes(connection: Connection) -> dict[OutcomeCell, dict[int, OutcomeRows]]:
    """Return the outcomes of a database by cell and training seed; none where it has none.

    Parameters
    ----------
    connection
        To a database.
    """
    found = {
        name: np.ma.getdata(column)
        for name, column in connection.execute(query("outcome_rows")).fetchnumpy().items()
    }
    names = [*OutcomeCell._fields, "seed"]
    total = len(found["item"])
    changes = np.zeros(total, np.bool_)
    for name in names:
        changes[1:] |= found[name][1:] != found[name][:-1]
    starts = [0, *np.flatnonzero(changes).tolist(), total] if total else []
    cells: dict[OutcomeCell, dict[int, OutcomeRows]] = {}
    for start, end in pairwise(starts):
        cell = OutcomeCell(*(str(found[name][start]) for name in OutcomeCell._fields))
        rows = OutcomeRows(*(found[name][start:end] for name in OutcomeRows._fields))
        cells.setdefault(cell, {})[int(found["seed"][start])] = rows
    return cells
