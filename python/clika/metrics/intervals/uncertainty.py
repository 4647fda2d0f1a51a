"""Which interval each metric has, and the intervals that need no resampling of items.

METRICS.md names the method of every metric; :data:`METHODS` is that list as data.
"""

from __future__ import annotations

import hashlib
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from clika.metrics.intervals.resampling import LEVEL, REPLICATES, SEED
from clika.metrics.measure import Bools, Floats, Interval, Ints, first_reason

if TYPE_CHECKING:
    from clika.metrics.measure import Measure

__all__ = [
    "DEGENERATE",
    "METHODS",
    "NO_METHOD",
    "NO_VALUE",
    "Method",
    "Methods",
    "Resampling",
    "central",
    "no_interval",
    "percentile_interval",
    "purpose_of",
    "where_defined",
    "wilson",
]

Method = Literal["wilson", "jeffreys", "percentile", "bca", "linearised", "none"]

#: Share of replicates that may be undefined before there is no interval.
_MAY_BE_UNDEFINED = 0.01

DEGENERATE = "degenerate"
NO_VALUE = "the value is undefined"
UNDEFINED_REPLICATES = "undefined in more than 1 % of the replicates"


class Methods(NamedTuple):
    """How the interval of one metric is made.

    Attributes
    ----------
    independent
        Where each item is a cluster of its own.
    clustered
        Where some cluster has several items.
    """

    independent: Method
    clustered: Method


#: Metric and variant -> method. ``wilson`` of RA is that of accuracy, re-scaled.
METHODS: dict[tuple[str, str | None], Methods] = {
    ("acc", None): Methods("wilson", "percentile"),
    ("ra", None): Methods("wilson", "percentile"),
    ("bias", None): Methods("none", "none"),
    ("acc_origin", "own"): Methods("wilson", "linearised"),
    ("acc_origin", "other"): Methods("wilson", "linearised"),
    ("acc_origin", "advantage"): Methods("linearised", "linearised"),
    ("acc_without_origin", "least"): Methods("none", "none"),
    ("acc_without_origin", "most"): Methods("none", "none"),
    ("co", "union"): Methods("wilson", "percentile"),
    ("co", "source"): Methods("wilson", "percentile"),
    ("co", "min"): Methods("percentile", "percentile"),
    ("co_star", "gold-letter"): Methods("percentile", "percentile"),
    ("co_star", "marginal"): Methods("jeffreys", "percentile"),
    ("co_star_max", "gold-letter"): Methods("percentile", "percentile"),
    ("co_star_max", "marginal"): Methods("jeffreys", "percentile"),
    ("log_or", None): Methods("jeffreys", "percentile"),
    ("ag", None): Methods("wilson", "percentile"),
    ("ag_wrong", None): Methods("wilson", "percentile"),
    ("kappa", None): Methods("bca", "bca"),
    ("kappa_valid", None): Methods("bca", "bca"),
    ("co_origin", "own"): Methods("wilson", "linearised"),
    ("co_origin", "other"): Methods("wilson", "linearised"),
    ("excess", None): Methods("linearised", "linearised"),
    ("excess_models", None): Methods("none", "none"),
    ("rankc", "softmax"): Methods("percentile", "percentile"),
    ("rankc", "norm1"): Methods("percentile", "percentile"),
    ("rankc", "norm2"): Methods("percentile", "percentile"),
    ("rankc_star", "softmax"): Methods("percentile", "percentile"),
    ("rankc_star", "norm1"): Methods("percentile", "percentile"),
    ("rankc_star", "norm2"): Methods("percentile", "percentile"),
    ("capa", None): Methods("percentile", "percentile"),
    ("alpha", None): Methods("bca", "bca"),
    ("cochran_q", None): Methods("none", "none"),
    ("cochran_q_p", None): Methods("none", "none"),
    ("right_in_all", None): Methods("wilson", "percentile"),
    ("right_in_none", None): Methods("wilson", "percentile"),
}

#: Why the metrics whose method is ``none`` have no interval.
NO_METHOD: dict[str, str] = {
    "bias": "descriptive: resampling only adds to a distance",
    "acc_without_origin": "a range over origins",
    "excess_models": "a count of models",
    "cochran_q": "a test: its p-value is cochran_q_p",
    "cochran_q_p": "a p-value",
}


