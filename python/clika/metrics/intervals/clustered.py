"""Ratios of sums over clusters of items that rise and fall together, and their intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.intervals.resampling import LEVEL, REPLICATES, SEED
from clika.metrics.intervals.student import t_quantile
from clika.metrics.intervals.uncertainty import DEGENERATE, percentile_interval
from clika.metrics.measure import share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.metrics.measure import Floats, Ints

__all__ = [
    "Estimate",
    "Sums",
    "Term",
    "mean_over_seeds",
    "ratio_estimate",
    "resampled_means",
    "seed_deviation",
    "undefined",
]

_FEWEST_CLUSTERS = 2
#: A sum of squares below this share of its terms' scale is the rounding of a zero.
_ROUNDING = 1e-12


class Estimate(NamedTuple):
    """One number with its interval.

    Attributes
    ----------
    value
        ``None`` where it is undefined.
    low, high
        Ends of its interval; ``None`` where it has none.
    n
        Items that it rests on.
    reason
        Why it is undefined; of a defined number why it has no interval; else ``None``.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None = None


class Sums(NamedTuple):
    """Numerator and denominator of a ratio, summed within each cluster.

    Attributes
    ----------
    numerator, denominator
        float64 ``(n_clusters,)``; both 0 for a cluster without items.
    """

    numerator: Floats
    denominator: Floats

    @property
    def ratio(self) -> float:
        """The ratio of the totals; NaN where the denominator's is 0."""
        total = float(self.denominator.sum())
        return float(self.numerator.sum()) / total if total else math.nan


class Term(NamedTuple):
    """A ratio that is added (sign 1) or subtracted (sign -1)."""

    sign: int
    sums: Sums


def undefined(n: int, reason: str) -> Estimate:
    """Return a number that is undefined."""
    return Estimate(None, None, None, n, reason)


def ratio_estimate(sums: Sums, *, n: int, clusters: int, level: float = LEVEL) -> Estimate:
    """Return a ratio with the t interval of its linearisation, clusters being drawn at random.

    With residuals ``e_g = N_g - R D_g``, which sum to 0, the variance of R is
    ``G / (G - 1) Σ e_g² / (Σ D_g)²``, and the interval is ``R ± t(G - 1) √variance``.

    Parameters
    ----------
    sums
        Sums whose total denominator is not 0.
    n
        Items that the ratio rests on.
    clusters
        Clusters with at least one item (G).
    level
        Nominal coverage, in (0, 1).

    Returns
    -------
    Estimate
        Without an interval where there is but one cluster, and where all residuals are 0
        ("degenerate"): clusters that are all alike do not say how far they may differ.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd edition, section 6.3 and chapter 9A.
    """
    ratio = sums.ratio
    if clusters < _FEWEST_CLUSTERS:
        return Estimate(ratio, None, None, n, "there is but one cluster")
    residuals = sums.numerator - ratio * sums.denominator
    spread = float((residuals**2).sum())
    if spread <= _ROUNDING * float((sums.denominator**2).sum()):
        return Estimate(ratio, None, None, n, DEGENERATE)
    error = math.sqrt(clusters / (clusters - 1) * spread) / abs(float(sums.denominator.sum()))
    half = t_quantile((1 + level) / 2, clusters - 1) * error
    return Estimate(ratio, ratio - half, ratio + half, n)


def mean_over_seeds(
    seeds: Sequence[Sums],
    *,
    n: int,
    level: float = LEVEL,
    replicates: int = REPLICATES,
    seed: int = SEED,
) -> Estimate:
    """Return the mean of a ratio over training seeds; seeds, then clusters are resampled.

    Parameters
    ----------
    seeds
        Sums of each training seed, two at least, over the same clusters in the same order. Seeds
        whose clusters differ in number count as different worlds.
    n
        Items that the mean rests on.
    level
        Nominal coverage, in (0, 1).
    replicates, seed
        Of the bootstrap; the result is a function of the data and these.

    Returns
    -------
    Estimate
        With a percentile interval. A replicate draws as many seeds as there are, with replacement,
        and as many clusters as there are, the same ones for all seeds: what is asked of each seed
        is the same, and a cluster that is easy for one is often easy for the others.

    Notes
    -----
    Three seeds are few to resample: the interval then says little of other seeds, and the deviation
    between seeds (:func:`seed_deviation`) is to be read beside it.
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    drawn = resampled_means([[[Term(1, sums)] for sums in seeds]], generator, replicates)
    interval = percentile_interval(drawn[None], level=level)
    value = float(np.mean([sums.ratio for sums in seeds]))
    reason = interval.reason[0]
    if reason is not None:
        return Estimate(value, None, None, n, str(reason))
    return Estimate(value, float(interval.low[0]), float(interval.high[0]), n)


def resampled_means(
    cells: Sequence[Sequence[Sequence[Term]]], generator: np.random.Generator, replicates: int
) -> Floats:
    """Return the mean over cells of a mean over seeds, with seeds and then clusters resampled.

    Parameters
    ----------
    cells
        Of each cell, for each of its training seeds, the ratios whose signed sum counts.
    generator
        Where the draws come from.
    replicates
        How many.

    Returns
    -------
    ndarray
        float64 ``(n_replicates,)``; NaN where a denominator is 0. A replicate draws the same
        clusters for all cells and seeds, and the same seeds for all cells that have the most; a
        cell with fewer draws on its own.
    """
    most = max(map(len, cells))
    of_most = generator.integers(most, size=(replicates, most))
    terms = [term for seeds in cells for seed in seeds for term in seed]
    sizes = {len(term.sums.numerator) for term in terms}
    places = generator.random((replicates, max(sizes)))
    picked = {size: (places[:, :size] * size).astype(np.int64) for size in sizes}
    total = np.zeros(replicates)
    for seeds in cells:
        fewer = len(seeds) < most
        drawn = generator.integers(len(seeds), size=(replicates, len(seeds))) if fewer else of_most
        values = [
            sum((term.sign * _resampled(term.sums, picked) for term in seed), np.zeros(replicates))
            for seed in seeds
        ]
        total += np.take_along_axis(np.stack(values, axis=1), drawn, axis=1).mean(axis=1)
    mean: Floats = total / len(cells)
    return mean


def _resampled(sums: Sums, picked: Mapping[int, Ints]) -> Floats:
    """Return the ratio of the clusters picked, ``(n_replicates, n_clusters)`` by their number."""
    places = picked[len(sums.numerator)]
    return share(sums.numerator[places].sum(axis=1), sums.denominator[places].sum(axis=1))


def seed_deviation(seeds: Sequence[Sums]) -> Estimate:
    """Return the standard deviation of a ratio between training seeds; ``n`` counts the seeds."""
    if len(seeds) < _FEWEST_CLUSTERS:
        return undefined(len(seeds), "there is but one seed")
    ratios = [sums.ratio for sums in seeds]
    return Estimate(float(np.std(ratios, ddof=1)), None, None, len(seeds), "a deviation")
