"""Scores and ranks of options: from a table into shards, from the database into arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.store.queries import query
from clika.store.shards import write_parquet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from clika.store.connection import Connection

__all__ = [
    "OptionScores",
    "models_with_option_scores",
    "read_option_scores",
    "read_table_scores",
    "write_option_scores",
]


class OptionScores(NamedTuple):
    """Scores of the options of one task, by one model.

    Attributes
    ----------
    items
        int64 ``(n_items,)``: ids of the items with scores in some language, ascending.
    options
        uint8 ``(n_items,)``: number of options (k) of each.
    languages
        Codes of the languages.
    scores
        float64 ``(n_items, n_languages, max_options)``: log-scores; NaN beyond an item's options,
        and throughout where it was not asked.
    """

    items: NDArray[np.int64]
    options: NDArray[np.uint8]
    languages: tuple[str, ...]
    scores: NDArray[np.float64]


class _Placed(NamedTuple):
    """Where rows, one for each option, go in an array: which of them, and its three indices."""

    rows: NDArray[np.bool_]
    item: NDArray[np.int64]
    language: NDArray[np.int64]
    option: NDArray[np.int64]


def read_table_scores(
    connection: Connection, *, model: str, task: str, languages: Sequence[str]
) -> OptionScores:
    """Return the scores of one model and task of the table that was read.

    Parameters
    ----------
    connection
        Where the table was read.
    model, task
        Which.
    languages
        The axis of the scores: all languages of the table.
    """
    connection.execute(query("create_cell_name"))
    connection.execute(query("name_cell"), {"model": model, "task": task})
    found = connection.execute(query("table_option_scores")).fetchnumpy()
    return _arranged(found, languages)[0]


def write_option_scores(
    connection: Connection,
    path: Path,
    *,
    cell: tuple[str, str],
    scores: OptionScores,
    ranks: NDArray[np.uint8],
    key: str,
) -> None:
    """Write the shard of one model and task.

    Parameters
    ----------
    connection
        Any connection: it only does the writing.
    path
        The shard.
    cell
        Model and task.
    scores
        What to write.
    ranks
        uint8, of the shape of the scores: 1-based, 0 where there is no score.
    key
        Its content key.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    item, language, option = np.nonzero(ranks)
    columns = {
        "language": np.array(scores.languages, dtype=object)[language],
        "item": scores.items[item],
        "option": option,
        "score": scores.scores[item, language, option],
        "rank": ranks[item, language, option],
    }
    connection.execute(query("create_cell_name"))
    connection.execute(query("name_cell"), dict(zip(("model", "task"), cell, strict=True)))
    connection.register("read_options", columns)
    try:
        write_parquet(connection, query("option_scores_shard"), path, key=key)
    finally:
        connection.unregister("read_options")


def models_with_option_scores(connection: Connection, task: str) -> set[str]:
    """Return the models that a database has option scores of in one task."""
    rows = connection.execute(query("option_score_models"), {"task": task}).fetchall()
    return {model for (model,) in rows}


def read_option_scores(
    connection: Connection, *, model: str, task: str, languages: Sequence[str]
) -> tuple[OptionScores, NDArray[np.uint8]]:
    """Return the scores and ranks of one model and task.

    Parameters
    ----------
    connection
        To a database.
    model, task
        Which.
    languages
        The axis of the arrays; scores in other languages are left out.

    Returns
    -------
    scores, ranks
        The scores, and uint8 ranks of their shape: 1-based, 0 where there is no score.
    """
    cell = {"model": model, "task": task}
    found = connection.execute(query("option_score_rows"), cell).fetchnumpy()
    scores, placed = _arranged(found, languages)
    ranks = np.zeros(scores.scores.shape, dtype=np.uint8)
    ranks[placed.item, placed.language, placed.option] = _plain(found["rank"])[placed.rows]
    return scores, ranks


def _arranged(
    found: dict[str, np.ndarray], languages: Sequence[str]
) -> tuple[OptionScores, _Placed]:
    """Arrange rows of language, item, option (0-based) and score."""
    known = {code: place for place, code in enumerate(languages)}
    codes, spelled = np.unique(_plain(found["language"]).astype(str), return_inverse=True)
    language = np.array([known.get(code, -1) for code in codes.tolist()], np.int64)[spelled]
    rows = language >= 0
    option = _plain(found["option"])[rows].astype(np.int64)
    items, item = np.unique(_plain(found["item"])[rows], return_inverse=True)
    options = np.zeros(len(items), dtype=np.uint8)
    np.maximum.at(options, item, (option + 1).astype(np.uint8))
    scores = np.full((len(items), len(languages), int(options.max(initial=1))), np.nan)
    scores[item, language[rows], option] = _plain(found["score"])[rows]
    placed = _Placed(rows, item, language[rows], option)
    return OptionScores(items.astype(np.int64), options, tuple(languages), scores), placed


def _plain(column: np.ndarray) -> np.ndarray:
    # DuckDB gives a masked array where a column may hold NULL; these columns never do.
    return np.ma.getdata(column)
