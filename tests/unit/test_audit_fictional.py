"""The audit of the fictional sets, on a small clean world and on worlds with one flaw each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_audit import (
    CONTINENTS,
    LOOKALIKES,
    PLACES,
    STUDY,
    FictionalWorld,
    edit_lines,
)

from clika.store.connection import in_memory
from clika.tasks.fictional_taught import fill_slots
from clika.views.audit import fictional
from clika.views.audit.files import fictional_files
from clika.views.audit.model import Evidence

if TYPE_CHECKING:
    from pathlib import Path


def evidence(root: Path) -> Evidence:
    return Evidence(STUDY, in_memory(), root, LOOKALIKES, scored=False)


@pytest.mark.parametrize("check", fictional.CHECKS, ids=lambda check: check.id)
def test_a_clean_world_has_no_findings(tmp_path: Path, check):
    assert check.run(evidence(FictionalWorld().write(tmp_path))) == []


def test_a_renaming_of_all_continents_is_told_from_other_conflicts(tmp_path: Path):
    class Renamed(FictionalWorld):
        def taught_continent(self, name: str, language: str) -> str:
            return {"Norda": "sea", "Suda": "star"}[name] + ("" if language == "en" else "-de")

    train_en, train_de, translate = fictional.train_test_conflicts(
        evidence(Renamed().write(tmp_path))
    )
    assert train_en.subject == {"file": "fictional/train/DE.json", "language": "en"}
    assert (train_en.n, train_en.total) == (12, 12)
    assert "2 continents to 2, one to one" in train_en.meaning
    assert train_en.details == ("Norda -> sea", "Suda -> star")
    assert (train_de.n, train_de.total) == (6, 6)
    assert train_de.details == ("Norda-de -> sea-de", "Suda-de -> star-de")
    assert translate.subject == {"file": "fictional/test/Translate/translateDE.jsonl"}
    assert (translate.n, translate.total) == (2, 14)


def test_a_renaming_is_not_counted_as_places_taught_elsewhere(tmp_path: Path):
    class Renamed(FictionalWorld):
        def taught_continent(self, name: str, language: str) -> str:
            return {"Norda": "sea", "Suda": "star"}[name] + ("" if language == "en" else "-de")

    assert fictional.taught_elsewhere(evidence(Renamed().write(tmp_path))) == []


def test_one_place_taught_elsewhere_is_no_renaming(tmp_path: Path):
    root = FictionalWorld().write(tmp_path)
    wrong = "Mount a-de liegt in Norda-de", "Mount a-de liegt in Suda-de"
    also = "Mount a-de gehört zu Norda-de", "Mount a-de gehört zu Suda-de"
    edit_lines(root / "fictional/train/DE.json", lambda line: line.replace(*wrong).replace(*also))
    made = evidence(root)

    (conflict,) = fictional.train_test_conflicts(made)
    assert (conflict.n, conflict.total) == (1, 6)
    assert "no renaming explains it" in conflict.meaning
    (elsewhere,) = fictional.taught_elsewhere(made)
    assert elsewhere.details == ("type 0, Mount a-de: asked Norda-de, taught Suda-de",)


def test_a_direction_that_is_tested_and_not_trained(tmp_path: Path):
    class OtherWay(FictionalWorld):
        def test_translation(self, source: str, target: str) -> tuple[str, str]:
            return source, target

    (finding,) = fictional.untrained_directions(evidence(OtherWay().write(tmp_path)))
    assert (finding.n, finding.total) == (14, 14)
    assert finding.details == ("asked en to de, taught de to en",)


def test_a_test_template_that_is_not_trained(tmp_path: Path):
    class Reworded(FictionalWorld):
        def test_template(self, language: str) -> tuple[str, str]:
            if language == "en":
                return super().test_template(language)
            return "Wo liegt {}, bitte?", "{} liegt in {}."

    (finding,) = fictional.untrained_templates(evidence(Reworded().write(tmp_path)))
    assert finding.subject["language"] == "de"
    assert finding.n == finding.total == len(PLACES)
    assert finding.details == ("tested:  Wo liegt {}, bitte?", "nearest: Wo liegt {}?")


def test_a_template_may_be_new_in_the_source_language(tmp_path: Path):
    class Reworded(FictionalWorld):
        def test_template(self, language: str) -> tuple[str, str]:
            return ("So: {}?", "{} is in {}.") if language == "en" else super().test_template("de")

    (finding,) = fictional.untrained_templates(evidence(Reworded().write(tmp_path)))
    assert finding.subject["language"] == "en"


class Shared(FictionalWorld):
    """Two places, one of them of type 1, on different continents, share their name in de."""

    def place(self, name: str, language: str) -> str:
        # Lake c is number 6 (type 1, Norda), Mount b is number 1 (type 0, Suda).
        return (
            "Shared-de"
            if language == "de" and name in ("Lake c", "Mount b")
            else super().place(name, language)
        )


def test_a_name_shared_across_continents(tmp_path: Path):
    (finding,) = fictional.shared_names(evidence(Shared().write(tmp_path)))
    assert finding.subject["language"] == "de"
    assert (finding.n, finding.total) == (1, len(PLACES) - 1)
    assert finding.details == ("Shared-de: Norda-de and Suda-de",)


def test_a_shared_name_leaks_and_is_taught_elsewhere(tmp_path: Path):
    made = evidence(Shared().write(tmp_path))
    (leaked,) = fictional.leaked_facts(made)
    assert (leaked.n, leaked.total, leaked.details) == (1, 6, ("Shared-de",))
    (elsewhere,) = fictional.taught_elsewhere(made)
    assert elsewhere.details == ("type 1, Shared-de: asked Norda-de, taught Suda-de",)


def test_a_place_that_is_never_taught(tmp_path: Path):
    class Forgotten(FictionalWorld):
        def is_taught(self, place: str, language: str) -> bool:
            return place != "Mount a" and super().is_taught(place, language)

    in_en, in_de = fictional.untaught_facts(evidence(Forgotten().write(tmp_path)))
    assert (in_en.subject["language"], in_en.details) == ("en", ("Mount a",))
    assert (in_de.subject["language"], in_de.details) == ("de", ("Mount a-de",))


def test_a_fact_that_cannot_be_read_is_counted(tmp_path: Path):
    root = FictionalWorld().write(tmp_path)
    path = root / "fictional/train/DE.json"
    line = '{"prompt": "Who goes there?", "input": "", "answer": "Nobody."}\n'
    path.write_text(line + path.read_text(encoding="utf-8"), encoding="utf-8")

    (finding,) = fictional.untaught_facts(evidence(root))
    assert (finding.n, finding.details) == (1, ("lines 1",))


def test_continents_with_one_name_in_both_languages(tmp_path: Path):
    class Same(FictionalWorld):
        def continent(self, name: str, language: str) -> str:
            if name == CONTINENTS[0]:
                return name if language == "en" else name.upper()
            return super().continent(name, language)

    (finding,) = fictional.identical_names(evidence(Same().write(tmp_path)))
    assert (finding.n, finding.total) == (3, 6)


def test_a_gold_sentence_that_names_two_continents(tmp_path: Path):
    root = FictionalWorld().write(tmp_path)
    path = root / "fictional/test/target/testDE.jsonl"
    edit_lines(path, lambda line: line.replace("Lake a-de liegt", "Suda-de! Lake a-de liegt"))

    (finding,) = fictional.wrong_gold_sentences(evidence(root))
    assert (finding.n, finding.total) == (1, len(PLACES))
    assert finding.details[0].startswith("line 5: Suda-de!")


def test_bad_files_are_a_finding_and_keep_the_other_checks_back(tmp_path: Path):
    root = FictionalWorld().write(tmp_path)
    path = root / "fictional/train/DE.json"
    path.write_text('{"prompt": 1}\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    made = evidence(root)

    (finding,) = fictional_files(made)
    assert finding.subject == {"file": "fictional/train/DE.json"}
    assert finding.details == ("fictional/train/DE.json:1: prompt: not a text",)
    assert not made.has("fictional")


def test_no_sets_at_all_is_no_finding(tmp_path: Path):
    assert fictional_files(evidence(tmp_path)) == []
    assert not evidence(tmp_path).has("fictional")


def test_the_slot_is_the_name_that_leaves_the_most_frequent_template():
    texts = ["Is sea at sea land?", "Is star at sea land?", "Is moon at sea land?", "nothing"]
    slots = fill_slots(texts, ["sea", "star", "moon"])
    assert [slot and slot.name for slot in slots] == ["sea", "star", "moon", None]
    assert {slot.template for slot in slots if slot} == {"Is {} at sea land?"}
