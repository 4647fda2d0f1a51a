"""``gate.csv``: what a model had to learn before its conductivity is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.report.conductivity_cells import FIGURE, is_control
from clika.report.names import GATE
from clika.report.paper import row_groups
from clika.report.sheets import Block, Line, Sheet
from clika.schema import CONDUCTIVITY_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clika.metrics.conductivity_scores import CellNumber
    from clika.report.conductivity_cells import CellFigures
    from clika.store.outcomes import OutcomeCell

__all__ = ["gate_sheet"]

_FIGURES = CONDUCTIVITY_METRICS["gate"]
_ENDS = ("", "_low", "_high", "_n", "_borderline")
_BORDERLINE = "borderline"
_MARK = "~"
_ABOUT = (
    "What a model must have learnt before its conductivity is read: 0.900 of each figure. "
    "translate: names of places and continents, asked from source to target; continents: those "
    "alone; source-0 and source-1: facts, asked in the source; target-0: the facts taught in both "
    "languages, asked in the target. 0 is none right, 1 is all. {mark} borderline: the 95 % "
    "(Wilson) interval holds 0.900, of a few continents even if all are right; the intervals are "
    "in {file}.csv. met by: training seeds that have them all."
)


def gate_sheet(cells: Mapping[OutcomeCell, CellFigures | None]) -> Sheet:
    """Return the figures of the gate of each cell, controls among them.

    Parameters
    ----------
    cells
        In the order of the rows; one without outcomes (``None``) has no row.

    Returns
    -------
    Sheet
        Shares in [0, 1], pooled over the training seeds, with Wilson intervals, the number of
        questions and whether the interval contains .90; then how many seeds met the gate.
    """
    there = {cell: figures for cell, figures in cells.items() if figures is not None}
    regimes = row_groups(dict.fromkeys(cell.model for cell in there))
    names = [f"{figure}{end}" for figure in _FIGURES for end in _ENDS]
    return Sheet(
        GATE,
        ("task", "regime", "model", "source", "target", *names, "gate", "seeds"),
        tuple(_row(cell, regimes[cell.model], found) for cell, found in there.items()),
        (_block(there),) if there else (),
    )


def _row(cell: OutcomeCell, regime: str, figures: CellFigures) -> tuple[str, ...]:
    parts = [part for number in figures.gate for part in _file_cells(number)]
    place = (cell.task, regime, cell.model, cell.source_language, cell.target_language)
    met, _ = figures.seeds
    return (*place, *parts, "met" if met else "not met", _seeds(figures))


def _file_cells(number: CellNumber) -> Iterator[str]:
    estimate = number.estimate
    yield from (FIGURE.render(end) for end in estimate[:3])
    yield str(estimate.n)
    yield _BORDERLINE * (_BORDERLINE in number.flags)


def _seeds(figures: CellFigures) -> str:
    met, seeds = figures.seeds
    return f"{met} of {seeds}"


def _block(there: Mapping[OutcomeCell, CellFigures]) -> Block:
    lines: dict[str, list[Line]] = {}
    for cell, figures in there.items():
        pair = f"{cell.source_language}-{cell.target_language}"
        control = is_control(cell.task)
        heading = f"[controls, {cell.model}]" if control else f"[{cell.task}]"
        name = f"{cell.task if control else cell.model} {pair}"
        shown = (_printed(number) for number in figures.gate)
        lines.setdefault(heading, []).append(Line(name, (*shown, _seeds(figures))))
    return Block(
        title="The gate of conductivity",
        about=_ABOUT.format(mark=_MARK, file=GATE),
        columns=(*_FIGURES, "met by"),
        lines=tuple(
            line for heading, of_part in lines.items() for line in (Line(heading), *of_part)
        ),
    )


def _printed(number: CellNumber) -> str:
    # A space where there is no mark, so that the numbers stand below each other.
    return FIGURE.render(number.estimate.value) + (_MARK if number.flags else " ")
