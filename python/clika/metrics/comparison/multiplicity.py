"""Many tests at once: what is left of a p-value when it is the smallest of a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clika.errors import ConfigError

if TYPE_CHECKING:
    from clika.metrics.measure import Bools, Floats, Ints

__all__ = ["LEVEL", "can_reject", "holm", "max_t"]

#: The family-wise error rate that a verdict keeps.
LEVEL = 0.05
_ROUNDING = 1e-9


def max_t(statistic: Floats, swapped: Floats) -> Floats:
    """Return p-values adjusted by the step-down maximum of the statistics over random swaps.

    Parameters
    ----------
    statistic
        float64 ``(n_tests,)``: observed statistics, none NaN; their distance from 0 counts.
    swapped
        float64 ``(replicates, n_tests)``: distances from 0 under swaps, the tests of a row being
        swapped together.

    Returns
    -------
    ndarray
        float64 ``(n_tests,)`` in (0, 1]: rejecting where it is at most α keeps the family-wise
        error rate at α (Westfall and Young 1993, algorithm 4.1), also where tests depend on each
        other. ``(1 + b) / (1 + replicates)`` of the maximum over the tests that are no farther from
        0 than this one, and never less than that of a test farther from 0.

    Notes
    -----
    O(replicates n_tests).

    Examples
    --------
    >>> swapped = np.array([[0.5, 2.0], [1.0, 0.0], [3.0, 0.5]])
    >>> max_t(np.array([2.5, -0.4]), swapped).tolist()
    [0.5, 0.75]
    """
    distance = np.abs(statistic)
    nearest_first = np.argsort(distance, kind="stable")
    largest = np.maximum.accumulate(swapped[:, nearest_first], axis=1)
    reached = (largest >= distance[nearest_first] * (1 - _ROUNDING)).sum(axis=0)
    p = (1 + reached) / (1 + len(swapped))
    adjusted: Floats = np.empty_like(p)
    adjusted[nearest_first] = np.maximum.accumulate(p[::-1])[::-1]
    return adjusted


def can_reject(differing: Ints) -> Bools:
    """Return which tests of a swap could reach α at all.

    Where the models differ in u clusters, the most extreme swap and its mirror image have together
    probability 2^(1-u). Where that is above α, the test cannot reject and is no member of a family
    (Tarone 1990): its adjusted p-value is 1.
    """
    possible: Bools = np.exp2(1.0 - differing) <= LEVEL
    return possible


def holm(p: Floats, *, replicates: int | None = None) -> Floats:
    """Return p-values adjusted by Holm's step-down procedure (1979).

    Parameters
    ----------
    p
        float64 ``(n_tests,)`` in (0, 1].
    replicates
        ``None`` for exact p-values; else the number of random swaps behind them.

    Returns
    -------
    ndarray
        float64 ``(n_tests,)`` in (0, 1].

    Raises
    ------
    ConfigError
        The p-values come from random swaps too few for any of them to be rejected: none is below
        ``1 / (1 + replicates)``, and there are ``α (1 + replicates)`` of them or more.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    tests = len(p)
    if replicates is not None and tests >= LEVEL * (1 + replicates):
        raise ConfigError(
            f"Holm's procedure over {tests} p-values from {replicates:,} random swaps could never "
            f"reject: take more than {int(tests / LEVEL):,} replicates, or adjust by max-t."
        )
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(tests, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
