"""Intervals by linearisation: from how much each item moves a value to how far the value may vary.

The influence of an item is the derivative of the value by the item's weight. A value's variance is
that of the sums of influences over clusters, within strata (the infinitesimal jackknife: Efron and
Tibshirani 1993, chapter 21; in surveys the linearised variance of Woodruff 1971).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.intervals.student import t_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.metrics.measure import Floats, Ints

__all__ = ["Resampled", "Spread", "by_cluster"]


class Spread(NamedTuple):
    """How far values may vary.

    Attributes
    ----------
    error
        float64: standard errors; 0 where no item moves the value.
    freedom
        float64 of the same shape: degrees of freedom of the error, at least 1 where it is above 0
        (Satterthwaite 1946: nearer to those of the strata that vary most).
    """

    error: Floats
    freedom: Floats

    def half_width(self, level: float) -> Floats:
        """Return half the width of the t interval of that coverage; 0 where nothing varies."""
        degrees = np.maximum(np.floor(np.nan_to_num(self.freedom)), 1.0)
        distinct, place = np.unique(degrees, return_inverse=True)
        share = (1 + level) / 2
        quantiles = np.array([t_quantile(share, int(each)) for each in distinct])
        return quantiles[place].reshape(degrees.shape) * self.error


class Resampled:
    """The clusters and strata of a task's items, as far as a variance depends on them.

    Parameters
    ----------
    n_items
        Number of items.
    clusters
        int32 ``(n_items,)``: items that rise and fall together; ``None``: each is its own.
    strata
        int32 ``(n_items,)``: what stays as it is, a cluster lying in the stratum of its first item;
        ``None``: one stratum. A stratum of one cluster varies by nothing.
    """

    def __init__(
        self,
        n_items: int,
        clusters: NDArray[np.int32] | None,
        strata: NDArray[np.int32] | None,
    ) -> None:
        codes = np.arange(n_items) if clusters is None else clusters
        _, first, member = np.unique(codes, return_index=True, return_inverse=True)
        stratum = np.zeros(n_items, np.int32) if strata is None else strata
        of_cluster = stratum[first]
        # Items by stratum and cluster, so that sums over either are sums of neighbours.
        self._items = np.lexsort((member, of_cluster[member]))
        self._clusters = _starts(member[self._items])
        self._strata = _starts(np.sort(of_cluster))
        self._sizes = np.diff([*self._strata, len(first)]).astype(np.float64)

    def spread(self, influence: Floats) -> Spread:
        """Return how far values may vary.

        Parameters
        ----------
        influence
            float64 ``(..., n_items)``: what each item's weight moves each value by.
        """
        if not len(self._items):
            nothing = np.zeros(influence.shape[:-1])
            return Spread(nothing, nothing)
        moved = np.add.reduceat(influence[..., self._items], self._clusters, axis=-1)
        mean = np.add.reduceat(moved, self._strata, axis=-1) / self._sizes
        centred = moved - np.repeat(mean, self._sizes.astype(np.int64), axis=-1)
        squares = np.add.reduceat(centred**2, self._strata, axis=-1)
        free = np.maximum(self._sizes - 1, 1.0)
        parts = np.where(self._sizes > 1, squares * self._sizes / free, 0.0)
        variance = parts.sum(axis=-1)
        by_stratum = (parts**2 / free).sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            freedom = np.where(by_stratum > 0, variance**2 / by_stratum, 0.0)
        return Spread(np.sqrt(variance), freedom)


def by_cluster(n_items: int, clusters: NDArray[np.int32] | None) -> tuple[Ints, Ints]:
    """Return an order of the items that keeps clusters together, and where each begins in it.

    Parameters
    ----------
    n_items
        How many items.
    clusters
        int32 ``(n_items,)``; ``None``: each item is its own.

    Returns
    -------
    order, starts
        int64 ``(n_items,)`` and ``(n_clusters,)``, for sums by ``numpy.add.reduceat``.
    """
    codes = np.arange(n_items) if clusters is None else clusters
    order = np.argsort(codes, kind="stable")
    return order, _starts(codes[order])


def _starts(codes: NDArray[np.integer]) -> Ints:
    """Return where runs of equal codes begin."""
    return np.flatnonzero(np.diff(codes, prepend=codes[:1] - 1))
