"""The files of a study's scores: long tables of numbers and the paper-shaped tables."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from clika.files import exclusive, write_text
from clika.report.cells import cells_csv
from clika.report.conductivity import conductivity_sheet
from clika.report.conductivity_cells import is_control, selected_cells
from clika.report.dose import dose_sheet
from clika.report.gate import gate_sheet
from clika.report.long import consistency_columns, performance_columns
from clika.report.names import CELLS, INTERVALS, SHEETS
from clika.report.paper import paper_tables
from clika.report.render import intervals_csv, table_csv
from clika.report.seeds import seeds_sheet
from clika.report.sheets import sheet_csv
from clika.steps.score_conductivity import (
    expected_cells,
    measure_conductivity,
    write_conductivity,
)
from clika.steps.score_seeds import seed_values
from clika.store.scores import write_scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.report.conductivity_cells import CellFigures
    from clika.report.scored import Scored
    from clika.report.sheets import Sheet
    from clika.report.tables import PaperTable
    from clika.store.connection import Connection
    from clika.store.outcomes import OutcomeCell

__all__ = ["ScoreReport", "report_scores"]


class ScoreReport(NamedTuple):
    """What was scored.

    Attributes
    ----------
    tables
        The paper-shaped tables of the headline rule.
    sheets
        The tables of conductivity, where there are outcomes or are to be any, and by training seed.
    origin
        What the answers were read from: ``responses`` or ``codes``.
    models
        Models with answers, in the order of the tables.
    missing
        Models of the study without any.
    """

    tables: tuple[PaperTable, ...]
    sheets: tuple[Sheet, ...]
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
    measured = measure_conductivity(connection, resampling)
    sheets = _sheets(connection, scored, measured)
    written = scores or tables
    lock = exclusive(written.parent / "spool" / "score.lock", wait=True) if written else None
    with lock or nullcontext():
        if scores is not None:
            for name, columns in (
                ("performance", performance_columns(scored)),
                ("consistency", consistency_columns(scored)),
            ):
                write_scores(connection, scores / f"{name}.parquet", columns, key=key)
            write_conductivity(connection, scored.study.name, scores, measured, key=key)
        if tables is not None:
            _write_tables(tables, scored, shown, has_intervals=resampling is not None)
            _write_sheets(tables, sheets)
    return ScoreReport(
        tables=shown,
        sheets=sheets,
        origin=origin,
        models=scored.models,
        missing=tuple(model for model in scored.study.models if model not in scored.models),
    )


def _sheets(
    connection: Connection, scored: Scored, measured: Mapping[OutcomeCell, CellFigures]
) -> tuple[Sheet, ...]:
    study = scored.study
    cells = {
        cell: measured.get(cell)
        for cell in selected_cells(scored, {**dict.fromkeys(expected_cells(study)), **measured})
    }
    sheets = []
    if cells:
        sheets += [conductivity_sheet(cells, study.languages), gate_sheet(cells)]
    if any(is_control(cell.task) for cell in cells):
        sheets.append(dose_sheet(cells))
    seeds = seed_values(study, connection, rule=scored.rules[0], models=scored.models)
    if seeds:
        sheets.append(seeds_sheet(scored, seeds))
    return tuple(sheets)


def _write_sheets(folder: Path, sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        write_text(folder / f"{sheet.name}.csv", sheet_csv(sheet))
    for name in {*SHEETS}.difference(sheet.name for sheet in sheets):
        # That of an earlier run belongs to other scores.
        (folder / f"{name}.csv").unlink(missing_ok=True)


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
