"""Which languages' accuracies cannot be told apart, where the ceiling of CO* has a corner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.intervals.linearised import by_cluster
from clika.metrics.intervals.resampling import LEVEL
from clika.metrics.intervals.student import t_quantile
from clika.schema import NOT_ASKED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.metrics.measure import Bools

__all__ = ["maybe_equal"]


def maybe_equal(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    clusters: NDArray[np.int32] | None,
    *,
    level: float = LEVEL,
) -> Bools:
    """Return for which pairs of languages a t test does not tell the accuracies apart.

    Parameters
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.
    clusters
        int32 ``(n_items,)``: items that rise and fall together; ``None``: each is its own.
    level
        One minus the size of the test, in (0, 1).

    Returns
    -------
    ndarray
        bool ``(n_models, n_languages, n_languages)``, symmetric, on the items asked in both; true
        where no item is right in one alone.

    Notes
    -----
    With ``d_c`` the items of a cluster right in the first language alone minus those right in the
    second alone, ``|Σ d_c| <= t √(Σ d_c²)``: McNemar's statistic, where items are not clustered.
    O(n_models n_languages^2 n_items).
    """
    items = codes.shape[1]
    if not items:
        return np.ones((len(codes), codes.shape[2], codes.shape[2]), np.bool_)
    order, starts = by_cluster(items, clusters)
    right = (codes == gold[:, None])[:, order].astype(np.int8)
    asked = (codes != NOT_ASKED)[:, order]
    quantile = t_quantile((1 + level) / 2, max(1, len(starts) - 1))
    found = []
    for source in range(codes.shape[2]):
        both = asked & asked[..., [source]]
        apart = np.where(both, right[..., [source]] - right, 0)
        sums = np.add.reduceat(apart, starts, axis=1, dtype=np.int64)
        found.append(sums.sum(axis=1) ** 2 <= quantile**2 * (sums**2).sum(axis=1))
    return np.stack(found, axis=1)
