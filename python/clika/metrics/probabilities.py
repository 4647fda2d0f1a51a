"""CAPA, agreement on option probabilities, corrected for chance.

Goel et al. (2025), *Great Models Think Alike and this Undermines AI Oversight*: κ_p, here between
two languages of one model instead of two models. Its authors' package ``lm-sim`` computes the same
numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika import _native
from clika.metrics.measure import Measure, first_reason, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.metrics.measure import Floats, Ints

__all__ = ["CapaSums", "capa", "option_probabilities", "sum_capa"]

_NO_SPREAD = 1e-9


class CapaSums(NamedTuple):
    """Sums over the items with two options or more that were asked in both languages.

    Every array has the shape ``(n_languages, n_languages)``, rows = source language.

    Attributes
    ----------
    n
        int64: the items.
    agreement
        Of the probability that a draw from each language agree.
    gold_source, gold_target
        Of the probability of the gold option.
    spread
        Of ``1 / (k - 1)``, the chance of agreeing on a wrong option.
    """

    n: Ints
    agreement: Floats
    gold_source: Floats
    gold_target: Floats
    spread: Floats


def option_probabilities(scores: Floats, options: NDArray[np.uint8]) -> Floats:
    """Return the softmax of log-scores over the options of each item.

    Parameters
    ----------
    scores
        float64 ``(n_items, n_languages, max_options)``: natural logarithms, up to a constant for
        each item; what is beyond an item's options is not looked at. NaN in all: not asked.
    options
        uint8 ``(n_items,)``: number of options (k) of each item.

    Returns
    -------
    ndarray
        float64 of the same shape: shares that sum up to 1 over an item's options; NaN beyond them,
        and throughout where it was not asked, or where every score is minus infinity.

    Examples
    --------
    >>> scores = np.log(np.array([[[1.0, 3.0]]]))
    >>> option_probabilities(scores, np.array([2], np.uint8)).round(2).tolist()
    [[[0.25, 0.75]]]
    """
    own = np.arange(scores.shape[2]) < options[:, None, None]
    known = np.where(own, scores, -np.inf)
    highest = known.max(axis=2, keepdims=True, initial=-np.inf)
    with np.errstate(invalid="ignore"):
        weights = np.exp(known - highest)
        probabilities: Floats = weights / weights.sum(axis=2, keepdims=True)
    return np.where(own, probabilities, np.nan)


def sum_capa(
    probabilities: Floats,
    options: NDArray[np.uint8],
    gold: NDArray[np.int8],
    *,
    threads: int | None = None,
) -> CapaSums:
    """Add up over all pairs of languages.

    Parameters
    ----------
    probabilities
        float64 ``(n_items, n_languages, max_options)``: shares that sum up to 1 within 1e-6 over an
        item's options; what is beyond them is not looked at. NaN in all: not asked.
    options
        uint8 ``(n_items,)``: number of options (k) of each item, 1..64. Items with one are left
        out.
    gold
        int8 ``(n_items,)``: the right option.
    threads
        ``None`` = as many as the process may run on. The result does not depend on it.

    Raises
    ------
    ValueError
        Something is no probability, or a gold no option (the place is named), or shapes do not fit.
    """
    return CapaSums(**_native.capa_sums(probabilities, options, gold, threads=threads))


def capa(sums: CapaSums) -> Measure:
    """Return CAPA, ``(c_obs - c_exp) / (1 - c_exp)``: 1 for one and the same certainty throughout.

    Parameters
    ----------
    sums
        Sums of pairs. ``c_obs`` is the mean probability that draws from both agree; with ``a`` and
        ``b`` the mean probabilities of the gold option and ``s`` the mean of ``1 / (k - 1)``,
        ``c_exp = a b + s (1 - a)(1 - b)``.

    Returns
    -------
    Measure
        At most 1, below 0 where agreement is less than chance; symmetric. Undefined where nothing
        was asked in both, and where ``1 - c_exp < 1e-9``: both languages are certain of every gold
        option. A model that is not certain has a CAPA below 1 with itself.

    Examples
    --------
    >>> probabilities = np.array([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 0.0]]])
    >>> options, gold = np.array([2, 2], np.uint8), np.array([0, 1], np.int8)
    >>> capa(sum_capa(probabilities, options, gold)).value.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    observed = share(sums.agreement, sums.n)
    source, target = share(sums.gold_source, sums.n), share(sums.gold_target, sums.n)
    spread = share(sums.spread, sums.n)
    expected = source * target + spread * ((1 - source) * (1 - target))
    certain = 1 - expected < _NO_SPREAD
    value = share(observed - expected, np.where(certain, 0.0, 1 - expected))
    reason = first_reason(
        value.shape,
        (sums.n == 0, "no item with two options or more was asked in both languages"),
        (certain, "both languages are certain of the gold option throughout"),
    )
    return Measure(value, reason)
