"""``conductivity.csv``: how much of what is taught in one language comes out in the others."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from clika.report.conductivity_cells import NUMBER_COLUMNS, file_cells, is_control
from clika.report.conductivity_notes import (
    METRICS,
    chance_text,
    deviation,
    interval_text,
    notes,
    printed,
)
from clika.report.names import CONDUCTIVITY
from clika.report.paper import row_groups
from clika.report.sheets import Block, Line, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clika.report.conductivity_cells import CellFigures
    from clika.store.outcomes import OutcomeCell

__all__ = ["conductivity_sheet"]

_HEADER = ("task", "metric", "regime", "model", "source")
#: What each metric of the matrix says.
_ABOUT = {
    "xrr_c": "Of the facts taught in {source} alone that a model recalls in {source} and can name "
    "in the other language: how many it also gives in that language, beyond chance ({chance}). "
    "0 is chance, 1 is all of them.",
    "xrr": "Accuracy in the other language on facts taught in {source} alone, by the accuracy on "
    "them in {source}, both beyond chance ({chance}). 0 is chance, 1 is as right as in {source}; "
    "what was forgotten or cannot be named counts against it.",
}


class _Matrix(NamedTuple):
    """What one task has from one source language.

    Attributes
    ----------
    task, source
        Which.
    models
        With the regime of each, in the order of the rows.
    targets
        Languages, in the order of the columns.
    cells
        By model and target language; without a key for a cell that is not to be, ``None`` for one
        that has no outcomes.
    """

    task: str
    source: str
    models: Mapping[str, str]
    targets: tuple[str, ...]
    cells: Mapping[tuple[str, str], CellFigures | None]


def conductivity_sheet(
    cells: Mapping[OutcomeCell, CellFigures | None], languages: Sequence[str]
) -> Sheet:
    """Return the matrix of conductivity, without the controls.

    Parameters
    ----------
    cells
        In the order of the rows; ``None`` for one without outcomes.
    languages
        Of the study, in the order of the columns.

    Returns
    -------
    Sheet
        A row for each metric, model and source language. For each target language it has the number
        or "gate not met", its interval, the standard deviation between training seeds, how many of
        them met the gate, the stratum of items, flags, and why there is no number or no interval.
        A cell without outcomes is empty.
    """
    targets = _targets(cells, languages)
    matrices = _matrices(cells, targets)
    names = [f"{target}{end}" for target in targets for end in NUMBER_COLUMNS]
    return Sheet(
        CONDUCTIVITY,
        (*_HEADER, *names),
        tuple(row for matrix in matrices for row in _rows(matrix)),
        tuple(_block(matrix, metric) for matrix in matrices for metric in _ABOUT),
    )


def _targets(
    cells: Mapping[OutcomeCell, CellFigures | None], languages: Sequence[str]
) -> tuple[str, ...]:
    known = {cell.target_language for cell in cells if not is_control(cell.task)}
    return (*(c for c in languages if c in known), *sorted(known.difference(languages)))


def _matrices(
    cells: Mapping[OutcomeCell, CellFigures | None], targets: tuple[str, ...]
) -> list[_Matrix]:
    parts: dict[tuple[str, str], dict[tuple[str, str], CellFigures | None]] = {}
    for cell, figures in cells.items():
        if not is_control(cell.task):
            of_part = parts.setdefault((cell.task, cell.source_language), {})
            of_part[cell.model, cell.target_language] = figures
    return [
        _Matrix(*part, row_groups(dict.fromkeys(model for model, _ in found)), targets, found)
        for part, found in parts.items()
    ]


def _rows(matrix: _Matrix) -> Iterator[tuple[str, ...]]:
    for metric in _ABOUT:
        for model, regime in matrix.models.items():
            row = [matrix.task, metric, regime, model, matrix.source]
            for target in matrix.targets:
                row += _number(matrix, model, target, metric)
            yield tuple(row)


def _number(matrix: _Matrix, model: str, target: str, metric: str) -> tuple[str, ...]:
    figures = matrix.cells.get((model, target))
    if figures is not None:
        return file_cells(figures, metric)
    expected = (model, target) in matrix.cells
    return (*("" for _ in NUMBER_COLUMNS[1:]), "no outcomes" * expected)


def _block(matrix: _Matrix, metric: str) -> Block:
    cells = matrix.cells.values()
    about = _ABOUT[metric].format(source=matrix.source, chance=chance_text(cells))
    lines = []
    for regime, models in groupby(matrix.models, matrix.models.__getitem__):
        lines.append(Line(f"[{regime}]"))
        for model in models:
            lines += _lines(matrix, model, metric)
    labelled = [(f"{model} {target}", cell) for (model, target), cell in matrix.cells.items()]
    return Block(
        title=f"Conductivity (CD) from {matrix.source}, {matrix.task}: {METRICS[metric]}",
        about=f"{about} {interval_text(cells, [metric])}",
        columns=matrix.targets,
        lines=tuple(lines),
        # The first metric's block has the figures of a missed gate.
        notes=notes(labelled, [metric], with_figures=metric == next(iter(_ABOUT))),
    )


def _lines(matrix: _Matrix, model: str, metric: str) -> list[Line]:
    """Return a model's lines: the ends of intervals stand under it, and the spread of seeds."""
    found = [matrix.cells.get((model, target)) for target in matrix.targets]
    values, lows, highs = zip(*(printed(cell, metric) for cell in found), strict=True)
    deviations = tuple(deviation(cell, metric) for cell in found)
    more = (("  from", lows), ("  to", highs), ("  SD of seeds", deviations))
    return [Line(model, values), *(Line(name, cells) for name, cells in more if any(cells))]
