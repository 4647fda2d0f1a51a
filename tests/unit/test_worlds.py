"""Generated worlds: names, facts, dials, and the plans that cannot be met."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from dataclasses import replace

import pytest
from babel import Locale
from babel.localedata import locale_identifiers
from hypothesis import given, settings
from hypothesis import strategies as st
from made_worlds import plans

from clika.errors import ConfigError, UnknownNameError
from clika.languages import PAPER_LANGUAGES
from clika.tasks.fictional_answers import fold, mentions
from clika.tasks.worlds.controls import (
    DOSES,
    dose_curve,
    negative_control,
    positive_control,
    shared_name_tokens,
)
from clika.tasks.worlds.draws import Draws
from clika.tasks.worlds.phrases import Phrases, Sort, script_of
from clika.tasks.worlds.scripts import SCRIPTS
from clika.tasks.worlds.world import WorldPlan, make_world

MODULES = ("controls", "draws", "lessons", "phrases", "probes", "world")
SORTS: tuple[Sort, ...] = ("place", "person")
SMALL = WorldPlan(("en", "he", "qae"), seed=5, places=12, continents=3, shared_places=0.5)


def wordings_of(phrases: Phrases) -> list[str]:
    return [
        *phrases.questions,
        phrases.unseen_question,
        *phrases.statements,
        *phrases.translations,
        phrases.unseen_translation,
    ]


def syllables(name: str, script: str) -> list[str]:
    """Split a name at the only places where it can be split."""
    known = "|".join(SCRIPTS[script].syllables)
    return re.findall(known, fold(name))


@pytest.mark.parametrize("module", MODULES)
def test_the_docstrings_show_what_happens(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"clika.tasks.worlds.{module}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_a_seed_gives_this_world_on_every_machine() -> None:
    assert (
        make_world(SMALL).digest
        == "3aca5ba151e23a5f9f68de3fb89d65ebd58dbd15d97496c37dd92f6421a6336d"
    )


def test_a_world_does_not_depend_on_the_order_of_hashes() -> None:
    code = (
        "from clika.tasks.worlds.world import WorldPlan, make_world\n"
        "plan = WorldPlan(('en', 'ja'), excluded=frozenset({'Bzogbo', 'Dkekpu', 'x'}))\n"
        "print(make_world(plan).digest)"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(digests) == 1


def test_another_seed_gives_other_names() -> None:
    first, second = (make_world(replace(SMALL, seed=seed)) for seed in (1, 2))
    assert not set(first.names["en"].places) & set(second.names["en"].places)


@settings(deadline=None)
@given(plans())
def test_no_two_names_of_a_language_are_equal_and_none_holds_another(plan: WorldPlan) -> None:
    world = make_world(plan)
    for names in world.names.values():
        everything = [fold(name) for name in (*names.subjects, *names.continents)]
        assert len(everything) == plan.places + plan.people + plan.continents
        for name in everything:
            assert [other for other in everything if name in other] == [name]


@settings(deadline=None)
@given(plans())
def test_continents_and_types_are_balanced(plan: WorldPlan) -> None:
    world = make_world(plan)
    # The people go on where the places end, so that both together are balanced first.
    for subjects, most in ((world.places, 1), (world.people, 2), (world.subjects, 1)):
        counts = Counter(subject.continent for subject in subjects)
        assert max(counts.values(), default=0) - min(counts.values(), default=0) <= 1
        assert len(counts) == (plan.continents if subjects else 0)
        for continent in counts:
            kinds = Counter(one.kind for one in subjects if one.continent == continent)
            assert abs(kinds[0] - kinds[1]) <= 1
        total = Counter(subject.kind for subject in subjects)
        assert abs(total[0] - total[1]) <= most


@settings(deadline=None)
@given(plans())
def test_names_that_are_not_shared_on_purpose_share_no_syllable(plan: WorldPlan) -> None:
    world = make_world(negative_control(plan))
    parts = [
        {
            part
            for name in (*names.subjects, *names.continents)
            for part in syllables(name, script_of(code))
        }
        for code, names in world.names.items()
    ]
    assert all(parts)
    assert len(set().union(*parts)) == sum(len(found) for found in parts)


def test_a_name_does_not_tell_its_translation() -> None:
    world = make_world(WorldPlan(("en", "de")))
    firsts = {
        tuple(syllables(name, "Latin")[0] for name in pair)
        for pair in zip(world.names["en"].places, world.names["de"].places, strict=True)
    }
    # 105 syllables each: a syllable that had one translation would give 105 pairs at most.
    assert len(firsts) > 300


@settings(deadline=None)
@given(plans())
def test_the_share_of_shared_names_is_as_asked_within_each_sort_and_type(plan: WorldPlan) -> None:
    world = make_world(plan)
    source, target = (world.names[code].subjects for code in list(world.names)[:2])
    for items in world.items.values():
        for kind in (0, 1):
            of_kind = [item for item in items if world.subjects[item].kind == kind]
            same = sum(source[item] == target[item] for item in of_kind)
            assert abs(same - plan.shared_places * len(of_kind)) <= 0.5
    assert world.identical_continents(*list(world.names)[:2]) == (
        (plan.shared_continents,) * plan.continents
    )


def test_the_default_world_shares_the_same_number_of_names_in_each_continent() -> None:
    world = make_world(WorldPlan(("en", "ru"), shared_places=0.25))
    shared = Counter(place.continent for place in world.places if place.shared and place.kind == 1)
    assert max(shared.values()) - min(shared.values()) <= 1
    assert sum(shared.values()) == 50


def test_a_larger_dose_shares_more_and_changes_nothing_else() -> None:
    worlds = [make_world(plan) for plan in dose_curve(WorldPlan(("en", "ru"), places=80))]
    own = worlds[0].names["ru"].places
    common = worlds[0].names["en"].places
    before: set[int] = set()
    for dose, world in zip(DOSES, worlds, strict=True):
        names = world.names["ru"].places
        shared = {item for item in range(80) if names[item] == common[item]}
        assert before <= shared
        assert len(shared) == dose * 80
        assert all(names[item] == own[item] for item in range(80) if item not in shared)
        before = shared


def test_the_controls_are_the_ends() -> None:
    plan = WorldPlan(("en", "ru"), shared_places=0.5)
    negative, positive = (make_world(made(plan)) for made in (negative_control, positive_control))
    assert positive.names["en"] == positive.names["ru"]
    assert not shared_name_tokens(negative, "en", "ru", str.casefold)


def test_a_larger_world_begins_with_the_smaller_ones_names() -> None:
    small, large = (make_world(replace(SMALL, places=places)) for places in (12, 30))
    assert large.names["en"].places[:12] == small.names["en"].places


def test_people_change_nothing_about_the_places() -> None:
    without, people = make_world(SMALL), make_world(replace(SMALL, people=6))
    assert people.places == without.places
    for code, names in without.names.items():
        assert people.names[code]._replace(people=()) == names
        assert people.phrases[code]["place"] == without.phrases[code]["place"]


def test_another_number_of_people_is_another_world() -> None:
    digests = {make_world(replace(SMALL, people=people)).digest for people in (0, 6, 7)}
    assert len(digests) == 3


def test_people_are_numbered_after_the_places() -> None:
    world = make_world(replace(SMALL, people=6))
    assert [world.sort(item) for item in (0, 11, 12, 17)] == ["place", "place", "person", "person"]
    names = world.names["en"]
    assert names.subjects[11:13] == (names.places[11], names.people[0])


def test_excluded_names_are_never_made() -> None:
    unwanted = make_world(SMALL).names["en"]
    plan = replace(SMALL, excluded=frozenset({unwanted.places[0].upper(), unwanted.continents[1]}))
    names = make_world(plan).names["en"]
    assert unwanted.places[0] not in names.places
    assert unwanted.continents[1] not in names.continents
    assert len(set(names.places)) == SMALL.places


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_name_is_split_into_syllables_in_one_way(script: str) -> None:
    known = SCRIPTS[script].syllables
    assert len(set(known)) == len(known)
    assert not [one for one in known for other in known if one != other and one.startswith(other)]
    assert [unicodedata.normalize("NFKC", one).casefold() for one in known] == list(known)


def test_no_script_shares_a_letter_with_another() -> None:
    letters = [set("".join(script.syllables)) for script in SCRIPTS.values()]
    assert len(set().union(*letters)) == sum(len(found) for found in letters)


@pytest.mark.parametrize("code", [*PAPER_LANGUAGES, "qae", "qaf"])
def test_no_wording_holds_a_name(code: str) -> None:
    world = make_world(WorldPlan((code,), people=400))
    names = world.names[code]
    wordings = [wording for sort in SORTS for wording in wordings_of(world.phrases[code][sort])]
    assert len(set(wordings)) == len(wordings) == 2 * 12
    for wording in wordings:
        assert not mentions(wording, (*names.subjects, *names.continents))
        kept = re.sub(r"\{(place|person|continent|name)\}", "", wording)
        assert "{" not in kept
        if code in {"ja", "zh"}:
            assert not set(kept) & set("".join(SCRIPTS["Katakana"].syllables))
            assert not set(kept) & set("".join(SCRIPTS["Han"].syllables))


@pytest.mark.parametrize("code", [*PAPER_LANGUAGES, "qae", "qaf"])
@pytest.mark.parametrize("sort", SORTS)
def test_a_wording_has_a_place_for_each_name_and_no_other(code: str, sort: Sort) -> None:
    phrases = make_world(WorldPlan((code,), people=40)).phrases[code][sort]
    for question in (*phrases.questions, phrases.unseen_question):
        assert re.findall(r"{\w+}", question) == [f"{{{sort}}}"]
    for statement in phrases.statements:
        assert sorted(re.findall(r"{\w+}", statement)) == ["{continent}", f"{{{sort}}}"]
    for translation in (*phrases.translations, phrases.unseen_translation):
        assert re.findall(r"{\w+}", translation) == ["{name}"]


def test_no_country_of_any_language_can_be_spelled() -> None:
    territories = {
        fold(name)
        for locale in locale_identifiers()
        for name in Locale.parse(locale).territories.values()
    }
    spellings = [
        re.compile(f"(?:{'|'.join(script.syllables)}){{2,3}}") for script in SCRIPTS.values()
    ]
    assert len(territories) > 1_000
    assert not [name for name in territories if any(made.fullmatch(name) for made in spellings)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"languages": ()}, "at least one language"),
        ({"languages": ("en", "English")}, "Language en is in the world twice"),
        ({"continents": 1}, "it needs at least 2"),
        ({"places": 5}, "at least 6 places"),
        ({"people": 5}, "5 people from 3 continents: it needs none, or at least 6"),
        ({"people": -6}, "-6 people from 3 continents"),
        (
            {"languages": ("ja", "qae", "qan", "qaw"), "places": 2_000, "people": 2_000},
            r"2,000 people in language \w+: its generator has 1,[0-9]{3} names for them",
        ),
        ({"shared_places": 1.1}, r"not in \[0, 1\]"),
        ({"shared_places": float("nan")}, r"not in \[0, 1\]"),
        (
            {"languages": ("ja", "qae", "qan", "qaw"), "places": 5_000},
            "its generator has 4,000 names for them .16 syllables of Katakana script, 3 to a name",
        ),
        ({"places": 10**4, "continents": 10**4 // 2}, "its generator has 3,969 names for them"),
    ],
)
def test_a_plan_that_cannot_be_met_says_why(changed: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        make_world(replace(SMALL, **changed))


def test_many_languages_leave_few_names_in_each_script() -> None:
    many = tuple(f"q{chr(97 + rank // 26)}{chr(97 + rank % 26)}" for rank in range(520))
    plan = WorldPlan(many[:60], places=40, continents=4)
    assert len(make_world(plan).names) == 60
    with pytest.raises(ConfigError, match=r"its generator has .* Ask for fewer"):
        make_world(replace(plan, languages=many))


def test_a_language_without_wordings_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"language of worlds 'Swahili'.*qaa, qtz"):
        make_world(replace(SMALL, languages=("en", "Swahili")))


@given(st.integers(1, 300), st.integers())
def test_distinct_draws_are_a_permutation(bound: int, seed: int) -> None:
    assert sorted(Draws(seed, "x").distinct(bound)) == list(range(bound))


def test_draws_are_even_and_labels_independent() -> None:
    draws = Draws(0, "even")
    counts = Counter(draws.below(7) for _ in range(7_000))
    # Chi-squared with 6 degrees of freedom: 22.5 is passed once in a thousand seeds.
    assert sum((count - 1_000) ** 2 / 1_000 for count in counts.values()) < 22.5
    assert [Draws(0, "ab", "c").below(2**60)] != [Draws(0, "a", "bc").below(2**60)]
