"""Slow twin of the swap test and its adjustments: fractions, one swap at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from numpy import array, uint64
from numpy.random import Philox

Row = Sequence[int]


def coins(seed: int, purpose: int, replicate: int, clusters: int) -> list[int]:
    """Return the coin of each cluster, from NumPy's Philox."""
    words = -(-clusters // 64)
    blocks = -(-words // 4)
    drawn: list[int] = []
    for block in range(blocks):
        # NumPy counts up before it draws: it starts one block earlier.
        before = (block + (replicate << 64) - 1) % 2**256
        counter = [before >> 64 * word & (2**64 - 1) for word in range(4)]
        generator = Philox(counter=array(counter, uint64), key=array([seed, purpose], uint64))
        drawn += [int(word) for word in generator.random_raw(4)]
    return [drawn[cluster // 64] >> cluster % 64 & 1 for cluster in range(clusters)]


def statistic(numerators: tuple[Row, Row], denominators: tuple[Row, Row]) -> float:
    """Return the studentised difference of one cell, from the definition."""
    totals = [sum(row) for row in denominators]
    if 0 in totals:
        return math.nan
    theta = [Fraction(sum(row), total) for row, total in zip(numerators, totals, strict=True)]
    variance = Fraction(0)
    for i_a, i_b, u_a, u_b in zip(*numerators, *denominators, strict=True):
        influence = (i_a - theta[0] * u_a) / totals[0] - (i_b - theta[1] * u_b) / totals[1]
        variance += influence**2
    difference = theta[0] - theta[1]
    if variance:
        return float(difference) / math.sqrt(variance)
    return math.copysign(math.inf, difference) if difference else 0.0


def swapped(numerators: tuple[Row, Row], denominators: tuple[Row, Row], coins_: Row) -> float:
    """Return the statistic after the swaps that the coins ask for."""

    def exchange(rows: tuple[Row, Row]) -> tuple[list[int], list[int]]:
        pairs = [(b, a) if coin else (a, b) for a, b, coin in zip(*rows, coins_, strict=True)]
        return [a for a, _ in pairs], [b for _, b in pairs]

    return statistic(exchange(numerators), exchange(denominators))


def max_t(observed: Sequence[float], replicates: Sequence[Sequence[float]]) -> list[float]:
    """Return step-down adjusted p-values: in each step the maximum over the tests that are left."""
    left = sorted(range(len(observed)), key=lambda test: -abs(observed[test]))
    adjusted = [0.0] * len(observed)
    largest = 0.0
    while left:
        test = left[0]
        highest = [max(row[other] for other in left) for row in replicates]
        reached = sum(value >= abs(observed[test]) for value in highest)
        largest = max(largest, (1 + reached) / (1 + len(replicates)))
        adjusted[test] = largest
        left.pop(0)
    return adjusted
