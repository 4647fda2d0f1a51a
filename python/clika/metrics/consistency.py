"""CT, consistency alignment: full language x language matrices.

Every function takes :class:`~clika.metrics.counts.PairCounts` whose arrays have the shape
``(..., n_languages, n_languages)`` and returns values of that shape, rows = source language.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from clika.metrics.measure import (
    Bools,
    Floats,
    Ints,
    Measure,
    first_reason,
    ratio,
    share,
    undefined,
)

if TYPE_CHECKING:
    from clika.metrics.counts import PairCounts

__all__ = [
    "agreement",
    "agreement_in_error",
    "chance_overlap",
    "corrected_overlap",
    "corrected_overlap_ceiling",
    "few_right_or_wrong",
    "kappa",
    "kappa_valid",
    "log_odds_ratio",
    "overlap",
    "position_bound",
]

OverlapVariant = Literal["union", "source", "min"]
ChanceVariant = Literal["gold-letter", "marginal"]

_NO_SPREAD = 1e-9
_TWO_OPTIONS = 2
_ENOUGH_OFF_FAVOURITES = 5
_NOTHING_ASKED = "nothing was asked in both languages"


def overlap(counts: PairCounts, variant: OverlapVariant) -> Measure:
    """Return CO, the overlap of what is answered right in two languages.

    Parameters
    ----------
    counts
        Counts of pairs.
    variant
        The denominator: ``union`` ``|C_l ∪ C_h|`` (Jaccard, the paper's en-CO as far as it is
        known), ``source`` ``|C_l|``, ``min`` ``min(|C_l|, |C_h|)``.

    Returns
    -------
    Measure
        Shares in [0, 1]. ``union`` is undefined where nothing is right in either language; the
        others where their denominator is empty. A model that always answers "A" has CO = 1.
    """
    denominators: dict[OverlapVariant, tuple[Ints, str]] = {
        "union": (
            counts.right_source + counts.right_target - counts.both_right,
            "nothing is right in either language",
        ),
        "source": (counts.right_source, "nothing is right in the source language"),
        "min": (
            np.minimum(counts.right_source, counts.right_target),
            "nothing is right in one of the languages",
        ),
    }
    denominator, reason = denominators[variant]
    return ratio(counts.both_right, denominator, reason=reason)


def chance_overlap(counts: PairCounts, variant: ChanceVariant) -> Floats:
    """Return E, the overlap (``union``) that independent answers of these accuracies would have.

    Parameters
    ----------
    counts
        Counts of pairs.
    variant
        ``marginal``: ``pq / (p + q - pq)``; ``gold-letter``: both its sides summed over gold
        options, ``Σ π_g p_g q_g / Σ π_g (p_g + q_g - p_g q_g)``, which is what two answerers with
        the same favourite letters reach by chance.

    Returns
    -------
    ndarray
        Shares in [0, 1]; NaN where nothing was asked or nothing is right in either language.
    """
    if variant == "marginal":
        p, q = _accuracies(counts)
        return share(p * q, p + q - p * q)
    weight = counts.gold_n.astype(np.float64)
    p = np.nan_to_num(share(counts.gold_right_source, counts.gold_n))
    q = np.nan_to_num(share(counts.gold_right_target, counts.gold_n))
    both = p * q
    return share((weight * both).sum(axis=-1), (weight * (p + q - both)).sum(axis=-1))


def corrected_overlap(counts: PairCounts, variant: ChanceVariant) -> Measure:
    """Return ``CO* = (CO - E) / (1 - E)``: 0 for independent answers, 1 for equal right sets.

    Undefined where CO is, where an accuracy is 0 or 1, and where ``1 - E < 1e-9`` ("no spread
    within gold letters": a constant answerer). Below 0 where right answers avoid each other.
    """
    return _corrected(overlap(counts, "union"), counts, variant)


def corrected_overlap_ceiling(counts: PairCounts, variant: ChanceVariant) -> Measure:
    """Return ``CO*max = (min(p,q)/max(p,q) - E) / (1 - E)``, what unequal accuracies leave.

    Undefined where CO* is.
    """
    fewer = np.minimum(counts.right_source, counts.right_target)
    more = np.maximum(counts.right_source, counts.right_target)
    ceiling = ratio(fewer, more, reason="nothing is right in either language")
    return _corrected(ceiling, counts, variant)


def _corrected(raw: Measure, counts: PairCounts, variant: ChanceVariant) -> Measure:
    expected = chance_overlap(counts, variant)
    p, q = _accuracies(counts)
    at_end = (p == 0) | (q == 0) | (p == 1) | (q == 1)
    no_spread = np.nan_to_num(1 - expected, nan=1.0) < _NO_SPREAD
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (raw.value - expected) / (1 - expected)
    absent = np.isnan(raw.value) | at_end | no_spread
    reason = first_reason(
        value.shape,
        (counts.n == 0, _NOTHING_ASKED),
        (at_end, "an accuracy is 0 or 1"),
        (no_spread, "no spread within gold letters"),
        (absent, "nothing is right in either language"),
    )
    return Measure(np.where(absent, np.nan, value), reason)


def log_odds_ratio(counts: PairCounts) -> Measure:
    """Return ``log[(n11+½)(n00+½) / ((n10+½)(n01+½))]``, a companion of CO free of the margins.

    Positive where right answers go together; undefined only where nothing was asked.
    """
    both = counts.both_right
    source, target = counts.right_source - both, counts.right_target - both
    neither = counts.n - both - source - target
    # Counts are small integers, and numpy's own logarithm differs in the last bit between machines.
    most = int(counts.n.max(initial=0))
    log = np.array([math.log(count + 0.5) for count in range(most + 1)])
    # So grouped, the value is the same from either side of a pair.
    value = (log[both] + log[neither]) - (log[source] + log[target])
    nothing = counts.n == 0
    reason = first_reason(value.shape, (nothing, _NOTHING_ASKED))
    return Measure(np.where(nothing, np.nan, value), reason)


def agreement(counts: PairCounts) -> Measure:
    """Return AG, the share of items with the same valid option in both languages, in [0, 1]."""
    return ratio(counts.agree, counts.n, reason=_NOTHING_ASKED)


def agreement_in_error(counts: PairCounts, *, options: int) -> Measure:
    """Return AG_wrong: the same mistake among the items that are wrong in both languages.

    An INVALID answer is wrong and agrees with nothing. Undefined for two options, where two wrong
    answers agree by construction, and where no item is wrong in both.
    """
    if options <= _TWO_OPTIONS:
        return undefined(counts.n.shape, reason="1 by construction with two options")
    no_mistake = "no item is wrong in both languages"
    return ratio(counts.agree_wrong, counts.wrong_both, reason=no_mistake)


def kappa(counts: PairCounts) -> Measure:
    """Return Cohen's kappa over all items, INVALID answers agreeing with nothing.

    ``p_o`` = valid agreements / n, ``p_e = Σ_c P_l(c) P_h(c)`` over the valid options. In [-1, 1];
    undefined where ``p_e`` is 1.
    """
    return _kappa(
        counts.agree,
        counts.n,
        counts.letters_source,
        counts.letters_target,
        nothing=_NOTHING_ASKED,
    )


def kappa_valid(counts: PairCounts) -> Measure:
    """Return Cohen's kappa over the items valid in both languages: sklearn's cohen_kappa_score."""
    return _kappa(
        counts.agree,
        counts.valid_both,
        counts.letters_source_valid,
        counts.letters_target_valid,
        nothing="no item has a valid answer in both languages",
    )


def _kappa(agree: Ints, n: Ints, source: Ints, target: Ints, *, nothing: str) -> Measure:
    total = n.astype(np.float64)
    # Counts first, one division last: a constant answerer then gives exactly 0 / 0.
    expected = (source.astype(np.float64) * target.astype(np.float64)).sum(axis=-1)
    value = share(agree * total - expected, total * total - expected)
    reason = first_reason(
        value.shape,
        (n == 0, nothing),
        (np.isnan(value), "both languages give one and the same letter"),
    )
    return Measure(value, reason)


def position_bound(counts: PairCounts) -> Bools:
    """Return where agreement rests on the favourite letters: ``n (1 - m_l)(1 - m_h) < 5``.

    m = share of the most frequent letter among the items asked in both languages.
    """
    # In whole numbers, so that a pair on the border falls on the right side of it.
    off_source = counts.n - counts.letters_source.max(axis=-1)
    off_target = counts.n - counts.letters_target.max(axis=-1)
    bound: Bools = off_source * off_target < _ENOUGH_OFF_FAVOURITES * counts.n
    none_asked: Bools = counts.n == 0
    return np.logical_or(bound, none_asked)


def few_right_or_wrong(counts: PairCounts) -> Bools:
    """Return where CO* rests on too few items: ``n min(p, 1-p) min(q, 1-q) < 1``."""
    fewer_source = np.minimum(counts.right_source, counts.n - counts.right_source)
    fewer_target = np.minimum(counts.right_target, counts.n - counts.right_target)
    few: Bools = fewer_source * fewer_target < counts.n
    none_asked: Bools = counts.n == 0
    return np.logical_or(few, none_asked)


def _accuracies(counts: PairCounts) -> tuple[Floats, Floats]:
    return share(counts.right_source, counts.n), share(counts.right_target, counts.n)
