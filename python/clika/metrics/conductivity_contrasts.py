"""Conductivity of a model, or its difference between two, in a cell and in the mean over cells.

A cell is a task with its source and target language. What the intervals are is said at
:func:`~clika.metrics.intervals.combined.combined_bounds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.conductivity import chance_share, conduction_sums, ratio_sums
from clika.metrics.conductivity_pairs import comparison_sums, flips, known_by_both
from clika.metrics.conductivity_scores import gate_of_seeds
from clika.metrics.contrasts import ALL_FLAGGED, EQUIVALENCE_LEVEL, Ends, Estimate, no_estimate
from clika.metrics.intervals.clustered import Estimate as Undefined
from clika.metrics.intervals.clustered import Sums, Term
from clika.metrics.intervals.combined import (
    Counted,
    SeedNumber,
    combined_bounds,
    combined_value,
)
from clika.metrics.intervals.resampling import LEVEL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from clika.metrics.conductivity import Outcomes, Stratum
    from clika.metrics.conductivity_scores import GateOfSeeds
    from clika.metrics.intervals.uncertainty import Resampling

__all__ = ["MeasuredCell", "greatest_of_cells", "mean_of_cells", "measure_cell"]

_HEADLINE: Stratum = "non-identical"


class MeasuredCell(NamedTuple):
    """One number of a cell, for each training seed that met the gate.

    Attributes
    ----------
    task, language
        The task, and the target language.
    numbers
        One for each seed; empty where the number is undefined.
    flags
        ``gate-partly`` and ``borderline``, if either holds of one of the models.
    missed
        Why the cell counts for nothing: the gate that was missed; else ``None``.
    unknown
        Why the number is undefined although the gate was met; else ``None``.
    """

    task: str
    language: str
    numbers: tuple[SeedNumber, ...] = ()
    flags: tuple[str, ...] = ()
    missed: str | None = None
    unknown: str | None = None

    @property
    def name(self) -> str:
        """As a reason names it."""
        return f"{self.task} {self.language}"


def measure_cell(
    task: str, language: str, models: Mapping[str, Mapping[int, Outcomes]], metric: str
) -> MeasuredCell:
    """Measure one model, or the later of two minus the earlier, in one cell.

    Parameters
    ----------
    task, language
        The cell.
    models
        By name, the earlier first, the outcomes of each training seed; one or two models, asked the
        same questions.
    metric
        ``xrr``, the ratio; ``xrr_c``, that of what is known, of two models by both. Either on the
        headline stratum.

    Returns
    -------
    MeasuredCell
        Of the seeds that met the gate, in both models where there are two.
    """
    gates = {name: gate_of_seeds(tuple(seeds.values())) for name, seeds in models.items()}
    flags = tuple(_flags(gates.values()))
    missed = _missed(gates)
    if missed is not None:
        return MeasuredCell(task, language, flags=flags, missed=missed)
    common = sorted(set.intersection(*(set(seeds) for seeds in models.values())))
    if not common:
        unknown = "the models have no training seed in common"
        return MeasuredCell(task, language, flags=flags, unknown=unknown)
    passed = [
        {seed for seed, met in zip(models[name], found.met, strict=True) if met}
        for name, found in gates.items()
    ]
    passing = [seed for seed in common if all(seed in seeds for seeds in passed)]
    if not passing:
        missed = "no training seed met the gate in both models"
        return MeasuredCell(task, language, flags=flags, missed=missed)
    numbers = []
    for seed in passing:
        *earlier, later = (seeds[seed] for seeds in models.values())
        number = _number(later, earlier[0] if earlier else None, metric)
        if isinstance(number, str):
            return MeasuredCell(task, language, flags=flags, unknown=number)
        numbers.append(number)
    return MeasuredCell(task, language, tuple(numbers), flags)


def _missed(gates: Mapping[str, GateOfSeeds]) -> str | None:
    """Return the first reason why no ratio of a model is given."""
    for name, found in gates.items():
        if found.reason is not None:
            return found.reason if len(gates) == 1 else f"{name}: {found.reason}"
    return None


def _flags(gates: Collection[GateOfSeeds]) -> Iterator[str]:
    """Yield the flags of a cell.

    A figure without any wrong answer is not taken for borderline: of 34 names or fewer every
    interval contains .90, so that no study with one training seed could be judged.
    """
    if any(each.is_partly_met for each in gates):
        yield "gate-partly"
    figures = [figure for each in gates for figure in each.figures]
    if any(figure.borderline and figure.share.value != 1 for figure in figures):
        yield "borderline"


def _number(later: Outcomes, earlier: Outcomes | None, metric: str) -> SeedNumber | str:
    """Return the number of one seed, or why it is undefined."""
    if metric == "xrr":
        return _ratio(later, earlier)
    return _conduction(later) if earlier is None else _conducted_difference(later, earlier)


def _conduction(outcomes: Outcomes) -> SeedNumber | str:
    sums = conduction_sums(outcomes, _HEADLINE)
    if isinstance(sums, Undefined):
        return str(sums.reason)
    known = outcomes.known(_HEADLINE)
    right = int((outcomes.target[known] == 1).sum())
    counted = Counted(1, right, int(known.sum()), 1 / (1 - chance_share(outcomes)))
    return SeedNumber((Term(1, _over_all(sums, outcomes)),), (counted,))


def _conducted_difference(later: Outcomes, earlier: Outcomes) -> SeedNumber | str:
    sums = comparison_sums(later, earlier, _HEADLINE)
    if isinstance(sums, Undefined):
        return str(sums.reason)
    gained, lost, n = flips(later, earlier, known_by_both(later, earlier, _HEADLINE))
    scale = 1 / (1 - chance_share(later))
    counted = (Counted(1, gained, n, scale), Counted(-1, lost, n, scale))
    return SeedNumber((Term(1, _over_all(sums, later)),), counted)


def _ratio(later: Outcomes, earlier: Outcomes | None) -> SeedNumber | str:
    terms, scales = [], []
    for sign, outcomes in ((1, later), (-1, earlier)):
        if outcomes is None:
            continue
        sums = ratio_sums(outcomes, _HEADLINE)
        if isinstance(sums, Undefined):
            return str(sums.reason)
        terms.append(Term(sign, _over_all(sums, outcomes)))
        scales.append(int(outcomes.within(_HEADLINE).sum()) / float(sums.denominator.sum()))
    inside = later.within(_HEADLINE)
    if earlier is None:
        right = int((later.target[inside] == 1).sum())
        return SeedNumber(tuple(terms), (Counted(1, right, int(inside.sum()), scales[0]),))
    gained, lost, n = flips(later, earlier, inside & earlier.within(_HEADLINE))
    counted = (Counted(1, gained, n, scales[0]), Counted(-1, lost, n, scales[1]))
    return SeedNumber(tuple(terms), counted)


def _over_all(sums: Sums, outcomes: Outcomes) -> Sums:
    """Return sums over every continent of the world, from those over the stratum's."""
    size = len(outcomes.identical)
    there = np.bincount(outcomes.continent[outcomes.within(_HEADLINE)], minlength=size) > 0
    spread = np.zeros((2, size))
    spread[:, there] = sums
    return Sums(*spread)


