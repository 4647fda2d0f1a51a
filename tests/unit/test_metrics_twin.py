"""The metrics against their plain-Python twins and against scikit-learn, on any answers."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference import metrics_twin as twin
from sklearn.metrics import cohen_kappa_score

from clika.metrics.scorecard import Scorecard, scorecards
from clika.metrics.task_answers import TaskAnswers

if TYPE_CHECKING:
    import random
    from fractions import Fraction

TOLERANCE = 1e-12


class Drawn(NamedTuple):
    """A task with the answers of some models."""

    codes: list[list[list[int]]]  # model, language, item
    gold: list[int]
    options: int
    reference: Fraction | None

    def card(self, *, threads: int = 1) -> Scorecard:
        codes = np.array(self.codes, np.int8).transpose(0, 2, 1)
        gold = np.array(self.gold, np.int8)
        task = TaskAnswers(np.ascontiguousarray(codes), gold, self.options, self.reference)
        (card,) = scorecards([task], threads=threads)
        return card


@st.composite
def answers(draw: st.DrawFn, options: int, items: int) -> list[int]:
    """Answers of one model in one language: mixed, constant, all INVALID or never asked."""
    constant = st.integers(-2, options - 1).map(lambda code: [code] * items)
    mixed = st.lists(st.integers(-2, options - 1), min_size=items, max_size=items)
    valid = st.lists(st.integers(0, options - 1), min_size=items, max_size=items)
    return draw(st.one_of(mixed, valid, constant))


@st.composite
def tasks(draw: st.DrawFn, *, most_items: int = 40) -> Drawn:
    options = draw(st.integers(2, 6))
    items = draw(st.integers(1, most_items))
    models, languages = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    gold = draw(st.lists(st.integers(0, options - 1), min_size=items, max_size=items))
    one = answers(options, items)
    codes = [[draw(one) for _ in range(languages)] for _ in range(models)]
    reference = draw(st.none() | st.fractions(0, 1, max_denominator=50))
    return Drawn(codes, gold, options, reference)


@given(tasks())
@settings(max_examples=150, deadline=None)
def test_metrics_of_a_cell_equal_their_twins(drawn: Drawn) -> None:
    card = drawn.card()
    assert [(score.metric, score.variant) for score in card.cells] == list(twin.CELL_METRICS)
    for score in card.cells:
        expected = twin.CELL_METRICS[score.metric, score.variant]
        for model, languages in enumerate(drawn.codes):
            for language, found in enumerate(languages):
                place = model, language
                wanted = expected(found, drawn.gold, drawn.options, drawn.reference)
                assert_equal(score.measure.value[place], score.measure.reason[place], wanted)
                assert score.n[place] == wanted.n


@given(tasks())
@settings(max_examples=150, deadline=None)
def test_metrics_of_a_pair_equal_their_twins(drawn: Drawn) -> None:
    pairs = [s for s in drawn.card().pairs if (s.metric, s.variant) in twin.PAIR_METRICS]
    assert [(score.metric, score.variant) for score in pairs] == list(twin.PAIR_METRICS)
    for score in pairs:
        expected = twin.PAIR_METRICS[score.metric, score.variant]
        for model, languages in enumerate(drawn.codes):
            for source, first in enumerate(languages):
                for target, second in enumerate(languages):
                    place = model, source, target
                    wanted = expected(first, second, drawn.gold, drawn.options)
                    assert_equal(score.measure.value[place], score.measure.reason[place], wanted)
                    assert score.n[place] == wanted.n


def assert_equal(value: float, reason: str | None, wanted: twin.Value) -> None:
    assert reason == wanted.reason
    if wanted.value is None:
        assert np.isnan(value)
    else:
        assert value == pytest.approx(wanted.value, rel=TOLERANCE, abs=TOLERANCE)


@given(tasks())
@settings(max_examples=100, deadline=None)
def test_guards_of_a_pair_equal_their_twins(drawn: Drawn) -> None:
    flags = {(score.metric, score.variant): score.flags for score in drawn.card().pairs}
    for model, languages in enumerate(drawn.codes):
        for source, first in enumerate(languages):
            for target, second in enumerate(languages):
                place = model, source, target
                bound = twin.position_bound(first, second, drawn.gold, drawn.options)
                few = twin.few(first, second, drawn.gold)
                for name in (("kappa", None), ("kappa_valid", None), ("co_star", "marginal")):
                    assert flags[name]["position-bound"][place] == bound
                assert flags["co_star", "gold-letter"]["few"][place] == few


def test_a_pair_on_the_border_of_a_guard_is_not_flagged() -> None:
    # n (1 - m)(1 - m) = 45 / 9 = 5 exactly, and n p q = 4 / 4 = 1 exactly.
    bound = Drawn([[[0] * 30 + [1] * 15]], [0] * 45, 2, None).card()
    few = Drawn([[[0, 0, 1, 1]]], [0] * 4, 2, None).card()
    flags = {score.metric: score.flags for score in bound.pairs}
    assert not flags["kappa"]["position-bound"].any()
    assert not {score.metric: score.flags for score in few.pairs}["co_star"]["few"].any()


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_kappa_valid_is_scikit_learns(data: st.DataObject) -> None:
    options, items = data.draw(st.integers(2, 5)), data.draw(st.integers(1, 40))
    first, second = data.draw(answers(options, items)), data.draw(answers(options, items))
    both = [(a, b) for a, b in zip(first, second, strict=True) if min(a, b) >= 0]
    assume(len({a for pair in both for a in pair}) > 1)
    drawn = Drawn([[first, second]], [0] * items, options, None)
    (found,) = (score for score in drawn.card().pairs if score.metric == "kappa_valid")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = cohen_kappa_score(*zip(*both, strict=True))
    assert found.measure.value[0, 0, 1] == pytest.approx(wanted, rel=TOLERANCE, abs=TOLERANCE)


@given(tasks(most_items=20), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_no_number_depends_on_threads_or_on_the_order_of_items(
    drawn: Drawn, source: random.Random
) -> None:
    order = list(range(len(drawn.gold)))
    source.shuffle(order)
    shuffled = Drawn(
        [[[language[i] for i in order] for language in model] for model in drawn.codes],
        [drawn.gold[i] for i in order],
        drawn.options,
        drawn.reference,
    )
    one, other = drawn.card(threads=1), shuffled.card(threads=3)
    for first, second in zip((*one.cells, *one.pairs), (*other.cells, *other.pairs), strict=True):
        np.testing.assert_array_equal(first.measure.value, second.measure.value)
        assert first.measure.reason.tolist() == second.measure.reason.tolist()
    np.testing.assert_array_equal(one.p_chance, other.p_chance)
