"""Pair counts and agreement counts: the plain-Python twin, layouts, shards, bad input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import pair_counts_twin as twin

from clika import _native

if TYPE_CHECKING:
    from numpy.typing import NDArray

LANE_ITEMS = 512
BLOCK_ITEMS = 16 * LANE_ITEMS


@st.composite
def answers(draw: st.DrawFn) -> tuple[NDArray[np.int8], NDArray[np.int8], int]:
    """Draw codes, gold and number of options; mostly valid, all INVALID and all missing too."""
    n_options = draw(st.sampled_from([2, 3, 4, 5, 8, 9, 10, 64]))
    n_languages, n_items = draw(st.integers(0, 11)), draw(st.integers(0, 70))
    lowest = draw(st.sampled_from([-2, -1, 0]))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    codes = rng.integers(lowest, n_options, (n_items, n_languages)).astype(np.int8)
    gold = rng.integers(0, n_options, n_items).astype(np.int8)
    copied = rng.random(codes.shape) < draw(st.sampled_from([0.0, 0.5, 1.0]))
    codes[copied] = np.broadcast_to(gold[:, None], codes.shape)[copied]
    return codes, gold, n_options


def big(n_items: int, n_languages: int, n_options: int, lowest: int) -> Any:
    rng = np.random.default_rng(n_items)
    codes = rng.integers(lowest, n_options, (n_items, n_languages)).astype(np.int8)
    return codes, rng.integers(0, n_options, n_items).astype(np.int8)


def assert_equal(actual: dict[str, NDArray[np.int64]], expected: dict[str, Any]) -> None:
    assert actual.keys() == expected.keys()
    for name, counts in actual.items():
        np.testing.assert_array_equal(counts, expected[name], err_msg=name)


@given(answers(), st.integers(1, 3))
def test_pair_counts_equal_their_twin(
    drawn: tuple[NDArray[np.int8], NDArray[np.int8], int], threads: int
) -> None:
    codes, gold, n_options = drawn
    n_languages = codes.shape[1]
    counts = _native.pair_counts(codes, gold, n_options=n_options, threads=threads)
    expected = twin.pair_counts(codes.tolist(), gold.tolist(), n_languages, n_options)
    shapes = dict.fromkeys(twin.MATRICES, (n_languages,) * 2)
    shapes |= dict.fromkeys(twin.CUBES, (n_languages, n_languages, n_options))
    assert_equal(counts, {name: np.reshape(expected[name], shapes[name]) for name in expected})
    assert {counts[name].dtype for name in counts} == {np.dtype(np.int64)}


@given(answers())
def test_agreement_counts_are_those_of_the_pairs(
    drawn: tuple[NDArray[np.int8], NDArray[np.int8], int],
) -> None:
    codes, gold, n_options = drawn
    counts = _native.pair_counts(codes, gold, n_options=n_options)
    agree, valid_both = _native.agreement_counts(codes, n_options=n_options)
    np.testing.assert_array_equal(agree, counts["agree"])
    np.testing.assert_array_equal(valid_both, counts["valid_both"])


@pytest.mark.parametrize("lowest", [-2, -1, 0])
@pytest.mark.parametrize("n_items", [LANE_ITEMS, BLOCK_ITEMS - 1, BLOCK_ITEMS, 2 * BLOCK_ITEMS + 1])
def test_counts_of_shards_add_up_across_lanes_and_blocks(n_items: int, lowest: int) -> None:
    codes, gold = big(n_items, 9, 4, lowest)
    whole = _native.pair_counts(codes, gold, n_options=4)
    cut = n_items // 3
    parts = [
        _native.pair_counts(codes[rows], gold[rows], n_options=4)
        for rows in (slice(cut), slice(cut, None))
    ]
    assert_equal(whole, {name: parts[0][name] + parts[1][name] for name in whole})


@pytest.mark.parametrize("n_languages", [7, 8, 9, 17, 65])
def test_counts_do_not_depend_on_threads_or_the_order_of_items(n_languages: int) -> None:
    codes, gold = big(1000, n_languages, 5, -2)
    expected = _native.pair_counts(codes, gold, n_options=5, threads=1)
    shuffled = np.random.default_rng(1).permutation(1000)
    assert_equal(_native.pair_counts(codes, gold, n_options=5, threads=4), expected)
    assert_equal(_native.pair_counts(codes[shuffled], gold[shuffled], n_options=5), expected)


def test_any_memory_layout_is_taken() -> None:
    codes, gold = big(300, 6, 4, -1)
    expected = _native.pair_counts(codes, gold, n_options=4)
    assert_equal(_native.pair_counts(np.asfortranarray(codes), gold, n_options=4), expected)
    wide = np.repeat(codes, 2, axis=1)
    assert_equal(_native.pair_counts(wide[:, ::2], np.repeat(gold, 2)[::2], n_options=4), expected)
    backwards = _native.pair_counts(codes[::-1], gold[::-1], n_options=4)
    assert_equal(backwards, expected)
    codes.flags.writeable = False
    assert_equal(_native.pair_counts(codes, gold, n_options=4), expected)


@pytest.mark.parametrize("n_options", [-3, 0, 1, 65])
def test_option_counts_out_of_range_are_refused(n_options: int) -> None:
    codes, gold = big(3, 2, 2, 0)
    with pytest.raises(ValueError, match=f"n_options is {n_options}, but must be 2 to 64"):
        _native.pair_counts(codes, gold, n_options=n_options)
    with pytest.raises(ValueError, match=f"n_options is {n_options}"):
        _native.agreement_counts(codes, n_options=n_options)


@pytest.mark.parametrize("code", [-128, -3, 4, 127])
def test_a_code_out_of_range_is_named_with_its_place(code: int) -> None:
    codes, gold = big(700, 5, 4, -2)
    codes[600, 3] = codes[601, 1] = code
    with pytest.raises(ValueError, match=rf"codes\[600, 3\] is {code}, but must be -2"):
        _native.pair_counts(codes, gold, n_options=4)
    with pytest.raises(ValueError, match=rf"codes\[600, 3\] is {code}"):
        _native.agreement_counts(codes, n_options=4)


@pytest.mark.parametrize("code", [-1, 4])
def test_a_gold_out_of_range_is_named(code: int) -> None:
    codes, gold = big(10, 2, 4, 0)
    gold[7] = code
    with pytest.raises(ValueError, match=rf"gold\[7\] is {code}, but must be an option 0 to 3"):
        _native.pair_counts(codes, gold, n_options=4)


def test_gold_must_have_an_option_for_each_item() -> None:
    codes, gold = big(10, 2, 4, 0)
    with pytest.raises(ValueError, match="gold has 9 items, codes has 10"):
        _native.pair_counts(codes, gold[:9], n_options=4)


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        (np.zeros((3, 2)), r"float64 of shape \[3, 2\]"),
        (np.zeros(3, np.int8), r"int8 of shape \[3\]"),
        ([[0, 1]], "<class 'list'>"),
    ],
)
def test_other_than_int8_matrices_are_refused(codes: Any, found: str) -> None:
    with pytest.raises(TypeError, match=f"codes must be an int8 array .* not {found}"):
        _native.agreement_counts(codes, n_options=2)


def test_threads_must_be_positive() -> None:
    codes, gold = big(3, 2, 2, 0)
    with pytest.raises(ValueError, match="threads is 0"):
        _native.pair_counts(codes, gold, n_options=2, threads=0)
