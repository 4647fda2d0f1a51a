"""Conductivity: gate, XRR, XRR_c, strata and intervals against the twin and METRICS' examples."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import conductivity_twin as twin
from scipy import stats

from clika.metrics.conductivity import (
    FIGURES,
    STRATA,
    Outcomes,
    accuracy,
    chance_share,
    conduction,
    conduction_sums,
    gate,
    ratio,
    ratio_sums,
)
from clika.metrics.conductivity_pairs import compare_conduction
from clika.metrics.intervals.clustered import (
    Estimate,
    Sums,
    mean_over_seeds,
    ratio_estimate,
    seed_deviation,
)
from clika.metrics.intervals.student import t_cumulative, t_quantile


def outcomes(world: twin.World) -> Outcomes:
    places = world.places
    return Outcomes(
        continent=np.array([p.continent for p in places]),
        kind=np.array([p.kind for p in places]),
        source=np.array([p.source for p in places], np.int8),
        target=np.array([p.target for p in places], np.int8),
        place_named=np.array([p.named for p in places], np.int8),
        continent_named=np.array(world.continent_named, np.int8),
        identical=np.array(world.identical),
        ambiguous=np.array([p.ambiguous for p in places]),
        answered=np.array([p.answered for p in places]),
    )


@st.composite
def worlds(draw: st.DrawFn) -> twin.World:
    """Worlds of models that know much, so that the ratios are often defined."""
    continents = draw(st.integers(1, 4))
    outcome = st.sampled_from([1, 1, 1, 1, 1, 0, -1])
    place = st.builds(
        twin.Place,
        continent=st.integers(0, continents - 1),
        kind=st.sampled_from([0, 1, 1]),
        source=st.sampled_from([1] * 12 + [0, -1]),
        target=outcome,
        named=st.sampled_from([1] * 8 + [0, -1]),
        ambiguous=st.sampled_from([False] * 6 + [True]),
        answered=st.integers(-1, continents - 1),
    )
    places = draw(st.lists(place, min_size=1, max_size=120))
    named = draw(st.lists(outcome, min_size=continents, max_size=continents))
    identical = draw(st.lists(st.booleans(), min_size=continents, max_size=continents))
    return twin.World(places, named, identical)


def perfect(*, recall: float = 1.0, naming: float = 1.0, conducts: bool = True) -> Outcomes:
    """20 continents x 20 places; a share of each continent's places is recalled, another named."""
    continent = np.repeat(np.arange(20), 20)
    kind = np.tile(np.repeat([0, 1], 10), 20)
    within = np.tile(np.arange(10), 40)
    recalled = (within < recall * 10).astype(np.int8)
    # Named are others than recalled, as far as the shares allow, so that both are independent.
    named = np.zeros(400, np.int8)
    for place in range(400):
        named[place] = (within[place] + place // 20) % 10 < naming * 10
    able = recalled * named if conducts else np.zeros(400, np.int8)
    return Outcomes(
        continent=continent,
        kind=kind,
        source=recalled,
        target=np.where(kind == 0, recalled, able).astype(np.int8),
        place_named=named,
        continent_named=np.ones(20, np.int8),
        identical=np.zeros(20, np.bool_),
        ambiguous=np.zeros(400, np.bool_),
    )


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_the_gate_is_its_twin(world: twin.World) -> None:
    found = gate(outcomes(world))
    for figure, (right, n) in zip(found.figures, twin.gate(world).values(), strict=True):
        assert figure.share.n == n
        assert figure.met == (n > 0 and 10 * right >= 9 * n)
        if n:
            low, high = twin.wilson(right, n)
            assert figure.share.value == right / n
            assert figure.borderline == (low <= 0.9 <= high)
    assert found.met == all(10 * r >= 9 * n > 0 for r, n in twin.gate(world).values())
    assert (found.reason is None) == found.met


@given(worlds(), st.sampled_from(list(STRATA)), st.sampled_from(["majority", "output", "none"]))
@settings(max_examples=300, deadline=None)
def test_the_ratio_is_its_twin(world: twin.World, stratum: Any, chance: Any) -> None:
    found, wanted = ratio(outcomes(world), stratum, chance), None
    if twin.tested(world):
        wanted = twin.ratio(world, stratum, chance)
    if wanted is None:
        assert found.value is None
        assert found.reason
    else:
        assert (found.value, found.n) == (pytest.approx(wanted[0], abs=1e-12), wanted[1])
        assert (found.low is None) == (found.reason is not None)


@given(worlds(), st.sampled_from(list(STRATA)))
@settings(max_examples=300, deadline=None)
def test_conduction_is_its_twin(world: twin.World, stratum: Any) -> None:
    found = conduction(outcomes(world), stratum)
    wanted = twin.conduction(world, stratum) if twin.tested(world) else None
    if wanted is None:
        assert found.value is None
        assert found.reason
    else:
        assert found[:4] == pytest.approx(wanted, abs=1e-12)


@given(worlds())
@settings(max_examples=100, deadline=None)
def test_no_number_depends_on_the_order_of_places(world: twin.World) -> None:
    turned = world._replace(places=world.places[::-1])
    one, other = outcomes(world), outcomes(turned)
    assert gate(one) == gate(other)
    for stratum in STRATA:
        assert ratio(one, stratum) == ratio(other, stratum)
        assert conduction(one, stratum) == conduction(other, stratum)


def test_a_perfect_conductor_that_forgets_a_tenth() -> None:
    found = perfect(recall=0.9, naming=0.9)
    assert accuracy(found, "source").value == pytest.approx(0.9)
    # .81 of the places are right in the target; .05 is chance.
    assert ratio(found, chance="none").value == pytest.approx(0.9, abs=0.01)
    assert conduction(found).value == 1
    assert conduction(found).high == 1


def test_a_perfect_conductor_that_names_a_tenth_of_places_and_of_continents_wrong() -> None:
    base = perfect(recall=0.9, naming=0.9)
    named = np.ones(20, np.int8)
    named[[1, 2]] = 0
    able = np.where(base.kind == 1, base.target * named[base.continent], base.target)
    found = replace(base, continent_named=named, target=able.astype(np.int8))
    assert ratio(found, chance="none").value == pytest.approx(0.81, abs=0.005)
    assert conduction(found).value == 1


def test_a_model_that_only_guesses_conducts_nothing() -> None:
    base = perfect(conducts=False)
    guesses = (np.arange(400) % 10 == 0) & (base.continent < 10)
    # 10 of 200 tested places right, by luck: .05.
    target = np.where(base.kind == 0, 1, guesses).astype(np.int8)
    found = replace(base, target=target)
    assert accuracy(found, "target").value == 0.05
    assert ratio(found).value == pytest.approx(0)
    assert conduction(found).value == pytest.approx(0)
    assert ratio(found, chance="none").value == 0.05


def test_a_gate_that_names_no_continent_is_missed_although_translate_passes() -> None:
    found = gate(replace(perfect(), continent_named=np.zeros(20, np.int8)))
    figures = {figure.name: figure for figure in found.figures}
    assert figures["translate"].share.value == pytest.approx(400 / 420)
    assert figures["translate"].met
    assert found.reason == "gate not met: continents 0.000"
    assert tuple(figures) == FIGURES


def test_a_figure_near_the_gate_is_borderline_on_both_sides() -> None:
    for right, met in ((179, False), (181, True)):
        target = np.ones(400, np.int8)
        kind = np.repeat([0, 1], 200)
        target[: 200 - right] = 0
        found = gate(replace(perfect(), kind=kind, target=target))
        (figure,) = (f for f in found.figures if f.name == "target-0")
        assert (figure.met, figure.borderline) == (met, True)


def test_strata_part_the_items() -> None:
    base = perfect()
    mixed = replace(base, identical=np.arange(20) < 5, ambiguous=np.arange(400) % 40 == 10)
    sizes = {stratum: ratio(mixed, stratum).n for stratum in STRATA}
    assert sizes["all"] == sizes["identical"] + sizes["non-identical"]
    assert sizes["with-ambiguous"] > sizes["non-identical"]


def test_too_little_known_is_undefined() -> None:
    source = np.where(np.arange(400) % 10 == 0, 1, 0).astype(np.int8)
    found = replace(perfect(), source=source)
    # .1 of 200, and chance + .1 is .15.
    assert ratio(found).reason == "too little is known in the source language"
    assert ratio_sums(found) == ratio(found)


def test_nothing_tested_is_undefined() -> None:
    found = replace(perfect(), kind=np.zeros(400, np.int64))
    assert ratio(found).reason == "no item of type 1 in this stratum"
    assert conduction(found).reason == "fewer than 30 items are known and can be named"
    assert gate(found).reason == "gate not met: source-1 nothing was asked"


def test_alike_continents_give_no_interval() -> None:
    assert ratio(perfect()) == Estimate(1.0, None, None, 200, "degenerate")


def test_the_interval_is_the_twins_with_scipys_quantile() -> None:
    generator = np.random.default_rng(3)
    base = perfect()
    found = replace(base, target=generator.integers(0, 2, 400).astype(np.int8))
    sums = ratio_sums(found)
    assert isinstance(sums, Sums)
    error = twin.clustered_error(sums.numerator.tolist(), sums.denominator.tolist())
    half = stats.t.ppf(0.975, 19) * error
    estimate = ratio(found)
    assert estimate.value is not None
    assert (estimate.low, estimate.high) == pytest.approx(
        (estimate.value - half, estimate.value + half), abs=1e-12
    )


def test_the_output_chance_is_the_majority_for_a_constant_answerer_of_it() -> None:
    base = perfect()
    constant = replace(base, answered=np.zeros(400, np.int64))
    assert chance_share(constant, "output") == pytest.approx(0.05)
    with pytest.raises(ValueError, match="needs the answers"):
        chance_share(base, "output")


def test_two_models_are_compared_on_what_both_know() -> None:
    first = perfect()
    second = replace(first, target=np.where(first.continent < 10, 1, 0).astype(np.int8))
    found, turned = compare_conduction(first, second), compare_conduction(second, first)
    assert found.difference.value == pytest.approx(0.5 / 0.95)
    assert (found.first_only, found.second_only) == (100, 0)
    assert turned.difference.value == -found.difference.value  # type: ignore[operator]
    assert turned.difference.low == pytest.approx(-(found.difference.high or math.nan))
    forgot = replace(second, source=np.where(first.continent < 2, 1, 0).astype(np.int8))
    assert "known and can be named by both" in str(compare_conduction(first, forgot).difference)
    with pytest.raises(ValueError, match="one world"):
        compare_conduction(first, replace(second, identical=np.ones(20, np.bool_)))


def test_a_single_cluster_gives_no_interval() -> None:
    found = ratio_estimate(Sums(np.array([1.0]), np.array([2.0])), n=2, clusters=1)
    assert found == Estimate(0.5, None, None, 2, "there is but one cluster")


def made_sums(generator: np.random.Generator, level: float) -> Sums:
    return Sums(generator.binomial(10, level, 20).astype(float), np.full(20, 10.0))


def test_seeds_widen_the_interval_by_their_spread() -> None:
    generator = np.random.default_rng(5)
    alike = [made_sums(generator, 0.5) for _ in range(4)]
    apart = [made_sums(generator, level) for level in (0.2, 0.4, 0.6, 0.8)]
    one, other = (mean_over_seeds(seeds, n=800) for seeds in (alike, apart))
    assert one.value == pytest.approx(np.mean([sums.ratio for sums in alike]))
    assert (other.high or 0) - (other.low or 0) > 2 * ((one.high or 0) - (one.low or 0))
    assert mean_over_seeds(apart, n=800) == other
    assert seed_deviation(apart).value == pytest.approx(
        np.std([sums.ratio for sums in apart], ddof=1)
    )
    assert seed_deviation(apart[:1]).reason == "there is but one seed"


def test_seeds_that_answer_alike_say_no_more_than_one() -> None:
    one = made_sums(np.random.default_rng(5), 0.5)
    single, several = ratio_estimate(one, n=200, clusters=20), mean_over_seeds([one] * 3, n=600)
    width, narrower = ((e.high or 0) - (e.low or 0) for e in (single, several))
    # A percentile interval of 20 clusters is narrower than the t interval, by about a tenth.
    assert 0.8 < narrower / width < 1
    fewer = mean_over_seeds([one, Sums(one.numerator[:9], one.denominator[:9])], n=290)
    assert (fewer.low or 0) < (fewer.value or 0) < (fewer.high or 0)


def test_seeds_keep_a_continent_that_one_of_them_does_not_know() -> None:
    found = perfect()
    forgot = replace(found, source=np.where(found.continent == 3, 0, 1).astype(np.int8))
    sums, whole = conduction_sums(forgot), conduction_sums(found)
    assert isinstance(sums, Sums)
    assert isinstance(whole, Sums)
    assert len(sums.numerator) == len(whole.numerator)
    assert (sums.numerator[3], sums.denominator[3]) == (0, 0)


@pytest.mark.parametrize("df", [1, 2, 3, 8, 19, 100])
def test_students_t_is_scipys(df: int) -> None:
    for t in (-4.0, -0.3, 0.0, 1.0, 9.0):
        assert t_cumulative(t, df) == pytest.approx(stats.t.cdf(t, df), abs=1e-13)
    for probability in (0.5, 0.9, 0.975, 0.9995):
        assert t_quantile(probability, df) == pytest.approx(stats.t.ppf(probability, df), rel=1e-9)


def test_the_clustered_interval_covers_where_that_of_items_does_not() -> None:
    # 400 worlds; a continent's rate is Beta with an intraclass correlation of .3 about .5.
    generator = np.random.default_rng(20240404)
    base = perfect()
    spread = (1 - 0.3) / 0.3
    truth = (0.5 - 0.05) / (1 - 0.05)
    covered = by_items = 0
    for _ in range(400):
        rates = generator.beta(0.5 * spread, 0.5 * spread, 20)
        target = (generator.random(400) < rates[base.continent]).astype(np.int8)
        found = replace(base, target=target)
        estimate, naive = ratio(found), conduction(found)
        # All is known and named, so XRR_c is XRR.
        assert conduction(found, clustered=True)[:3] == pytest.approx(estimate[:3])
        assert estimate.low is not None
        assert estimate.high is not None
        covered += estimate.low <= truth <= estimate.high
        by_items += (naive.low or 0) <= truth <= (naive.high or 0)
    assert 0.92 <= covered / 400 <= 0.98
    assert by_items / 400 < 0.80
