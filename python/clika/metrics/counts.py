"""Counts over all pairs of languages, from the compiled kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clika import _native

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika._native import ArrowStream

__all__ = [
    "AgreementCounts",
    "PairCounts",
    "count_agreement",
    "count_agreement_stream",
    "count_pairs",
    "count_stream",
    "joined_counts",
    "stack_counts",
]

Ints = NDArray[np.int64]


class PairCounts(NamedTuple):
    """Counts for every ordered pair of languages, over the items asked in both.

    Every array is int64 of shape ``(..., n_languages, n_languages)``, rows = source language; those
    named ``gold_*`` and ``letters_*`` have a last axis of ``n_options``. The diagonal holds a
    language with itself, so what concerns one language alone is read from it.

    Attributes
    ----------
    n
        Items asked in both.
    both_right, right_source, right_target
        Items right in both, in the source, in the target.
    agree
        Items with the same valid option.
    agree_wrong, wrong_both
        Items with the same valid option that is wrong; items wrong in both (INVALID is wrong).
    valid_both
        Items with a valid option in both.
    gold_n, gold_right_source, gold_right_target
        Items, and items right in each, by gold option.
    letters_source, letters_target
        Answers by option.
    letters_source_valid, letters_target_valid
        Answers by option over the items valid in both.
    """

    n: Ints
    both_right: Ints
    right_source: Ints
    right_target: Ints
    agree: Ints
    agree_wrong: Ints
    wrong_both: Ints
    valid_both: Ints
    gold_n: Ints
    gold_right_source: Ints
    gold_right_target: Ints
    letters_source: Ints
    letters_target: Ints
    letters_source_valid: Ints
    letters_target_valid: Ints

    def sums(self) -> dict[str, Ints]:
        """Return the counts that the others follow from: those of disjoint sets of items add up."""
        return {name: getattr(self, name) for name in _SUMS}

    @classmethod
    def of_sums(cls, sums: Mapping[str, Ints]) -> PairCounts:
        """Return all counts from those of :meth:`sums`, which may stand among others.

        Examples
        --------
        >>> codes = np.array([[0, 0], [1, 0], [-1, 1]], dtype=np.int8)
        >>> counts = count_pairs(codes, np.array([0, 1, 1], dtype=np.int8), options=2)
        >>> again = PairCounts.of_sums(counts.sums())
        >>> all(map(np.array_equal, counts, again))
        True
        """
        found = {name: sums[name] for name in _SUMS}
        right = found["right_source"]
        # What the target shows is what the source shows of the mirrored pair.
        mirrored = {
            name.replace("source", "target"): found[name].swapaxes(0, 1)
            for name in _SUMS
            if "source" in name
        }
        # Who agrees is right in both or wrong in both.
        agree_wrong = found["agree"] - found["both_right"]
        wrong_both = found["n"] - right - right.T + found["both_right"]
        return cls(**found, **mirrored, agree_wrong=agree_wrong, wrong_both=wrong_both)


_SUMS = (
    *("n", "both_right", "right_source", "agree", "valid_both"),
    *("gold_n", "gold_right_source", "letters_source", "letters_source_valid"),
)


class AgreementCounts(NamedTuple):
    """Counts for every pair of respondents that need no gold, int64 ``(n, n)`` each.

    Attributes
    ----------
    agree
        Items with the same valid option in both.
    valid_both
        Items with a valid option in both.
    """

    agree: Ints
    valid_both: Ints

    def sums(self) -> dict[str, Ints]:
        """Return the counts by name: those of disjoint sets of items add up."""
        return self._asdict()

    @classmethod
    def of_sums(cls, sums: Mapping[str, Ints]) -> AgreementCounts:
        """Return the counts from those of :meth:`sums`."""
        return cls(sums["agree"], sums["valid_both"])


def count_pairs(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    threads: int | None = None,
) -> PairCounts:
    """Count over all pairs of languages.

    Parameters
    ----------
    codes
        int8 ``(n_items, n_languages)``: option 0..options-1, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.
    options
        Number of options (k), 2..64.
    threads
        ``None`` = as many as the process may run on. The result does not depend on it.

    Returns
    -------
    PairCounts
        Arrays of shape ``(n_languages, n_languages)``.

    Raises
    ------
    ValueError
        A code or a gold is out of range (the place is named), or the shapes do not fit.

    Notes
    -----
    O(n_languages^2 n_items options / 64) word operations.

    Examples
    --------
    >>> codes = np.array([[0, 0], [1, 0], [-1, 1]], dtype=np.int8)
    >>> counts = count_pairs(codes, np.array([0, 1, 1], dtype=np.int8), options=2)
    >>> counts.both_right.tolist(), counts.agree.tolist()
    ([[2, 1], [1, 2]], [[2, 1], [1, 3]])
    """
    found = _native.pair_counts(codes, gold, n_options=options, threads=threads)
    return PairCounts(**found)


def count_stream(
    stream: ArrowStream, *, gold: str, options: int, threads: int | None = None
) -> tuple[tuple[str, ...], PairCounts]:
    """Count over all pairs of languages while the items come as an Arrow stream.

    Parameters
    ----------
    stream
        Anything with ``__arrow_c_stream__`` (a DuckDB relation, pyarrow, polars, pandas), one row
        for each item: the column ``gold``, and one column of integers for each language: option
        0..options-1, -1 INVALID, NULL or -2 not asked.
    gold
        Name of the column of right options.
    options
        Number of options (k), 2..64.
    threads
        As for :func:`count_pairs`.

    Returns
    -------
    tuple of str, PairCounts
        The languages in the order of their columns; arrays of shape
        ``(n_languages, n_languages)``.

    Raises
    ------
    ValueError
        A column is missing or holds no integers, or a code or a gold is out of range (row and
        column are named).

    Notes
    -----
    Memory does not grow with the number of items, and how the stream is cut into chunks changes
    nothing.
    """
    languages, found = _native.stream_pair_counts(
        stream, gold=gold, n_options=options, threads=threads
    )
    return tuple(languages), PairCounts(**found)


def count_agreement(
    codes: NDArray[np.int8], *, options: int, threads: int | None = None
) -> AgreementCounts:
    """Count the agreement of all pairs of respondents; the parameters are of :func:`count_pairs`.

    Examples
    --------
    >>> counts = count_agreement(np.array([[0, 0], [1, -1]], dtype=np.int8), options=2)
    >>> counts.agree.tolist(), counts.valid_both.tolist()
    ([[2, 1], [1, 1]], [[2, 1], [1, 1]])
    """
    return AgreementCounts(*_native.agreement_counts(codes, n_options=options, threads=threads))


def count_agreement_stream(
    stream: ArrowStream, *, options: int, threads: int | None = None
) -> tuple[tuple[str, ...], AgreementCounts]:
    """Count agreement while the items come as an Arrow stream.

    As :func:`count_stream`, but every column is a respondent.
    """
    names, *found = _native.stream_agreement_counts(stream, n_options=options, threads=threads)
    return tuple(names), AgreementCounts(*found)


def stack_counts(counts: Sequence[PairCounts]) -> PairCounts:
    """Return the counts of several models as one, with a first axis for the model."""
    return PairCounts(*(np.stack(arrays) for arrays in zip(*counts, strict=True)))


def joined_counts(counts: Sequence[PairCounts]) -> PairCounts:
    """Return counts that have a first axis for the model as one, one after the other."""
    return PairCounts(*(np.concatenate(arrays) for arrays in zip(*counts, strict=True)))
