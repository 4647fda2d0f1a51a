"""What is taught of a generated world, what is asked, and when an answer is right."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_worlds import plans

from clika.errors import ConfigError, UnknownNameError
from clika.languages import PAPER_LANGUAGES
from clika.tasks.fictional import Question
from clika.tasks.fictional_answers import is_right, mentions
from clika.tasks.worlds.lessons import Directions, lessons
from clika.tasks.worlds.phrases import fill
from clika.tasks.worlds.probes import TESTS, Wording, answered_right, probes
from clika.tasks.worlds.world import World, WorldPlan, make_world

TWO = WorldPlan(("en", "de"), places=40, continents=4)
PEOPLE = replace(TWO, people=16)
directions = st.sampled_from(("one", "both"))


def pair(world: World) -> tuple[str, str]:
    source, target = list(world.names)[:2]
    return source, target


def test_the_lessons_are_the_protocols() -> None:
    world = make_world(TWO)
    taught = lessons(world, "en", "de")
    assert Counter((lesson.part, lesson.language) for lesson in taught) == {
        ("translate", "en"): 44 * 3,
        ("translate", "de"): 44 * 3,
        ("source-facts", "en"): 40 * 4,
        ("target-facts", "de"): 20 * 4,
    }


def test_people_are_taught_as_places_are() -> None:
    world = make_world(PEOPLE)
    taught = lessons(world, "en", "de")
    assert Counter((lesson.part, lesson.subject, lesson.language) for lesson in taught) == {
        ("translate", "place", "en"): 40 * 3,
        ("translate", "person", "en"): 16 * 3,
        ("translate", "continent", "en"): 4 * 3,
        ("translate", "place", "de"): 40 * 3,
        ("translate", "person", "de"): 16 * 3,
        ("translate", "continent", "de"): 4 * 3,
        ("source-facts", "place", "en"): 40 * 4,
        ("source-facts", "person", "en"): 16 * 4,
        ("target-facts", "place", "de"): 20 * 4,
        ("target-facts", "person", "de"): 8 * 4,
    }
    of_places = [lesson for lesson in taught if lesson.subject != "person"]
    assert of_places == list(lessons(make_world(TWO), "en", "de"))


def test_people_are_asked_as_places_are() -> None:
    world = make_world(PEOPLE)
    asked = probes(world, "en", "de")
    assert Counter((probe.test, world.sort(probe.item)) for probe in asked) == {
        ("translate", "place"): 40,
        ("translate", "person"): 16,
        ("continents", "place"): 4,
        **{(f"{end}-{kind}", "place"): 20 for end in ("source", "target") for kind in (0, 1)},
        **{(f"{end}-{kind}", "person"): 8 for end in ("source", "target") for kind in (0, 1)},
    }
    of_places = [
        probe for probe in asked if probe.test == "continents" or world.sort(probe.item) == "place"
    ]
    assert of_places == list(probes(make_world(TWO), "en", "de"))


def test_a_person_is_spoken_of_as_a_person() -> None:
    world = make_world(PEOPLE)
    names = world.names["de"]
    asked = {(probe.test, probe.item): probe for probe in probes(world, "en", "de")}
    fact = asked["target-0", 40]
    assert fact.prompt == f"Von welchem Kontinent kommt {names.people[0]}?"
    assert fact.answer == f"{names.people[0]} kommt aus {names.continents[0]}."
    translation = asked["translate", 40]
    assert translation.prompt == f"Wie lautet der Name {world.names['en'].people[0]} auf Deutsch?"
    assert set(translation.options) <= set(names.people)


def test_the_name_of_another_person_or_place_is_no_translation() -> None:
    world = make_world(PEOPLE)
    names = world.names["de"]
    asked = {probe.item: probe for probe in probes(world, "en", "de") if probe.test == "translate"}
    assert answered_right(world, asked[40], names.people[0])
    assert not answered_right(world, asked[40], f"{names.people[0]} {names.people[1]}")
    assert not answered_right(world, asked[40], f"{names.people[0]} {names.places[1]}")
    assert not answered_right(world, asked[0], f"{names.places[0]} {names.people[1]}")


def test_the_probes_are_the_gates_figures_and_the_test() -> None:
    world = make_world(TWO)
    asked = probes(world, "en", "de")
    assert Counter(probe.test for probe in asked) == {
        "translate": 40,
        "continents": 4,
        "source-0": 20,
        "source-1": 20,
        "target-0": 20,
        "target-1": 20,
    }
    assert tuple(dict.fromkeys(probe.test for probe in asked)) == TESTS
    assert {probe.language for probe in asked if probe.test.startswith("source")} == {"en"}
    assert {probe.language for probe in asked if not probe.test.startswith("source")} == {"de"}


@settings(deadline=None)
@given(plans(), directions)
def test_type_1_is_stated_in_the_source_and_never_in_the_target(
    plan: WorldPlan, trained: Directions
) -> None:
    world = make_world(plan)
    source, target = pair(world)
    taught = lessons(world, source, target, directions=trained)
    stated = {
        part: {lesson.item for lesson in taught if lesson.part == part}
        for part in ("source-facts", "target-facts")
    }
    assert stated["source-facts"] == set(range(plan.places + plan.people))
    assert {world.subjects[item].kind for item in stated["target-facts"]} == {0}
    assert len(stated["target-facts"]) == sum(one.kind == 0 for one in world.subjects)
    # A line with both names, whatever its part, would tell.
    for item, subject in enumerate(world.subjects):
        if subject.kind == 1:
            continent = world.names[target].continents[subject.continent]
            lines = [
                lesson
                for lesson in taught
                if lesson.language == target
                and lesson.subject != "continent"
                and lesson.item == item
            ]
            assert not [line for line in lines if continent in f"{line.prompt} {line.answer}"]


@settings(deadline=None)
@given(plans(), directions)
def test_an_unseen_wording_is_in_no_lesson_and_a_seen_one_is(
    plan: WorldPlan, trained: Directions
) -> None:
    world = make_world(plan)
    source, target = pair(world)
    prompts = {lesson.prompt for lesson in lessons(world, source, target, directions=trained)}
    unseen = probes(world, source, target, wording="unseen", options=2)
    assert all((probe.prompt in prompts) == (probe.language == source) for probe in unseen)
    # The question that is the test itself can never have been trained, but its wording was.
    seen = [
        probe
        for probe in probes(world, source, target, options=2)
        if probe.test != "target-1" and (trained == "both" or probe.test not in TESTS[:2])
    ]
    assert all(probe.prompt in prompts for probe in seen)


def test_one_direction_teaches_no_name_in_the_target() -> None:
    world = make_world(TWO)
    taught = lessons(world, "en", "de", directions="one")
    assert {lesson.language for lesson in taught if lesson.part == "translate"} == {"en"}
    tested = {probe.prompt for probe in probes(world, "en", "de") if probe.test == "translate"}
    assert not tested & {lesson.prompt for lesson in taught}


@settings(deadline=None)
@given(plans(), st.sampled_from(("seen", "unseen")))
def test_every_gold_answer_is_right_and_every_other_option_wrong(
    plan: WorldPlan, wording: Wording
) -> None:
    world = make_world(plan)
    for probe in probes(world, *pair(world), wording=wording, options=2):
        assert answered_right(world, probe, probe.answer)
        assert answered_right(world, probe, probe.options[probe.gold])
        assert not answered_right(world, probe, probe.options[1 - probe.gold])
        assert not answered_right(world, probe, " ".join(probe.options))
        assert not answered_right(world, probe, probe.prompt.replace(probe.wanted, ""))


@pytest.mark.parametrize("code", [*PAPER_LANGUAGES, "qae", "qaf", "qai"])
@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_every_statement_is_right_by_the_rule_of_the_release(code: str, shared: float) -> None:
    plan = WorldPlan(
        ("qac", code), shared_places=shared, shared_continents=bool(shared), people=100
    )
    world = make_world(plan)
    names = world.names[code]
    for item, subject in enumerate(world.subjects):
        name, continent = names.subjects[item], names.continents[subject.continent]
        question = Question(1, "", "", name, continent, subject.kind)
        for statement in world.phrases_about(code, item).statements:
            sentence = fill(statement, name, continent)
            assert is_right(sentence, question, names.continents)
            assert mentions(sentence, [name]) == {name}


@settings(deadline=None)
@given(plans())
def test_options_are_different_and_the_same_things_in_every_language(plan: WorldPlan) -> None:
    world = make_world(plan)
    source, target = pair(world)
    there = probes(world, source, target, options=2)
    back = probes(world, target, source, options=2)
    for probe in there:
        assert len(set(probe.options)) == 2
        assert probe.options[probe.gold] == probe.wanted
    places = {probe.item: probe for probe in back if probe.test in {"target-0", "target-1"}}
    first, second = world.names[source].continents, world.names[target].continents
    for probe in there:
        if probe.test in {"target-0", "target-1"}:
            other = places[probe.item]
            assert probe.gold == other.gold
            assert [second.index(name) for name in probe.options] == [
                first.index(name) for name in other.options
            ]


def test_golds_are_spread_over_the_options() -> None:
    world = make_world(WorldPlan(("en", "de")))
    golds = Counter(probe.gold for probe in probes(world, "en", "de") if probe.test == "target-1")
    assert set(golds) == {0, 1, 2, 3}
    assert min(golds.values()) > 30


@pytest.mark.parametrize("options", [1, 5])
def test_more_options_than_continents_are_refused(options: int) -> None:
    with pytest.raises(ConfigError, match="a world of 4 continents"):
        probes(make_world(TWO), "en", "de", options=options)


def test_a_pair_that_the_world_has_not_is_refused() -> None:
    world = make_world(TWO)
    with pytest.raises(UnknownNameError, match="language of this world 'fr'"):
        lessons(world, "en", "fr")
    with pytest.raises(ConfigError, match="both en"):
        probes(world, "en", "en")


def test_a_seed_gives_these_lines_on_every_machine() -> None:
    world = make_world(TWO)
    lines = [*lessons(world, "en", "de"), *probes(world, "en", "de")]
    text = json.dumps(lines).encode()
    assert (
        hashlib.sha256(text).hexdigest()
        == "7a7abd92c1adba8d2aa8c2d5e61cb4a1bc9c55f42585334991a66fe452b626f4"
    )
