"""The swap test of two models, against the best NumPy form that we know.

The NumPy form multiplies a matrix of coins by what a swap of each cluster changes, in float64, so
that BLAS does it (exact: no sum passes 2**53), and computes the statistic of all replicates at
once. Both draw their coins as bits of Philox; what NumPy has is compared in distribution.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from timing import Row, paired

from clika import _native

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Values = NDArray[np.float64]

__all__ = ["run"]

REPLICATES = 10_000
#: Clusters by cells: accuracy in ten languages, and every pair of them, of the released tasks.
SIZES = ((90, 10), (1_000, 10), (1_000, 45))


def _counts(clusters: int, cells: int) -> tuple[Counts, Counts]:
    generator = np.random.default_rng(20240404)
    denominators = generator.integers(0, 2, (2, clusters, cells))
    return generator.integers(0, denominators + 1), denominators


def _numpy_statistic(sums: NDArray[np.float64], fixed: NDArray[np.float64]) -> Values:
    """Return the statistic from N, D, NN, ND, DD of each model, then the crossed products."""
    n_a, d_a, nn_a, nd_a, dd_a, n_b, d_b, nn_b, nd_b, dd_b, crossed_a, crossed_b = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        theta_a, theta_b = n_a / d_a, n_b / d_b
        own_a = (nn_a - theta_a * (2 * nd_a - theta_a * dd_a)) / d_a**2
        own_b = (nn_b - theta_b * (2 * nd_b - theta_b * dd_b)) / d_b**2
        across = fixed[0] + theta_a * theta_b * fixed[1] - theta_b * crossed_a - theta_a * crossed_b
        return (theta_a - theta_b) / np.sqrt(own_a + own_b - 2 * across / (d_a * d_b))


def _numpy_swaps(numerators: Counts, denominators: Counts) -> Values:
    (n_a, n_b), (d_a, d_b) = numerators.astype(float), denominators.astype(float)
    clusters, cells = n_a.shape
    own = [np.stack([n, d, n * n, n * d, d * d]) for n, d in ((n_a, d_a), (n_b, d_b))]
    change = np.concatenate([own[1] - own[0], (n_b * d_a - n_a * d_b)[None]])
    generator = np.random.Generator(np.random.Philox(20240404))
    drawn = np.frombuffer(generator.bytes(REPLICATES * -(-clusters // 8)), np.uint8)
    coins = np.unpackbits(drawn.reshape(REPLICATES, -1), axis=1)[:, :clusters].astype(float)
    columns = change.transpose(1, 0, 2).reshape(clusters, -1)
    changed = (coins @ columns).reshape(REPLICATES, 6, cells).transpose(1, 0, 2)
    first, second = (each.sum(axis=1)[:, None] for each in own)
    crossed = (n_a * d_b).sum(axis=0) + changed[5], (n_b * d_a).sum(axis=0) - changed[5]
    sums = np.concatenate([first + changed[:5], second - changed[:5], np.stack(crossed)])
    return _numpy_statistic(sums, np.stack([(n_a * n_b).sum(axis=0), (d_a * d_b).sum(axis=0)]))


def _check(numerators: Counts, denominators: Counts, ours: Values) -> None:
    """Compare the spread of every cell, within 5 %: the draws themselves differ."""
    theirs = _numpy_swaps(numerators, denominators)
    assert np.allclose(np.nanstd(ours, axis=0), np.nanstd(theirs, axis=0), rtol=0.05)


def run() -> list[Row]:
    """Time both at the sizes of the released tasks."""
    rows = []
    for clusters, cells in SIZES:
        numerators, denominators = _counts(clusters, cells)
        ours = partial(
            _native.swap_statistics,
            numerators,
            denominators,
            replicates=REPLICATES,
            seed=20240404,
            purpose=0,
        )
        _check(numerators, denominators, ours()[1])
        rows.append(
            paired(
                f"{REPLICATES:,} studentised swaps of {clusters:,} clusters, {cells} cells",
                ours,
                "NumPy, float64 matrix product",
                partial(_numpy_swaps, numerators, denominators),
            )
        )
    return rows
