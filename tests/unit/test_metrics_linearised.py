"""Standard errors by linearisation: Student's t, sums over clusters, the influence of items."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import influence_twin as twin
from reference import languages_twin
from scipy.stats import t

from clika.metrics.baseline import compare_models
from clika.metrics.counts import count_pairs, stack_counts
from clika.metrics.intervals.influence import (
    accuracy_spread,
    advantage_spread,
    excess_spread,
    overlap_spread,
)
from clika.metrics.intervals.linearised import Resampled, Spread
from clika.metrics.intervals.student import t_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODELS, ITEMS, LANGUAGES, OPTIONS = 3, 60, 3, 3
CLOSE = 1e-6


class Recorder(Resampled):
    """Keeps the influences that it is asked about."""

    def __init__(self) -> None:
        self.influences: list[NDArray[Any]] = []

    def spread(self, influence: NDArray[Any]) -> Spread:
        self.influences.append(influence)
        return Spread(np.zeros(influence.shape[:-1]), np.zeros(influence.shape[:-1]))


@pytest.fixture
def task() -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.int32]]:
    """Models of like accuracy, with items that are INVALID or were not asked."""
    generator = np.random.default_rng(11)
    gold = generator.integers(OPTIONS, size=ITEMS).astype(np.int8)
    codes = generator.integers(-2, OPTIONS, size=(MODELS, ITEMS, LANGUAGES)).astype(np.int8)
    knows = generator.random((MODELS, ITEMS, LANGUAGES)) < 0.5
    codes = np.where(knows, gold[:, None], codes).astype(np.int8)
    strata = generator.integers(-1, LANGUAGES + 1, size=ITEMS).astype(np.int32)
    return codes, gold, strata


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 10, 199, 200, 201, 999, 10**6])
@pytest.mark.parametrize("share", [0.025, 0.5, 0.9, 0.975, 0.9999])
def test_quantiles_of_t_are_scipys(share: float, freedom: int) -> None:
    assert t_quantile(share, freedom) == pytest.approx(t.ppf(share, freedom), rel=1e-9, abs=1e-12)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_standard_error_equals_its_twin(data: st.DataObject) -> None:
    items = data.draw(st.integers(1, 20))
    sized = {"min_size": items, "max_size": items}
    influence = data.draw(st.lists(st.integers(-5, 5), **sized))
    clusters = data.draw(st.lists(st.integers(0, 9), **sized))
    strata = data.draw(st.lists(st.integers(-1, 2), **sized))
    resampled = Resampled(items, np.array(clusters, np.int32), np.array(strata, np.int32))
    found = resampled.spread(np.array([influence, [0] * items], np.float64))
    error, freedom = twin.standard_error(influence, clusters, strata)
    assert found.error.tolist() == pytest.approx([error, 0.0])
    assert found.freedom.tolist() == pytest.approx([freedom, 0.0])


def test_the_error_of_a_mean_is_the_textbooks() -> None:
    values = np.random.default_rng(2).normal(size=25)
    found = Resampled(25, None, None).spread((values - values.mean()) / 25)
    assert found.error == pytest.approx(values.std(ddof=1) / 5)
    assert found.freedom == pytest.approx(24)
    assert found.half_width(0.95) == pytest.approx(found.error * t.ppf(0.975, 24))


def test_nothing_varies_without_items() -> None:
    found = Resampled(0, None, None).spread(np.zeros((2, 0)))
    assert found.error.tolist() == [0.0, 0.0]
    assert found.half_width(0.95).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("part", ["own", "other"])
def test_influence_on_accuracy_by_origin(task: Any, part: Any) -> None:
    codes, gold, strata = task
    recorder = Recorder()
    accuracy_spread(codes, gold, strata, part=part, resampled=recorder)
    for language, found in enumerate(recorder.influences):
        chosen = [(origin == language) == (part == "own") for origin in strata]
        for model in range(MODELS):
            accuracy = partial(twin.accuracy, codes[model, :, language], gold, chosen)
            expected = [twin.derivative(accuracy, item, ITEMS) for item in range(ITEMS)]
            np.testing.assert_allclose(found[model], expected, atol=CLOSE)


def test_influence_on_the_advantage(task: Any) -> None:
    codes, gold, strata = task
    recorder = Recorder()
    advantage_spread(codes, gold, strata, resampled=recorder)

    def gain(answers: Any, language: int, weights: Any) -> float:
        own = strata == language
        parts = [twin.accuracy(answers, gold, chosen, weights) for chosen in (own, ~own)]
        return parts[0] - parts[1]

    for language, found in enumerate(recorder.influences):
        for model in range(MODELS):

            def advantage(weights: Any, model: int = model, language: int = language) -> float:
                gains = [gain(answers, language, weights) for answers in codes[model].T]
                here = gains.pop(language)
                return here - sum(gains) / len(gains)

            expected = [twin.derivative(advantage, item, ITEMS) for item in range(ITEMS)]
            np.testing.assert_allclose(found[model], expected, atol=CLOSE)


@pytest.mark.parametrize("part", ["own", "other"])
def test_influence_on_overlap_by_origin(task: Any, part: Any) -> None:
    codes, gold, strata = task
    recorder = Recorder()
    overlap_spread(codes, gold, strata, part=part, resampled=recorder)
    for source, found in enumerate(recorder.influences):
        for target in range(LANGUAGES):
            chosen = [(origin in {source, target}) == (part == "own") for origin in strata]
            pair = codes[0, :, source], codes[0, :, target]
            overlap = partial(twin.overlap, pair, gold, chosen)
            expected = [twin.derivative(overlap, item, ITEMS) for item in range(ITEMS)]
            np.testing.assert_allclose(found[0, target], expected, atol=CLOSE)


def weighted_excess(pairs: list[Any], gold: Any, item_weights: Any) -> float:
    own, *shared = (twin.corrected_overlap(pair, gold, item_weights) for pair in pairs)
    return own - sum(shared) / len(shared)


def test_influence_on_excess(task: Any) -> None:
    codes, gold, _ = task
    baseline = compare_models(codes, gold, options=OPTIONS, families=None)
    own = stack_counts([count_pairs(model, gold, options=OPTIONS) for model in codes])
    recorder = Recorder()
    excess_spread(codes, gold, own=own, baseline=baseline, resampled=recorder)
    found = iter(recorder.influences)
    checked = 0
    for model, source in np.ndindex(MODELS, LANGUAGES):
        (compared,) = np.nonzero(baseline.size[model, source])
        for target, influence in zip(compared, next(found) if len(compared) else (), strict=True):
            here = (baseline.model, baseline.source, baseline.target)
            others = baseline.other[np.all(np.transpose(here) == (model, source, target), axis=1)]

            pairs = [
                (codes[model, :, source], codes[other, :, target]) for other in (model, *others)
            ]
            excess = partial(weighted_excess, pairs, gold)
            value, _ = languages_twin.excess(
                codes.swapaxes(1, 2).tolist(),
                gold.tolist(),
                OPTIONS,
                [str(each) for each in range(MODELS)],
                (model, source, int(target)),
            )
            assert excess([1.0] * ITEMS) == pytest.approx(value.value)
            expected = [twin.derivative(excess, item, ITEMS) for item in range(ITEMS)]
            np.testing.assert_allclose(influence, expected, atol=CLOSE)
            checked += 1
    assert checked > MODELS
