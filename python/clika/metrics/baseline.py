"""The baseline between models: how much of a model's consistency other models would share.

Two languages of one model agree in what is right also because some items are easy for everyone.
``excess`` takes out what the model in one language has in common with *other* models, as accurate
as itself, in the other.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.consistency import corrected_overlap
from clika.metrics.counts import PairCounts, count_pairs
from clika.metrics.measure import Bools, Floats, Ints, Measure, first_reason, share
from clika.schema import NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["Baseline", "baseline_of_counts", "compare_models", "excess_overlap"]

#: Accuracies are alike within 1 / _ALIKE.
_ALIKE = 20
#: Columns of answers that are counted at a time: some 100 MB of counts.
_COLUMNS_AT_ONCE = 512


class Baseline(NamedTuple):
    """Each model in one language beside each other model that it is compared with in another.

    Attributes
    ----------
    model, other, source, target
        int64 ``(n_compared,)``: the model in the source with the other in the target, in ascending
        order of model, source, target and other.
    counts
        Of these pairs, each array ``(n_compared, ...)``.
    overlap
        float64 ``(n_compared,)``: their CO*, variant ``gold-letter``.
    size
        int64 ``(n_models, n_languages, n_languages)``: models to compare with.
    """

    model: Ints
    other: Ints
    source: Ints
    target: Ints
    counts: PairCounts
    overlap: Floats
    size: Ints

    def mean(self) -> Floats:
        """Return the mean CO* with the models of the baseline, NaN where there is none."""
        places = np.ravel_multi_index((self.model, self.source, self.target), self.size.shape)
        sums = np.bincount(places, weights=self.overlap, minlength=self.size.size)
        return share(sums.reshape(self.size.shape), self.size)


def compare_models(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    families: Sequence[str] | None,
    threads: int | None = None,
) -> Baseline:
    """Find what each model is compared with, and count how they overlap.

    The other model is of another family, as accurate (within .05) in the source and in the target,
    and their CO* is defined.

    Parameters
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.
    options
        Number of options (k).
    families
        Lineage of each model; ``None``: each is its own.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Notes
    -----
    Counts all pairs of (model, language) with (model, language) unless all models are of one
    family, in blocks of models: memory beside the result is bounded.
    """
    models, _, languages = codes.shape
    right = (codes == gold[:, None]).sum(axis=1)
    alike = _alike(right, (codes != NOT_ASKED).sum(axis=1), families)
    parts = [
        _compared(codes, gold, options=options, alike=alike, models=block, threads=threads)
        for block in _blocks(models, languages)
        if alike[np.ix_(*block)].any()
    ]
    nobody = count_pairs(np.empty((0, 0), np.int8), np.empty(0, np.int8), options=options)
    parts.append((np.empty((4, 0), np.int64), _flat(nobody)))
    places = np.concatenate([place for place, _ in parts], axis=1)
    counts = PairCounts(*map(np.concatenate, zip(*(found for _, found in parts), strict=True)))
    return _baseline(places, counts, (models, languages, languages))


def baseline_of_counts(
    counts: PairCounts, *, languages: int, families: Sequence[str] | None
) -> Baseline:
    """Find what :func:`compare_models` finds, from counts that were made before.

    Parameters
    ----------
    counts
        Of all pairs of (model, language) with (model, language), each array
        ``(n_models * n_languages, n_models * n_languages, ...)``, the languages of a model side by
        side.
    languages
        Number of languages.
    families
        As of :func:`compare_models`.
    """
    right, asked = (
        np.diagonal(array).reshape(-1, languages) for array in (counts.right_source, counts.n)
    )
    everyone = range(len(asked))
    places = _close(_alike(right, asked, families), everyone, everyone)
    model, other, source, target = places
    rows, partners = model * languages + source, other * languages + target
    chosen = PairCounts(*(array[rows, partners] for array in counts))
    return _baseline(places, chosen, (len(asked), languages, languages))


def _baseline(places: Ints, counts: PairCounts, shape: tuple[int, int, int]) -> Baseline:
    """Return what is compared, of pairs (model, other, source, target) and their counts."""
    overlap = corrected_overlap(counts, "gold-letter").value
    model, other, source, target = places
    order = np.lexsort((other, target, source, model))
    order = order[~np.isnan(overlap[order])]
    size = np.zeros(shape, np.int64)
    np.add.at(size, (model[order], source[order], target[order]), 1)
    chosen = PairCounts(*(array[order] for array in counts))
    model, other, source, target = places[:, order]
    return Baseline(model, other, source, target, chosen, overlap[order], size)


def _alike(right: Ints, asked: Ints, families: Sequence[str] | None) -> Bools:
    """Return where models of two families are as accurate in a language, (model, model, language).

    ``right`` and ``asked`` are items, ``(n_models, n_languages)``.
    """
    # In whole numbers, so that a difference of exactly .05 is within it.
    apart = np.abs(right[:, None] * asked[None] - right[None] * asked[:, None])
    size = asked[:, None] * asked[None]
    names = np.array(families if families is not None else range(len(asked)))
    strangers = (names[:, None] != names)[:, :, None]
    alike: Bools = (apart * _ALIKE <= size) & (size > 0) & strangers
    return alike


def _close(alike: Bools, first: range, second: range) -> Ints:
    """Return the pairs of two ranges of models, (model, other, source, target) by n_compared."""
    close = alike[np.ix_(first, second)]
    model, other, source, target = np.nonzero(close[:, :, :, None] & close[:, :, None])
    return np.stack([model + first.start, other + second.start, source, target])


def _blocks(models: int, languages: int) -> Iterator[tuple[range, range]]:
    """Yield two ranges of models at a time, so that every two models meet once."""
    most = max(1, _COLUMNS_AT_ONCE // max(1, languages))
    step = max(1, models if models <= most else most // 2)
    starts = range(0, models, step)
    for first, second in combinations_with_replacement(starts, 2):
        yield range(first, min(first + step, models)), range(second, min(second + step, models))


def _compared(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    alike: Bools,
    models: tuple[range, range],
    threads: int | None,
) -> tuple[Ints, PairCounts]:
    """Return the pairs of two ranges of models, as (model, other, source, target), and counts."""
    languages = codes.shape[-1]
    chosen = np.union1d(*models)
    columns = codes[chosen].transpose(1, 0, 2).reshape(codes.shape[1], -1)
    found = count_pairs(np.ascontiguousarray(columns), gold, options=options, threads=threads)
    across = (models,) if models[0] == models[1] else (models, models[::-1])
    place = np.concatenate([_close(alike, first, second) for first, second in across], axis=1)
    model, other = np.searchsorted(chosen, place[:2])
    rows, partners = model * languages + place[2], other * languages + place[3]
    return place, PairCounts(*(array[rows, partners] for array in found))


def _flat(counts: PairCounts) -> PairCounts:
    return PairCounts(*(array.reshape(-1, *array.shape[2:]) for array in counts))


def excess_overlap(baseline: Baseline, own: Measure) -> Measure:
    """Return CO* of a model with itself minus the mean of its CO* with the models of its baseline.

    ``CO*(m,l; m,h) - mean over m' of CO*(m,l; m',h)``, variant ``gold-letter``: what a model's
    languages share beyond what any model as accurate shares with it. Not the same from either side
    of a pair. On the diagonal it is 1 minus what other models share in the same language.

    Parameters
    ----------
    baseline
        From :func:`compare_models`.
    own
        CO*, variant ``gold-letter``, ``(n_models, n_languages, n_languages)``.

    Returns
    -------
    Measure
        Undefined where CO* is, and where no model of another family has accuracies within .05 in
        both languages.
    """
    value = own.value - baseline.mean()
    alone = "no model of another family has accuracies within .05 in both languages"
    reason = first_reason(value.shape, (np.isnan(value), alone))
    undefined = np.isnan(own.value)
    reason[undefined] = own.reason[undefined]
    return Measure(value, reason)
