"""``dose.csv``: conductivity by the share of names that two languages have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.regimes import POSITIVE
from clika.report.conductivity_cells import (
    NUMBER_COLUMNS,
    RATIO,
    CellFigures,
    dose_share,
    file_cells,
    is_control,
)
from clika.report.conductivity_notes import (
    METRICS,
    chance_text,
    interval_text,
    notes,
    printed,
)
from clika.report.names import DOSE
from clika.report.paper import row_groups
from clika.report.sheets import Block, Line, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clika.store.outcomes import OutcomeCell

__all__ = ["dose_sheet"]

_HEADER = ("control", "shared_names", "task", "regime", "model", "source", "target")
_RATIOS = ("xrr_c", "xrr")
_ACCURACY = "a_t1"
_ENDS = ("", "_low", "_high")
_ABOUT = (
    "How much is conducted when the two languages share names, in worlds made for it. The negative "
    "control shares none: near 0 is expected. Then the places' names are shared, by share of "
    "places. The positive control shares the continents' too: near 1 is expected. XRR and XRR_c: 0 "
    "is chance, 1 is all. A_t1: share right of the facts taught in {source} alone, asked in "
    "{target}; chance is {chance}. {intervals}"
)


def dose_sheet(cells: Mapping[OutcomeCell, CellFigures | None]) -> Sheet:
    """Return the dose curve with the controls at its ends.

    Parameters
    ----------
    cells
        In the order of the rows; ``None`` for one without outcomes. Those that are no controls are
        left out.

    Returns
    -------
    Sheet
        A row for each dose, from the negative control on, and one for the positive control.
    """
    controls = {cell: found for cell, found in cells.items() if is_control(cell.task)}
    regimes = row_groups(dict.fromkeys(cell.model for cell in controls))
    ratios = [f"{metric}{end}" for metric in _RATIOS for end in NUMBER_COLUMNS]
    curves: dict[tuple[str, ...], dict[OutcomeCell, CellFigures | None]] = {}
    for cell, found in controls.items():
        curves.setdefault(cell[1:], {})[cell] = found
    return Sheet(
        DOSE,
        (*_HEADER, *ratios, *(f"{_ACCURACY}{end}" for end in _ENDS), "chance"),
        tuple(_row(cell, regimes[cell.model], found) for cell, found in controls.items()),
        tuple(_block(curve) for curve in curves.values()),
    )


def _row(cell: OutcomeCell, regime: str, figures: CellFigures | None) -> tuple[str, ...]:
    share = dose_share(cell.task)
    head = (
        _control(cell),
        "" if share is None else RATIO.render(share),
        cell.task,
        regime,
        *cell[1:],
    )
    if figures is None:
        absent = (*("" for _ in NUMBER_COLUMNS[1:]), "no outcomes")
        return (*head, *absent, *absent, *("" for _ in _ENDS), "")
    ratios = (text for metric in _RATIOS for text in file_cells(figures, metric))
    ends = (RATIO.render(number) for number in figures.estimate(_ACCURACY)[:3])
    return (*head, *ratios, *ends, RATIO.render(figures.chance))


def _control(cell: OutcomeCell) -> str:
    """Return what a point of the curve is beside a dose: one of its ends, or nothing."""
    if cell.task == POSITIVE:
        return "positive"
    return "negative" * (dose_share(cell.task) == 0)


def _label(cell: OutcomeCell) -> str:
    control = f"{_control(cell)} control" * bool(_control(cell))
    share = dose_share(cell.task)
    return control if share is None else f"{RATIO.render(share)} {control}".rstrip()


def _block(curve: Mapping[OutcomeCell, CellFigures | None]) -> Block:
    first = next(iter(curve))
    shown = (*_RATIOS, _ACCURACY)
    about = _ABOUT.format(
        source=first.source_language,
        target=first.target_language,
        chance=chance_text(curve.values()),
        intervals=interval_text(curve.values(), shown),
    )
    lines = (
        Line(_label(cell), tuple(text for metric in shown for text in printed(figures, metric)))
        for cell, figures in curve.items()
    )
    pair = f"{first.source_language}-{first.target_language}"
    return Block(
        title=f"Dose curve of {first.model}, {pair}: conductivity by the share of shared names",
        about=about,
        columns=tuple(head for metric in shown for head in (METRICS[metric], "from", "to")),
        lines=tuple(lines),
        notes=notes([(_label(cell), found) for cell, found in curve.items()], _RATIOS),
    )
