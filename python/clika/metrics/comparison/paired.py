"""Two models on the same items: tests of the difference of a ratio.

Null hypothesis: the two models' whole vectors of answers to a cluster of items, over all languages,
are exchangeable. Where each item is a cluster, accuracy has an exact test; every other ratio is
tested by random swaps of the two models' answers, cluster by cluster.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika import _native
from clika.schema import NOT_ASKED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.metrics.measure import Bools, Floats, Ints

__all__ = [
    "EXACTLY_TESTED",
    "RATIO_METRICS",
    "PairedAnswers",
    "RatioParts",
    "SwapTest",
    "mcnemar_p",
    "purpose_of",
    "ratio_parts",
    "swap_test",
]

#: Metrics that are a ratio of two sums over items, and so have a paired test. RA is accuracy on
#: another scale: its test is accuracy's.
RATIO_METRICS = ("acc", "ra", "co:union", "co:source", "ag", "ag_wrong")
#: Those of them whose test is McNemar's exact one, where each item is a cluster.
EXACTLY_TESTED = ("acc", "ra")

#: Replicates and observation that differ by less than this share are equal but for rounding.
_ROUNDING = 1e-9


class PairedAnswers(NamedTuple):
    """Answers of two models to the same items of one task.

    Attributes
    ----------
    codes
        int8 ``(2, n_items, n_languages)``: option, -1 INVALID, -2 not asked. What only one of the
        models was asked counts as not asked.
    gold
        int8 ``(n_items,)``: the right option.
    clusters
        int32 ``(n_items,)``: items of one cluster share a code.
    """

    codes: NDArray[np.int8]
    gold: NDArray[np.int8]
    clusters: NDArray[np.int32]

    @property
    def clustered(self) -> bool:
        """Whether some cluster has more than one item."""
        return len(np.unique(self.clusters)) < len(self.clusters)

    def asked_of_both(self) -> PairedAnswers:
        """Return the answers where both models were asked, the others as not asked."""
        asked = (self.codes != NOT_ASKED).all(axis=0)
        return self._replace(codes=np.where(asked, self.codes, NOT_ASKED).astype(np.int8))


class RatioParts(NamedTuple):
    """Which items the numerator and the denominator of a ratio count, for each model and cell.

    Attributes
    ----------
    numerator, denominator
        bool ``(2, n_items, n_cells)``; what is in the numerator is in the denominator too.
    """

    numerator: Bools
    denominator: Bools


class SwapTest(NamedTuple):
    """What random swaps of two models say about each cell.

    Attributes
    ----------
    statistic
        float64 ``(n_cells,)``: ``(θ_A - θ_B) / se``; NaN where a ratio is undefined.
    p
        float64 ``(n_cells,)`` in (0, 1], two-sided: ``(1 + b) / (1 + replicates)``, where ``b``
        replicates are at least as far from 0 as the observation. NaN where it is undefined.
    swapped
        float64 ``(replicates, n_cells)``: the statistic's distance from 0 in each replicate; 0
        where a swap leaves a ratio undefined, so that it speaks for no difference.
    differing
        int64 ``(n_cells,)``: clusters in which the models differ. With u of them no p-value can be
        below 2^(1-u), whatever the answers are.
    """

    statistic: Floats
    p: Floats
    swapped: Floats
    differing: Ints


def ratio_parts(metric: str, paired: PairedAnswers, sources: Ints, targets: Ints) -> RatioParts:
    """Return the items that a ratio counts.

    Parameters
    ----------
    metric
        One of :data:`RATIO_METRICS`; ``VARIANT`` in ``co:VARIANT`` as :func:`.consistency.overlap`.
    paired
        The answers.
    sources, targets
        int64 ``(n_cells,)``: languages of each cell, as columns of the codes. A metric of one
        language takes the source.

    Returns
    -------
    RatioParts
        Over items asked of both models, and of a pair of languages in both. The sums of a part are
        the numerator and denominator of the metric's own definition.

    Raises
    ------
    KeyError
        The metric is no such ratio.
    """
    codes = paired.asked_of_both().codes
    right, asked = codes == paired.gold[:, None], codes != NOT_ASKED
    if metric in EXACTLY_TESTED:
        return RatioParts(right[..., sources], asked[..., sources])
    both = asked[..., sources] & asked[..., targets]
    right_source, right_target = right[..., sources] & both, right[..., targets] & both
    same = (codes[..., sources] == codes[..., targets]) & (codes[..., sources] >= 0)
    both_wrong = both & ~right_source & ~right_target
    return {
        "co:union": RatioParts(right_source & right_target, right_source | right_target),
        "co:source": RatioParts(right_source & right_target, right_source),
        "ag": RatioParts(same, both),
        "ag_wrong": RatioParts(same & both_wrong, both_wrong),
    }[metric]


def swap_test(
    parts: RatioParts,
    clusters: NDArray[np.int32],
    *,
    replicates: int,
    seed: int,
    purpose: int,
    threads: int | None = None,
) -> SwapTest:
    """Test the difference of a ratio between two models by swapping their answers.

    The statistic is studentised, and its standard error computed anew for each swap: the influence
    of a cluster on ``θ_A - θ_B`` is ``(I_A - θ_A U_A) / Ū_A - (I_B - θ_B U_B) / Ū_B`` with I and U
    its sums of numerator and denominator.

    Parameters
    ----------
    parts
        The ratio's parts, items in ascending order of their ids.
    clusters
        int32 ``(n_items,)``: items of one cluster share a code and are swapped together; which
        codes they are makes no difference.
    replicates
        Number of random swaps.
    seed, purpose
        Name the coins. Equal ones swap the same clusters in the same replicates, whatever the
        metric.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Returns
    -------
    SwapTest

    Notes
    -----
    O(replicates n_clusters n_cells). A permutation test of a studentised statistic: Janssen (1997),
    Chung and Romano (2013); ``(1 + b) / (1 + B)``: Phipson and Smyth (2010).
    """
    numerators, denominators = (_cluster_sums(part, clusters) for part in parts)
    observed, swapped = _native.swap_statistics(
        numerators,
        denominators,
        replicates=replicates,
        seed=seed,
        purpose=purpose,
        threads=threads,
    )
    distance = np.nan_to_num(np.abs(swapped), nan=0.0, posinf=np.inf)
    reached = distance >= np.abs(observed) * (1 - _ROUNDING)
    p = (1 + reached.sum(axis=0)) / (1 + replicates)
    differs = (numerators[0] != numerators[1]) | (denominators[0] != denominators[1])
    return SwapTest(
        statistic=observed,
        p=np.where(np.isnan(observed), np.nan, p),
        swapped=distance,
        differing=differs.sum(axis=0),
    )


def _cluster_sums(part: Bools, clusters: NDArray[np.int32]) -> Ints:
    """Sum over the items of each cluster; clusters in the order of their first items."""
    if not len(clusters):
        return part.astype(np.int64)
    _, first, place = np.unique(clusters, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))[place]
    order = np.argsort(rank, kind="stable")
    starts = np.flatnonzero(np.diff(rank[order], prepend=-1))
    sums: Ints = np.add.reduceat(part[:, order], starts, axis=1, dtype=np.int64)
    return sums


def mcnemar_p(only_first: int, only_second: int) -> float:
    """Return the p-value of McNemar's exact test, two-sided.

    Parameters
    ----------
    only_first, only_second
        Discordant counts: items right in the first model alone, in the second alone.

    Returns
    -------
    float
        In [0, 1]: twice the smaller binomial tail at 1/2, at most 1; 1 without discordant items.
        Computed in whole numbers, so the last bit is right. O(smaller count) of long additions.

    Examples
    --------
    >>> mcnemar_p(1, 9)
    0.021484375
    """
    n, fewer = only_first + only_second, min(only_first, only_second)
    term = tail = 1
    for k in range(fewer):
        term = term * (n - k) // (k + 1)
        tail += term
    p: float = 2 * tail / 2**n
    return min(1.0, p)


def purpose_of(*names: str) -> int:
    """Return the purpose of a random sequence that belongs to these names, below 2^64.

    Sequences of different names are independent; a name's own depends on no other name.
    """
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return int.from_bytes(digest[:8], "little")
