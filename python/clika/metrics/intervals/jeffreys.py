"""Jeffreys intervals of functions of a 2 x 2 table: right or wrong in two languages.

Where the items are independent, the table is multinomial. With Jeffreys' prior the posterior of its
four shares is Dirichlet(counts + 1/2); the interval of a function of them is read from draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika import _native
from clika.metrics.intervals.resampling import LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.measure import Floats, Ints

__all__ = ["Limits", "jeffreys"]


class Limits(NamedTuple):
    """Ends of intervals, float64 ``(n_tables,)``."""

    low: Floats
    high: Floats


def jeffreys(
    tables: Ints, functions: Sequence[str], resampling: Resampling, *, level: float = LEVEL
) -> list[Limits]:
    """Return the equal-tailed Jeffreys intervals of functions of 2 x 2 tables.

    Parameters
    ----------
    tables
        int64 ``(n_tables, 4)``: items right in both, in the source only, in the target only, in
        neither.
    functions
        ``co_star:marginal``, ``co_star_max:marginal`` or ``log_or``: the same from either side.
    resampling
        Its ``replicates`` is the number of draws.
    level
        Nominal coverage, in (0, 1).

    Returns
    -------
    list of Limits
        One for each function. An interval may miss the value at the end of its range, where a count
        is 0: the caller widens it to the value, as Brown, Cai and DasGupta do for a share.

    Raises
    ------
    ValueError
        A count, an id, the level or the number of draws is out of range.

    Notes
    -----
    A share's draws are Gamma(count + 1/2), divided by the sum of the four. The gammas of a count
    are a function of the count, its place in the table and the seed: an interval depends on its own
    table alone, and equal tables have equal intervals. O(distinct tables x draws).

    References
    ----------
    Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial proportion.
    Statistical Science 16, 101-133.

    Examples
    --------
    >>> import numpy as np
    >>> from clika.metrics.intervals.uncertainty import Resampling
    >>> found, = jeffreys(np.array([[40, 10, 10, 40]]), ["co_star:marginal"], Resampling())
    >>> bool(found.low[0] < 0.5 < found.high[0])
    True
    """
    found = _native.jeffreys_intervals(
        tables,
        functions,
        replicates=resampling.replicates,
        seed=resampling.seed,
        level=level,
        threads=resampling.threads,
    )
    return [Limits(found[:, place, 0], found[:, place, 1]) for place in range(len(functions))]