class Resampling(NamedTuple):
    """What intervals by resampling are a function of, beside the data.

    Attributes
    ----------
    replicates
        Bootstrap replicates, and draws of the 2 x 2 table; at least 1.
    seed
        Of every random number, in [0, 2^64).
    threads
        ``None`` = as many as the process may run on. No number depends on it.
    """

    replicates: int = REPLICATES
    seed: int = SEED
    threads: int | None = None


def purpose_of(task: str) -> int:
    """Return the number that tells the random draws of a task from those of another.

    It is a function of the task's name alone, so that a study may gain or lose tasks.
    """
    return int.from_bytes(hashlib.sha256(task.encode()).digest()[:8], "big")


def wilson(successes: Ints, n: Ints, *, level: float = LEVEL) -> Interval:
    """Return Wilson's score intervals of shares, without continuity correction.

    Parameters
    ----------
    successes, n
        int64 of any one shape, ``0 <= successes <= n``.
    level
        Nominal coverage, in (0, 1).

    Returns
    -------
    Interval
        Within [0, 1] and about ``successes / n``; the lower end is 0 where nothing succeeded and
        the upper 1 where everything did. None where ``n`` is 0.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> found = wilson(np.array([0, 5]), np.array([10, 10]))
    >>> found.low.round(4).tolist(), found.high.round(4).tolist()
    ([0.0, 0.2366], [0.2775, 0.7634])
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    empty = np.asarray(n) == 0
    count = np.where(empty, 1, n).astype(np.float64)
    share = successes / count
    centre = share + z * z / (2 * count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    # At the ends the formula gives 0 and 1 but for its rounding.
    low = np.where(successes == 0, 0.0, (centre - half) / scale)
    high = np.where(successes == n, 1.0, (centre + half) / scale)
    return where_defined(low, high, (empty, NO_VALUE))


def percentile_interval(replicates: Floats, *, level: float = LEVEL) -> Interval:
    """Return percentile intervals from bootstrap replicates.

    Parameters
    ----------
    replicates
        float64 ``(..., n_replicates)``; NaN where a replicate is undefined.
    level
        Nominal coverage, in (0, 1).

    Returns
    -------
    Interval
        ``(...)``, by linear interpolation between order statistics. Undefined replicates are
        dropped; there is no interval where they are more than 1 %, and none where all replicates
        are equal ("degenerate").

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 13.
    """
    undefined = np.isnan(replicates).sum(axis=-1)
    too_many = undefined > _MAY_BE_UNDEFINED * replicates.shape[-1]
    ends = central(replicates, level)
    for place in zip(*np.nonzero((undefined > 0) & ~too_many), strict=True):
        ends[place] = central(replicates[place][~np.isnan(replicates[place])], level)
    least = np.fmin.reduce(replicates, axis=-1)
    equal = least == np.fmax.reduce(replicates, axis=-1)
    return where_defined(
        ends[..., 0], ends[..., 1], (too_many, UNDEFINED_REPLICATES), (equal, DEGENERATE)
    )


def central(draws: Floats, level: float) -> Floats:
    """Return the ends of the central share of draws, by linear interpolation.

    Parameters
    ----------
    draws
        float64 ``(..., n_draws)`` without NaN, in any order.
    level
        The share between the ends, in (0, 1).

    Returns
    -------
    ndarray
        float64 ``(..., 2)``: what ``numpy.quantile`` gives, several times faster.
    """
    last = draws.shape[-1] - 1
    places = [(1 - level) / 2 * last, (1 + level) / 2 * last]
    below = [int(place) for place in places]
    above = [min(place + 1, last) for place in below]
    ordered = np.partition(draws, sorted({*below, *above}), axis=-1)
    under, over = ordered[..., below], ordered[..., above]
    ends: Floats = under + (over - under) * (np.array(places) - below)
    return ends


def no_interval(measure: Measure, reason: str) -> Interval:
    """Return what stands beside a measure whose values have no interval, for one reason."""
    nowhere = np.full(measure.value.shape, np.nan)
    return where_defined(nowhere, nowhere, (~np.isnan(measure.value), reason))


def where_defined(low: Floats, high: Floats, *cases: tuple[Bools, str]) -> Interval:
    """Return intervals, but none where a case holds, nor where an end is undefined.

    Parameters
    ----------
    low, high
        float64 of any one shape.
    *cases
        Where there is no interval, and why; the first that holds counts.
    """
    undefined = np.isnan(low) | np.isnan(high)
    reason = first_reason(low.shape, *cases, (undefined, NO_VALUE))
    without = reason.astype(np.bool_)
    return Interval(np.where(without, np.nan, low), np.where(without, np.nan, high), reason)
