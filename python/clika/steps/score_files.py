"""The files of a study's scores: long tables of numbers and the paper-shaped tables."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from clika.files import exclusive, write_text
from clika.report.cells import cells_csv
from clika.report.long import consistency_columns, performance_columns
from clika.report.names import CELLS, INTERVALS
from clika.report.paper import paper_tables
from clika.report.render import intervals_csv, table_csv
from clika.steps.score_conductivity import write_conductivity
from clika.store.scores import write_scores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.report.scored import Scored
    from clika.report.tables import PaperTable
    from clika.store.connection import Connection

__all__ = ["ScoreReport", "report_scores"]


class ScoreReport(NamedTuple):
    """What was scored.

    Attributes
    ----------
    tables
        The paper-shaped tables of the headline rule.
    origin
        What the answers were read from: ``responses`` or ``codes``.
    models
        Models with answers, in the order of the tables.
    missing
        Models of the study without any.
    """

    tables: tuple[PaperTable, ...]
    origin: str
    models: tuple[str, ...]
    missing: tuple[str, ...]


def report_scores(  # noqa: PLR0913 (what was scored, and where it goes)
    connection: Connection,
    scored: Scored,
    *,
    scores: Path | None,
    tables: Path | None,
    resampling: Resampling | None,
    origin: str,
    key: str,
) -> ScoreReport:
    """Write the files of a study's scores, and lay out its tables.

    Parameters
    ----------
    connection
        To the study's database.
    scored
        The scores.
    scores, tables
        Folders for the long files and the paper-shaped tables; ``None`` writes none.
    resampling
        What the intervals are a function of; ``None``: there are none.
    origin
        What the answers were read from.
    key
        Content key of the scores.

    Raises
    ------
    FileSystemError
        The disk is full or a folder is read-only.
    """
    shown = tuple(paper_tables(scored))
    written = scores or tables
    lock = exclusive(written.parent / "spool" / "score.lock", wait=True) if written else None
    with lock or nullcontext():
        if scores is not None:
            for name, columns in (
                ("performance", performance_columns(scored)),
                ("consistency", consistency_columns(scored)),
            ):
                write_scores(connection, scores / f"{name}.parquet", columns, key=key)
            write_conductivity(connection, scored.study, scores, resampling, key=key)
        if tables is not None:
            _write_tables(tables, scored, shown, has_intervals=resampling is not None)
    return ScoreReport(
        tables=shown,
        origin=origin,
        models=scored.models,
        missing=tuple(model for model in scored.study.models if model not in scored.models),
    )


def _write_tables(
    folder: Path, scored: Scored, shown: Sequence[PaperTable], *, has_intervals: bool
) -> None:
    for table in shown:
        write_text(folder / f"{table.name}.csv", table_csv(table))
    write_text(folder / f"{CELLS}.csv", cells_csv(scored))
    intervals = folder / f"{INTERVALS}.csv"
    if has_intervals:
        write_text(intervals, intervals_csv(shown))
    else:
        # Those of an earlier run belong to other scores.
        intervals.unlink(missing_ok=True)
