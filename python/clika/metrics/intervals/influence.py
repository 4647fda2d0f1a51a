"""How far the metrics beyond one pair may vary, by the influence of each item on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.intervals.linearised import Spread
from clika.metrics.measure import share
from clika.schema import NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from clika.metrics.baseline import Baseline
    from clika.metrics.counts import PairCounts
    from clika.metrics.intervals.linearised import Resampled
    from clika.metrics.measure import Bools, Floats
    from clika.metrics.origins import Part

__all__ = ["accuracy_spread", "advantage_spread", "excess_spread", "overlap_spread"]


class _Right:
    """Which items are asked and right, ``(n_models, n_languages, n_items)``, and where from."""

    def __init__(
        self, codes: NDArray[np.int8], gold: NDArray[np.int8], strata: NDArray[np.int32]
    ) -> None:
        self.right: Bools = np.ascontiguousarray((codes == gold[:, None]).swapaxes(1, 2))
        self.asked: Bools = np.ascontiguousarray((codes != NOT_ASKED).swapaxes(1, 2))
        self.strata = strata
        self.languages = range(codes.shape[-1])

    def own(self, *languages: int) -> Bools:
        """Return which items are from one of these languages."""
        return np.isin(self.strata, languages)


def _of_ratio(successes: Bools, trials: Bools) -> Floats:
    """Return the influence of items on a ratio of two counts; 0 where it has no denominator."""
    total = trials.sum(axis=-1, keepdims=True)
    value = np.nan_to_num(share(successes.sum(axis=-1, keepdims=True), total))
    return np.nan_to_num(share(successes - value * trials, total))


def _stacked(spreads: Iterable[Spread]) -> Spread:
    """Return spreads ``(n_models, ...)``, one for each source language, as one."""
    return Spread(*(np.stack(parts, axis=1) for parts in zip(*spreads, strict=True)))


def accuracy_spread(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    strata: NDArray[np.int32],
    *,
    part: Part,
    resampled: Resampled,
) -> Spread:
    """Return how far accuracy on own-language or other items may vary.

    Parameters
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.
    strata
        int32 ``(n_items,)``, as of :mod:`clika.metrics.origins`.
    part
        ``own`` or ``other``.
    resampled
        Clusters and strata.

    Returns
    -------
    Spread
        ``(n_models, n_languages)``.
    """
    answers = _Right(codes, gold, strata)

    def spread(language: int) -> Spread:
        chosen = answers.own(language) == (part == "own")
        trials = answers.asked[:, language] & chosen
        return resampled.spread(_of_ratio(answers.right[:, language] & trials, trials))

    return _stacked(map(spread, answers.languages))


def advantage_spread(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    strata: NDArray[np.int32],
    *,
    resampled: Resampled,
) -> Spread:
    """Return how far the advantage on own-language items may vary.

    The parameters are those of :func:`accuracy_spread`; the spread is ``(n_models, n_languages)``.
    """
    answers = _Right(codes, gold, strata)

    def spread(language: int) -> Spread:
        own = answers.own(language)
        these, others = answers.asked & own, answers.asked & ~own
        gain = _of_ratio(answers.right & these, these) - _of_ratio(answers.right & others, others)
        usable = these.any(axis=-1) & others.any(axis=-1)
        usable &= np.arange(usable.shape[1]) != language
        count = usable.sum(axis=1)[:, None]
        usual = np.nan_to_num(share((gain * usable[..., None]).sum(axis=1), count))
        return resampled.spread(gain[:, language] - usual)

    return _stacked(map(spread, answers.languages))


def overlap_spread(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    strata: NDArray[np.int32],
    *,
    part: Part,
    resampled: Resampled,
) -> Spread:
    """Return how far CO, variant ``union``, on own-language or other items may vary.

    The parameters are those of :func:`accuracy_spread`; the spread is
    ``(n_models, n_languages, n_languages)``.
    """
    answers = _Right(codes, gold, strata)

    def spread(source: int) -> Spread:
        own = np.stack([answers.own(source, target) for target in answers.languages])
        chosen = own == (part == "own")
        asked = answers.asked[:, source, None] & answers.asked & chosen
        first, second = answers.right[:, source, None], answers.right
        return resampled.spread(_of_ratio(first & second & asked, (first | second) & asked))

    return _stacked(map(spread, answers.languages))


def excess_spread(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    own: PairCounts,
    baseline: Baseline,
    resampled: Resampled,
) -> Spread:
    """Return how far ``excess`` may vary over items, the models of the baseline staying the same.

    Parameters
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.
    own
        Counts of each model's own pairs, with a first axis for the model.
    baseline
        What the models are compared with.
    resampled
        Clusters and strata.

    Returns
    -------
    Spread
        ``(n_models, n_languages, n_languages)``; 0 where there is no model to compare with.

    Notes
    -----
    With ``T`` right answers of both, ``B`` items right in both and ``S = Σ_g P_g Q_g / N_g`` of
    them by chance, ``CO* = T (B - S) / ((T - B) (T - 2S))``: a function of sums, whose derivative
    by the weight of an item depends only on its gold letter and on whether it is right in each of
    the two. O(pairs compared x n_items).
    """
    models, _, languages = codes.shape
    options = own.gold_n.shape[-1]
    none = 4 * options
    # The place of an item in the table of a pair: right in the first, right in the second, gold.
    answers = codes.transpose(0, 2, 1)
    right, absent = answers == gold, answers == NOT_ASKED
    first = np.where(absent, none, right * (2 * options))
    second = np.where(absent, none, right * options + gold)
    alone = _overlap_table(own)
    shared = _overlap_table(baseline.counts)
    shared /= -baseline.size[baseline.model, baseline.source, baseline.target][:, None]
    start = np.searchsorted(
        baseline.model * languages + baseline.source, np.arange(models * languages + 1)
    )
    errors = np.zeros((models, languages, languages))
    freedom = np.zeros_like(errors)
    for model, source in np.ndindex(models, languages):
        here = slice(*start[model * languages + source :][:2])
        (compared,) = np.nonzero(baseline.size[model, source])
        if not len(compared):
            continue
        target = np.concatenate([compared, baseline.target[here]])
        other = np.concatenate([np.full(len(compared), model), baseline.other[here]])
        order = np.argsort(target, kind="stable")
        table = np.concatenate([alone[model, source, compared], shared[here]])[order]
        place = np.minimum(first[model, source] + second[other[order], target[order]], none)
        place += np.arange(len(place))[:, None] * (none + 1)
        starts = np.searchsorted(target[order], compared)
        moved = np.add.reduceat(table.ravel().take(place, mode="clip"), starts, axis=0)
        errors[model, source, compared], freedom[model, source, compared] = resampled.spread(moved)
    return Spread(errors, freedom)


def _overlap_table(counts: PairCounts) -> Floats:
    """Return the influence of each kind of item on CO* of pairs, and 0 for one not asked.

    Returns
    -------
    ndarray
        ``(..., 4 * n_options + 1)``, a row for each count: not right or right in the first,
        likewise in the second, gold letter; 0 throughout where CO* is undefined.
    """
    n, source, target = counts.gold_n, counts.gold_right_source, counts.gold_right_target
    p, q = np.nan_to_num(share(source, n)), np.nan_to_num(share(target, n))
    total = (source + target).sum(axis=-1).astype(np.float64)
    both = counts.both_right.astype(np.float64)
    chance = (p * target).sum(axis=-1)
    either, apart, above = total - both, total - 2 * chance, both - chance
    with np.errstate(divide="ignore", invalid="ignore"):
        by_both = total / (either * apart) + total * above / (either**2 * apart)
        by_chance = -total / (either * apart) + 2 * total * above / (either * apart**2)
        by_total = (
            above / (either * apart)
            - total * above / (either**2 * apart)
            - total * above / (either * apart**2)
        )
    right = np.arange(2.0)
    x, y = right[:, None, None], right[:, None]
    p, q = p[..., None, None, :], q[..., None, None, :]
    of_chance = x * q + y * p - p * q
    table = (
        by_total[..., None, None, None] * (x + y)
        + by_both[..., None, None, None] * (x * y)
        + by_chance[..., None, None, None] * of_chance
    )
    # Beside the items of each kind a place for those that were not asked.
    kinds = 4 * n.shape[-1]
    padded = np.zeros((*table.shape[:-3], kinds + 1))
    padded[..., :-1] = table.reshape(*table.shape[:-3], kinds)
    return np.nan_to_num(padded, copy=False, posinf=0.0, neginf=0.0)
