"""The audit of the official release finds what is known to be there; needs CLIKA_DATA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clika.fetching.locate import environment_source
from clika.fetching.sources import find_data_set
from clika.steps.fetch import fetch
from clika.steps.ingest import ingest_released
from clika.steps.load import load
from clika.study import load_study
from clika.views.audit import audit

if TYPE_CHECKING:
    from clika.views.audit import Finding

SOURCE = environment_source(find_data_set("released"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        SOURCE is None, reason="CLIKA_DATA names no copy of the released data to audit"
    ),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Finding, ...]]:
    assert SOURCE is not None
    folder = tmp_path_factory.mktemp("audit")
    data = SOURCE
    if not data.is_dir():
        fetch("released", source=SOURCE, into=folder)
        data = folder / find_data_set("released").folder_name
    study = load_study("paper-released")
    ingest_released(study, data=data, shards=folder / "shards")
    database = folder / "clika.duckdb"
    load(study, shards=folder / "shards", database=database, origin="responses")
    report = audit(study, database=database, release=data)
    missing = {need for result in report.results for need in result.missing}
    assert missing <= {"scores"}
    return {result.check.id: result.findings for result in report.results}


def languages(findings: tuple[Finding, ...]) -> dict[str, int]:
    return {finding.subject["language"]: finding.n for finding in findings}


def test_lookalike_letters_in_russian(found):
    findings = found["look-alike-letters"]
    assert {finding.subject["language"] for finding in findings} == {"ru"}
    (copa,) = (f for f in findings if f.where == "bloom_7b1 x_copa ru")
    assert copa.share is not None
    assert copa.share > 0.9
    assert "0.2 % by first-letter" in copa.details[0]


def test_letters_beyond_the_options(found):
    findings = found["letters-beyond-options"]
    assert sum(finding.n for finding in findings) == 203
    by_model: dict[str, int] = {}
    for finding in findings:
        model = finding.subject["model"]
        by_model[model] = by_model.get(model, 0) + finding.n
    assert max(by_model, key=lambda model: by_model[model]) == "LeoLM_leo_hessianai_13b_chat"


def test_cells_of_one_letter(found):
    models = [finding.subject["model"] for finding in found["one-letter-cells"]]
    assert len(models) == 14
    assert models.count("bloom_7b1") == 9


def test_two_pairs_of_identical_files(found):
    findings = found["identical-files"]
    assert {(f.n, f.subject["task"], f.subject["language"]) for f in findings} == {
        (2, "x_copa", "he")
    }
    assert len(findings) == 2


def test_nine_files_that_are_not_json_and_the_strays(found):
    assert len(found["files-not-json"]) == 9
    assert all(finding.n == finding.total for finding in found["files-not-json"])
    strays = [name for f in found["stray-files"] for name in (f.details or (f.where,))]
    assert sum(name.endswith("_visual.jsonl") for name in strays) == 9
    assert sum(name.endswith(("_without_uuid.jsonl", "_en_prompt.jsonl")) for name in strays) == 2


def test_folders_spelled_in_several_ways(found):
    assert len(found["language-folders"]) == 9


def test_echoes_and_copied_examples(found):
    assert found["prompt-echoes"]
    copied = found["copied-examples"]
    assert all(finding.details for finding in copied)
    assert any('"D. 5"' in finding.details[0] for finding in copied)


def test_the_chinese_training_set_renames_the_continents(found):
    in_en, in_zh, names = found["fictional-train-test-conflict"]
    assert {f.subject["file"] for f in (in_en, in_zh)} == {"fictional/train/ZH.json"}
    assert (in_en.subject["language"], in_en.n, in_en.total) == ("en", 400, 400)
    assert (in_zh.subject["language"], in_zh.n, in_zh.total) == ("zh", 200, 200)
    for finding in (in_en, in_zh):
        assert "20 continents to 20, one to one" in finding.meaning
        assert len({line.split(" -> ")[0] for line in finding.details}) == 20
        assert len({line.split(" -> ")[1] for line in finding.details}) == 20
    assert (names.subject["file"], names.n) == ("fictional/test/Translate/translateZH.jsonl", 20)


def test_untrained_directions_and_templates(found):
    directions = found["fictional-untrained-direction"]
    assert len(directions) == 9
    assert all(f.details[0].startswith("asked en to ") for f in directions)
    assert languages(found["fictional-untrained-template"]) == {"ar": 400, "de": 400, "he": 400}


def test_shared_and_identical_names(found):
    shared = languages(found["fictional-shared-name"])
    assert len(shared) == 9
    assert set(shared.values()) == {1, 2, 3, 4}
    assert languages(found["fictional-identical-name"]) == {"fr": 100, "pl": 50, "de": 30, "it": 30}


@pytest.mark.parametrize(
    "check", ["fictional-gold-sentence", "fictional-untaught-fact", "fictional-files"]
)
def test_what_is_right_in_the_fictional_sets(found, check):
    assert found[check] == ()
