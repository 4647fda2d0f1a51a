"""The bootstrap of the metrics of all languages together.

A replicate of each is a function of sums over items, which are products of the weights of the
resample and a matrix of small whole numbers: exact in any order, so that neither threads nor the
machine's matrix product make a difference.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.all_languages import alpha_value, asked_in_all, rate_items
from clika.metrics.intervals.linearised import by_cluster
from clika.metrics.intervals.resampling import LEVEL, weights
from clika.metrics.intervals.uncertainty import percentile_interval
from clika.metrics.measure import share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.metrics.intervals.resampling import Draws
    from clika.metrics.measure import Floats, Interval, Ints

__all__ = [
    "OVERALL",
    "Replicates",
    "accelerated_ends",
    "jackknife_alpha",
    "overall_intervals",
    "resample",
]

#: Ids of the metrics that are resampled here.
OVERALL = ("alpha", "right_in_all", "right_in_none")

#: Whole numbers up to it are exact in single precision, whose products are twice as quick.
_EXACT_IN_SINGLE = 2**24
_REPLICATES_AT_ONCE = 1000


class Replicates(NamedTuple):
    """Values of each replicate, float64 ``(n_models, n_replicates)``, NaN where undefined."""

    alpha: Floats
    right_in_all: Floats
    right_in_none: Floats


def resample(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    draws: Draws,
    threads: int | None = None,
) -> Replicates:
    """Return the metrics of all languages together in every replicate.

    Parameters
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option, -1 INVALID, -2 not asked; items in
        ascending order of their ids.
    gold
        int8 ``(n_items,)``: the right option.
    options
        Number of options (k).
    draws
        What is drawn, jointly for all models.
    threads
        Of the drawing; ``None`` = as many as the process may run on. No number depends on it.

    Notes
    -----
    O(n_models n_replicates n_items (options + n_languages)), as matrix products; memory beside the
    weights is that of the replicates.
    """
    models, items, languages = codes.shape
    ratings = rate_items(codes, options=options)
    asked = asked_in_all(codes)
    times = ((codes == gold[:, None]) & asked[..., None]).sum(axis=-1)
    counted = np.stack([asked, asked & (times == languages), asked & (times == 0)], axis=-1)
    features = np.concatenate([ratings.letters, ratings.apart, counted], axis=-1)
    exact = "float32" if items * languages**2 < _EXACT_IN_SINGLE else "float64"
    columns = np.ascontiguousarray(features.swapaxes(0, 1).reshape(items, -1)).astype(exact)
    drawn = weights(items, draws, threads=threads)
    found = np.empty((3, models, draws.replicates))
    for start in range(0, draws.replicates, _REPLICATES_AT_ONCE):
        rows = slice(start, start + _REPLICATES_AT_ONCE)
        sums = np.matmul(drawn[rows].astype(exact), columns).astype(np.float64)
        sums = sums.reshape(-1, models, features.shape[-1]).swapaxes(0, 1)
        letters, apart = sums[..., :options], sums[..., options:-3]
        found[0, :, rows] = alpha_value(letters, apart)
        found[1:, :, rows] = [
            share(sums[..., -2], sums[..., -3]),
            share(sums[..., -1], sums[..., -3]),
        ]
    return Replicates(*found)


def jackknife_alpha(
    codes: NDArray[np.int8], *, options: int, clusters: NDArray[np.int32] | None
) -> Floats:
    """Return Krippendorff's alpha without each cluster in turn.

    Parameters
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``.
    options
        Number of options (k).
    clusters
        int32 ``(n_items,)``; ``None``: each item is its own.

    Returns
    -------
    ndarray
        float64 ``(n_models, n_clusters)``, NaN where undefined.
    """
    order, starts = by_cluster(codes.shape[1], clusters)

    def without(each: Ints) -> Ints:
        by_cluster = np.add.reduceat(each[:, order], starts, axis=1)
        rest: Ints = each.sum(axis=1, keepdims=True) - by_cluster
        return rest

    ratings = rate_items(codes, options=options)
    return alpha_value(without(ratings.letters), without(ratings.apart))


def accelerated_ends(
    replicates: Floats, observed: float, without: Floats, *, level: float = LEVEL
) -> tuple[float, float]:
    """Return the ends of the bias-corrected and accelerated interval (Efron 1987).

    Parameters
    ----------
    replicates
        float64 ``(n_replicates,)`` without NaN, not all equal.
    observed
        The value of the data.
    without
        float64 ``(n_clusters,)``: values without each cluster; NaN do not count.
    level
        Nominal coverage, in (0, 1).

    Returns
    -------
    tuple of float
        By linear interpolation. Replicates equal to the value count half below it; where all lie on
        one side, the bias is that of half a replicate on the other.
    """
    normal, count = NormalDist(), len(replicates)
    place = (count + (replicates < observed).sum() - (replicates > observed).sum()) / 2
    bias = normal.inv_cdf(float(np.clip(place, 0.5, count - 0.5)) / count)
    acceleration = _skewness(without[~np.isnan(without)])
    ends = []
    for tail in (normal.inv_cdf((1 - level) / 2), normal.inv_cdf((1 + level) / 2)):
        shifted = bias + tail
        slack = 1 - acceleration * shifted
        # Beyond the pole of the correction lies the end of the distribution.
        at_end = 0.0 if shifted < 0 else 1.0
        ends.append(normal.cdf(bias + shifted / slack) if slack > 0 else at_end)
    low, high = np.quantile(replicates, ends)
    return float(low), float(high)


def overall_intervals(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    draws: Draws,
    threads: int | None = None,
) -> dict[str, Interval]:
    """Return bootstrap intervals of the metrics of all languages together, by their id.

    Parameters
    ----------
    codes, gold, options, draws, threads
        As of :func:`resample`.

    Returns
    -------
    dict
        ``(n_models,)`` each: of ``alpha`` bias-corrected and accelerated, of the shares by
        percentile. No interval where all replicates are equal, and where more than 1 % of them are
        undefined.
    """
    found = resample(codes, gold, options=options, draws=draws, threads=threads)
    observed = alpha_value(*rate_items(codes, options=options).total())
    without = jackknife_alpha(codes, options=options, clusters=draws.clusters)
    alpha = percentile_interval(found.alpha)
    for model in np.flatnonzero(~np.isnan(alpha.low)):
        drawn = found.alpha[model]
        alpha.low[model], alpha.high[model] = accelerated_ends(
            drawn[~np.isnan(drawn)], observed[model], without[model]
        )
    shares = percentile_interval(found.right_in_all), percentile_interval(found.right_in_none)
    return dict(zip(OVERALL, (alpha, *shares), strict=True))


def _skewness(without: Floats) -> float:
    distance = without.mean() - without if len(without) else without
    squares = float((distance**2).sum())
    return float((distance**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0
