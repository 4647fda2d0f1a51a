"""Slow twins of RankC and of CAPA: sets and sums, straight from the papers' formulas."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def weights(k: int, weighting: str) -> list[float]:
    """Weigh the depths 1 to k."""
    order = [k - j for j in range(k)]
    raw = {
        "softmax": [math.exp(o - k) for o in order],
        "norm1": [float(o) for o in order],
        "norm2": [float(o * o) for o in order],
    }[weighting]
    return [weight / math.fsum(raw) for weight in raw]


def item_rankc(source: Sequence[int], target: Sequence[int], weighting: str) -> float:
    """Compare two rankings of one item, given as the 1-based rank of each option."""
    k = len(source)
    terms = []
    for depth, weight in enumerate(weights(k, weighting), start=1):
        top_source = {option for option in range(k) if source[option] <= depth}
        top_target = {option for option in range(k) if target[option] <= depth}
        terms.append(weight * len(top_source & top_target) / depth)
    return math.fsum(terms)


def chance(k: int, weighting: str) -> float:
    """Expect from two independent uniform rankings."""
    return math.fsum(w * j / k for j, w in enumerate(weights(k, weighting), start=1))


def rankc(
    rankings: Sequence[Sequence[Sequence[int]]],
    source: int,
    target: int,
    weighting: str,
    *,
    corrected: bool,
) -> float | None:
    """Average over the items, each a ranking for each language; an empty one was not asked."""
    values = []
    for item in rankings:
        a, b = item[source], item[target]
        if len(a) < 2 or len(b) < 2:
            continue
        value = item_rankc(a, b, weighting)
        expected = chance(len(a), weighting)
        values.append((value - expected) / (1 - expected) if corrected else value)
    return math.fsum(values) / len(values) if values else None


def capa_parts(
    a: Sequence[Sequence[float]], b: Sequence[Sequence[float]], gold: Sequence[int]
) -> tuple[Fraction, Fraction] | None:
    """Return observed and expected agreement, exactly, over items with two options or more."""
    kept = [(x, y, g) for x, y, g in zip(a, b, gold, strict=True) if len(x) > 1]
    n = len(kept)
    if not n:
        return None
    agreement = sum(
        Fraction(p) * Fraction(q) for x, y, _ in kept for p, q in zip(x, y, strict=True)
    )
    gold_a = sum(Fraction(x[g]) for x, _, g in kept) / n
    gold_b = sum(Fraction(y[g]) for _, y, g in kept) / n
    spread = sum(Fraction(1, len(x) - 1) for x, _, _ in kept) / n
    return agreement / n, gold_a * gold_b + spread * (1 - gold_a) * (1 - gold_b)
