"""Means over cells of signed ratios: training seeds, worlds, and the items that they share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.intervals.clustered import Sums, Term, resampled_means
from clika.metrics.intervals.student import t_quantile
from clika.metrics.intervals.uncertainty import DEGENERATE, percentile_interval, wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.measure import Floats

__all__ = ["Bounds", "Counted", "SeedNumber", "World", "combined_bounds", "combined_value"]

_FEWEST_CLUSTERS = 2
#: A variance below this is the rounding of a zero.
_ROUNDING = 1e-16


class Counted(NamedTuple):
    """A share of items in a number: ``right`` of ``n``, added or subtracted, on which scale."""

    sign: int
    right: int
    n: int
    scale: float


class SeedNumber(NamedTuple):
    """One number of one training seed, in both ways that its interval is made from.

    Attributes
    ----------
    terms
        Ratios of sums over clusters, those of a world all over the same clusters.
    counted
        What of the number rests on which items.
    """

    terms: tuple[Term, ...]
    counted: tuple[Counted, ...]

    @property
    def value(self) -> float:
        """The number."""
        return sum(term.sign * term.sums.ratio for term in self.terms)


#: Cells of one world, each with its training seeds.
World = list[tuple[SeedNumber, ...]]


class Bounds(NamedTuple):
    """Ends of an interval; NaN without one, and then why."""

    low: float
    high: float
    reason: str | None = None


def combined_value(worlds: Sequence[World]) -> float:
    """Return the mean over worlds, within a world over cells, within a cell over seeds."""
    return math.fsum(weight * number.value for weight, number in _weighted(worlds))


def combined_bounds(
    worlds: Sequence[World], resampling: Resampling, levels: Sequence[float]
) -> tuple[Bounds, ...]:
    """Return intervals of :func:`combined_value`, one for each level.

    Parameters
    ----------
    worlds
        Numbers of each world, none of them without a cell, no cell without a seed.
    resampling
        What is drawn where some cell has several seeds.
    levels
        Nominal coverages, in (0, 1).

    Returns
    -------
    tuple of Bounds
        The hull of two intervals. In one the items of a cluster, and all cells of a world, rise and
        fall together: with one seed in each cell it is the t interval of the linearised ratios,
        summed over the cells within each cluster, its degrees of freedom those of the world with
        the fewest clusters; with several it is the percentiles of :func:`resampled_means`. The
        other takes items, cells and seeds as independent: Wilson's interval of each share, their
        squared distances from the value added. Where clusters are all alike the first is none and
        the second stands alone; where few items differ, the first alone would be too narrow.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd edition, section 6.3 and chapter 9A.
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a
    general approach. Statistics in Medicine 27, 1693-1702.
    """
    value = combined_value(worlds)
    clustered = _clustered(worlds, value, resampling, levels)
    found = []
    for level, (low, high, reason) in zip(levels, clustered, strict=True):
        below, above = _item_reach(worlds, level)
        if reason is None:
            found.append(Bounds(min(low, value - below), max(high, value + above)))
        elif reason == DEGENERATE:
            found.append(Bounds(value - below, value + above))
        else:
            found.append(Bounds(math.nan, math.nan, reason))
    return tuple(found)


def _weighted(worlds: Sequence[World]) -> list[tuple[float, SeedNumber]]:
    return [
        (1 / (len(worlds) * len(cells) * len(seeds)), number)
        for cells in worlds
        for seeds in cells
        for number in seeds
    ]


def _item_reach(worlds: Sequence[World], level: float) -> tuple[float, float]:
    """Return how far the interval on items reaches below the value, and above it."""
    below, above = [], []
    for weight, number in _weighted(worlds):
        for sign, right, n, scale in number.counted:
            ends = wilson(np.array(right), np.array(n), level=level)
            down = weight * scale * (right / n - float(ends.low))
            up = weight * scale * (float(ends.high) - right / n)
            below.append(down if sign > 0 else up)
            above.append(up if sign > 0 else down)
    return math.hypot(*below), math.hypot(*above)


def _clustered(
    worlds: Sequence[World], value: float, resampling: Resampling, levels: Sequence[float]
) -> tuple[Bounds, ...]:
    if all(len(seeds) == 1 for cells in worlds for seeds in cells):
        return _linearised(worlds, value, levels)
    generator = np.random.Generator(np.random.Philox(key=resampling.seed))
    drawn = np.zeros(resampling.replicates)
    for cells in worlds:
        terms = [[number.terms for number in seeds] for seeds in _with_items(cells)]
        drawn += resampled_means(terms, generator, resampling.replicates) / len(worlds)
    found = []
    for level in levels:
        interval = percentile_interval(drawn[None], level=level)
        reason = interval.reason[0]
        ends = float(interval.low[0]), float(interval.high[0])
        found.append(Bounds(*ends, None if reason is None else str(reason)))
    return tuple(found)


def _with_items(cells: World) -> World:
    """Return the cells without the clusters that have no item in any of them."""
    there = np.logical_or.reduce(
        [
            (term.sums.numerator != 0) | (term.sums.denominator != 0)
            for seeds in cells
            for number in seeds
            for term in number.terms
        ]
    )

    def kept(term: Term) -> Term:
        return Term(term.sign, Sums(term.sums.numerator[there], term.sums.denominator[there]))

    return [
        tuple(SeedNumber(tuple(map(kept, number.terms)), number.counted) for number in seeds)
        for seeds in cells
    ]


def _linearised(
    worlds: Sequence[World], value: float, levels: Sequence[float]
) -> tuple[Bounds, ...]:
    variance, freedom = 0.0, math.inf
    for cells in map(_with_items, worlds):
        residuals = [_residuals(term) for (number,) in cells for term in number.terms]
        influence = np.sum(residuals, axis=0) / (len(cells) * len(worlds))
        clusters = len(influence)
        if clusters < _FEWEST_CLUSTERS:
            nothing = Bounds(math.nan, math.nan, "there is but one cluster")
            return (nothing,) * len(levels)
        variance += clusters / (clusters - 1) * float((influence**2).sum())
        freedom = min(freedom, clusters - 1)
    if variance <= _ROUNDING:
        return (Bounds(math.nan, math.nan, DEGENERATE),) * len(levels)
    error = math.sqrt(variance)
    halves = [t_quantile((1 + level) / 2, int(freedom)) * error for level in levels]
    return tuple(Bounds(value - half, value + half) for half in halves)


def _residuals(term: Term) -> Floats:
    sign, sums = term
    residuals = sums.numerator - sums.ratio * sums.denominator
    scaled: Floats = sign * residuals / float(sums.denominator.sum())
    return scaled
