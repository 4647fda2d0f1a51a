"""RankC: the set-based twin, chance, the table identity, ties, what is left out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import rankc_twin as twin

from clika import _native
from clika.metrics.ranking import (
    WEIGHTINGS,
    RankCounts,
    Weighting,
    chance_consistency,
    corrected_rank_consistency,
    count_ranks,
    depth_weights,
    item_consistency,
    rank_consistency,
    ranks_from_scores,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOSE = 1e-12
weightings = st.sampled_from(get_args(Weighting))


@st.composite
def rankings(draw: st.DrawFn) -> tuple[list[list[list[int]]], NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw rankings as lists, as an array, and the number of options of each item."""
    n_languages = draw(st.integers(1, 4))
    sizes = st.sampled_from([1, 2, 3, 4, 10, 12, 64])
    options = np.array(draw(st.lists(sizes, max_size=12)), dtype=np.uint8)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gaps = draw(st.sampled_from([0.0, 0.3, 1.0]))
    width = int(options.max(initial=1)) + draw(st.integers(0, 1)) * (options.max(initial=1) < 64)
    ranks = np.zeros((len(options), n_languages, width), dtype=np.uint8)
    lists: list[list[list[int]]] = []
    for item, k in enumerate(options.tolist()):
        lists.append([])
        for language in range(n_languages):
            if rng.random() < gaps:
                lists[item].append([])
            else:
                ranks[item, language, :k] = rng.permutation(k) + 1
                lists[item].append(ranks[item, language, :k].tolist())
    return lists, ranks, options


@given(drawn=rankings(), weighting=weightings, corrected=st.booleans())
def test_rankc_is_that_of_the_sets(drawn: Any, weighting: Weighting, *, corrected: bool) -> None:
    lists, ranks, options = drawn
    counts = count_ranks(ranks, options, threads=1)
    measured = (corrected_rank_consistency if corrected else rank_consistency)(counts, weighting)
    for source in range(ranks.shape[1]):
        for target in range(ranks.shape[1]):
            value = measured.value[source, target]
            expected = twin.rankc(lists, source, target, weighting, corrected=corrected)
            if expected is None:
                assert math.isnan(value)
                assert measured.reason[source, target]
            else:
                assert value == pytest.approx(expected, abs=CLOSE)
                assert measured.reason[source, target] is None


@given(drawn=rankings(), weighting=weightings, corrected=st.booleans())
def test_items_average_to_the_pair(drawn: Any, weighting: Weighting, *, corrected: bool) -> None:
    _, ranks, options = drawn
    source, target = 0, ranks.shape[1] - 1
    items = item_consistency(
        ranks[:, source], ranks[:, target], options, weighting, corrected=corrected
    )
    counts = count_ranks(ranks, options)
    measured = (corrected_rank_consistency if corrected else rank_consistency)(counts, weighting)
    known = items[~np.isnan(items)]
    assert len(known) == counts.n[source, target]
    if len(known):
        assert known.mean() == pytest.approx(measured.value[source, target], abs=CLOSE)


@given(rankings(), st.integers(0, 12), st.integers(1, 3))
def test_counts_of_parts_add_up(drawn: Any, cut: int, threads: int) -> None:
    _, ranks, options = drawn
    whole = _native.rankc_counts(ranks, options, threads=threads)
    parts = [_native.rankc_counts(ranks[at], options[at]) for at in (slice(cut), slice(cut, None))]
    for k, (n, overlap) in whole.items():
        held = [part[k] for part in parts if k in part]
        np.testing.assert_array_equal(n, sum(part[0] for part in held))
        np.testing.assert_array_equal(overlap, sum(part[1] for part in held))


@pytest.mark.parametrize("k", [*range(2, 13), 30, 60, 64])
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_the_table_identity_holds_for_any_k(k: int, weighting: Weighting) -> None:
    rng = np.random.default_rng(k)
    ranks = np.array([[rng.permutation(k) + 1 for _ in range(2)] for _ in range(20)], np.uint8)
    found = item_consistency(ranks[:, 0], ranks[:, 1], np.full(20, k, np.uint8), weighting)
    expected = [twin.item_rankc(*item, weighting) for item in ranks.tolist()]
    np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE)


@pytest.mark.parametrize(("k", "chance"), [(2, 0.634), (4, 0.377), (5, 0.310), (10, 0.158)])
def test_chance_of_the_softmax_weights(k: int, chance: float) -> None:
    assert round(chance_consistency(k, "softmax"), 3) == chance


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("k", [2, 4, 10])
def test_independent_rankings_are_at_chance(k: int, weighting: Weighting) -> None:
    rng = np.random.default_rng(k)
    ranks = rng.permuted(np.tile(np.arange(1, k + 1, dtype=np.uint8), (20_000, 2, 1)), axis=2)
    counts = count_ranks(ranks, np.full(20_000, k, np.uint8))
    assert rank_consistency(counts, weighting).value[0, 1] == pytest.approx(
        chance_consistency(k, weighting), abs=0.02
    )
    assert abs(corrected_rank_consistency(counts, weighting).value[0, 1]) < 0.03


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("k", [1, 2, 64, 1000])
def test_weights_sum_up_to_one_and_fall(k: int, weighting: Weighting) -> None:
    weights = depth_weights(k, weighting)
    assert weights.sum() == pytest.approx(1)
    assert (np.diff(weights) <= 0).all()


