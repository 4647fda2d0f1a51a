"""The interval of a difference between two models, from joint bootstrap replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.intervals.resampling import LEVEL, NO_INTERVAL
from clika.metrics.measure import first_reason

if TYPE_CHECKING:
    from clika.metrics.measure import Floats, Reasons

__all__ = ["Interval", "difference_interval"]

#: Beyond this share of undefined replicates there is no interval.
_MOST_UNDEFINED = 0.01


class Interval(NamedTuple):
    """Intervals of some numbers.

    Attributes
    ----------
    low, high
        float64 of any one shape; NaN where there is no interval.
    reason
        object array of that shape: why there is no interval, else ``None``.
    """

    low: Floats
    high: Floats
    reason: Reasons


def difference_interval(replicates: Floats, *, level: float = LEVEL) -> Interval:
    """Return percentile intervals of the second model's value minus the first's.

    Parameters
    ----------
    replicates
        float64 ``(2, n_replicates, n_cells)``: values of both models in the same bootstrap
        replicates, which draw the same items for both; NaN where undefined.
    level
        Coverage, in (0, 1).

    Returns
    -------
    Interval
        ``(n_cells,)``, by linear interpolation over the replicates in which both values are
        defined. None where they are undefined in more than 1 % of the replicates, or where all
        differences are equal ("degenerate").
    """
    difference = replicates[1] - replicates[0]
    undefined = np.isnan(difference)
    too_many = undefined.mean(axis=0) > _MOST_UNDEFINED
    filled = np.where(too_many, 0.0, difference)
    low = np.nanquantile(filled, (1 - level) / 2, axis=0)
    high = np.nanquantile(filled, (1 + level) / 2, axis=0)
    degenerate = np.nanmin(filled, axis=0) == np.nanmax(filled, axis=0)
    reason = first_reason(
        low.shape,
        (too_many, str(NO_INTERVAL[3])),
        (degenerate, str(NO_INTERVAL[1])),
    )
    none = too_many | degenerate
    return Interval(np.where(none, np.nan, low), np.where(none, np.nan, high), reason)
