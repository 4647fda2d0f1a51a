"""Closed-form intervals straight from their definitions, one number at a time."""

from __future__ import annotations

import math
import random
from fractions import Fraction

#: The 0.975 quantile of the standard normal distribution.
Z = 1.959963984540054


def wilson(successes: int, n: int) -> tuple[float, float] | None:
    """Shares p with |successes/n - p| <= z sqrt(p (1 - p) / n): the roots of a quadratic in p."""
    if not n:
        return None
    found = successes / n
    a, b, c = 1 + Z * Z / n, -(2 * found + Z * Z / n), found * found
    root = math.sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def co_star_marginal(both: float, source: float, target: float) -> float:
    """CO* from the shares right in both, in the source only and in the target only."""
    p, q = both + source, both + target
    overlap = both / (both + source + target)
    expected = p * q / (p + q - p * q)
    return (overlap - expected) / (1 - expected)


def co_star_max_marginal(both: float, source: float, target: float) -> float:
    p, q = both + source, both + target
    expected = p * q / (p + q - p * q)
    return (min(p, q) / max(p, q) - expected) / (1 - expected)


def log_odds(both: float, source: float, target: float) -> float:
    return math.log(both * (1 - both - source - target) / (source * target))


FUNCTIONS = {
    ("co_star", "marginal"): co_star_marginal,
    ("co_star_max", "marginal"): co_star_max_marginal,
    ("log_or", None): log_odds,
}


def jeffreys(
    table: tuple[int, int, int, int], function: object, *, draws: int, seed: int
) -> tuple[float, float]:
    """Percentiles of a function of draws from Dirichlet(counts + 1/2), by another generator."""
    generator = random.Random(seed)
    values = []
    for _ in range(draws):
        gammas = [generator.gammavariate(count + 0.5, 1) for count in table]
        both, source, target, _ = (gamma / sum(gammas) for gamma in gammas)
        values.append(function(both, source, target))  # type: ignore[operator]
    values.sort()
    return _quantile(values, Fraction(1, 40)), _quantile(values, Fraction(39, 40))


def percentile(values: list[float]) -> tuple[float, float] | str:
    """The 2.5 and 97.5 percentiles of what is defined, or why there are none."""
    defined = sorted(value for value in values if not math.isnan(value))
    if 100 * (len(values) - len(defined)) > len(values):
        return "undefined in more than 1 % of the replicates"
    if defined[0] == defined[-1]:
        return "degenerate"
    return _quantile(defined, Fraction(1, 40)), _quantile(defined, Fraction(39, 40))


def _quantile(ordered: list[float], share: Fraction) -> float:
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * float(place - below)
