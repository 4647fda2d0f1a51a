"""All languages at once: how far the answers of one model agree over every language together.

Everything here is a function of sums over items, so that a replicate of a bootstrap is a product of
weights and :class:`ItemRatings`: its sums are whole numbers, exact in any order of addition.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.measure import Bools, Floats, Ints, Measure, first_reason, ratio, share
from clika.schema import NOT_ASKED

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CochranTest",
    "ItemRatings",
    "RightCounts",
    "alpha_value",
    "asked_in_all",
    "chi_square_tail",
    "cochran_test",
    "count_right",
    "krippendorff_alpha",
    "rate_items",
    "right_in_all",
    "right_in_none",
]

_TWO_RATINGS = 2
_NOT_ASKED_IN_ALL = "no item was asked in every language"


class ItemRatings(NamedTuple):
    """What each item adds to Krippendorff's alpha; nothing where fewer than two answers are valid.

    Attributes
    ----------
    letters
        int64 ``(..., n_items, n_options)``: languages that give the option.
    apart
        int64 ``(..., n_items, n_languages - 1)``: ordered pairs of languages that give different
        options, in the place of the item's number of valid answers, 2..n_languages.
    """

    letters: Ints
    apart: Ints

    def total(self) -> ItemRatings:
        """Return the sums over items, without their axis."""
        return ItemRatings(self.letters.sum(axis=-2), self.apart.sum(axis=-2))


def rate_items(codes: NDArray[np.int8], *, options: int) -> ItemRatings:
    """Return what each item adds to Krippendorff's alpha.

    Parameters
    ----------
    codes
        int8 ``(..., n_items, n_languages)``: option 0..options-1; -1 INVALID and -2 not asked are
        both missing ratings.
    options
        Number of options (k).

    Returns
    -------
    ItemRatings
    """
    languages = codes.shape[-1]
    letters = np.stack([(codes == c).sum(axis=-1) for c in range(options)], axis=-1)
    valid = letters.sum(axis=-1)
    letters[valid < _TWO_RATINGS] = 0
    differing = valid**2 - (letters**2).sum(axis=-1)
    sizes = np.arange(_TWO_RATINGS, languages + 1)
    return ItemRatings(letters, np.where(valid[..., None] == sizes, differing[..., None], 0))


def krippendorff_alpha(letters: Ints | Floats, apart: Ints | Floats) -> Measure:
    """Return Krippendorff's alpha for nominal data, the languages being the raters.

    ``1 - (n - 1) Σ_u d_u / (m_u - 1) / (n^2 - Σ_c n_c^2)``: ``m_u`` valid answers to item ``u``,
    ``d_u`` ordered pairs of them that differ, ``n_c`` valid answers ``c``, ``n`` their sum.

    Parameters
    ----------
    letters, apart
        Sums over items of :class:`ItemRatings`, ``(..., n_options)`` and
        ``(..., n_languages - 1)``.

    Returns
    -------
    Measure
        ``(...)``: 1 = every two valid answers to an item are equal, 0 = as by chance, below 0 where
        they avoid each other. Undefined where no item has two valid answers, or all of them are one
        and the same letter.

    Notes
    -----
    Krippendorff, *Content Analysis*, chapter on reliability; equal to the package ``krippendorff``.

    Examples
    --------
    >>> ratings = rate_items(np.array([[0, 0, 1], [1, 1, 1], [0, -1, -2]], np.int8), options=2)
    >>> krippendorff_alpha(*ratings.total()).value.round(4).item()
    0.375
    """
    value = alpha_value(letters, apart)
    n = letters.sum(axis=-1)
    reason = first_reason(
        value.shape,
        (n == 0, "no item has a valid answer in two languages"),
        (np.isnan(value), "all languages give one and the same letter"),
    )
    return Measure(value, reason)


def alpha_value(letters: Ints | Floats, apart: Ints | Floats) -> Floats:
    """Return :func:`krippendorff_alpha` alone, NaN where it is undefined."""
    n = letters.sum(axis=-1).astype(np.float64)
    observed = (apart / np.arange(1, apart.shape[-1] + 1)).sum(axis=-1)
    expected = n * n - (letters.astype(np.float64) ** 2).sum(axis=-1)
    return 1 - share((n - 1) * observed, expected)


class RightCounts(NamedTuple):
    """How often the items that were asked in every language are right.

    Attributes
    ----------
    languages
        int64 ``(..., n_languages)``: items right in each language.
    items
        int64 ``(..., n_languages + 1)``: items right in exactly 0, 1, .., n_languages languages.
    """

    languages: Ints
    items: Ints

    @property
    def n(self) -> Ints:
        """Items asked in every language, ``(...)``."""
        n: Ints = self.items.sum(axis=-1)
        return n


def count_right(codes: NDArray[np.int8], gold: NDArray[np.int8]) -> RightCounts:
    """Count right answers over the items that were asked in every language.

    Parameters
    ----------
    codes
        int8 ``(..., n_items, n_languages)``: option, -1 INVALID (wrong), -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.

    Examples
    --------
    >>> codes = np.array([[0, 0], [1, 0], [0, -2]], np.int8)
    >>> count_right(codes, np.array([0, 1, 0], np.int8)).items.tolist()
    [0, 1, 1]
    """
    asked = asked_in_all(codes)
    right = (codes == gold[:, None]) & asked[..., None]
    times = right.sum(axis=-1)
    items = [((times == count) & asked).sum(axis=-1) for count in range(codes.shape[-1] + 1)]
    return RightCounts(right.sum(axis=-2), np.stack(items, axis=-1))


def asked_in_all(codes: NDArray[np.int8]) -> Bools:
    """Return which items were asked in every language, bool ``(..., n_items)``."""
    asked: Bools = (codes != NOT_ASKED).all(axis=-1)
    return asked


def right_in_all(counts: RightCounts) -> Measure:
    """Return the share of items that are right in every language, in [0, 1].

    Over the items asked in every language; undefined where there is none.
    """
    return ratio(counts.items[..., -1], counts.n, reason=_NOT_ASKED_IN_ALL)


def right_in_none(counts: RightCounts) -> Measure:
    """Return the share of items that are right in no language, in [0, 1].

    Over the items asked in every language; undefined where there is none.
    """
    return ratio(counts.items[..., 0], counts.n, reason=_NOT_ASKED_IN_ALL)


class CochranTest(NamedTuple):
    """Cochran's test that a model is equally accurate in every language.

    Attributes
    ----------
    statistic
        Q, 0 where all accuracies are equal.
    p
        Its tail under chi-square with ``n_languages - 1`` degrees of freedom, in [0, 1].
    """

    statistic: Measure
    p: Measure


def cochran_test(counts: RightCounts) -> CochranTest:
    """Return Cochran's Q and its p-value.

    ``Q = (L - 1) (L Σ_l C_l^2 - N^2) / (L N - Σ_i R_i^2)``: ``C_l`` items right in language ``l``,
    ``R_i`` languages in which item ``i`` is right, ``N`` their common sum, ``L`` languages.

    Parameters
    ----------
    counts
        Right answers over the items asked in every language.

    Returns
    -------
    CochranTest
        Both undefined for one language, where no item was asked in every language, and where each
        item is right in all languages or in none. The items are taken as independent: where they
        come in clusters p is too small.

    Notes
    -----
    Cochran (1950), "The comparison of percentages in matched samples", Biometrika 37. Equal to
    statsmodels' ``cochrans_q``.
    """
    languages = counts.languages.shape[-1]
    total = counts.languages.sum(axis=-1)
    rights = np.arange(languages + 1)
    split = languages * total - (counts.items * rights**2).sum(axis=-1)
    uneven = languages * (counts.languages**2).sum(axis=-1) - total**2
    statistic = share((languages - 1) * uneven, split)
    reason = first_reason(
        statistic.shape,
        (np.full(statistic.shape, languages == 1), "there is one language"),
        (counts.n == 0, _NOT_ASKED_IN_ALL),
        (split == 0, "each item is right in all languages or in none"),
    )
    statistic = np.where(reason == None, statistic, np.nan)  # noqa: E711 (each element)
    tails = [
        math.nan if math.isnan(q) else chi_square_tail(q, freedom=languages - 1)
        for q in statistic.ravel().tolist()
    ]
    p = np.array(tails, np.float64).reshape(statistic.shape)
    return CochranTest(Measure(statistic, reason), Measure(p, reason))


def chi_square_tail(value: float, *, freedom: int) -> float:
    """Return the probability that chi-square exceeds ``value``, a finite sum for whole freedom.

    With ``h = value / 2``: ``e^-h Σ_{j < freedom/2} h^j / j!`` for even ``freedom``, and
    ``erfc(√h) + e^-h Σ_{j < (freedom-1)/2} h^(j+1/2) / Γ(j + 3/2)`` for odd.

    Parameters
    ----------
    value
        At least 0.
    freedom
        Degrees of freedom, at least 1.

    Returns
    -------
    float
        In [0, 1].

    Notes
    -----
    Abramowitz and Stegun, *Handbook of Mathematical Functions*, 26.4.4 and 26.4.5.

    Examples
    --------
    >>> round(chi_square_tail(16.919, freedom=9), 4)
    0.05
    """
    if value <= 0:
        return 1.0
    half, odd = value / 2, freedom % 2
    powers = [index + odd / 2 for index in range(freedom // 2)]
    # By logarithms, since neither a power nor a factorial need fit a float.
    terms = [math.exp(a * math.log(half) - half - math.lgamma(a + 1)) for a in powers]
    start = math.erfc(math.sqrt(half)) if odd else 0.0
    return min(1.0, math.fsum([start, *terms]))
