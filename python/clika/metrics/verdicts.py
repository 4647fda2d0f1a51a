"""From an interval to a verdict, and from verdicts to the verdict on a claim.

Every rule is strict: an interval that ends exactly on a margin is not beyond it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clika.claims import Side
    from clika.metrics.contrasts import Estimate

__all__ = ["VERDICTS", "Aim", "Verdict", "agreed", "judge", "of_all"]

Verdict = Literal["supported", "contradicted", "undecided", "not judged"]
#: In the order in which they are counted.
VERDICTS: tuple[Verdict, ...] = ("supported", "contradicted", "undecided", "not judged")


class Aim(NamedTuple):
    """Where a number has to lie.

    Attributes
    ----------
    side
        As of :class:`~clika.claims.Part`.
    limit
        The margin; for ``below`` the bound.
    """

    side: Side
    limit: float


def judge(estimate: Estimate, aim: Aim) -> Verdict:
    """Return the verdict on one number.

    Parameters
    ----------
    estimate
        The number with its intervals.
    aim
        Where it has to lie.

    Returns
    -------
    str
        For ``up`` ``supported`` where the 95 % interval lies above the margin, ``contradicted``
        where it lies below 0; mirrored for ``down``. For ``none`` ``supported`` where the 90 %
        interval lies within the margin on both sides (two one-sided tests at 5 %), ``contradicted``
        where the 95 % interval lies outside it on one side. For ``below`` ``supported`` where the
        95 % interval lies below the bound, ``contradicted`` where it lies above. Else, and without
        an interval, ``undecided``.

    Examples
    --------
    >>> from clika.metrics.contrasts import Ends, Estimate
    >>> judge(Estimate(0.2, Ends(0.06, 0.3), Ends(0.08, 0.28), 9, None), Aim("up", 0.05))
    'supported'
    """
    if estimate.reason is not None:
        return "undecided"
    supports, contradicts = _sides(estimate, aim)
    if supports:
        return "supported"
    return "contradicted" if contradicts else "undecided"


def _sides(estimate: Estimate, aim: Aim) -> tuple[bool, bool]:
    """Say whether an interval lies where it should, and whether it lies on the other side."""
    (low, high), limit = estimate.wide, aim.limit
    if aim.side == "up":
        return low > limit, high < 0
    if aim.side == "down":
        return high < -limit, low > 0
    if aim.side == "below":
        return high < limit, low > limit
    within = -limit < estimate.narrow.low and estimate.narrow.high < limit
    return within, low > limit or high < -limit


def agreed(whole: Verdict, unflagged: Verdict) -> Verdict:
    """Return the verdict with flagged cells where it is also the one without, else undecided."""
    return whole if whole == unflagged else "undecided"


def of_all(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on something that must hold in every case.

    ``supported`` where each case is, ``contradicted`` where one is, else ``undecided``. Cases that
    were not judged count for nothing; without any other the whole is ``not judged``. Repeating a
    case changes nothing, so related checkpoints, which are no independent evidence, cannot outvote
    another.

    Examples
    --------
    >>> of_all(["supported", "not judged"]), of_all(["supported", "undecided", "contradicted"])
    ('supported', 'contradicted')
    """
    found = set(verdicts) - {"not judged"}
    if not found:
        return "not judged"
    if "contradicted" in found:
        return "contradicted"
    return "supported" if found == {"supported"} else "undecided"
