"""Two models' conductivity, on the places that both know and can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.conductivity import FEWEST_KNOWN, chance_share
from clika.metrics.intervals.clustered import Estimate, Sums, ratio_estimate, undefined

if TYPE_CHECKING:
    from clika.metrics.conductivity import Outcomes, Stratum
    from clika.metrics.measure import Bools

__all__ = ["Comparison", "Flips", "compare_conduction", "comparison_sums", "flips", "known_by_both"]


class Flips(NamedTuple):
    """Places that one of two models has right in the target and the other has not.

    Attributes
    ----------
    first_only, second_only
        How many.
    n
        Places that were looked at.
    """

    first_only: int
    second_only: int
    n: int


class Comparison(NamedTuple):
    """Two models on the places that both know and can name.

    Attributes
    ----------
    difference
        XRR_c of the first minus that of the second, with a t interval clustered by continent.
    first_only, second_only
        Places that one of the two has right in the target and the other has not.
    """

    difference: Estimate
    first_only: int
    second_only: int


def known_by_both(first: Outcomes, second: Outcomes, stratum: Stratum = "non-identical") -> Bools:
    """Return the intersection of two models' K.

    Raises
    ------
    ValueError
        The worlds differ.
    """
    if not (
        np.array_equal(first.continent, second.continent)
        and np.array_equal(first.kind, second.kind)
        and np.array_equal(first.identical, second.identical)
    ):
        raise ValueError("two models are compared on one world")
    both: Bools = np.logical_and(first.known(stratum), second.known(stratum))
    return both


def flips(first: Outcomes, second: Outcomes, places: Bools) -> Flips:
    """Count the places, of those given, that one model has right in the target alone."""
    one = places & (first.target == 1) & (second.target != 1)
    other = places & (second.target == 1) & (first.target != 1)
    return Flips(int(one.sum()), int(other.sum()), int(places.sum()))


def comparison_sums(
    first: Outcomes, second: Outcomes, stratum: Stratum = "non-identical"
) -> Sums | Estimate:
    """Return numerator and denominator, by continent, of a difference of XRR_c, or why it has none.

    The continents are those of the stratum; where the intersection of both K has no place of a
    continent, both sums are 0.
    """
    both = known_by_both(first, second, stratum)
    n = int(both.sum())
    if n < FEWEST_KNOWN:
        return undefined(n, f"fewer than {FEWEST_KNOWN} items are known and can be named by both")
    expected = chance_share(first)
    if expected == 1:
        return undefined(n, "there is but one continent")
    size = len(first.identical)
    there = np.bincount(first.continent[first.within(stratum)], minlength=size) > 0
    items, right, of_second = (
        np.bincount(first.continent[held], minlength=size)
        for held in (both, both & (first.target == 1), both & (second.target == 1))
    )
    return Sums((right - of_second)[there] / (1 - expected), items[there].astype(np.float64))


def compare_conduction(
    first: Outcomes, second: Outcomes, stratum: Stratum = "non-identical"
) -> Comparison:
    """Return the difference of XRR_c on the intersection of the two models' K.

    Parameters
    ----------
    first, second
        Outcomes of two models on the same world and pair of languages.
    stratum
        Which type-1 places.

    Raises
    ------
    ValueError
        The worlds differ.
    """
    sums = comparison_sums(first, second, stratum)
    counted = flips(first, second, known_by_both(first, second, stratum))
    if isinstance(sums, Estimate):
        return Comparison(sums, counted.first_only, counted.second_only)
    clusters = int((sums.denominator > 0).sum())
    difference = ratio_estimate(sums, n=counted.n, clusters=clusters)
    return Comparison(difference, counted.first_only, counted.second_only)
