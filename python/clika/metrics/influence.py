"""How far the metrics beyond one pair may vary, by the influence of each item on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.linearised import Spread
from clika.metrics.measure import share
from clika.schema import NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from clika.metrics.baseline import Baseline
    from clika.metrics.counts import PairCounts
    from clika.metrics.linearised import Resampled
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
    across: PairCounts,
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
    across, baseline
        From :mod:`clika.metrics.baseline`.
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
    models, items, languages = codes.shape
    options = across.gold_n.shape[-1]
    none = 4 * options
    respondents = codes.transpose(0, 2, 1).reshape(models * languages, items)
    # The place of an item in the table of a pair: right in the first, right in the second, gold.
    right, absent = respondents == gold, respondents == NOT_ASKED
    first = np.where(absent, none, right * (2 * options))
    second = np.where(absent, none, right * options + gold)
    errors = np.zeros((models, languages, languages))
    freedom = np.zeros_like(errors)
    for model, source in np.ndindex(models, languages):
        size = baseline.size[model, source]
        (compared,) = np.nonzero(size)
        if not len(compared):
            continue
        others, targets = np.nonzero(baseline.members[model, :, source])
        here = model * languages + source
        row = np.concatenate([model * languages + compared, others * languages + targets])
        target = np.concatenate([compared, targets])
        weight = np.concatenate([np.ones(len(compared)), -1 / size[targets]])
        order = np.argsort(target, kind="stable")
        table = weight[order, None] * _overlap_table(across, here, row[order])
        place = np.minimum(first[here] + second[row[order]], none)
        place += np.arange(len(row))[:, None] * (none + 1)
        starts = np.searchsorted(target[order], compared)
        moved = np.add.reduceat(table.ravel().take(place, mode="clip"), starts, axis=0)
        errors[model, source, compared], freedom[model, source, compared] = resampled.spread(moved)
    return Spread(errors, freedom)


def _overlap_table(across: PairCounts, first: int, second: NDArray[np.int64]) -> Floats:
    """Return the influence of each kind of item on CO* of pairs, and 0 for one not asked.

    Returns
    -------
    ndarray
        ``(n_pairs, 4 * n_options + 1)``: not right or right in the first, likewise in the second,
        gold letter; 0 throughout where CO* is undefined.
    """
    n = across.gold_n[first, second].astype(np.float64)
    source, target = (
        across.gold_right_source[first, second],
        across.gold_right_target[first, second],
    )
    p, q = np.nan_to_num(share(source, n)), np.nan_to_num(share(target, n))
    total = (source + target).sum(axis=-1).astype(np.float64)
    both = across.both_right[first, second].astype(np.float64)
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
    p, q = p[:, None, None, :], q[:, None, None, :]
    of_chance = x * q + y * p - p * q
    table = (
        by_total[:, None, None, None] * (x + y)
        + by_both[:, None, None, None] * (x * y)
        + by_chance[:, None, None, None] * of_chance
    )
    # Beside the items of each kind a place for those that were not asked.
    padded = np.zeros((len(second), table[0].size + 1))
    padded[:, :-1] = table.reshape(len(second), -1)
    return np.nan_to_num(padded, copy=False, posinf=0.0, neginf=0.0)