def mean_of_cells(cells: Sequence[MeasuredCell], resampling: Resampling) -> Estimate:
    """Return the mean over tasks, within a task over target languages, within a cell over seeds.

    Parameters
    ----------
    cells
        Those that met the gate. Cells of one task are of one world.
    resampling
        What is drawn where there are several training seeds.

    Returns
    -------
    Estimate
        An undefined member makes the mean undefined, and is named.
    """
    if not cells:
        return no_estimate(0, ALL_FLAGGED)
    for cell in cells:
        if cell.unknown is not None:
            reason = cell.unknown if len(cells) == 1 else f"{cell.name}: {cell.unknown}"
            return no_estimate(len(cells), reason)
    worlds = [
        [cell.numbers for cell in cells if cell.task == task]
        for task in dict.fromkeys(cell.task for cell in cells)
    ]
    wide, narrow = combined_bounds(worlds, resampling, (LEVEL, EQUIVALENCE_LEVEL))
    value = combined_value(worlds)
    return Estimate(value, Ends(*wide[:2]), Ends(*narrow[:2]), len(cells), wide.reason)


def greatest_of_cells(estimates: Sequence[Estimate]) -> Estimate:
    """Return the greatest value of several cells, and the greatest of each end of their intervals.

    It lies below a bound where every cell does, and above it where one does. An undefined member
    makes it undefined.
    """
    if not estimates:
        return no_estimate(0, ALL_FLAGGED)
    for estimate in estimates:
        if estimate.reason is not None:
            return estimate._replace(n_cells=len(estimates))

    def greatest(name: str) -> Ends:
        ends = [getattr(estimate, name) for estimate in estimates]
        return Ends(max(end.low for end in ends), max(end.high for end in ends))

    value = max(estimate.value for estimate in estimates)
    return Estimate(value, greatest("wide"), greatest("narrow"), len(estimates), None)
