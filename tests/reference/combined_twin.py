"""Means over worlds, cells and seeds of signed ratios, and their intervals, in plain Python.

A ratio is (sign, numerators, denominators), the two summed within each cluster; a share of items is
(sign, right, n, scale); a number is (ratios, shares); a cell is a list of numbers, one for each
seed; a world is a list of cells.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Ratio = tuple[int, list[float], list[float]]
Share = tuple[int, int, int, float]
Number = tuple[list[Ratio], list[Share]]
World = list[list[Number]]


def number_of(ratios: list[Ratio], drawn: Sequence[int]) -> float:
    return sum(
        sign * sum(above[g] for g in drawn) / sum(below[g] for g in drawn)
        for sign, above, below in ratios
    )


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def value(worlds: list[World]) -> float:
    def everything(ratios: list[Ratio]) -> range:
        return range(len(ratios[0][1]))

    return mean(
        [
            mean([mean([number_of(r, everything(r)) for r, _ in cell]) for cell in world])
            for world in worlds
        ]
    )


def linearised_error(worlds: list[World]) -> float:
    """With one seed in each cell, and every cluster with items."""
    variance = 0.0
    for world in worlds:
        clusters = len(world[0][0][0][0][1])
        squares = 0.0
        for g in range(clusters):
            influence = 0.0
            for ((ratios, _),) in world:
                for sign, above, below in ratios:
                    ratio = sum(above) / sum(below)
                    influence += sign * (above[g] - ratio * below[g]) / sum(below)
            squares += (influence / len(world)) ** 2
        variance += clusters / (clusters - 1) * squares / len(worlds) ** 2
    return math.sqrt(variance)


def wilson(right: int, n: int, level: float) -> tuple[float, float]:
    z = NormalDist().inv_cdf((1 + level) / 2)
    p = right / n
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def item_reach(worlds: list[World], level: float) -> tuple[float, float]:
    below, above = 0.0, 0.0
    for world in worlds:
        for cell in world:
            for _, shares in cell:
                for sign, right, n, scale in shares:
                    low, high = wilson(right, n, level)
                    weight = scale / (len(worlds) * len(world) * len(cell))
                    down, up = weight * (right / n - low), weight * (high - right / n)
                    below += (down if sign > 0 else up) ** 2
                    above += (up if sign > 0 else down) ** 2
    return math.sqrt(below), math.sqrt(above)


def replicate(world: World, seeds: list[list[int]], clusters: list[int]) -> float:
    """The mean of a world with these seeds drawn in each cell, and these clusters."""
    return mean(
        [
            mean([number_of(cell[seed][0], clusters) for seed in drawn])
            for cell, drawn in zip(world, seeds, strict=True)
        ]
    )
