"""What the scores of one task are computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.metrics.performance import ReferenceAccuracy

__all__ = ["TaskAnswers"]


class TaskAnswers(NamedTuple):
    """What the scores of one task are computed from.

    Attributes
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option 0..options-1, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.
    options
        Number of options (k).
    reference
        The accuracy at which RA is 1, or why there is none.
    clusters
        int32 ``(n_items,)``: items that rise and fall together share a code; ``None``: each item is
        its own.
    strata
        int32 ``(n_items,)``: where an item's entity comes from: a code below ``n_languages`` is the
        place of that language, others are origins beyond the languages, -1 is not known; ``None``:
        none is.
    families
        For each model the lineage that it shares with others; ``None``: each is its own.
    purpose
        Tells the task's random draws from another's; see
        :func:`~clika.metrics.intervals.uncertainty.purpose_of`.
    """

    codes: NDArray[np.int8]
    gold: NDArray[np.int8]
    options: int
    reference: ReferenceAccuracy
    clusters: NDArray[np.int32] | None = None
    strata: NDArray[np.int32] | None = None
    families: tuple[str, ...] | None = None
    purpose: int = 0

    def origins(self) -> NDArray[np.int32]:
        """Return the strata, -1 throughout where the task has none."""
        return np.full(len(self.gold), -1, np.int32) if self.strata is None else self.strata
