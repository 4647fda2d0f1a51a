"""RankC of all pairs of languages, against NumPy and against the sets of the paper's definition.

The ranks are random; shape and numbers of options are those of BMLAMA-53. NumPy is given its two
best forms that we know: one matrix product for each depth (float32, so that BLAS does it; exact,
since no count passes 2**24), and for each language the look-up of S[max] against all later ones.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from timing import Row, paired

from clika.metrics.probabilities import capa, option_probabilities, sum_capa
from clika.metrics.ranking import count_ranks, depth_weights, rank_consistency

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ranks = NDArray[np.uint8]

__all__ = ["run"]

LANGUAGES = 53
#: Number of options, and how many items of BMLAMA-53 have it.
ITEMS = {1: 34, 2: 9, 3: 10, 4: 132, 5: 7, 8: 27, 9: 17, 10: 2834}
#: The part that the sets are timed on: pairs with the first language, and every so manieth item.
SET_PAIRS, SET_STEP = 2, 10
CLOSE = 1e-12


def _ranks() -> tuple[Ranks, Ranks]:
    """Return random ranks and the number of options of each item."""
    generator = np.random.default_rng(20240404)
    options = np.repeat(list(ITEMS), list(ITEMS.values())).astype(np.uint8)
    generator.shuffle(options)
    ranks = np.zeros((len(options), LANGUAGES, max(ITEMS)), np.uint8)
    for k in ITEMS:
        rows = np.flatnonzero(options == k)
        ordered = np.broadcast_to(np.arange(1, k + 1, dtype=np.uint8), (len(rows), LANGUAGES, k))
        ranks[rows, :, :k] = generator.permuted(ordered, axis=2)
    return ranks, options


def _ours(ranks: Ranks, options: Ranks, *, threads: int | None = None) -> Floats:
    return rank_consistency(count_ranks(ranks, options, threads=threads), "softmax").value


def _products(ranks: Ranks, options: Ranks) -> Floats:
    total = np.zeros((LANGUAGES, LANGUAGES))
    for k in np.unique(options[options > 1]).tolist():
        group = np.ascontiguousarray(ranks[options == k, :, :k].transpose(1, 0, 2))
        group = group.reshape(LANGUAGES, -1)
        for depth, weight in enumerate(depth_weights(k, "softmax"), start=1):
            top = (group <= depth).astype(np.float32)
            total += weight / depth * (top @ top.T)
    return total / (options > 1).sum()


def _look_up(ranks: Ranks, options: Ranks) -> Floats:
    total = np.zeros((LANGUAGES, LANGUAGES))
    for k in np.unique(options[options > 1]).tolist():
        share = depth_weights(k, "softmax") / np.arange(1, k + 1)
        table = np.concatenate([[0.0], np.cumsum(share[::-1])[::-1]])
        group = np.ascontiguousarray(ranks[options == k, :, :k].transpose(1, 0, 2))
        group = group.reshape(LANGUAGES, -1)
        for source in range(LANGUAGES):
            found = table[np.maximum(group[source], group[source:])].sum(axis=1)
            total[source, source:] += found
    return (np.triu(total) + np.triu(total, 1).T) / (options > 1).sum()


def _sets(ordered: list[list[list[int]]], weights: dict[int, list[float]]) -> list[float]:
    """Compare the first language with the next ones, each item a list of options by rank."""
    values = []
    for target in range(1, SET_PAIRS + 1):
        consistent = 0.0
        for item in ordered:
            first, second = item[0], item[target]
            for depth, weight in enumerate(weights[len(first)], start=1):
                top = set(first[:depth])
                consistent += weight * len(top & set(second[:depth])) / depth
        values.append(consistent / len(ordered))
    return values


def _against_sets(ranks: Ranks, options: Ranks) -> Row:
    """Time the sets on a part and scale them to all pairs and items."""
    part = np.flatnonzero(options > 1)[::SET_STEP]
    ordered = [
        [np.argsort(row[: options[item]]).tolist() for row in ranks[item, : SET_PAIRS + 1]]
        for item in part.tolist()
    ]
    weights = {k: depth_weights(k, "softmax").tolist() for k in ITEMS}
    values = _sets(ordered, weights)
    assert np.allclose(values, _ours(ranks[part], options[part])[0, 1 : SET_PAIRS + 1], atol=CLOSE)
    pairs = LANGUAGES * (LANGUAGES - 1) // 2
    scale = pairs / SET_PAIRS * (options > 1).sum() / len(part)
    row = paired(
        "RankC, BMLAMA-53, 1,378 pairs",
        partial(_ours, ranks, options),
        "the definition's sets, a pair and an item at a time",
        partial(_sets, ordered, weights),
    )
    note = f"timed on {SET_PAIRS} pairs x {len(part)} items, x {scale:,.0f}"
    return row._replace(theirs=row.theirs * scale, ratio=row.ratio * scale, note=note)


def _capa_products(probabilities: Floats, options: Ranks, gold: NDArray[np.int8]) -> Floats:
    """Compute CAPA where every item is asked in every language."""
    kept = options > 1
    flat = np.nan_to_num(probabilities[kept].transpose(1, 0, 2)).reshape(LANGUAGES, -1)
    n = int(kept.sum())
    of_gold = probabilities[kept, :, gold[kept]].mean(axis=0)
    spread = (1 / (options[kept] - 1.0)).mean()
    expected = np.outer(of_gold, of_gold) + spread * np.outer(1 - of_gold, 1 - of_gold)
    return (flat @ flat.T / n - expected) / (1 - expected)


def _against_capa(options: Ranks) -> Row:
    generator = np.random.default_rng(1)
    scores = generator.normal(size=(len(options), LANGUAGES, max(ITEMS)))
    probabilities = option_probabilities(scores, options)
    gold = (generator.integers(0, 90, len(options)) % options).astype(np.int8)

    def ours() -> Floats:
        return capa(sum_capa(probabilities, options, gold)).value

    theirs = partial(_capa_products, probabilities, options, gold)
    assert np.allclose(ours(), theirs(), atol=CLOSE)
    return paired(
        "CAPA, BMLAMA-53, 1,378 pairs",
        ours,
        "NumPy, float64 matrix product, nothing missing",
        theirs,
        note="clika checks every value and allows for items not asked",
    )


def run() -> list[Row]:
    """Time them, after checking that all compute the same."""
    ranks, options = _ranks()
    ours = _ours(ranks, options)
    assert np.allclose(ours, _products(ranks, options), rtol=0, atol=CLOSE)
    assert np.allclose(ours, _look_up(ranks, options), rtol=0, atol=CLOSE)
    what = "RankC, BMLAMA-53, 1,378 pairs"
    return [
        paired(
            what,
            partial(_ours, ranks, options),
            "NumPy, float32 matrix products, one a depth",
            partial(_products, ranks, options),
        ),
        paired(
            f"{what}, one thread",
            partial(_ours, ranks, options, threads=1),
            "NumPy, float32 matrix products, one a depth",
            partial(_products, ranks, options),
        ),
        paired(
            what,
            partial(_ours, ranks, options),
            "NumPy, S[max] look-up, a language at a time",
            partial(_look_up, ranks, options),
        ),
        _against_sets(ranks, options),
        _against_capa(options),
    ]
