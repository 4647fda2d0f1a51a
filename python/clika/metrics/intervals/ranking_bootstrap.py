"""How far RankC of pairs of languages varies when the items are drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.intervals.resampling import LEVEL, Draws, weights
from clika.metrics.intervals.uncertainty import NO_VALUE, percentile_interval
from clika.metrics.measure import Interval, Measure, first_reason, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.metrics.measure import Bools, Floats

__all__ = ["mean_intervals", "resampled_means", "rounded"]

#: Values are rounded to these, so that sums of up to 100,000 of them are exact in any order.
_UNIT = 2.0**-36
#: Pairs and replicates that are looked at together.
_PAIRS, _REPLICATES = 128, 500


def mean_intervals(
    values: Floats,
    *,
    draws: Draws | None = None,
    level: float = LEVEL,
    threads: int | None = None,
) -> Measure:
    """Return the mean of each row of values with its percentile bootstrap interval.

    Parameters
    ----------
    values
        float64 ``(n_pairs, n_items)``: what :func:`clika.metrics.ranking.item_consistency` gives
        for each pair, items in the order of their ids. NaN: the item does not count for the pair.
    draws
        What is drawn; ``None``: single items, 10,000 times. All pairs share the draws.
    level
        Confidence level, between 0 and 1.
    threads
        ``None`` = as many as the process may run on. The result does not depend on it.

    Returns
    -------
    Measure
        ``(n_pairs,)``; undefined where no item has a value. No interval there, nor where
        :func:`clika.metrics.intervals.uncertainty.percentile_interval` has none.

    Notes
    -----
    O(n_pairs n_items replicates), as products of matrices.
    """
    drawn = weights(values.shape[1], draws or Draws(), threads=threads)
    counted = ~np.isnan(values)
    known = rounded(np.where(counted, values, 0.0))
    value = share(known.sum(axis=1) * _UNIT, counted.sum(axis=1))
    low, high = np.empty_like(value), np.empty_like(value)
    why = np.empty(value.shape, dtype=object)
    for start in range(0, len(values), _PAIRS):
        rows = slice(start, start + _PAIRS)
        means = resampled_means(known[rows], counted[rows], drawn)
        low[rows], high[rows], why[rows] = percentile_interval(means, level=level)
    undefined = np.isnan(value)
    why[undefined] = NO_VALUE
    reason = first_reason(value.shape, (undefined, "no item has a value"))
    return Measure(value, reason, Interval(low, high, why))


def rounded(values: Floats) -> Floats:
    """Return values as multiples of a unit, whole numbers that add up exactly in any order."""
    known: Floats = np.rint(values / _UNIT)
    return known


def resampled_means(known: Floats, counted: Bools, drawn: NDArray[np.uint16]) -> Floats:
    """Return the means of each row in each replicate.

    Parameters
    ----------
    known
        float64 ``(n_pairs, n_items)``: values as :func:`rounded` gives them, 0 where not counted.
    counted
        bool ``(n_pairs, n_items)``: items that count.
    drawn
        uint16 ``(n_replicates, n_items)``: how often each item is drawn.

    Returns
    -------
    ndarray
        float64 ``(n_pairs, n_replicates)``; NaN where no item that counts was drawn.
    """
    if (counted == counted[0]).all():
        counted = counted[:1]
    there = counted.astype(np.float64)
    means = np.empty((len(known), len(drawn)))
    for start in range(0, len(drawn), _REPLICATES):
        columns = slice(start, start + _REPLICATES)
        times = drawn[columns].astype(np.float64).T
        means[:, columns] = share(known @ times * _UNIT, there @ times)
    return means
