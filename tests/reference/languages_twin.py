"""The metrics that look beyond one pair, from lists of answers and by definition alone.

An answer is an option (0-based), -1 (INVALID) or -2 (not asked), as in ``metrics_twin``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from reference.metrics_twin import Value, corrected_overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    #: Answers of one model: language, item.
    Model = Sequence[Sequence[int]]

NOT_IN_ALL = "no item was asked in every language"


def alpha(model: Model) -> Value:
    """Krippendorff's alpha by its matrix of coincidences."""
    coincidences: dict[tuple[int, int], Fraction] = {}
    rated = 0
    for item in zip(*model, strict=True):
        ratings = [answer for answer in item if answer >= 0]
        if len(ratings) < 2:
            continue
        rated += 1
        for first, a in enumerate(ratings):
            for second, b in enumerate(ratings):
                if first != second:
                    share = Fraction(1, len(ratings) - 1)
                    coincidences[a, b] = coincidences.get((a, b), Fraction(0)) + share
    if not rated:
        return Value(None, "no item has a valid answer in two languages", 0)
    totals: dict[int, Fraction] = {}
    for (a, _), count in coincidences.items():
        totals[a] = totals.get(a, Fraction(0)) + count
    n = sum(totals.values())
    observed = sum(count for (a, b), count in coincidences.items() if a != b)
    expected = sum(totals[a] * totals[b] for a in totals for b in totals if a != b) / (n - 1)
    if not expected:
        return Value(None, "all languages give one and the same letter", rated)
    return Value(float(1 - observed / expected), None, rated)


def _right_in_every(model: Model, gold: Sequence[int]) -> list[list[bool]]:
    """Which languages are right, for each item asked in every language."""
    items = zip(*model, gold, strict=True)
    return [[a == g for a in answers] for *answers, g in items if -2 not in answers]


def cochran_q(model: Model, gold: Sequence[int]) -> Value:
    items = _right_in_every(model, gold)
    languages = len(model)
    if languages == 1:
        return Value(None, "there is one language", len(items))
    if not items:
        return Value(None, NOT_IN_ALL, 0)
    columns = [sum(item[language] for item in items) for language in range(languages)]
    mean = Fraction(sum(columns), languages)
    split = sum(sum(item) * (languages - sum(item)) for item in items)
    if not split:
        return Value(None, "each item is right in all languages or in none", len(items))
    between = sum((column - mean) ** 2 for column in columns)
    return Value(float(languages * (languages - 1) * between / split), None, len(items))


def right_in(model: Model, gold: Sequence[int], languages: int) -> Value:
    """Share of items that are right in exactly so many languages."""
    items = _right_in_every(model, gold)
    if not items:
        return Value(None, NOT_IN_ALL, 0)
    times = sum(sum(item) == languages for item in items)
    return Value(float(Fraction(times, len(items))), None, len(items))


# Origins


def _accuracy(answers: Iterable[tuple[int, int]]) -> Fraction | None:
    asked = [a == g for a, g in answers if a != -2]
    return Fraction(sum(asked), len(asked)) if asked else None


def accuracy_of(
    answers: Sequence[int], gold: Sequence[int], chosen: Sequence[bool]
) -> tuple[float | None, int]:
    """Accuracy on some of the items, and how many were asked."""
    kept = [(a, g) for a, g, take in zip(answers, gold, chosen, strict=True) if take and a != -2]
    found = _accuracy(kept)
    return (None if found is None else float(found)), len(kept)


def advantage(
    model: Model, gold: Sequence[int], origins: Sequence[int], language: int
) -> float | None:
    """Own less other items, less the mean of the same difference in the other languages."""

    def gain(answers: Sequence[int]) -> Fraction | None:
        parts = [[], []]
        for answer, g, origin in zip(answers, gold, origins, strict=True):
            parts[origin == language].append((answer, g))
        other, own = map(_accuracy, parts)
        return None if own is None or other is None else own - other

    here = gain(model[language])
    elsewhere = [gain(answers) for place, answers in enumerate(model) if place != language]
    there = [found for found in elsewhere if found is not None]
    return None if here is None or not there else float(here - sum(there) / len(there))


def without_each_origin(
    answers: Sequence[int], gold: Sequence[int], origins: Sequence[int]
) -> list[float | None]:
    """Accuracy without the items of each origin that items asked come from."""
    asked = {o for a, o in zip(answers, origins, strict=True) if a != -2 and o >= 0}
    return [accuracy_of(answers, gold, [o != left for o in origins])[0] for left in sorted(asked)]


def overlap_of(
    source: Sequence[int], target: Sequence[int], gold: Sequence[int], chosen: Sequence[bool]
) -> tuple[float | None, int]:
    """CO on some of the items, and its denominator."""
    both = either = 0
    for s, t, g, take in zip(source, target, gold, chosen, strict=True):
        if take and -2 not in (s, t):
            both += s == g == t
            either += g in (s, t)
    return (both / either if either else None), either


# Between models


def excess(
    models: Sequence[Model],
    gold: Sequence[int],
    options: int,
    families: Sequence[str],
    place: tuple[int, int, int],
) -> tuple[Value, int]:
    """CO* less its mean over like models of other families, and how many these are."""
    model, source, target = place
    here = models[model]
    own = corrected_overlap(here[source], here[target], gold, options, "gold-letter")
    found = []
    for other, there in enumerate(models):
        alike = all(_alike(here[language], there[language], gold) for language in (source, target))
        if families[other] != families[model] and alike:
            shared = corrected_overlap(here[source], there[target], gold, options, "gold-letter")
            if shared.value is not None:
                found.append(shared.value)
    if own.value is None:
        return own, len(found)
    if not found:
        alone = "no model of another family has accuracies within .05 in both languages"
        return Value(None, alone, own.n), 0
    return Value(own.value - sum(found) / len(found), None, own.n), len(found)


def _alike(first: Sequence[int], second: Sequence[int], gold: Sequence[int]) -> bool:
    one, other = (_accuracy(zip(answers, gold, strict=True)) for answers in (first, second))
    return one is not None and other is not None and abs(one - other) <= Fraction(1, 20)
