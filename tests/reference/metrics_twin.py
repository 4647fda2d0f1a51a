"""Every metric of one task from lists of answers, by its definition and nothing else.

Nothing of clika is imported and nothing is counted twice over in a clever way: items are walked one
by one, shares are exact fractions, and the only floating-point step is the last one. An answer is
an option (0-based), -1 (INVALID: asked, no option read) or -2 (missing: not asked).
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Answers = "Sequence[int]"

NOTHING = "nothing was asked in both languages"
NOTHING_RIGHT = "nothing is right in either language"


class Value(NamedTuple):
    """A number or the reason why there is none, and the number of items that it rests on."""

    value: float | None
    reason: str | None
    n: int


class Item(NamedTuple):
    """One item of a pair: two answers and the right option."""

    source: int
    target: int
    gold: int

    @property
    def right_in_source(self) -> bool:
        return self.source == self.gold

    @property
    def right_in_target(self) -> bool:
        return self.target == self.gold


def _defined(value: Fraction | float, n: int) -> Value:
    return Value(float(value), None, n)


def _asked(answers: Answers, gold: Answers) -> list[tuple[int, int]]:
    return [(a, g) for a, g in zip(answers, gold, strict=True) if a != -2]


def _pair(source: Answers, target: Answers, gold: Answers) -> list[Item]:
    triples = zip(source, target, gold, strict=True)
    return [Item(*triple) for triple in triples if -2 not in triple[:2]]


# One language


def accuracy(answers: Answers, gold: Answers) -> Value:
    asked = _asked(answers, gold)
    if not asked:
        return Value(None, "nothing was asked", 0)
    return _defined(Fraction(sum(a == g for a, g in asked), len(asked)), len(asked))


def rescaled_accuracy(
    answers: Answers, gold: Answers, options: int, reference: Fraction | None
) -> Value:
    asked = _asked(answers, gold)
    if reference is None:
        return Value(None, "no reference", len(asked))
    if reference <= Fraction(1, options):
        return Value(None, "the reference is not above chance", len(asked))
    if not asked:
        return Value(None, "nothing was asked", 0)
    chance = Fraction(1, options)
    share = Fraction(sum(a == g for a, g in asked), len(asked))
    return _defined((share - chance) / (reference - chance), len(asked))


def bias(answers: Answers, gold: Answers, options: int) -> Value:
    asked = _asked(answers, gold)
    if not asked:
        return Value(None, "nothing was asked", 0)
    distance = Fraction(0)
    for letter in (-1, *range(options)):
        answered = sum(a == letter for a, _ in asked)
        golden = sum(g == letter for _, g in asked)
        distance += abs(Fraction(answered - golden, len(asked)))
    return _defined(distance / 2, len(asked))


# Two languages


def overlap(source: Answers, target: Answers, gold: Answers, variant: str) -> Value:
    items = _pair(source, target, gold)
    in_source = {place for place, item in enumerate(items) if item.right_in_source}
    in_target = {place for place, item in enumerate(items) if item.right_in_target}
    denominator, reason = {
        "union": (len(in_source | in_target), NOTHING_RIGHT),
        "source": (len(in_source), "nothing is right in the source language"),
        "min": (min(len(in_source), len(in_target)), "nothing is right in one of the languages"),
    }[variant]
    if not denominator:
        return Value(None, reason, 0)
    return _defined(Fraction(len(in_source & in_target), denominator), denominator)


def _chance_overlap(items: Sequence[Item], options: int, variant: str) -> Fraction | None:
    """E of CO*: what independent answers of these accuracies share."""
    groups = (
        [items]
        if variant == "marginal"
        else [[item for item in items if item.gold == g] for g in range(options)]
    )
    both = either = Fraction(0)
    for group in filter(None, groups):
        weight = Fraction(len(group), len(items))
        p = Fraction(sum(item.right_in_source for item in group), len(group))
        q = Fraction(sum(item.right_in_target for item in group), len(group))
        both += weight * p * q
        either += weight * (p + q - p * q)
    return both / either if either else None


def _corrected(
    source: Answers, target: Answers, gold: Answers, options: int, variant: str, *, ceiling: bool
) -> Value:
    items = _pair(source, target, gold)
    n = len(items)
    if not n:
        return Value(None, NOTHING, 0)
    right = sum(i.right_in_source for i in items), sum(i.right_in_target for i in items)
    if set(right) & {0, n}:
        return Value(None, "an accuracy is 0 or 1", n)
    expected = _chance_overlap(items, options, variant)
    assert expected is not None
    if 1 - expected < Fraction(1, 10**9):
        return Value(None, "no spread within gold letters", n)
    union = sum(item.right_in_source or item.right_in_target for item in items)
    both = sum(item.right_in_source and item.right_in_target for item in items)
    raw = Fraction(min(right), max(right)) if ceiling else Fraction(both, union)
    return _defined((raw - expected) / (1 - expected), n)


def corrected_overlap(
    source: Answers, target: Answers, gold: Answers, options: int, variant: str
) -> Value:
    return _corrected(source, target, gold, options, variant, ceiling=False)


def corrected_overlap_ceiling(
    source: Answers, target: Answers, gold: Answers, options: int, variant: str
) -> Value:
    return _corrected(source, target, gold, options, variant, ceiling=True)


def log_odds_ratio(source: Answers, target: Answers, gold: Answers) -> Value:
    items = _pair(source, target, gold)
    if not items:
        return Value(None, NOTHING, 0)
    cells = {(first, second): Fraction(1, 2) for first in (0, 1) for second in (0, 1)}
    for item in items:
        cells[item.right_in_source, item.right_in_target] += 1
    odds = cells[1, 1] * cells[0, 0] / (cells[1, 0] * cells[0, 1])
    return _defined(math.log(odds), len(items))


def agreement(source: Answers, target: Answers, gold: Answers) -> Value:
    items = _pair(source, target, gold)
    if not items:
        return Value(None, NOTHING, 0)
    same = sum(item.source == item.target != -1 for item in items)
    return _defined(Fraction(same, len(items)), len(items))


def agreement_in_error(source: Answers, target: Answers, gold: Answers, options: int) -> Value:
    items = _pair(source, target, gold)
    wrong = [item for item in items if not (item.right_in_source or item.right_in_target)]
    if options == 2:
        return Value(None, "1 by construction with two options", len(wrong))
    if not wrong:
        return Value(None, "no item is wrong in both languages", 0)
    same = sum(item.source == item.target != -1 for item in wrong)
    return _defined(Fraction(same, len(wrong)), len(wrong))


def _kappa(items: Sequence[Item], options: int, reason: str) -> Value:
    n = len(items)
    if not n:
        return Value(None, reason, 0)
    observed = Fraction(sum(item.source == item.target != -1 for item in items), n)
    expected = sum(
        Fraction(sum(item.source == c for item in items), n)
        * Fraction(sum(item.target == c for item in items), n)
        for c in range(options)
    )
    if expected == 1:
        return Value(None, "both languages give one and the same letter", n)
    return _defined((observed - expected) / (1 - expected), n)


def kappa(source: Answers, target: Answers, gold: Answers, options: int) -> Value:
    return _kappa(_pair(source, target, gold), options, NOTHING)


def kappa_valid(source: Answers, target: Answers, gold: Answers, options: int) -> Value:
    items = [item for item in _pair(source, target, gold) if -1 not in (item.source, item.target)]
    return _kappa(items, options, "no item has a valid answer in both languages")


def position_bound(source: Answers, target: Answers, gold: Answers, options: int) -> bool:
    items = _pair(source, target, gold)
    if not items:
        return True
    n = len(items)
    most_source = max(sum(item.source == c for item in items) for c in range(options))
    most_target = max(sum(item.target == c for item in items) for c in range(options))
    return n * (1 - Fraction(most_source, n)) * (1 - Fraction(most_target, n)) < 5


def few(source: Answers, target: Answers, gold: Answers) -> bool:
    items = _pair(source, target, gold)
    if not items:
        return True
    n = len(items)
    p = Fraction(sum(item.right_in_source for item in items), n)
    q = Fraction(sum(item.right_in_target for item in items), n)
    return n * min(p, 1 - p) * min(q, 1 - q) < 1


# Everything at once

#: Metric and variant to a function of (answers, gold, options, reference).
CELL_METRICS: dict[tuple[str, str | None], Callable[..., Value]] = {
    ("acc", None): lambda a, g, _k, _r: accuracy(a, g),
    ("ra", None): rescaled_accuracy,
    ("bias", None): lambda a, g, k, _r: bias(a, g, k),
}
#: Metric and variant to a function of (source, target, gold, options).
PAIR_METRICS: dict[tuple[str, str | None], Callable[..., Value]] = {
    ("co", "union"): lambda s, t, g, _k: overlap(s, t, g, "union"),
    ("co", "source"): lambda s, t, g, _k: overlap(s, t, g, "source"),
    ("co", "min"): lambda s, t, g, _k: overlap(s, t, g, "min"),
    ("co_star", "gold-letter"): lambda *a: corrected_overlap(*a, "gold-letter"),
    ("co_star", "marginal"): lambda *a: corrected_overlap(*a, "marginal"),
    ("co_star_max", "gold-letter"): lambda *a: corrected_overlap_ceiling(*a, "gold-letter"),
    ("co_star_max", "marginal"): lambda *a: corrected_overlap_ceiling(*a, "marginal"),
    ("log_or", None): lambda s, t, g, _k: log_odds_ratio(s, t, g),
    ("ag", None): lambda s, t, g, _k: agreement(s, t, g),
    ("ag_wrong", None): agreement_in_error,
    ("kappa", None): kappa,
    ("kappa_valid", None): kappa_valid,
}


# The test against chance


class Matches(NamedTuple):
    """The number of right answers over every order of the golds, each order once."""

    mean: Fraction
    variance: Fraction
    p: Fraction


def every_permutation(answers: Answers, gold: Answers) -> Matches:
    """Mean and variance of the matches, and the share of orders that match at least as often."""
    matches = [
        sum(a == g for a, g in zip(answers, order, strict=True)) for order in permutations(gold)
    ]
    seen = sum(a == g for a, g in zip(answers, gold, strict=True))
    mean = Fraction(sum(matches), len(matches))
    variance = sum((m - mean) ** 2 for m in matches) / len(matches)
    return Matches(mean, variance, Fraction(sum(m >= seen for m in matches), len(matches)))


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's q: the smallest rate at which each test is rejected."""

    def rejected_at(rate: float) -> set[float]:
        ordered = sorted(p_values)
        passing = [p for rank, p in enumerate(ordered, 1) if p * len(ordered) / rank <= rate]
        return {p for p in ordered if p <= max(passing, default=-1.0)}

    rates = sorted({1.0, *(p * len(p_values) / (r + 1) for r, p in enumerate(sorted(p_values)))})
    return [next((min(r, 1.0) for r in rates if p in rejected_at(r)), 1.0) for p in p_values]
