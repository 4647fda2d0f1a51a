"""Jeffreys intervals of functions of a 2 x 2 table: right or wrong in two languages.

Where the items are independent, the table is multinomial. With Jeffreys' prior the posterior of its
four shares is Dirichlet(counts + 1/2); the interval of a function of them is read from draws.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.resampling import LEVEL
from clika.metrics.uncertainty import Resampling, central
from clika.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clika.metrics.measure import Floats, Ints

__all__ = ["FUNCTIONS", "Draws", "Limits", "jeffreys"]

#: Tells these draws from every other use of a seed.
_PURPOSE = int.from_bytes(b"jeffreys", "big")
#: Rows of draws kept at a time: 80 kB each with 10,000 draws.
_ROWS_KEPT = 2048
#: Tables that a thread works through at a time.
_CHUNK = 32


class Draws(NamedTuple):
    """Draws of a table's four shares, float64 ``(n_draws,)`` each, up to their common sum.

    Attributes
    ----------
    both, source_only, target_only, neither
        Items right in both languages, in one only, in neither.
    right_source, right_target
        Items right in each.
    chance, either
        Numerator and denominator of the chance overlap E, up to the square of the sum.
    """

    both: Floats
    source_only: Floats
    target_only: Floats
    neither: Floats
    right_source: Floats
    right_target: Floats
    chance: Floats
    either: Floats


def _draws(both: Floats, source_only: Floats, target_only: Floats, neither: Floats) -> Draws:
    right_source, right_target = both + source_only, both + target_only
    chance = right_source * right_target
    either = (right_source + right_target) * (right_source + target_only + neither) - chance
    return Draws(
        both, source_only, target_only, neither, right_source, right_target, chance, either
    )


class Limits(NamedTuple):
    """Ends of intervals, float64 ``(n_tables,)``."""

    low: Floats
    high: Floats


def _corrected_overlap(draws: Draws) -> Floats:
    return _corrected(draws, draws.both / (draws.right_source + draws.target_only))


def _corrected_overlap_ceiling(draws: Draws) -> Floats:
    fewer = np.minimum(draws.right_source, draws.right_target)
    return _corrected(draws, fewer / np.maximum(draws.right_source, draws.right_target))


def _corrected(draws: Draws, overlap: Floats) -> Floats:
    """Return ``(R - E) / (1 - E)`` for ``R = overlap`` and ``E = chance / either``."""
    corrected: Floats = (overlap * draws.either - draws.chance) / (draws.either - draws.chance)
    return corrected


def _log_odds_ratio(draws: Draws) -> Floats:
    odds = (draws.both * draws.neither) / (draws.source_only * draws.target_only)
    logarithm: Floats = np.log(odds)
    return logarithm


#: Metric and variant -> its draws from those of the shares; the same from either side of a pair.
FUNCTIONS: dict[tuple[str, str | None], Callable[[Draws], Floats]] = {
    ("co_star", "marginal"): _corrected_overlap,
    ("co_star_max", "marginal"): _corrected_overlap_ceiling,
    ("log_or", None): _log_odds_ratio,
}


def jeffreys(
    tables: Ints,
    functions: Sequence[Callable[[Draws], Floats]],
    resampling: Resampling,
    *,
    level: float = LEVEL,
) -> list[Limits]:
    """Return the equal-tailed Jeffreys intervals of functions of 2 x 2 tables.

    Parameters
    ----------
    tables
        int64 ``(n_tables, 4)``: items right in both, in the source only, in the target only, in
        neither.
    functions
        From draws of the shares to draws of a value; symmetric in source and target.
    resampling
        Its ``replicates`` is the number of draws.
    level
        Nominal coverage, in (0, 1).

    Returns
    -------
    list of Limits
        One for each function. An interval may miss the value at the end of its range, where a count
        is 0: the caller widens it to the value, as Brown, Cai and DasGupta do for a share.

    Notes
    -----
    A share's draws are Gamma(count + 1/2), divided by the sum of the four. The gammas of a count
    are a function of the count, its place in the table and the seed: an interval depends on its own
    table alone, and equal tables have equal intervals. Source and target are put in the order of
    their counts first, so that a pair has one interval from either side. O(distinct tables
    x draws).

    References
    ----------
    Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial proportion.
    Statistical Science 16, 101-133.

    Examples
    --------
    >>> found, = jeffreys(np.array([[40, 10, 10, 40]]), [_corrected_overlap], Resampling())
    >>> bool(found.low[0] < 0.5 < found.high[0])
    True
    """
    ordered = np.array(tables, dtype=np.int64)
    ordered[:, 1:3].sort(axis=1)
    distinct, place = np.unique(ordered, axis=0, return_inverse=True)
    gammas = lru_cache(maxsize=_ROWS_KEPT)(partial(_gammas, resampling))

    def limits(chunk: Ints) -> Floats:
        found = np.empty((len(chunk), len(functions), 2))
        for row, table in enumerate(chunk.tolist()):
            drawn = _draws(*(gammas(place, count) for place, count in enumerate(table)))
            found[row] = [central(function(drawn), level) for function in functions]
        return found

    # NumPy releases the interpreter's lock in the draws, the arithmetic and the sorting.
    with ThreadPoolExecutor(thread_count(resampling.threads)) as pool:
        chunks = np.array_split(distinct, range(_CHUNK, len(distinct), _CHUNK))
        found = np.concatenate([*pool.map(limits, chunks)])[place.ravel()]
    return [Limits(found[:, index, 0], found[:, index, 1]) for index in range(len(functions))]


def _gammas(resampling: Resampling, component: int, count: int) -> Floats:
    """Return draws of Gamma(count + 1/2) for one component of a table."""
    generator = np.random.Generator(
        np.random.Philox(key=[resampling.seed, _PURPOSE], counter=[0, 0, component, count])
    )
    return generator.standard_gamma(count + 0.5, size=resampling.replicates)
