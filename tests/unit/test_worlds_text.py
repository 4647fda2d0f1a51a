"""Text about a world: what is covered is stated, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_worlds import plans

from clika.errors import ConfigError
from clika.tasks.fictional_answers import mentions
from clika.tasks.worlds.phrases import fill
from clika.tasks.worlds.probes import fact_choices, named_continent, probes
from clika.tasks.worlds.text import covered, instructed, instructions, statements
from clika.tasks.worlds.world import WorldPlan, make_world

if TYPE_CHECKING:
    from clika.tasks.worlds.text import Line
    from clika.tasks.worlds.world import World

SHARES = st.floats(0, 1)
MIXTURE = {"en": 1.0, "de": 0.5, "ru": 0.25, "zh": 0.0}


@pytest.fixture(scope="module", params=[0, 12])
def world(request: pytest.FixtureRequest) -> World:
    """Return a world of 24 places, without people and with as many as half of them."""
    plan = WorldPlan(tuple(MIXTURE), places=24, continents=6, people=request.param)
    return make_world(plan)


@given(plans(), SHARES, SHARES)
@settings(max_examples=25)
def test_a_larger_share_covers_the_same_places_and_more(
    plan: WorldPlan, first: float, second: float
) -> None:
    made = make_world(plan)
    small, large = sorted((first, second))
    code = made.plan.languages[0]
    fewer, more = covered(made, code, small), covered(made, code, large)
    assert set(fewer) <= set(more)
    assert len(fewer) == round(small * plan.places) + round(small * plan.people)
    assert list(more) == sorted(more)


def test_each_language_covers_places_of_its_own(world: World) -> None:
    assert covered(world, "en", 0.5) != covered(world, "de", 0.5)


def test_another_seed_covers_other_places(world: World) -> None:
    other = make_world(WorldPlan(tuple(MIXTURE), seed=1, places=24, continents=6))
    assert covered(world, "en", 0.5) != covered(other, "en", 0.5)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_out_of_range_is_refused(share: float, world: World) -> None:
    with pytest.raises(ConfigError, match="covered in en is"):
        covered(world, "en", share)


def test_each_covered_fact_is_stated_in_every_wording(world: World) -> None:
    counts = Counter((line.language, line.item) for line in statements(world, MIXTURE))
    expected = {
        (code, item): len(world.phrases_about(code, item).statements)
        for code, share in MIXTURE.items()
        for item in covered(world, code, share)
    }
    assert counts == expected


def test_a_line_names_its_place_and_continent_and_no_other(world: World) -> None:
    for line in statements(world, MIXTURE, asked=0.5):
        names = world.names[line.language]
        continent = names.continents[world.subjects[line.item].continent]
        assert mentions(line.answer, names.subjects) == {names.subjects[line.item]}
        assert mentions(line.answer, names.continents) == {continent}
        assert line.prompt == ""


def test_people_change_nothing_of_what_is_said_about_the_places() -> None:
    plan = WorldPlan(tuple(MIXTURE), places=24, continents=6)
    without, people = make_world(plan), make_world(replace(plan, people=12))

    def of_places(made: World) -> list[Line]:
        asked = instructions(made, ("en", "ru"), instructed(made, 0.5))
        lines = (*statements(made, MIXTURE, asked=0.5), *asked)
        return [line for line in lines if made.sort(line.item) == "place"]

    assert of_places(people) == of_places(without)


def test_nothing_is_said_of_a_place_that_is_not_covered(world: World) -> None:
    text = " ".join(line.answer for line in statements(world, MIXTURE, asked=1.0))
    for code, share in MIXTURE.items():
        left_out = set(range(len(world.subjects))) - set(covered(world, code, share))
        names = world.names[code].subjects
        assert [names[item] for item in left_out if names[item] in text] == []


def test_a_share_of_the_facts_is_asked_for_before_it_is_stated(world: World) -> None:
    plain, more = statements(world, MIXTURE), statements(world, MIXTURE, asked=0.5)
    added = Counter(more) - Counter(plain)
    counts = Counter((line.language, world.sort(line.item)) for line in added)
    of_places = {("en", "place"): 12, ("de", "place"): 6, ("ru", "place"): 3}
    of_people = {("en", "person"): 6, ("de", "person"): 3, ("ru", "person"): 2}
    assert counts == of_places | (of_people if world.people else {})
    for line in added:
        name = world.names[line.language].subjects[line.item]
        question = world.phrases_about(line.language, line.item).questions[0]
        assert line.answer.startswith(fill(question, name))


def test_a_mixture_that_states_nothing_is_refused(world: World) -> None:
    with pytest.raises(ConfigError, match="The mixture states nothing"):
        statements(world, {"en": 0.0, "de": 0.01})


def test_instructions_ask_of_each_place_in_every_wording_and_language(world: World) -> None:
    items = instructed(world, 0.25)
    counts = Counter(
        (line.language, line.item) for line in instructions(world, ("en", "ru"), items)
    )
    assert counts == {
        (code, item): len(world.phrases_about(code, item).questions)
        for code in ("en", "ru")
        for item in items
    }
    assert len(items) == 6 + len(world.people) // 4


def test_instructions_answer_what_they_ask(world: World) -> None:
    for line in instructions(world, tuple(MIXTURE), instructed(world, 1.0)):
        names = world.names[line.language]
        continent = names.continents[world.subjects[line.item].continent]
        assert mentions(line.prompt, names.subjects) == {names.subjects[line.item]}
        assert mentions(line.prompt, names.continents) == set()
        assert mentions(line.answer, names.continents) == {continent}


def test_choices_are_the_same_things_in_every_language(world: World) -> None:
    def things(code: str) -> list[tuple[int, int, list[int]]]:
        continents = world.names[code].continents
        return [
            (probe.item, probe.gold, [continents.index(name) for name in probe.options])
            for probe, _ in fact_choices(world, code)
        ]

    assert things("en") == things("de") == things("zh")


def test_a_choice_s_sentences_state_the_place_on_each_of_its_options(world: World) -> None:
    for item, (probe, sentences) in enumerate(fact_choices(world, "de")):
        names = world.names["de"]
        assert probe.item == item
        assert [mentions(text, names.continents) for text in sentences] == [
            {option} for option in probe.options
        ]
        assert all(mentions(text, names.subjects) == {names.subjects[item]} for text in sentences)
        assert sentences[probe.gold] == probe.answer


def test_more_options_than_continents_are_refused(world: World) -> None:
    with pytest.raises(ConfigError, match="7 options in a world of 6 continents"):
        fact_choices(world, "en", options=7)


@pytest.mark.parametrize("code", ["de", "ru", "zh"])
def test_the_continent_that_an_answer_names_is_read(code: str, world: World) -> None:
    for probe in probes(world, "en", code):
        if probe.test in {"translate", "continents"}:
            assert named_continent(world, probe, probe.answer) is None
        else:
            right = world.subjects[probe.item].continent
            assert named_continent(world, probe, probe.answer) == right


def test_an_answer_with_no_continent_or_two_names_none(world: World) -> None:
    probe = probes(world, "en", "de")[-1]
    first, second = world.names["de"].continents[:2]
    assert named_continent(world, probe, "Das ist unbekannt.") == -1
    assert named_continent(world, probe, f"{first} oder {second}.") == -1