def test_items_with_one_option_are_left_out_and_counted() -> None:
    ranks = np.array([[[1, 0], [1, 0]], [[1, 2], [2, 1]], [[1, 2], [0, 0]]], dtype=np.uint8)
    counts = count_ranks(ranks, np.array([1, 2, 2], dtype=np.uint8))
    assert counts.n.tolist() == [[2, 1], [1, 1]]
    assert counts.n_single.tolist() == [[1, 1], [1, 1]]
    assert rank_consistency(counts, "norm1").value[0, 1] == pytest.approx(1 / 3)


def test_nothing_ranked_is_undefined_with_a_reason() -> None:
    measured = rank_consistency(RankCounts(2, {}), "softmax")
    assert np.isnan(measured.value).all()
    assert set(measured.reason.ravel()) == {
        "no item with two options or more was ranked in both languages"
    }


def scored(values: list[list[list[float]]], **chosen: Any) -> Any:
    scores = np.array(values)
    n_items, n_languages, width = scores.shape
    chosen.setdefault("items", np.arange(n_items))
    chosen.setdefault("languages", [f"l{number}" for number in range(n_languages)])
    return ranks_from_scores(scores, np.full(n_items, width, np.uint8), **chosen)


def test_the_highest_score_comes_first() -> None:
    ranking = scored([[[-3.0, -1.0, -2.0], [0.5, -math.inf, 7.0]]])
    assert ranking.ranks.tolist() == [[[3, 1, 2], [2, 3, 1]]]
    assert ranking.tied.tolist() == [0, 0]


def test_ties_in_order_keep_the_order() -> None:
    ranking = scored([[[0.0, 1.0, -0.0], [2.0, 2.0, 2.0]]], ties="order")
    assert ranking.ranks.tolist() == [[[2, 1, 3], [1, 2, 3]]]
    assert ranking.tied.tolist() == [1, 1]


def test_a_tie_does_not_agree_across_languages_nor_favour_a_place() -> None:
    n_items, k = 4_000, 4
    ranking = scored([[[0.0] * k] * 2] * n_items, languages=["en", "zh"])
    assert ranking.tied.tolist() == [n_items, n_items]
    firsts = (ranking.ranks == 1).mean(axis=0)
    np.testing.assert_allclose(firsts, 1 / k, atol=0.03)
    counts = count_ranks(ranking.ranks, np.full(n_items, k, np.uint8))
    assert abs(corrected_rank_consistency(counts, "softmax").value[0, 1]) < 0.03


def test_ranks_follow_ids_and_codes_not_places() -> None:
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 3, (30, 3, 5)).astype(float)
    options, items = np.full(30, 5, np.uint8), np.arange(100, 130)
    whole = ranks_from_scores(scores, options, items=items, languages=["en", "zh", "de"])
    order, columns = rng.permutation(30), [2, 0, 1]
    moved = ranks_from_scores(
        scores[order][:, columns], options, items=items[order], languages=["de", "en", "zh"]
    )
    np.testing.assert_array_equal(moved.ranks, whole.ranks[order][:, columns])
    np.testing.assert_array_equal(moved.tied, whole.tied[columns])


def test_items_may_be_short_or_not_asked() -> None:
    scores = np.array([[[1.0, 2.0, 9.0], [math.nan, math.nan, math.nan]]])
    ranking = ranks_from_scores(
        scores, np.array([2], np.uint8), items=np.array([7]), languages=["en", "zh"]
    )
    assert ranking.ranks.tolist() == [[[2, 1, 0], [0, 0, 0]]]


def test_half_a_row_of_scores_is_refused() -> None:
    with pytest.raises(ValueError, match=r"scores\[0, 1\]"):
        scored([[[1.0, 2.0], [1.0, math.nan]]])


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="2 languages"):
        scored([[[1.0, 2.0], [1.0, 2.0]]], languages=["en"])


@pytest.mark.parametrize(
    ("ranks", "options", "error"),
    [
        (np.zeros((1, 1, 2), np.int64), np.array([2], np.uint8), TypeError),
        (np.zeros((1, 2), np.uint8), np.array([2], np.uint8), TypeError),
        (np.zeros((1, 1, 2), np.uint8), np.array([2]), TypeError),
        (np.array([[[1, 1]]], np.uint8), np.array([2], np.uint8), ValueError),
        (np.array([[[1, 2]]], np.uint8), np.array([1], np.uint8), ValueError),
    ],
)
def test_what_is_no_ranking_is_refused(ranks: Any, options: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"ranks|options"):
        _native.rankc_counts(ranks, options)
