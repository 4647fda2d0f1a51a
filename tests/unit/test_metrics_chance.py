"""The test against chance: moments against every permutation, Monte Carlo, false discovery."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import metrics_twin as twin

from clika.metrics.performance import chance_matches, chance_p_values, false_discovery_q
from clika.metrics.scorecard import scorecards
from clika.metrics.task_answers import TaskAnswers


def counted(answers: list[int], gold: list[int], options: int) -> tuple[np.ndarray, ...]:
    letters = [sum(answer == option for answer in answers) for option in range(options)]
    golds = [sum(right == option for right in gold) for option in range(options)]
    right = sum(a == g for a, g in zip(answers, gold, strict=True))
    return np.array([right]), np.array([letters]), np.array([golds]), np.array([len(gold)])


@st.composite
def cells(draw: st.DrawFn, *, items: int) -> tuple[list[int], list[int], int]:
    options = draw(st.integers(2, 4))
    n = draw(st.integers(1, items))
    answers = draw(st.lists(st.integers(-1, options - 1), min_size=n, max_size=n))
    gold = draw(st.lists(st.integers(0, options - 1), min_size=n, max_size=n))
    return answers, gold, options


@given(cells(items=6))
@settings(max_examples=60, deadline=None)
def test_mean_and_variance_are_those_over_every_permutation(
    cell: tuple[list[int], list[int], int],
) -> None:
    answers, gold, _ = cell
    _, letters, golds, n = counted(*cell)
    wanted = twin.every_permutation(answers, gold)
    found = chance_matches(letters, golds, n)
    assert found.mean[0] == pytest.approx(float(wanted.mean), abs=1e-12)
    assert found.variance[0] == pytest.approx(float(wanted.variance), abs=1e-12)


@given(cells(items=6))
@settings(max_examples=20, deadline=None)
def test_few_items_are_tested_by_monte_carlo(cell: tuple[list[int], list[int], int]) -> None:
    answers, gold, _ = cell
    wanted = float(twin.every_permutation(answers, gold).p)
    (found,) = chance_p_values(*counted(*cell))
    # Five standard errors of 10,000 draws.
    assert abs(found - wanted) <= 5 * math.sqrt(wanted * (1 - wanted) / 10_000) + 1e-3


def test_monte_carlo_is_deterministic_and_independent_of_its_neighbours() -> None:
    first = counted([0, 1, 1, 0, -1, 1, 0], [0, 1, 1, 0, 0, 1, 1], 2)
    second = counted([1, 1, 0, 0, 0, 1, 0], [0, 1, 1, 0, 0, 1, 1], 2)
    (alone,) = chance_p_values(*first)
    for order in ((first, second), (second, first)):
        together = [np.concatenate(parts) for parts in zip(*order, strict=True)]
        p = chance_p_values(*together)
        assert p[0 if order[0] is first else 1] == alone
    assert alone == chance_p_values(*first)[0]


def test_many_items_are_tested_by_the_normal_tail_with_continuity() -> None:
    # 60 of A and 60 of B in answers and golds: mean 60, variance 120^2 / (4 * 119).
    right, n = np.array([75]), np.array([120])
    half = np.array([[60, 60]])
    (p,) = chance_p_values(right, half, half, n)
    z = (75 - 0.5 - 60) / math.sqrt(120**2 / (4 * 119))
    assert p == pytest.approx(math.erfc(z / math.sqrt(2)) / 2, rel=1e-12)


def test_monte_carlo_ends_at_100_items() -> None:
    draws = 10_001
    for items, is_drawn in ((99, True), (100, False)):
        answers = [place % 2 for place in range(items)]
        gold = [place % 2 if place < 60 else 1 - place % 2 for place in range(items)]
        (p,) = chance_p_values(*counted(answers, gold, 2))
        assert (abs(p * draws - round(p * draws)) < 1e-6) == is_drawn


@pytest.mark.parametrize(
    ("answers", "gold"),
    [
        ([0] * 150, [0, 1, 1] * 50),  # a constant answerer: every permutation matches as often
        ([0, 1] * 75, [1] * 150),  # constant golds
        ([-1] * 150, [0, 1, 1] * 50),  # all INVALID
        ([0], [0]),  # one item
    ],
)
def test_without_variance_nothing_is_above_chance(answers: list[int], gold: list[int]) -> None:
    assert chance_p_values(*counted(answers, gold, 2)).tolist() == [1.0]


def test_nothing_asked_has_p_1() -> None:
    nothing = np.zeros((1, 2), np.int64)
    zero = np.zeros(1, np.int64)
    assert chance_p_values(zero, nothing, nothing, zero).tolist() == [1.0]


@given(st.lists(st.floats(0, 1), max_size=12))
def test_false_discovery_equals_its_twin(p_values: list[float]) -> None:
    found = false_discovery_q(np.array(p_values, np.float64))
    assert found.tolist() == pytest.approx(twin.adjusted(p_values), rel=1e-12, abs=1e-12)


def test_the_test_is_adjusted_over_all_tasks_and_skips_what_was_not_asked() -> None:
    gold = np.array([0, 1] * 100, np.int8)
    # Right in 200, 118, 112 and 100 of 200 items.
    knows, leans, tends, guesses = (
        np.where(np.arange(200) < n, gold, 1 - gold).astype(np.int8) for n in (200, 118, 112, 100)
    )
    absent = np.full(200, -2, np.int8)
    one = TaskAnswers(np.stack([knows, guesses, absent], axis=1)[None], gold, 2, None)
    other = TaskAnswers(np.stack([leans, tends], axis=1)[None], gold, 2, None)
    first, second = scorecards([one, other])
    p = [*first.p_chance[0, :2], *second.p_chance[0]]
    q = [*first.q_chance[0, :2], *second.q_chance[0]]
    assert q == pytest.approx(twin.adjusted(p), rel=1e-12)
    assert all(adjusted > raw for raw, adjusted in zip(p, q, strict=True) if raw < max(p))
    assert first.p_chance[0, 2] == 1.0
    assert np.isnan(first.q_chance[0, 2])
    acc = first.cells[0]
    assert acc.flags["not-above-chance"][0].tolist() == [False, True, False]
    # A pair is flagged for either of its cells.
    co = first.pairs[0]
    assert co.flags["not-above-chance"][0, 0].tolist() == [False, True, False]
