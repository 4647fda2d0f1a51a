"""Intervals of the metrics beyond one pair, as a scorecard gets them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import t

from clika.metrics.intervals.scorecards import with_intervals
from clika.metrics.intervals.uncertainty import METHODS, Resampling
from clika.metrics.scorecard import Score, scorecards
from clika.metrics.task_answers import TaskAnswers

if TYPE_CHECKING:
    from clika.metrics.measure import Interval

FEW = Resampling(replicates=400)
MODELS, ITEMS, LANGUAGES = 4, 160, 3


def made(*, clustered: bool = False, seed: int = 6) -> TaskAnswers:
    """Models of like accuracy on items from two of the languages and from elsewhere."""
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, 4, ITEMS).astype(np.int8)
    easy = generator.random((1, ITEMS, 1))
    knows = generator.random((MODELS, ITEMS, LANGUAGES)) < easy
    guesses = generator.integers(-1, 4, knows.shape)
    strata = np.repeat(np.array([0, 1, 3, -1], np.int32), ITEMS // 4)
    return TaskAnswers(
        np.where(knows, gold[:, None], guesses).astype(np.int8),
        gold,
        4,
        Fraction(9, 10),
        clusters=np.arange(ITEMS, dtype=np.int32) // 2 if clustered else None,
        strata=strata,
        families=tuple("abcd"),
        purpose=9,
    )


def measured(task: TaskAnswers) -> dict[tuple[str, str | None], Score]:
    (card,) = with_intervals(scorecards([task]), [task], FEW)
    every = (*card.cells, *card.pairs, *card.overall)
    return {(score.metric, score.variant): score for score in every}


def interval(score: Score) -> Interval:
    assert score.measure.interval is not None
    return score.measure.interval


@pytest.mark.parametrize("clustered", [False, True])
def test_every_number_has_an_interval_or_a_reason(*, clustered: bool) -> None:
    for key, score in measured(made(clustered=clustered)).items():
        low, high, reason = interval(score)
        assert low.shape == high.shape == reason.shape == score.measure.value.shape
        there = reason == None  # noqa: E711 (each element)
        np.testing.assert_array_equal(np.isnan(low), ~there)
        assert (low[there] <= high[there]).all()
        methods = METHODS[key]
        assert there.any() == ((methods.clustered if clustered else methods.independent) != "none")


def test_the_interval_of_accuracy_by_origin_is_that_of_the_clusters_means() -> None:
    task = made(clustered=True)
    found = interval(measured(task)["acc_origin", "own"])
    own = (task.codes[2, :40, 0] == task.gold[:40]).reshape(20, 2).mean(axis=1)
    half = t.ppf(0.975, 19) * own.std(ddof=1) / np.sqrt(20)
    assert found.low[2, 0] == pytest.approx(own.mean() - half)
    assert found.high[2, 0] == pytest.approx(own.mean() + half)


def test_shares_stay_shares_and_differences_need_not() -> None:
    task = made(clustered=True)
    codes = task.codes.copy()
    codes[:, 2:40, 0] = task.gold[2:40]
    codes[:, :1, 0] = -1
    found = measured(task._replace(codes=codes))
    assert (interval(found["acc_origin", "own"]).high[:, 0] == 1).all()
    assert np.nanmax(interval(found["excess", None]).high) > 1


def test_what_no_item_moves_has_no_interval() -> None:
    task = made(clustered=True)
    codes = task.codes.copy()
    codes[:, :40, 0] = task.gold[:40]
    found = interval(measured(task._replace(codes=codes))["acc_origin", "own"])
    assert set(found.reason[:, 0]) == {"degenerate"}


def test_models_are_compared_with_answers_by_the_same_rule() -> None:
    first, second = made(seed=6), made(seed=6)
    other = second.codes.copy()
    other[1:, ::5] = -1
    second = second._replace(codes=other)
    cards = [*scorecards([first]), *scorecards([second])]
    together = with_intervals(cards, [first, second], FEW)
    for card, task in zip(together, (first, second), strict=True):
        alone = interval(measured(task)["excess", None])
        (score,) = (each for each in card.pairs if each.metric == "excess")
        np.testing.assert_array_equal(interval(score).low, alone.low)
        np.testing.assert_array_equal(interval(score).high, alone.high)


def test_alpha_lies_within_its_interval() -> None:
    score = measured(made())["alpha", None]
    found = interval(score)
    assert (found.low < score.measure.value).all()
    assert (score.measure.value < found.high).all()


def test_neither_threads_nor_other_models_change_an_interval() -> None:
    task = made(clustered=True)
    one = measured(task)
    (card,) = with_intervals(scorecards([task], threads=2), [task], FEW._replace(threads=2))
    for score in card.overall:
        np.testing.assert_array_equal(interval(score).low, interval(one[score.metric, None]).low)
    fewer = measured(task._replace(codes=task.codes[:2], families=("a", "b")))
    for metric in ("alpha", "right_in_all", "right_in_none"):
        np.testing.assert_array_equal(
            interval(fewer[metric, None]).high, interval(one[metric, None]).high[:2]
        )
