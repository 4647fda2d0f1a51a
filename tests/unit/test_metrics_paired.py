"""The paired tests: the plain-Python twin, statsmodels, symmetry, and the size that is promised."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import paired_twin as twin
from statsmodels.stats.contingency_tables import mcnemar

from clika import _native
from clika.metrics import consistency as ct
from clika.metrics.comparison.paired import (
    RATIO_METRICS,
    PairedAnswers,
    RatioParts,
    mcnemar_p,
    purpose_of,
    ratio_parts,
    swap_test,
)
from clika.metrics.counts import count_pairs
from clika.metrics.performance import accuracy

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED, PURPOSE = 20240404, 3
OPTIONS = 4


def answers(n_items: int, n_languages: int, *, seed: int, lowest: int = -2) -> PairedAnswers:
    """Return made-up answers of two models of which the first is the better one."""
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, OPTIONS, n_items).astype(np.int8)
    codes = rng.integers(lowest, OPTIONS, (2, n_items, n_languages)).astype(np.int8)
    known = rng.random(codes.shape) < np.array([0.6, 0.4])[:, None, None]
    codes = np.where(known, gold[:, None], codes).astype(np.int8)
    return PairedAnswers(codes, gold, (np.arange(n_items) // 2).astype(np.int32))


def all_pairs(n_languages: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pairs = np.indices((n_languages, n_languages)).reshape(2, -1)
    return pairs[0], pairs[1]


counts = st.integers(0, 70).flatmap(
    lambda n: st.lists(
        st.tuples(
            *[st.integers(0, 3).flatmap(lambda u: st.tuples(st.integers(0, u), st.just(u)))] * 2
        ),
        min_size=n,
        max_size=n,
    )
)


@settings(max_examples=40, deadline=None)
@given(counts)
def test_statistics_equal_their_twin(
    clusters: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    numerators = [[models[m][0] for models in clusters] for m in (0, 1)]
    denominators = [[models[m][1] for models in clusters] for m in (0, 1)]
    arrays = [
        np.array(each, np.int64).reshape(2, len(clusters), 1) for each in (numerators, denominators)
    ]
    observed, swapped = _native.swap_statistics(*arrays, replicates=5, seed=SEED, purpose=PURPOSE)
    rows = ((numerators[0], numerators[1]), (denominators[0], denominators[1]))
    coins = [twin.coins(SEED, PURPOSE, replicate, len(clusters)) for replicate in range(5)]
    expected = [twin.swapped(*rows, each) for each in coins]
    np.testing.assert_allclose(observed, [twin.statistic(*rows)], rtol=1e-9)
    np.testing.assert_allclose(swapped[:, 0], expected, rtol=1e-9)


def test_the_statistic_takes_any_layout_and_number_of_threads() -> None:
    rng = np.random.default_rng(1)
    denominators = rng.integers(0, 4, (2, 130, 37))
    numerators = rng.integers(0, denominators + 1)
    expected = _native.swap_statistics(
        numerators, denominators, replicates=300, seed=1, purpose=2, threads=1
    )
    for threads in (2, 8):
        found = _native.swap_statistics(
            np.asfortranarray(numerators),
            np.asfortranarray(denominators),
            replicates=300,
            seed=1,
            purpose=2,
            threads=threads,
        )
        for array, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize(
    ("numerators", "denominators", "error"),
    [
        (np.zeros((3, 2, 1), int), np.zeros((3, 2, 1), int), ValueError),
        (np.zeros((2, 2, 1), int), np.zeros((2, 3, 1), int), ValueError),
        (np.full((2, 2, 1), -1), np.zeros((2, 2, 1), int), ValueError),
        (np.full((2, 2, 1), 2**62), np.zeros((2, 2, 1), int), ValueError),
        (np.zeros((2, 2, 1)), np.zeros((2, 2, 1), int), TypeError),
        (np.zeros((2, 2), int), np.zeros((2, 2), int), TypeError),
    ],
)
def test_counts_that_cannot_be_are_refused(
    numerators: NDArray[np.int64], denominators: NDArray[np.int64], error: type[Exception]
) -> None:
    with pytest.raises(error):
        _native.swap_statistics(numerators, denominators, replicates=1, seed=0, purpose=0)


@pytest.mark.parametrize("n_items", [0, 1, 60])
def test_the_parts_of_a_ratio_sum_to_the_metric_itself(n_items: int) -> None:
    paired = answers(n_items, 5, seed=n_items).asked_of_both()
    sources, targets = all_pairs(5)
    for model, codes in enumerate(paired.codes):
        pairs = count_pairs(codes, paired.gold, options=OPTIONS)
        acc = accuracy(pairs.right_source.diagonal(), pairs.n.diagonal()).value
        expected = {
            "acc": np.broadcast_to(acc[:, None], (5, 5)),
            "co:union": ct.overlap(pairs, "union").value,
            "co:source": ct.overlap(pairs, "source").value,
            "ag": ct.agreement(pairs).value,
            "ag_wrong": ct.agreement_in_error(pairs, options=OPTIONS).value,
        }
        expected["ra"] = expected["acc"]
        assert set(expected) == set(RATIO_METRICS)
        for metric, values in expected.items():
            parts = ratio_parts(metric, paired, sources, targets)
            assert not (parts.numerator & ~parts.denominator).any(), metric
            with np.errstate(invalid="ignore"):
                found = parts.numerator[model].sum(axis=0) / parts.denominator[model].sum(axis=0)
            np.testing.assert_array_equal(found.reshape(5, 5), values, err_msg=metric)


def test_what_one_model_was_not_asked_counts_for_neither() -> None:
    codes = np.array([[[0], [0], [-2]], [[0], [-2], [0]]], np.int8)
    paired = PairedAnswers(codes, np.zeros(3, np.int8), np.arange(3, dtype=np.int32))
    assert paired.asked_of_both().codes[..., 0].tolist() == [[0, -2, -2], [0, -2, -2]]


def test_exchanging_the_models_negates_the_statistic_and_keeps_p() -> None:
    paired = answers(200, 4, seed=5)
    back = paired._replace(codes=paired.codes[::-1])
    for metric in RATIO_METRICS:
        one, other = (
            swap_test(
                ratio_parts(metric, each, *all_pairs(4)),
                each.clusters,
                replicates=500,
                seed=SEED,
                purpose=PURPOSE,
            )
            for each in (paired, back)
        )
        np.testing.assert_array_equal(other.statistic, -one.statistic)
        np.testing.assert_array_equal(other.p, one.p)
        np.testing.assert_array_equal(other.swapped, one.swapped)


def test_names_of_clusters_make_no_difference() -> None:
    paired = answers(90, 3, seed=6)
    parts = ratio_parts("co:union", paired, *all_pairs(3))
    renamed = (1000 - 7 * paired.clusters).astype(np.int32)
    one, other = (
        swap_test(parts, names, replicates=200, seed=SEED, purpose=PURPOSE)
        for names in (paired.clusters, renamed)
    )
    np.testing.assert_array_equal(other.swapped, one.swapped)


def test_an_undefined_ratio_has_no_p() -> None:
    nothing = np.zeros((2, 9, 1), bool)
    test = swap_test(
        RatioParts(nothing, nothing), np.arange(9, dtype=np.int32), replicates=20, seed=1, purpose=1
    )
    assert np.isnan(test.p).all()
    assert (test.swapped == 0).all()


def test_equal_models_have_p_of_one() -> None:
    paired = answers(50, 3, seed=7)
    same = paired._replace(codes=np.stack([paired.codes[0]] * 2))
    test = swap_test(
        ratio_parts("ag", same, *all_pairs(3)), same.clusters, replicates=99, seed=1, purpose=1
    )
    assert test.p.tolist() == [1.0] * 9
    assert test.differing.tolist() == [0] * 9


def test_without_clusters_swaps_of_accuracy_come_to_mcnemar_s_test() -> None:
    paired = answers(40, 6, seed=8, lowest=-1)._replace(clusters=np.arange(40, dtype=np.int32))
    languages = np.arange(6)
    parts = ratio_parts("acc", paired, languages, languages)
    test = swap_test(parts, paired.clusters, replicates=20_000, seed=SEED, purpose=PURPOSE)
    first, second = parts.numerator
    exact = [
        mcnemar_p(int(a), int(b))
        for a, b in zip((first & ~second).sum(axis=0), (second & ~first).sum(axis=0), strict=True)
    ]
    # Five standard errors of 20,000 replicates.
    assert np.abs(test.p - exact).max() < 5 * math.sqrt(0.25 / 20_000)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_equals_statsmodels(only_first: int, only_second: int) -> None:
    table = [[5, only_first], [only_second, 7]]
    expected = mcnemar(table, exact=True).pvalue
    np.testing.assert_allclose(mcnemar_p(only_first, only_second), expected, rtol=1e-10)


def test_mcnemar_of_large_counts_is_finite() -> None:
    assert mcnemar_p(5000, 5000) == 1.0
    assert 0 < mcnemar_p(4800, 5200) < 1e-4
    assert mcnemar_p(0, 5000) == 0.0


def test_purposes_differ_by_every_name() -> None:
    names = [("swap", "x_geo"), ("swap", "x_name"), ("bootstrap", "x_geo"), ("swapx", "_geo")]
    purposes = {purpose_of(*each) for each in names}
    assert len(purposes) == len(names)
    assert all(0 <= purpose < 2**64 for purpose in purposes)


@pytest.mark.parametrize("metric", ["co:union", "ag"])
def test_the_size_of_the_swap_test_is_what_it_says(metric: str) -> None:
    """Of 300 data sets without a difference, 5 % reject: 3 to 29 within 4 standard errors."""
    rng = np.random.default_rng(20240404)
    n_rejected = 0
    for data_set in range(300):
        ability = rng.normal(size=(90, 1)) + rng.normal(size=(90, 2))
        gold = rng.integers(0, OPTIONS, 90).astype(np.int8)
        guesses = rng.integers(0, OPTIONS, (2, 90, 2))
        knows = rng.normal(size=(2, 90, 2)) < ability
        codes = np.where(knows, gold[:, None], guesses).astype(np.int8)
        paired = PairedAnswers(codes, gold, (np.arange(90) // 2).astype(np.int32))
        parts = ratio_parts(metric, paired, np.array([0]), np.array([1]))
        test = swap_test(parts, paired.clusters, replicates=199, seed=data_set, purpose=0)
        n_rejected += bool(test.p[0] <= 0.05)
    assert 3 <= n_rejected <= 29
