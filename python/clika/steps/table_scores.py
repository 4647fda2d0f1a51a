"""The option scores of a table: ranked, and written into shards of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.metrics.ranking import ranks_from_scores
from clika.store.option_scores import read_table_scores, write_option_scores
from clika.store.shards import content_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.store.connection import Connection

__all__ = ["TableScores", "write_table_scores"]


class TableScores(NamedTuple):
    """What was written.

    Attributes
    ----------
    shards
        Content key by path within the folder of shards.
    notes
        A sentence for each cell with ties.
    """

    shards: dict[str, str]
    notes: tuple[str, ...]


def write_table_scores(
    connection: Connection,
    shards: Path,
    *,
    cells: Sequence[tuple[str, str]],
    languages: Sequence[str],
    origin: Sequence[object],
) -> TableScores:
    """Rank the options of each cell that has scores, and write its shard.

    Parameters
    ----------
    connection
        Where the table was read and its rows were named.
    shards
        Folder of shards.
    cells
        Models and tasks.
    languages
        All languages of the table.
    origin
        What the table was read from: part of each content key.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    written: dict[str, str] = {}
    notes = []
    for model, task in cells:
        scores = read_table_scores(connection, model=model, task=task, languages=languages)
        if len(scores.items) == 0:
            continue
        ranking = ranks_from_scores(
            scores.scores, scores.options, items=scores.items, languages=languages
        )
        tied = int(ranking.tied.sum())
        if tied:
            rows = int((ranking.ranks == 1).sum())
            notes.append(
                f"{model} x {task}: {tied:,} of {rows:,} rows of scores have ties, which a hash of "
                "item, option and language decides"
            )
        path = shards / "option_scores" / task / f"{model}.parquet"
        key = content_key("option scores", model, task, list(origin))
        write_option_scores(
            connection,
            path,
            cell=(model, task),
            scores=scores,
            ranks=ranking.ranks,
            key=key,
        )
        written[path.relative_to(shards).as_posix()] = key
    return TableScores(written, tuple(notes))
