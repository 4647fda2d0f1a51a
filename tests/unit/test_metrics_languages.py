"""All languages at once, origins and the baseline between models: twins and other packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference import languages_twin as twin
from scipy.stats import chi2
from statsmodels.stats.contingency_tables import cochrans_q

from clika.metrics import baseline
from clika.metrics.all_languages import chi_square_tail, cochran_test, count_right
from clika.metrics.scorecard import Score, Scorecard, scorecards
from clika.metrics.task_answers import TaskAnswers

if TYPE_CHECKING:
    import random

TOLERANCE = 1e-12
Key = tuple[str, str | None]


class Drawn(NamedTuple):
    """A task with the answers of some models."""

    codes: list[list[list[int]]]  # model, language, item
    gold: list[int]
    options: int
    origins: list[int]
    families: list[str]

    def card(self) -> Scorecard:
        task = TaskAnswers(
            np.ascontiguousarray(np.array(self.codes, np.int8).transpose(0, 2, 1)),
            np.array(self.gold, np.int8),
            self.options,
            None,
            strata=np.array(self.origins, np.int32),
            families=tuple(self.families),
        )
        (card,) = scorecards([task], threads=1)
        return card

    def scores(self) -> dict[Key, Score]:
        card = self.card()
        every = (*card.cells, *card.pairs, *card.overall)
        return {(score.metric, score.variant): score for score in every}


@st.composite
def tasks(draw: st.DrawFn, *, lowest: int = -2) -> Drawn:
    options, items = draw(st.integers(2, 4)), draw(st.integers(1, 24))
    models, languages = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    gold = draw(st.lists(st.integers(0, options - 1), min_size=items, max_size=items))
    # Right answers are likely, so that models are alike and items right in several languages.
    answer = st.integers(lowest, options)
    one = st.lists(answer, min_size=items, max_size=items).map(
        lambda found: [g if a == options else a for a, g in zip(found, gold, strict=True)]
    )
    codes = [[draw(one) for _ in range(languages)] for _ in range(models)]
    origins = draw(st.lists(st.integers(-1, languages), min_size=items, max_size=items))
    families = draw(st.lists(st.sampled_from("fgh"), min_size=models, max_size=models))
    return Drawn(codes, gold, options, origins, families)


def assert_value(score: Score, place: tuple[int, ...], value: float | None, n: int) -> None:
    assert score.n[place] == n
    if value is None:
        assert np.isnan(score.measure.value[place])
        assert score.measure.reason[place] is not None
    else:
        assert score.measure.value[place] == pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE)
        assert score.measure.reason[place] is None


@given(tasks())
@settings(max_examples=100, deadline=None)
def test_metrics_of_all_languages_equal_their_twins(drawn: Drawn) -> None:
    scores = drawn.scores()
    for place, model in enumerate(drawn.codes):
        wanted = {
            "alpha": twin.alpha(model),
            "cochran_q": twin.cochran_q(model, drawn.gold),
            "right_in_all": twin.right_in(model, drawn.gold, len(model)),
            "right_in_none": twin.right_in(model, drawn.gold, 0),
        }
        for metric, expected in wanted.items():
            score = scores[metric, None]
            assert_value(score, (place,), expected.value, expected.n)
            assert score.measure.reason[place] == expected.reason


@given(tasks())
@settings(max_examples=100, deadline=None)
def test_metrics_by_origin_equal_their_twins(drawn: Drawn) -> None:
    languages = len(drawn.codes[0])
    assume(any(0 <= origin < languages for origin in drawn.origins))
    scores = drawn.scores()
    for model, answers in enumerate(drawn.codes):
        for source, first in enumerate(answers):
            cell = model, source
            own = [origin == source for origin in drawn.origins]
            on_own = twin.accuracy_of(first, drawn.gold, own)
            on_others = twin.accuracy_of(first, drawn.gold, [not chosen for chosen in own])
            assert_value(scores["acc_origin", "own"], cell, *on_own)
            assert_value(scores["acc_origin", "other"], cell, *on_others)
            gained = twin.advantage(answers, drawn.gold, drawn.origins, source)
            assert_value(scores["acc_origin", "advantage"], cell, gained, on_own[1])
            left = twin.without_each_origin(first, drawn.gold, drawn.origins)
            for end, choose in (("least", min), ("most", max)):
                score = scores["acc_without_origin", end]
                known = [value for value in left if value is not None]
                value = choose(known) if len(left) > 1 else None
                assert_value(score, cell, value, int(score.n[cell]))
            for target, second in enumerate(answers):
                either = [origin in {source, target} for origin in drawn.origins]
                for part in ("own", "other"):
                    chosen = [inside == (part == "own") for inside in either]
                    expected = twin.overlap_of(first, second, drawn.gold, chosen)
                    assert_value(scores["co_origin", part], (model, source, target), *expected)


@given(tasks())
@settings(max_examples=100, deadline=None)
def test_excess_equals_its_twin(drawn: Drawn) -> None:
    scores = drawn.scores()
    for place in np.ndindex(scores["excess", None].n.shape):
        expected, models = twin.excess(
            drawn.codes, drawn.gold, drawn.options, drawn.families, place
        )
        assert_value(scores["excess", None], place, expected.value, expected.n)
        assert scores["excess", None].measure.reason[place] == expected.reason
        assert scores["excess_models", None].measure.value[place] == models


@pytest.mark.parametrize("columns", [1, 5, 9, 14])
def test_excess_is_the_same_counted_in_blocks(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(5)
    gold = generator.integers(3, size=60)
    knows = generator.random((7, 2, 60)) < 0.5
    codes = np.where(knows, gold, generator.integers(-2, 3, size=knows.shape)).tolist()
    drawn = Drawn(codes, gold.tolist(), 3, [-1] * 60, [*"fgfghif"])
    whole = drawn.scores()
    monkeypatch.setattr(baseline, "_COLUMNS_AT_ONCE", columns)
    blocks = drawn.scores()
    assert whole["excess_models", None].measure.value.max() > 1
    for metric in ("excess", "excess_models"):
        expected, found = (scores[metric, None].measure.value for scores in (whole, blocks))
        np.testing.assert_array_equal(expected, found)


@given(tasks())
@settings(max_examples=100, deadline=None)
def test_alpha_is_that_of_the_package(drawn: Drawn) -> None:
    score = drawn.scores()["alpha", None]
    for place, model in enumerate(drawn.codes):
        if np.isnan(score.measure.value[place]):
            continue
        ratings = np.where(np.array(model) < 0, np.nan, np.array(model, np.float64))
        wanted = krippendorff.alpha(ratings, level_of_measurement="nominal")
        assert score.measure.value[place] == pytest.approx(wanted, rel=TOLERANCE, abs=TOLERANCE)


@given(tasks(lowest=-1))
@settings(max_examples=100, deadline=None)
def test_cochrans_test_is_that_of_statsmodels(drawn: Drawn) -> None:
    codes = np.array(drawn.codes[0], np.int8).T
    gold = np.array(drawn.gold, np.int8)
    found = cochran_test(count_right(codes, gold))
    assume(not np.isnan(found.statistic.value))
    wanted = cochrans_q((codes == gold[:, None]).astype(int))
    assert found.statistic.value == pytest.approx(wanted.statistic, rel=TOLERANCE)
    assert found.p.value == pytest.approx(wanted.pvalue, rel=1e-9)


@pytest.mark.parametrize("freedom", [1, 2, 3, 9, 16, 52])
@pytest.mark.parametrize("value", [0.0, 1e-9, 0.3, 1.0, 9.0, 60.0, 700.0])
def test_the_tail_of_chi_square_is_scipys(value: float, freedom: int) -> None:
    assert chi_square_tail(value, freedom=freedom) == pytest.approx(
        chi2.sf(value, freedom), rel=1e-11
    )


def test_the_tail_of_chi_square_never_overflows() -> None:
    assert chi_square_tail(1e6, freedom=459) == 0.0


@given(tasks(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_items_and_languages_makes_no_difference(
    drawn: Drawn, source: random.Random
) -> None:
    items = list(range(len(drawn.gold)))
    languages = list(range(len(drawn.codes[0])))
    source.shuffle(items)
    source.shuffle(languages)
    shuffled = Drawn(
        [[[model[place][i] for i in items] for place in languages] for model in drawn.codes],
        [drawn.gold[i] for i in items],
        drawn.options,
        [
            languages.index(drawn.origins[i]) if drawn.origins[i] in languages else drawn.origins[i]
            for i in items
        ],
        drawn.families,
    )
    one, other = drawn.scores(), shuffled.scores()
    assert list(one) == list(other)
    for key, score in one.items():
        value = score.measure.value
        for axis in range(1, value.ndim):
            value = value.take(languages, axis=axis)
        np.testing.assert_allclose(value, other[key].measure.value, rtol=TOLERANCE, atol=TOLERANCE)


def test_a_task_that_names_no_language_has_no_numbers_by_origin() -> None:
    unknown = Drawn([[[0, 1], [0, 1]]], [0, 1], 2, [-1, -1], ["f"])
    elsewhere = unknown._replace(origins=[2, 3])
    for drawn in (unknown, elsewhere):
        assert not {"acc_origin", "acc_without_origin", "co_origin"} & {
            m for m, _ in drawn.scores()
        }


def test_alpha_is_flagged_where_kappa_of_some_pair_is() -> None:
    mixed = [0, 1] * 20
    flags = (
        Drawn([[mixed, mixed, [0] * 40]], mixed, 2, [-1] * 40, ["f"]).scores()["alpha", None].flags
    )
    assert flags["position-bound"].tolist() == [True]
    flags = Drawn([[mixed, mixed, mixed]], mixed, 2, [-1] * 40, ["f"]).scores()["alpha", None].flags
    assert flags["position-bound"].tolist() == [False]
