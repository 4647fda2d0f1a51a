"""RankC: how alike two languages rank the options of the same items.

The paper's definition: Qi, Fernández and Bisazza (2023), *Cross-Lingual Consistency of Factual
Knowledge in Multilingual Language Models*, EMNLP, with the script ``1_easyrun/RankC.py`` of
``Betswish/Cross-Lingual-Consistency``. RankC of a pair of languages is the mean over items of

    Σ_{j=1..k} w_j |top_j(l) ∩ top_j(h)| / j

with weights ``w`` that sum up to 1 and fall with the depth ``j``. Where this project deviates: ties
are broken by a hash, items with one option are left out, and the corrected form is its own.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from clika import _native
from clika.metrics.measure import Measure, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from clika.metrics.measure import Floats, Ints

__all__ = [
    "WEIGHTINGS",
    "RankCounts",
    "Ranking",
    "Ties",
    "Weighting",
    "chance_consistency",
    "corrected_rank_consistency",
    "count_ranks",
    "depth_weights",
    "item_consistency",
    "rank_consistency",
    "ranks_from_scores",
]

Weighting = Literal["softmax", "norm1", "norm2"]
Ties = Literal["hash", "order"]

#: The weightings of RankC; the first is the paper's headline.
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)

_SEED = 20240404
_FEWEST_OPTIONS = 2
_NOTHING_RANKED = "no item with two options or more was ranked in both languages"


class Ranking(NamedTuple):
    """Ranks made from scores.

    Attributes
    ----------
    ranks
        uint8 ``(n_items, n_languages, max_options)``: 1 = the highest score; 0 beyond an item's
        options, and throughout where it was not asked.
    tied
        int64 ``(n_languages,)``: items in which at least two options have the same score.
    """

    ranks: NDArray[np.uint8]
    tied: Ints


class RankCounts(NamedTuple):
    """What RankC of every pair of languages is made of, whatever the weights.

    Attributes
    ----------
    n_languages
        Number of languages.
    by_options
        Number of options (k) to ``n``, int64 ``(n_languages, n_languages)``, the items with k
        options asked in both, and ``overlap``, int64 ``(n_languages, n_languages, k)``,
        ``overlap[l, h, t - 1]`` = how many options are among the top t of both. Counts over
        disjoint sets of items add up.
    """

    n_languages: int
    by_options: dict[int, tuple[Ints, Ints]]

    @property
    def n(self) -> Ints:
        """int64 ``(n_languages, n_languages)``: the items that RankC rests on."""
        return self._items(lambda k: k >= _FEWEST_OPTIONS)

    @property
    def n_single(self) -> Ints:
        """int64 ``(n_languages, n_languages)``: items with one option, which are left out."""
        return self._items(lambda k: k < _FEWEST_OPTIONS)

    def _items(self, wanted: Callable[[int], bool]) -> Ints:
        total = np.zeros((self.n_languages, self.n_languages), dtype=np.int64)
        for k, (n, _) in self.by_options.items():
            if wanted(k):
                total += n
        return total


def depth_weights(options: int, weighting: Weighting) -> Floats:
    """Return the weight of each depth of an item with that many options.

    Parameters
    ----------
    options
        Number of options (k), 1 or more.
    weighting
        ``softmax`` of (k, k-1, ..., 1); ``norm1``: the same numbers over their sum; ``norm2``:
        their squares over the sum of squares. The softmax is shifted by its maximum, so that no
        number of options overflows.

    Returns
    -------
    ndarray
        float64 ``(k,)``, summing up to 1; the first is the weight of depth 1.

    Examples
    --------
    >>> depth_weights(3, "norm1").round(3).tolist()
    [0.5, 0.333, 0.167]
    """
    order = np.arange(options, 0, -1, dtype=np.float64)
    weights = {
        "softmax": np.exp(order - options),
        "norm1": order,
        "norm2": np.square(order),
    }[weighting]
    normed: Floats = weights / weights.sum()
    return normed


def chance_consistency(options: int, weighting: Weighting) -> float:
    """Return E, the consistency that two independent uniform rankings of k options have.

    The top j of each overlap in ``j * j / k`` options on average, so ``E = Σ_j w_j j / k``. It
    falls with k: .634 for two options, .158 for ten (``softmax``).

    Examples
    --------
    >>> [round(chance_consistency(k, "softmax"), 3) for k in (2, 4, 5, 10)]
    [0.634, 0.377, 0.31, 0.158]
    """
    depths = np.arange(1, options + 1)
    return float((depth_weights(options, weighting) * depths).sum() / options)


def count_ranks(
    ranks: NDArray[np.uint8], options: NDArray[np.uint8], *, threads: int | None = None
) -> RankCounts:
    """Count over all pairs of languages.

    Parameters
    ----------
    ranks
        uint8 ``(n_items, n_languages, max_options)``: 1-based rank of each option, 0 beyond an
        item's options; 0 throughout where it was not asked.
    options
        uint8 ``(n_items,)``: number of options (k) of each item, 1..64.
    threads
        ``None`` = as many as the process may run on. The result does not depend on it.

    Raises
    ------
    ValueError
        The ranks of an item are no ranking (the place is named), or the shapes do not fit.

    Notes
    -----
    O(n_languages^2 n_items k^2 / 64) word operations.
    """
    return RankCounts(ranks.shape[1], _native.rankc_counts(ranks, options, threads=threads))


def rank_consistency(counts: RankCounts, weighting: Weighting) -> Measure:
    """Return RankC: 1 where both languages rank alike, 0 is out of reach.

    Parameters
    ----------
    counts
        Counts of pairs.
    weighting
        See :func:`depth_weights`.

    Returns
    -------
    Measure
        Shares in (0, 1], ``(n_languages, n_languages)``, symmetric; undefined where no item with
        two options or more was ranked in both.

    Examples
    --------
    >>> ranks = np.array([[[1, 2], [1, 2]], [[1, 2], [2, 1]]], dtype=np.uint8)
    >>> counts = count_ranks(ranks, np.array([2, 2], dtype=np.uint8))
    >>> rank_consistency(counts, "norm1").value.round(3).tolist()
    [[1.0, 0.667], [0.667, 1.0]]
    """
    return ratio(_summed(counts, weighting, corrected=False), counts.n, reason=_NOTHING_RANKED)


def corrected_rank_consistency(counts: RankCounts, weighting: Weighting) -> Measure:
    """Return RankC*, the mean over items of ``(RankC - E) / (1 - E)``: 0 for independent rankings.

    E is that of the item's own number of options (:func:`chance_consistency`), so that items with
    few options, which agree by chance, count no more than the others. Below 0 where the rankings
    oppose each other; undefined where RankC is.
    """
    return ratio(_summed(counts, weighting, corrected=True), counts.n, reason=_NOTHING_RANKED)


def _summed(counts: RankCounts, weighting: Weighting, *, corrected: bool) -> Floats:
    total = np.zeros((counts.n_languages, counts.n_languages))
    for k, (n, overlap) in sorted(counts.by_options.items()):
        if k < _FEWEST_OPTIONS:
            continue
        # One depth after the other: the order of summation is then that of no library.
        of_items = np.zeros_like(total)
        for depth, weight in enumerate(depth_weights(k, weighting), start=1):
            of_items += weight / depth * overlap[..., depth - 1]
        if corrected:
            chance = chance_consistency(k, weighting)
            of_items = (of_items - n * chance) / (1 - chance)
        total += of_items
    return total


def item_consistency(
    source: NDArray[np.uint8],
    target: NDArray[np.uint8],
    options: NDArray[np.uint8],
    weighting: Weighting,
    *,
    corrected: bool = False,
) -> Floats:
    """Return RankC of each item for one pair of languages: what a bootstrap resamples.

    Parameters
    ----------
    source, target
        uint8 ``(n_items, max_options)``: 1-based ranks; 0 beyond an item's options, and throughout
        where it was not asked.
    options
        uint8 ``(n_items,)``: number of options (k) of each item.
    weighting
        See :func:`depth_weights`.
    corrected
        RankC* instead.

    Returns
    -------
    ndarray
        float64 ``(n_items,)``, whose mean without NaN is the pair's RankC (RankC*); NaN where the
        item was not ranked in both, or has one option.

    Notes
    -----
    An option counts at every depth from the worse of its two ranks on. So an item's RankC is the
    sum over its options of ``S[max(r_l, r_h)]`` with ``S[t] = Σ_{j >= t} w_j / j``.
    """
    values = np.full(len(options), np.nan)
    asked = (source[:, 0] > 0) & (target[:, 0] > 0)
    for k in np.unique(options[asked]).tolist():
        if k < _FEWEST_OPTIONS:
            continue
        rows = asked & (options == k)
        share = depth_weights(k, weighting) / np.arange(1, k + 1)
        from_depth = np.cumsum(share[::-1])[::-1]
        worse = np.maximum(source[rows, :k], target[rows, :k])
        found = from_depth[worse - 1].sum(axis=1)
        if corrected:
            chance = chance_consistency(k, weighting)
            found = (found - chance) / (1 - chance)
        values[rows] = found
    return values


def ranks_from_scores(
    scores: Floats,
    options: NDArray[np.uint8],
    *,
    items: Ints,
    languages: Sequence[str],
    ties: Ties = "hash",
) -> Ranking:
    """Rank the options of each item by their scores, the highest first.

    Parameters
    ----------
    scores
        float64 ``(n_items, n_languages, max_options)``; what is beyond an item's options is not
        looked at. NaN in all of them: not asked in that language.
    options
        uint8 ``(n_items,)``: number of options (k) of each item, 1..64.
    items
        int64 ``(n_items,)``: item ids.
    languages
        Codes of the languages, in the order of the columns.
    ties
        What decides between options of one score. ``hash``: a 64-bit hash of item id, option and
        language, so that a tie favours no place and two languages do not agree on it.
        ``order``: the earlier option first, as the paper's script does by its stable sort; two
        languages that cannot tell the options apart then agree completely.

    Returns
    -------
    Ranking
        It depends on neither the order of the items nor that of the languages.

    Raises
    ------
    ValueError
        Some but not all scores of an item are NaN (its place is named), or shapes do not fit.

    Notes
    -----
    The hash runs the finaliser of SplitMix64 (Steele, Lea and Flood 2014) over the seed 20240404
    with the first eight bytes of the language code's SHA-256, then the item id, then the option.
    """
    n_items, n_languages, width = scores.shape
    if len(options) != n_items or len(items) != n_items or len(languages) != n_languages:
        raise ValueError(
            f"scores of shape {scores.shape} need {n_items} options and item ids and "
            f"{n_languages} languages, not {len(options)}, {len(items)} and {len(languages)}"
        )
    own = np.arange(width) < options[:, None, None]
    missing = np.isnan(scores) & own
    asked = ~(missing == own).all(axis=2)
    partly = np.argwhere(missing.any(axis=2) & asked)
    if len(partly):
        item, language = partly[0].tolist()
        raise ValueError(f"scores[{item}, {language}] has NaN for some options but not for all")
    # What is not an option sorts after every option; a plain minus would keep -0.0 apart from 0.0.
    keys = np.where(own & asked[..., None], 0.0 - scores, np.nan)
    order = np.argsort(keys, axis=2, kind="stable")
    ordered = np.take_along_axis(keys, order, axis=2)
    tied = (ordered[..., 1:] == ordered[..., :-1]).any(axis=2)
    if ties == "hash" and tied.any():
        at_item, at_language = np.nonzero(tied)
        hashes = _tie_hashes(items[at_item], [languages[at] for at in at_language.tolist()], width)
        order[tied] = np.lexsort((hashes, keys[tied]), axis=1)
    ranks = np.zeros(scores.shape, dtype=np.uint8)
    places = np.broadcast_to(np.arange(1, width + 1, dtype=np.uint8), scores.shape)
    np.put_along_axis(ranks, order, places, axis=2)
    ranks[~(own & asked[..., None])] = 0
    return Ranking(ranks, tied.sum(axis=0, dtype=np.int64))


def _tie_hashes(items: Ints, languages: Sequence[str], width: int) -> NDArray[np.uint64]:
    """Return uint64 ``(n, width)`` for n items in n languages."""
    starts = {
        code: int.from_bytes(hashlib.sha256(code.encode()).digest()[:8], "little") ^ _SEED
        for code in set(languages)
    }
    state = np.array([starts[code] for code in languages], dtype=np.uint64)
    state = _mixed(_mixed(state) ^ items.astype(np.int64).view(np.uint64))
    return _mixed(state[:, None] ^ np.arange(width, dtype=np.uint64))


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return SplitMix64's next output from each state."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
