"""PF, performance alignment: accuracy, re-scaled accuracy, answer bias, the test against chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from clika.metrics.measure import Floats, Ints, Measure, first_reason, ratio, share, undefined

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = [
    "ChanceMatches",
    "ReferenceAccuracy",
    "accuracy",
    "answer_bias",
    "chance_matches",
    "chance_p_values",
    "false_discovery_q",
    "rescaled_accuracy",
]

#: The accuracy at which RA is 1, or why there is none; ``None``: none was chosen.
ReferenceAccuracy: TypeAlias = "Fraction | str | None"

_NOTHING_ASKED = "nothing was asked"
#: Below this many items the normal approximation is replaced by a Monte Carlo test.
_MONTE_CARLO_BELOW = 100
_MONTE_CARLO_DRAWS = 10_000
_SEED = 20240404
#: The variance is made of counts: what is below this is the rounding of a zero.
_ROUNDING = 1e-9


def accuracy(right: Ints, n: Ints) -> Measure:
    """Return ``acc(l) = |C_l| / n``.

    Parameters
    ----------
    right, n
        int64 of any one shape: items answered right (INVALID never is), items asked.

    Returns
    -------
    Measure
        Shares in [0, 1]; undefined where nothing was asked.
    """
    return ratio(right, n, reason=_NOTHING_ASKED)


def rescaled_accuracy(acc: Measure, *, options: int, reference: ReferenceAccuracy) -> Measure:
    """Return ``RA(l) = (acc(l) - 1/k) / (ref - 1/k)``: 0 at chance, 1 at the reference.

    Parameters
    ----------
    acc
        Accuracies, of any shape.
    options
        Number of options (k).
    reference
        The accuracy at which RA is 1 (the paper: ChatGPT's in English); a text says why there is
        none, ``None`` that none was chosen.

    Returns
    -------
    Measure
        Below 0 under chance and above 1 beyond the reference: never clipped here. Undefined without
        a reference, or where the reference is not above chance.
    """
    if reference is None or isinstance(reference, str):
        return undefined(acc.value.shape, reason=reference or "no reference")
    if reference * options <= 1:
        return undefined(acc.value.shape, reason="the reference is not above chance")
    chance = 1 / options
    return Measure((acc.value - chance) / (float(reference) - chance), acc.reason)


def answer_bias(letters: Ints, invalid: Ints, gold_letters: Ints) -> Measure:
    """Return the total-variation distance between the model's letters and the gold's.

    Parameters
    ----------
    letters
        int64 ``(..., n_options)``: answers by option.
    invalid
        int64 ``(...)``: INVALID answers, a letter of their own.
    gold_letters
        int64 ``(..., n_options)``: golds by option.

    Returns
    -------
    Measure
        ``(...)``, shares in [0, 1]; undefined where nothing was asked. Descriptive only.
    """
    n = letters.sum(axis=-1) + invalid
    answered = share(letters, n[..., None])
    golden = share(gold_letters, gold_letters.sum(axis=-1)[..., None])
    distance = (np.abs(answered - golden).sum(axis=-1) + share(invalid, n)) / 2
    return Measure(distance, first_reason(distance.shape, (n == 0, _NOTHING_ASKED)))


class ChanceMatches(NamedTuple):
    """How many right answers the letters alone give, when the golds are permuted over the items.

    Attributes
    ----------
    mean, variance
        float64 ``(n_cells,)``; 0 where nothing was asked, the variance also for one item.
    """

    mean: Floats
    variance: Floats


def chance_matches(letters: Ints, gold_letters: Ints, n: Ints) -> ChanceMatches:
    """Return mean and variance of the number of right answers over all permutations of the golds.

    The statistic is a sum over items of a matrix of matches, item by permuted gold: its mean is
    ``Σ_c A_c G_c / n``, its variance the sum of the squared matches, doubly centred, by ``n - 1``
    (Hoeffding 1951). An INVALID answer matches nothing.

    Parameters
    ----------
    letters, gold_letters
        int64 ``(n_cells, n_options)``: answers and golds by option (A_c, G_c).
    n
        int64 ``(n_cells,)``: items asked.

    Returns
    -------
    ChanceMatches

    Examples
    --------
    >>> chance_matches(np.array([[2, 2]]), np.array([[2, 2]]), np.array([4]))
    ChanceMatches(mean=array([2.]), variance=array([1.33333333]))
    """
    answers, golds = letters.astype(np.float64), gold_letters.astype(np.float64)
    count = n.astype(np.float64)
    matches = (answers * golds).sum(axis=-1)
    mean = np.nan_to_num(share(matches, count))
    centred = (
        matches
        - np.nan_to_num(share((answers * golds**2).sum(axis=-1), count))
        - np.nan_to_num(share((golds * answers**2).sum(axis=-1), count))
        + mean**2
    )
    return ChanceMatches(mean, np.nan_to_num(share(np.maximum(centred, 0), count - 1)))


def chance_p_values(right: Ints, letters: Ints, gold_letters: Ints, n: Ints) -> Floats:
    """Return p-values of the one-sided test that a cell is no better than its letters allow.

    The golds are permuted over the items while the answers stay (see :func:`chance_matches`). A
    constant answerer has variance 0 and p = 1.

    Parameters
    ----------
    right, n
        int64 ``(n_cells,)``: right answers, items asked.
    letters, gold_letters
        int64 ``(n_cells, n_options)``: answers and golds by option.

    Returns
    -------
    ndarray
        float64 ``(n_cells,)``, in [0, 1]; 1 where nothing was asked. Below 100 items the p-value is
        ``(1 + b) / (1 + 10,000)`` over 10,000 permutations, seeded alike for every cell so that it
        depends on no other; else it is the normal tail with a correction for continuity.
    """
    mean, variance = chance_matches(letters, gold_letters, n)
    spread = variance > _ROUNDING
    score = np.where(spread, (right - 0.5 - mean) / np.sqrt(np.where(spread, variance, 1.0)), 0.0)
    tail = np.array([math.erfc(z / math.sqrt(2)) / 2 for z in score.tolist()])
    p = np.where(spread, tail, 1.0)
    for cell in np.flatnonzero(spread & (n < _MONTE_CARLO_BELOW)):
        p[cell] = _permutation_p(int(right[cell]), letters[cell], gold_letters[cell], int(n[cell]))
    return p


def _permutation_p(right: int, letters: Ints, golds: Ints, n: int) -> float:
    options = len(letters)
    answered = np.repeat(np.arange(options + 1), [*letters, n - letters.sum()])
    golden = np.repeat(np.arange(options), golds)
    generator = np.random.Generator(np.random.Philox(_SEED))
    draws = generator.permuted(np.tile(golden, (_MONTE_CARLO_DRAWS, 1)), axis=1)
    reached = int(((draws == answered).sum(axis=1) >= right).sum())
    return (1 + reached) / (1 + _MONTE_CARLO_DRAWS)


def false_discovery_q(p: Floats) -> Floats:
    """Return the p-values adjusted by Benjamini and Hochberg (1995) over all of them.

    Parameters
    ----------
    p
        float64 ``(n_tests,)`` in [0, 1].

    Returns
    -------
    ndarray
        float64 ``(n_tests,)``: rejecting where q <= 0.05 keeps the false discovery rate at 5 %.

    Examples
    --------
    >>> false_discovery_q(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
