"""What a caller says about answers, what is read from them, and what stands in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from clika.store.foreign import ForeignColumn

__all__ = ["Answers", "Frame", "Layout"]


@dataclass(frozen=True)
class Layout:
    """Where things are in what the caller gave, and which part of it is meant.

    Attributes
    ----------
    gold
        Right options: a sequence over items, or the name of a column; for a long table also a
        mapping from item to option.
    options
        Number of options; ``None`` where the data says.
    languages
        Names of the columns of a matrix; of a table, which of its languages, in which order
        (``None``: all).
    clusters, strata
        Given as ``gold`` is, labels of any kind; ``None`` for none.
    model
        Which model of a long table.
    """

    gold: object
    options: int | None = None
    languages: Sequence[str] | None = None
    clusters: object = None
    strata: object = None
    model: str | None = None


class Frame(NamedTuple):
    """Answers as a matrix, and how to look up what is said of their items.

    Attributes
    ----------
    codes
        int8 ``(n_items, n_languages)``.
    languages
        Names of its columns.
    fact
        Returns a column over items from what the caller gave and what it is called.
    rows
        int64 ``(n_items,)``: 0-based row of each item in what was given; of a long table its first.
    order
        int64 ``(n_items,)``: the items in the order of their ids.
    """

    codes: NDArray[np.int8]
    languages: tuple[str, ...]
    fact: Callable[[object, str], ForeignColumn]
    rows: NDArray[np.int64]
    order: NDArray[np.int64]


class Answers(NamedTuple):
    """Answers of one model to one task.

    Attributes
    ----------
    codes
        int8 ``(n_items, n_languages)``: option, -1 INVALID, -2 not asked. Items in the order of
        their ids where a table has a column ``item``, else as they came.
    gold
        int8 ``(n_items,)``.
    options
        Number of options.
    languages
        Names of the columns of ``codes``.
    clusters
        int32 ``(n_items,)``: equal labels have equal codes; ``None`` for none.
    strata
        int32 ``(n_items,)``: the place of the language that a label names, codes from the number of
        languages on for other labels; ``None`` for none.
    """

    codes: NDArray[np.int8]
    gold: NDArray[np.int8]
    options: int
    languages: tuple[str, ...]
    clusters: NDArray[np.int32] | None
    strata: NDArray[np.int32] | None
