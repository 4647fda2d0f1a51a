"""How large a difference between two models a task of some size can show."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.measure import Floats, Ints, Measure, first_reason, ratio, share

if TYPE_CHECKING:
    from clika.metrics.counts import PairCounts

__all__ = ["discordant_share", "minimum_detectable_difference"]


def minimum_detectable_difference(
    n: Ints, discordant: Floats, *, alpha: float = 0.05, power: float = 0.8
) -> Measure:
    """Return the least difference of two accuracies that a paired test is likely to find.

    ``(z_{1-alpha/2} + z_power) sqrt(d / n)``, the normal approximation of McNemar's test with the
    variance of no difference under both hypotheses.

    Parameters
    ----------
    n
        int64 of any shape: items that both models were asked.
    discordant
        float64 of the same shape, in [0, 1]: the share of items that one model has right and the
        other has not (d).
    alpha
        Size of the two-sided test, in (0, 1).
    power
        How likely it is to be found, in (0, 1).

    Returns
    -------
    Measure
        Differences of shares. Undefined without items, and where it exceeds ``discordant``: the
        difference is never larger, so such a task can show none.

    Notes
    -----
    Items of one cluster rise and fall together, and a task of n items in clusters shows less.

    References
    ----------
    Connor, R. J. (1987). Sample size for testing differences in proportions for the paired-sample
    design. Biometrics 43, 207-211; here without its second-order term.

    Examples
    --------
    >>> found = minimum_detectable_difference(np.array([180, 500, 1000]), np.full(3, 0.2))
    >>> (100 * found.value).round(1).tolist()
    [9.3, 5.6, 4.0]
    """
    normal = NormalDist()
    z = normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)
    value = z * np.sqrt(share(discordant, n))
    with np.errstate(invalid="ignore"):
        beyond = value > discordant
    reason = first_reason(
        value.shape, (n == 0, "nothing was asked"), (beyond, "more than the discordant items")
    )
    return Measure(np.where(beyond, np.nan, value), reason)


def discordant_share(counts: PairCounts) -> Measure:
    """Return the share of items that one of two models has right and the other has not.

    Parameters
    ----------
    counts
        Counts of pairs of models, in one language.

    Returns
    -------
    Measure
        Shares in [0, 1], of the shape of the counts; undefined where nothing was asked of both.
    """
    either = counts.right_source + counts.right_target
    return ratio(either - 2 * counts.both_right, counts.n, reason="nothing was asked of both")
