"""How far RankC of chosen pairs varies when the items are drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.measure import Measure, first_reason, share
from clika.metrics.resampling import LEVEL, NO_INTERVAL, Draws, weights

if TYPE_CHECKING:
    from clika.metrics.measure import Bools, Floats, Reasons

__all__ = ["MeanIntervals", "mean_intervals"]

_, _DEGENERATE, _UNDEFINED, _DROPPED, _ = NO_INTERVAL
#: Values are rounded to these, so that sums of up to 100,000 of them are exact in any order.
_UNIT = 2.0**-36
_MOST_DROPPED = 0.01
#: Replicates that are looked at together.
_BATCH = 500


class MeanIntervals(NamedTuple):
    """Means over items with their intervals, each ``(n_pairs,)``.

    Attributes
    ----------
    mean
        The means; undefined where no item has a value.
    low, high
        float64: the ends; NaN where there is no interval.
    reason
        object: why there is none (one of :data:`clika.metrics.resampling.NO_INTERVAL`), else
        ``None``.
    """

    mean: Measure
    low: Floats
    high: Floats
    reason: Reasons


def mean_intervals(
    values: Floats,
    *,
    draws: Draws | None = None,
    level: float = LEVEL,
    threads: int | None = None,
) -> MeanIntervals:
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
    MeanIntervals
        No interval where all replicates are equal, or where more than 1 % of them hold no item
        that counts; fewer such replicates are dropped.

    Notes
    -----
    O(n_pairs n_items replicates), for which matrices of 500 replicates are multiplied.
    """
    counted = ~np.isnan(values)
    known = np.where(counted, np.rint(values / _UNIT), 0.0)
    mean = share(known.sum(axis=1) * _UNIT, counted.sum(axis=1))
    drawn = weights(values.shape[1], draws or Draws(), threads=threads)
    means = np.concatenate(
        [
            _weighted(drawn[start : start + _BATCH].astype(np.float64), known, counted)
            for start in range(0, len(drawn), _BATCH)
        ],
        axis=1,
    )
    dropped = np.isnan(means).mean(axis=1)
    undefined = np.isnan(mean)
    # Where nothing is known these meet nowhere, and another reason comes first.
    lowest = np.where(np.isnan(means), np.inf, means).min(axis=1, initial=np.inf)
    highest = np.where(np.isnan(means), -np.inf, means).max(axis=1, initial=-np.inf)
    reason = first_reason(
        mean.shape,
        (undefined, str(_UNDEFINED)),
        (dropped > _MOST_DROPPED, str(_DROPPED)),
        (lowest == highest, str(_DEGENERATE)),
    )
    none = np.array([why is not None for why in reason], dtype=np.bool_)
    tail = (1 - level) / 2
    low, high = np.full(mean.shape, np.nan), np.full(mean.shape, np.nan)
    if not none.all():
        low[~none], high[~none] = np.nanquantile(means[~none], [tail, 1 - tail], axis=1)
    nothing = first_reason(mean.shape, (undefined, "no item has a value"))
    return MeanIntervals(Measure(mean, nothing), low, high, reason)


def _weighted(drawn: Floats, known: Floats, counted: Bools) -> Floats:
    """Return the means of each row in each replicate, ``(n_pairs, n_replicates)``."""
    return share(known @ drawn.T * _UNIT, counted.astype(np.float64) @ drawn.T)
