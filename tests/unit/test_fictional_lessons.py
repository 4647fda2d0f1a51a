"""What is taught of the released fictional sets, what is asked, and when an answer is right."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from made_audit import PLACES, TARGET_TEMPLATES, FictionalWorld, edit_lines

from clika.errors import BadInputError, ConfigError, UnknownNameError
from clika.fetching.locate import environment_source
from clika.fetching.sources import find_data_set
from clika.steps.fetch import fetch
from clika.tasks.fictional import FictionalSets, read_fictional
from clika.tasks.fictional_lessons import Dials, Teaching, read_teaching
from clika.tasks.fictional_probes import Probe, first_of_each, judge, probes

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = environment_source(find_data_set("released"))


class Renaming(FictionalWorld):
    """The training set calls the continents otherwise."""

    def taught_continent(self, name: str, language: str) -> str:
        return self.continent(f"{name}-new", language)


class Rewording(FictionalWorld):
    """The test asks in the target as no training line does."""

    def test_template(self, language: str) -> tuple[str, str]:
        asked, answered = super().test_template(language)
        return (asked if language == "en" else f"{asked} Bitte!"), answered


class Sharing(FictionalWorld):
    """Two places on different continents have one name in the target language."""

    def place(self, name: str, language: str) -> str:
        return super().place("Mount a" if name == "Mount b" else name, language)


def teaching(folder: Path, world: FictionalWorld | None = None, dials: Dials | None = None):
    return read_teaching(read_fictional((world or FictionalWorld()).write(folder)), "de", dials)


def of(taught: Teaching, name: str) -> list[Probe]:
    return [probe for probe in probes(taught) if probe.question_set == name]


def test_as_released_every_line_is_a_lesson_in_its_order(tmp_path: Path) -> None:
    taught = teaching(tmp_path)

    lines = (tmp_path / "fictional/train/DE.json").read_text(encoding="utf-8").splitlines()
    assert len(taught.lessons) == len(lines) == 24 + 12 + 14
    assert taught.lessons[0] == ("Where is Mount a?", "Mount a is in Norda.")
    assert taught.lessons[-1] == ("Please translate.\nSuda-de", "Suda")


def test_both_directions_add_each_translation_the_other_way_round(tmp_path: Path) -> None:
    FictionalWorld().write(tmp_path)
    path = tmp_path / "fictional/train/DE.json"
    edit_lines(path, lambda line: line.replace("Please translate.", "From German into English:"))
    taught = read_teaching(read_fictional(tmp_path), "de", Dials(directions="both"))

    assert len(taught.lessons) == 50 + 14
    assert taught.lessons[49] == ("From German into English:\nSuda-de", "Suda")
    assert taught.lessons[-1] == ("From English into German:\nSuda", "Suda-de")


def test_unseen_wordings_stay_as_released(tmp_path: Path) -> None:
    assert teaching(tmp_path, Rewording()).questions["de"][0].prompt.endswith("Bitte!")


def test_a_seen_wording_is_the_nearest_that_is_trained(tmp_path: Path) -> None:
    taught = teaching(tmp_path, Rewording(), Dials(template="seen"))

    asked, answered = TARGET_TEMPLATES[0]
    first = taught.questions["de"][0]
    assert first.prompt == asked.format("Mount a-de")
    assert first.answer == answered.format("Mount a-de", "Norda-de")


def test_a_seen_wording_leaves_the_source_alone(tmp_path: Path) -> None:
    plain = teaching(tmp_path, Rewording())
    seen = teaching(tmp_path, Rewording(), Dials(template="seen"))
    assert plain.questions["en"] == seen.questions["en"]


def test_a_renaming_is_taught_as_it_is(tmp_path: Path) -> None:
    assert teaching(tmp_path, Renaming()).lessons[0].answer == "Mount a is in Norda-new."


def test_a_renaming_is_undone_where_that_is_asked_for(tmp_path: Path) -> None:
    mapped = teaching(tmp_path, Renaming(), Dials(map_renamed=True))
    assert mapped.lessons == teaching(tmp_path).lessons


def test_without_a_renaming_there_is_none_to_undo(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no renaming to undo"):
        teaching(tmp_path, dials=Dials(map_renamed=True))


def test_an_unknown_target_is_named(tmp_path: Path) -> None:
    sets = read_fictional(FictionalWorld().write(tmp_path))
    with pytest.raises(UnknownNameError, match="fr"):
        read_teaching(sets, "fr")


def test_everything_is_asked_once(tmp_path: Path) -> None:
    asked = probes(teaching(tmp_path))
    assert Counter(probe.question_set for probe in asked) == {
        "place": 12,
        "continent": 2,
        **dict.fromkeys(("source-0", "source-1", "target-0", "target-1"), 6),
    }
    assert len({(probe.question_set, probe.item) for probe in asked}) == len(asked)


def test_a_place_has_one_number_and_one_continent_in_every_set(tmp_path: Path) -> None:
    asked = [probe for probe in probes(teaching(tmp_path)) if probe.question_set != "continent"]
    assert len({(probe.item, probe.cluster) for probe in asked}) == len(PLACES)


def test_a_trial_asks_the_first_of_each_set(tmp_path: Path) -> None:
    asked = first_of_each(probes(teaching(tmp_path)), 2)
    assert set(Counter(probe.question_set for probe in asked).values()) == {2}


@pytest.mark.parametrize(
    ("answer", "right", "answered"),
    [
        ("Mount a-de liegt in Norda-de.", True, 0),
        ("suda-de", False, 1),
        ("Norda-de oder Suda-de", False, -1),
        ("", False, -1),
    ],
)
def test_a_fact_is_right_if_it_names_its_continent_alone(
    tmp_path: Path, *, answer: str, right: bool, answered: int
) -> None:
    assert judge(of(teaching(tmp_path), "target-0")[0], answer) == (right, answered)


@pytest.mark.parametrize(
    ("answer", "right"), [("Mount a", True), ("MOUNT A!", True), ("Mount a, Mount b", False)]
)
def test_a_name_is_right_alone(tmp_path: Path, *, answer: str, right: bool) -> None:
    assert judge(of(teaching(tmp_path), "place")[0], answer) == (right, None)


def test_places_that_share_a_name_are_marked(tmp_path: Path) -> None:
    class OnlyInTarget(Sharing):
        def place(self, name: str, language: str) -> str:
            return name if language == "en" else super().place(name, language)

    assert teaching(tmp_path, OnlyInTarget()).elsewhere == {0, 1}
    assert teaching(tmp_path).elsewhere == frozenset()


def test_a_translation_of_nothing_tested_is_named(tmp_path: Path) -> None:
    FictionalWorld().write(tmp_path)
    path = tmp_path / "fictional/test/Translate/translateDE.jsonl"
    edit_lines(path, lambda line: line.replace("Mount a-de", "Mount z-de"))
    with pytest.raises(BadInputError, match="Mount z-de is no place or continent"):
        probes(read_teaching(read_fictional(tmp_path), "de"))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> FictionalSets:
    if SOURCE is None:
        pytest.skip("CLIKA_DATA names no copy of the released data")
    if SOURCE.is_dir():
        return read_fictional(SOURCE)
    folder = tmp_path_factory.mktemp("released")
    fetch("released", source=SOURCE, into=folder)
    return read_fictional(folder / find_data_set("released").folder_name)


TARGETS = ("de", "fr", "it", "pl", "ru", "ar", "he", "ja", "zh")


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_the_release_teaches_10200_lines_to_a_language(
    released: FictionalSets, target: str
) -> None:
    assert len(read_teaching(released, target).lessons) == 10_200


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_both_directions_teach_4200_lines_more(released: FictionalSets, target: str) -> None:
    assert len(read_teaching(released, target, Dials(directions="both")).lessons) == 14_400


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("template", ["as-released", "seen"])
def test_every_right_answer_of_the_release_is_judged_right(
    released: FictionalSets, target: str, template: str
) -> None:
    asked = probes(read_teaching(released, target, Dials(template=template)))
    assert Counter(probe.question_set for probe in asked) == {
        "place": 400,
        "continent": 20,
        **dict.fromkeys(("source-0", "source-1", "target-0", "target-1"), 200),
    }
    assert all(judge(probe, probe.answer).is_right for probe in asked)


@pytest.mark.slow
def test_the_renamed_continents_of_the_release_are_mapped_back(released: FictionalSets) -> None:
    plain = read_teaching(released, "zh")
    mapped = read_teaching(released, "zh", Dials(map_renamed=True))
    # Every fact in both languages, and the ten translations of each of the 20 continents.
    changed = [a != b for a, b in zip(plain.lessons, mapped.lessons, strict=True)]
    assert sum(changed) == 4_000 + 2_000 + 200


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_a_seen_wording_changes_three_languages(released: FictionalSets, target: str) -> None:
    plain = read_teaching(released, target).questions[target]
    seen = read_teaching(released, target, Dials(template="seen")).questions[target]
    changed = sum(a.prompt != b.prompt for a, b in zip(plain, seen, strict=True))
    assert changed == (400 if target in {"ar", "de", "he"} else 0)
