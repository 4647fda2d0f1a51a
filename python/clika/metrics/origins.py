"""Own-language and other items apart, for tasks that say which language an item's entity is from.

``strata`` holds a code for each item: below ``n_languages`` it is the place of a language, from
there on an origin beyond the languages, -1 where it is not known. An item of unknown origin is
nobody's own and is among the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from clika.metrics.measure import Bools, Ints, Measure, first_reason, ratio, share
from clika.schema import NOT_ASKED

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "End",
    "OriginCounts",
    "OverlapCounts",
    "Part",
    "accuracy_advantage",
    "accuracy_by_origin",
    "accuracy_without_origin",
    "count_by_origin",
    "count_overlaps",
    "overlap_by_origin",
]

Part = Literal["own", "other"]
End = Literal["least", "most"]
_TWO_ORIGINS = 2


class OriginCounts(NamedTuple):
    """Counts of each language by the origin of the items.

    Attributes
    ----------
    asked, right
        int64 ``(n_models, n_origins, n_languages)``: items asked, items right. The first
        ``n_languages`` origins are the languages, then come the others; the last is the unknown.
    """

    asked: Ints
    right: Ints


def count_by_origin(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    strata: NDArray[np.int32],
    *,
    origins: int | None = None,
) -> OriginCounts:
    """Count right answers of each language by origin.

    Parameters
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.
    strata
        int32 ``(n_items,)``.
    origins
        How many origins there are, the languages among them; ``None``: those up to the highest code
        in ``strata``, and the languages.
    """
    known = origins or max(codes.shape[-1], int(strata.max(initial=-1)) + 1)
    from_origin = np.where(strata < 0, known, strata) == np.arange(known + 1)[:, None]
    # Sums of 0 and 1 are exact in floating point, whose products are the quick ones.
    member = from_origin.astype(np.float64)
    asked = member @ (codes != NOT_ASKED).astype(np.float64)
    right = member @ (codes == gold[:, None]).astype(np.float64)
    return OriginCounts(asked.astype(np.int64), right.astype(np.int64))


def accuracy_by_origin(counts: OriginCounts, part: Part) -> tuple[Measure, Ints]:
    """Return accuracy on a language's own items or on the others, and how many these are.

    Returns
    -------
    tuple of Measure and ndarray
        Shares in [0, 1] and items asked, ``(n_models, n_languages)``. Undefined where no such item
        was asked.
    """
    asked, right = (_part(array, part) for array in counts)
    none = {"own": "no item is the language's own", "other": "every item is the language's own"}
    return ratio(right, asked, reason=none[part]), asked


def _part(array: Ints, part: Part) -> Ints:
    languages = array.shape[-1]
    own: Ints = np.ascontiguousarray(np.diagonal(array[:, :languages], axis1=1, axis2=2))
    return own if part == "own" else array.sum(axis=1) - own


def accuracy_advantage(counts: OriginCounts) -> tuple[Measure, Ints]:
    """Return how much better a language does on its own items than other languages do on them.

    ``[acc(l, own) - acc(l, other)] - mean over h of [acc(h, own of l) - acc(h, other)]``, a
    difference of differences: the first takes out how good the language is, the second how easy its
    items are for the other languages ``h``.

    Returns
    -------
    tuple of Measure and ndarray
        Differences in [-2, 2] and own items asked, ``(n_models, n_languages)``. Undefined where
        either kind of item was not asked in the language, or both in no other one.
    """
    languages = counts.asked.shape[-1]
    asked, right = (array[:, :languages] for array in counts)
    on_these = share(right, asked)
    on_others = share(
        counts.right.sum(axis=1, keepdims=True) - right,
        counts.asked.sum(axis=1, keepdims=True) - asked,
    )
    gain = on_these - on_others
    own = np.diagonal(gain, axis1=1, axis2=2)
    elsewhere = ~np.isnan(gain) & ~np.eye(languages, dtype=np.bool_)
    usual = share(np.where(elsewhere, gain, 0.0).sum(axis=2), elsewhere.sum(axis=2))
    value = own - usual
    lacking = "own or other items were not asked in this or in any other language"
    return Measure(value, first_reason(value.shape, (np.isnan(value), lacking))), _part(
        counts.asked, "own"
    )


def accuracy_without_origin(counts: OriginCounts, end: End) -> tuple[Measure, Ints]:
    """Return the least or the most that accuracy is when the items of one origin are left out.

    A range over all origins that items have, one left out at a time: how far accuracy rests on
    items from one place. It is no confidence interval. Items of unknown origin always stay.

    Returns
    -------
    tuple of Measure and ndarray
        Shares in [0, 1], and the items that stay, ``(n_models, n_languages)``. Undefined where the
        items asked come from fewer than two origins.
    """
    origins = counts.asked[:, :-1]
    kept_asked = counts.asked.sum(axis=1, keepdims=True) - origins
    kept_right = counts.right.sum(axis=1, keepdims=True) - counts.right[:, :-1]
    value = np.where(origins > 0, share(kept_right, kept_asked), np.nan)
    few = (origins > 0).sum(axis=1) < _TWO_ORIGINS
    worst = np.inf if end == "least" else -np.inf
    order = np.argmin if end == "least" else np.argmax
    at = order(np.where(np.isnan(value), worst, value), axis=1)[:, None]
    value, n = (np.take_along_axis(array, at, axis=1)[:, 0] for array in (value, kept_asked))
    reason = first_reason(value.shape, (few, "the items come from fewer than two origins"))
    return Measure(np.where(few, np.nan, value), reason), np.where(few, 0, n)


class OverlapCounts(NamedTuple):
    """What CO of a part of the items is made of, ``(n_models, n_languages, n_languages)`` each.

    Attributes
    ----------
    both, either
        Items right in both languages, in at least one of them; asked in both.
    """

    both: Ints
    either: Ints


def count_overlaps(
    codes: NDArray[np.int8], gold: NDArray[np.int8], strata: NDArray[np.int32]
) -> OverlapCounts:
    """Count CO over the items whose entity comes from one of the two languages of each pair.

    The parameters are those of :func:`count_by_origin`.
    """
    models, _, languages = codes.shape
    both = np.zeros((models, languages, languages), np.int64)
    either = np.zeros_like(both)
    right, asked = codes == gold[:, None], codes != NOT_ASKED
    for origin in range(languages):
        own = strata == origin
        here = right[:, own, origin, None], asked[:, own, origin, None]
        there = right[:, own], asked[:, own]
        in_both, in_either = _overlaps(here, there)
        both[:, origin], either[:, origin] = (
            both[:, origin] + in_both,
            either[:, origin] + in_either,
        )
        # A language with itself has its own items once.
        in_both[:, origin] = in_either[:, origin] = 0
        both[:, :, origin] += in_both
        either[:, :, origin] += in_either
    return OverlapCounts(both, either)


def _overlaps(here: tuple[Bools, Bools], there: tuple[Bools, Bools]) -> tuple[Ints, Ints]:
    (right_here, asked_here), (right_there, asked_there) = here, there
    both = (right_here & right_there).sum(axis=1)
    either = ((right_here | right_there) & asked_here & asked_there).sum(axis=1)
    return both, either


def overlap_by_origin(own: OverlapCounts, whole: OverlapCounts, part: Part) -> tuple[Measure, Ints]:
    """Return CO, variant ``union``, on the items of either language's own or on the others.

    Parameters
    ----------
    own
        Counts over the items whose entity comes from the source's or the target's language.
    whole
        Counts over all items.
    part
        ``own`` or ``other``.

    Returns
    -------
    tuple of Measure and ndarray
        Shares in [0, 1] and their denominators, ``(n_models, n_languages, n_languages)``. Undefined
        where no such item is right in either language.
    """
    both, either = own if part == "own" else (whole.both - own.both, whole.either - own.either)
    reason = "nothing of this origin is right in either language"
    return ratio(both, either, reason=reason), either
