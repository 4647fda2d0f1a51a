"""What a printed table of conductivity says about its numbers, and in the place of some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.report.conductivity_cells import RATIO
from clika.schema import FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clika.report.conductivity_cells import CellFigures

__all__ = ["METRICS", "chance_text", "deviation", "interval_text", "notes", "printed"]

#: On a terminal in the place of a number: the gate is not met, or it is undefined otherwise.
UNMET, UNDEFINED = "unmet", "-"

#: As printed, by id.
METRICS = {"xrr_c": "XRR_c", "xrr": "XRR", "a_t1": "A_t1"}

_OF_ONE_SEED = {
    "xrr_c": "of XRR_c over places taken as independent (over continents: xrr_c_clustered in "
    "scores/)",
    "xrr": "of XRR over continents",
}

#: A number's name and the cell that it is of; ``None`` for one without outcomes.
Labelled = tuple[str, "CellFigures | None"]


def printed(figures: CellFigures | None, metric: str) -> tuple[str, str, str]:
    """Return a ratio and the ends of its interval as a terminal shows them."""
    if figures is None:
        return "", "", ""
    value, low, high = (RATIO.render(number) for number in figures.estimate(metric)[:3])
    return value or (UNDEFINED if figures.missed is None else UNMET), low, high


def deviation(figures: CellFigures | None, metric: str) -> str:
    """Return the standard deviation of a ratio between training seeds; empty without."""
    return "" if figures is None else RATIO.render(figures.estimate(f"{metric}_sd").value)


def chance_text(cells: Iterable[CellFigures | None]) -> str:
    """Return what chance is, with its number: the same for most, but worlds may differ."""
    shares = {RATIO.render(cell.chance) for cell in cells if cell and cell.chance is not None}
    number = " to ".join(sorted({min(shares), max(shares)})) + ", " if shares else ""
    return f"{number}the share of the most frequent continent"


def interval_text(cells: Iterable[CellFigures | None], metrics: Sequence[str]) -> str:
    """Return what the intervals of some metrics speak of."""
    seeds = [cell.seeds for cell in cells if cell is not None]
    of_one = "; ".join(_OF_ONE_SEED[metric] for metric in metrics if metric in _OF_ONE_SEED)
    if all(asked == 1 for _, asked in seeds):
        return f"95 % intervals, items only (one training seed): {of_one}."
    alone = any(met == 1 for met, _ in seeds)
    where_one = f"; where one seed met the gate, items only: {of_one}" * alone
    return f"95 % intervals of ratios are over training seeds and continents{where_one}."


def notes(
    labelled: Sequence[Labelled], metrics: Sequence[str], *, with_figures: bool = True
) -> tuple[str, ...]:
    """Return what the cells of a table cannot say of their numbers, a sentence each.

    Parameters
    ----------
    labelled
        The cells, each by the name that its numbers go by.
    metrics
        What is printed of them.
    with_figures
        Whether a gate that is not met is named with its figures, or they stand above.
    """
    there = [(label, cell) for label, cell in labelled if cell is not None]
    absent = [label for label, cell in labelled if cell is None]
    measured = [(label, cell) for label, cell in there if cell.missed is None]
    found = [f"No outcomes: {', '.join(absent)}."] if absent else []
    unmet = [(label, cell.missed) for label, cell in there if cell.missed is not None]
    if with_figures:
        found += [f"{UNMET}, gate not met: {label} ({missed})." for label, missed in unmet]
    elif unmet:
        found.append(f"{UNMET}, gate not met (figures above): {_listed(unmet)}.")
    for metric in metrics:
        found += _by_reason(measured, metric)
    found += _by_flag(measured, metrics[0])
    if there:
        found.append(_items(there))
    return tuple(found)


def _listed(labelled: Sequence[tuple[str, object]]) -> str:
    return ", ".join(label for label, _ in labelled)


def _by_reason(measured: Sequence[tuple[str, CellFigures]], metric: str) -> list[str]:
    """Say which numbers are undefined and which have no interval, and why."""
    places: dict[str, list[str]] = {}
    for label, cell in measured:
        estimate = cell.estimate(metric)
        if estimate.reason is not None:
            name = METRICS[metric]
            kind = f"{name} undefined" if estimate.value is None else f"No interval of {name}"
            places.setdefault(f"{kind} ({estimate.reason})", []).append(label)
    return [f"{what}: {', '.join(labels)}." for what, labels in places.items()]


def _by_flag(measured: Sequence[tuple[str, CellFigures]], metric: str) -> list[str]:
    places: dict[str, list[str]] = {}
    for label, cell in measured:
        met, seeds = cell.seeds
        of_seeds = f" ({met} of {seeds})" * (met < seeds)
        for flag in cell.flags(metric):
            places.setdefault(flag, []).append(label + of_seeds * (flag == "gate-partly"))
    return [f"{flag}, {FLAGS[flag]}: {', '.join(labels)}." for flag, labels in places.items()]


def _items(there: Sequence[tuple[str, CellFigures]]) -> str:
    same = [label for label, cell in there if cell.stratum == "all"]
    if len(same) == len(there):
        return "Items: all, since no continent's names in the two languages differ."
    of_some = f"; of {', '.join(same)} all, since there is no such" if same else ""
    return f"Items: places on continents whose names in the two languages differ{of_some}."
