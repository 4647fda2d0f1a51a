"""The influence of an item by nudging its weight: values of weighted items, their derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Answers = Sequence[int]
    Weights = Sequence[float]

NUDGE = 1e-4


def derivative(value: Callable[[Weights], float], item: int, items: int) -> float:
    """How much the value moves by the weight of an item, where all weights are 1."""

    def nudged(by: float) -> float:
        return value([1 + by * (each == item) for each in range(items)])

    return (nudged(NUDGE) - nudged(-NUDGE)) / (2 * NUDGE)


def accuracy(answers: Answers, gold: Answers, chosen: Sequence[bool], weights: Weights) -> float:
    rows = list(zip(answers, gold, chosen, weights, strict=True))
    asked = sum(w for a, _, take, w in rows if take and a != -2)
    return sum(w for a, g, take, w in rows if take and a == g) / asked


def overlap(
    pair: tuple[Answers, Answers], gold: Answers, chosen: Sequence[bool], weights: Weights
) -> float:
    rows = [
        (s == g, t == g, w)
        for s, t, g, take, w in zip(*pair, gold, chosen, weights, strict=True)
        if take and -2 not in (s, t)
    ]
    return sum(w for s, t, w in rows if s and t) / sum(w for s, t, w in rows if s or t)


def corrected_overlap(pair: tuple[Answers, Answers], gold: Answers, weights: Weights) -> float:
    """CO*, variant gold-letter, of weighted items."""
    rows = [
        (s == g, t == g, g, w)
        for s, t, g, w in zip(*pair, gold, weights, strict=True)
        if -2 not in (s, t)
    ]
    both = either = 0.0
    for letter in {g for _, _, g, _ in rows}:
        group = [row for row in rows if row[2] == letter]
        n = sum(w for *_, w in group)
        p = sum(w for s, _, _, w in group if s) / n
        q = sum(w for _, t, _, w in group if t) / n
        both += n * p * q
        either += n * (p + q - p * q)
    expected = both / either
    return (overlap(pair, gold, [True] * len(gold), weights) - expected) / (1 - expected)


def standard_error(
    influence: Sequence[float], clusters: Sequence[int], strata: Sequence[int]
) -> tuple[float, float]:
    """Standard error and Satterthwaite's degrees of freedom, cluster by cluster."""
    stratum_of = {}
    sums: dict[int, float] = {}
    for moved, cluster, stratum in zip(influence, clusters, strata, strict=True):
        stratum_of.setdefault(cluster, stratum)
        sums[cluster] = sums.get(cluster, 0.0) + moved
    variance = parts = 0.0
    for stratum in set(stratum_of.values()):
        inside = [sums[cluster] for cluster in sums if stratum_of[cluster] == stratum]
        count = len(inside)
        if count > 1:
            mean = sum(inside) / count
            part = count / (count - 1) * sum((each - mean) ** 2 for each in inside)
            variance += part
            parts += part**2 / (count - 1)
    return variance**0.5, variance**2 / parts if parts else 0.0
