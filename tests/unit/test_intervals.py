"""Intervals of the scores of a task: closed forms, resampling, and reasons where there is none."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clika.metrics.intervals.means import Mean, mean_intervals
from clika.metrics.intervals.resampling import Draws, weights
from clika.metrics.intervals.scorecards import with_intervals
from clika.metrics.intervals.uncertainty import Resampling
from clika.metrics.measure import Interval
from clika.metrics.scorecard import Score, Scorecard, scorecards
from clika.metrics.task_answers import TaskAnswers

FEW = Resampling(replicates=300)


def made(
    *, models: int = 2, items: int = 120, languages: int = 3, seed: int = 1, share: float = 0.6
) -> TaskAnswers:
    """Answers that are right with a given probability, some INVALID."""
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, 4, items).astype(np.int8)
    codes = generator.integers(-1, 4, (models, items, languages)).astype(np.int8)
    knows = generator.random((1, items, 1)) < share
    codes = np.where(knows & (generator.random(codes.shape) < 0.9), gold[None, :, None], codes)
    return TaskAnswers(codes.astype(np.int8), gold, 4, Fraction(9, 10), purpose=3)


def measured(
    task: TaskAnswers, resampling: Resampling = FEW
) -> dict[tuple[str, str | None], Score]:
    (card,) = with_intervals(scorecards([task]), [task], resampling)
    return by_name(card)


def by_name(card: Scorecard) -> dict[tuple[str, str | None], Score]:
    return {(score.metric, score.variant): score for score in (*card.cells, *card.pairs)}


def interval(score: Score) -> Interval:
    assert score.measure.interval is not None
    return score.measure.interval


@st.composite
def tasks(draw: st.DrawFn) -> TaskAnswers:
    options, items = draw(st.integers(2, 4)), draw(st.integers(1, 30))
    models, languages = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    one = st.lists(st.integers(-2, options - 1), min_size=items, max_size=items)
    constant = st.integers(-2, options - 1).map(lambda code: [code] * items)
    codes = [[draw(one | constant) for _ in range(languages)] for _ in range(models)]
    gold = draw(st.lists(st.integers(0, options - 1), min_size=items, max_size=items))
    codes_of = st.none() | st.lists(st.integers(0, 5), min_size=items, max_size=items)
    clusters, strata = (
        None if found is None else np.array(found, np.int32)
        for found in (draw(codes_of), draw(codes_of))
    )
    return TaskAnswers(
        np.ascontiguousarray(np.array(codes, np.int8).transpose(0, 2, 1)),
        np.array(gold, np.int8),
        options,
        draw(st.none() | st.just(Fraction(9, 10))),
        clusters,
        strata,
    )


@given(tasks())
@settings(max_examples=60, deadline=None)
def test_every_number_has_an_interval_or_a_reason(task: TaskAnswers) -> None:
    for score in measured(task, Resampling(replicates=100)).values():
        low, high, reason = interval(score)
        assert low.shape == high.shape == reason.shape == score.measure.value.shape
        given_reason = reason.astype(bool)
        np.testing.assert_array_equal(np.isnan(low), given_reason)
        np.testing.assert_array_equal(np.isnan(high), given_reason)
        np.testing.assert_array_equal(
            reason == "the value is undefined", np.isnan(score.measure.value)
        )
        assert (low[~given_reason] <= high[~given_reason]).all()


def test_closed_forms_hold_the_value() -> None:
    scores = measured(made())
    for name in (
        ("acc", None),
        ("ra", None),
        ("co", "union"),
        ("co", "source"),
        ("co_star", "marginal"),
        ("co_star_max", "marginal"),
        ("log_or", None),
        ("ag", None),
        ("ag_wrong", None),
    ):
        found, value = interval(scores[name]), scores[name].measure.value
        there = ~np.isnan(found.low)
        assert there.any()
        assert (found.low[there] <= value[there]).all()
        assert (value[there] <= found.high[there]).all()


def test_the_ceiling_of_accuracies_that_may_be_equal_is_one() -> None:
    gold = np.zeros(200, np.int8)
    # Right in 80, 82 and 150 of 200 items, the first two in other items.
    codes = np.ones((1, 200, 3), np.int8)
    codes[0, :80, 0] = codes[0, 60:142, 1] = codes[0, 50:, 2] = 0
    task = TaskAnswers(codes, gold, 4, None)
    for clusters in (None, (np.arange(200) % 100).astype(np.int32)):
        scores = measured(task._replace(clusters=clusters))
        for variant in ("gold-letter", "marginal"):
            high = interval(scores["co_star_max", variant]).high[0]
            assert high[0, 1] == high[1, 0] == 1
            assert high[0, 2] < 1


def test_ra_is_accuracy_on_another_scale() -> None:
    scores = measured(made())
    acc, ra = interval(scores["acc", None]), interval(scores["ra", None])
    np.testing.assert_allclose(ra.low, (acc.low - 0.25) / 0.65, rtol=1e-14)
    np.testing.assert_allclose(ra.high, (acc.high - 0.25) / 0.65, rtol=1e-14)


def test_without_a_reference_ra_has_neither_value_nor_interval() -> None:
    ra = interval(measured(made()._replace(reference=None))["ra", None])
    assert np.isnan(ra.low).all()
    assert set(ra.reason.ravel()) == {"the value is undefined"}


def test_a_language_with_itself_has_no_interval_of_an_overlap() -> None:
    scores = measured(made())
    diagonal = np.arange(3)
    for metric, variant in (("co", "union"), ("co", "min"), ("co_star", "marginal")):
        found = interval(scores[metric, variant])
        assert set(found.reason[:, diagonal, diagonal].ravel()) == {"degenerate"}
        assert not found.reason[:, 0, 1:].any()


def test_bias_says_why_it_has_none() -> None:
    found = interval(measured(made())["bias", None])
    assert set(found.reason.ravel()) == {"descriptive: resampling only adds to a distance"}


def test_equal_answers_have_a_degenerate_kappa_or_too_few_disagreements() -> None:
    task = made(models=1, languages=2)
    same = task._replace(codes=np.repeat(task.codes[:, :, :1].clip(0), 2, axis=2))
    found = interval(measured(same)["kappa", None])
    assert found.reason[0, 0, 1] == "fewer than 3 items disagree"


def test_clusters_widen_what_they_repeat() -> None:
    task = made(models=1, items=100)
    twice = task._replace(
        codes=np.repeat(task.codes, 2, axis=1),
        gold=np.repeat(task.gold, 2),
        clusters=np.repeat(np.arange(100, dtype=np.int32), 2),
    )
    clustered, independent = measured(twice), measured(twice._replace(clusters=None))
    once = measured(task)
    for name in (("acc", None), ("co", "union"), ("ag", None)):
        widths = [
            (interval(scores[name]).high - interval(scores[name]).low)[0, 0, ..., -1].item()
            if scores[name].measure.value.ndim == 3
            else (interval(scores[name]).high - interval(scores[name]).low)[0, 0].item()
            for scores in (clustered, independent, once)
        ]
        assert widths[0] > 1.2 * widths[1]
        assert widths[0] == pytest.approx(widths[2], rel=0.15)


def test_clusters_of_one_item_are_no_clusters() -> None:
    task = made()
    alone = task._replace(clusters=np.arange(100, 220, dtype=np.int32))
    first, second = measured(task), measured(alone)
    for name, score in first.items():
        np.testing.assert_array_equal(interval(score).low, interval(second[name]).low)


def test_an_interval_depends_neither_on_the_other_models_nor_on_threads() -> None:
    task = made(models=3)
    whole = measured(task)
    part = measured(task._replace(codes=task.codes[1:2]), FEW._replace(threads=2))
    for name, score in whole.items():
        if name[0] == "excess":  # it is what the other models make it
            continue
        np.testing.assert_array_equal(interval(score).low[1], interval(part[name]).low[0])
        np.testing.assert_array_equal(interval(score).high[1], interval(part[name]).high[0])


def test_two_rules_are_done_at_once_and_alike() -> None:
    task, other = made(models=3), made(models=3, seed=2)
    other = other._replace(codes=np.concatenate([task.codes[:1], other.codes[1:]]), gold=task.gold)
    cards = [*scorecards([task]), *scorecards([other])]
    together = with_intervals(cards, [task, other], FEW)
    for each, card in zip((task, other), together, strict=True):
        for name, score in measured(each).items():
            found = interval(by_name(card)[name])
            np.testing.assert_array_equal(found.low, interval(score).low)
            assert by_name(card)[name].flags.keys() == score.flags.keys()


def test_what_has_an_interval_keeps_it() -> None:
    task = made()
    (card,) = scorecards([task])
    own = Interval(*(np.full((2, 3), value) for value in (0.0, 1.0)), np.full((2, 3), None))
    cells = tuple(
        score._replace(measure=score.measure._replace(interval=own))
        if score.metric == "bias"
        else score
        for score in card.cells
    )
    (found,) = with_intervals([card._replace(cells=cells)], [task], FEW)
    assert by_name(found)["bias", None].measure.interval is own
    assert by_name(found)["acc", None].measure.interval is not None


# Means


def test_a_mean_is_resampled_jointly_over_its_languages() -> None:
    task = made(items=60)
    interval_of = mean_intervals([task], [Mean((0,), (0, 2))], pivot=0, resampling=FEW)["acc", None]
    drawn = weights(60, Draws(replicates=300, purpose=3)).astype(np.float64)
    right = (task.codes == task.gold[None, :, None]).astype(np.float64)
    shares = np.einsum("ri,mil->mrl", drawn, right)[..., [0, 2]].mean(axis=-1) / 60
    wanted = np.quantile(shares, [0.025, 0.975], axis=-1)
    np.testing.assert_allclose(interval_of.low[:, 0], wanted[0], rtol=1e-12)
    np.testing.assert_allclose(interval_of.high[:, 0], wanted[1], rtol=1e-12)


def test_the_tasks_of_a_mean_are_resampled_independently() -> None:
    task = made(models=1, items=200)
    # The same answers twice, but drawn for another purpose: the mean varies less than either.
    other = task._replace(purpose=4)
    means = [Mean((0,), (1,)), Mean((0, 1), (1,))]
    found = mean_intervals([task, other], means, pivot=0, resampling=FEW)["acc", None]
    widths = (found.high - found.low)[0]
    assert widths[1] == pytest.approx(widths[0] / np.sqrt(2), rel=0.2)


def test_a_mean_with_an_undefined_member_has_no_interval() -> None:
    task = made(models=1)
    codes = task.codes.copy()
    codes[:, :, 1] = -2
    found = mean_intervals(
        [task._replace(codes=codes)],
        [Mean((0,), (0, 1)), Mean((0,), (0, 2))],
        pivot=0,
        resampling=FEW,
    )
    for interval_of in found.values():
        assert interval_of.reason[0, 0] == "undefined in more than 1 % of the replicates"
        assert interval_of.reason[0, 1] is None


def test_means_are_those_of_all_models_at_once() -> None:
    task = made(models=11, items=40)
    means = [Mean((0,), (0, 1, 2))]
    whole = mean_intervals([task], means, pivot=1, resampling=FEW)
    last = mean_intervals(
        [task._replace(codes=task.codes[10:])], means, pivot=1, resampling=FEW._replace(threads=2)
    )
    for key, interval_of in whole.items():
        np.testing.assert_array_equal(interval_of.low[10:], last[key].low)
