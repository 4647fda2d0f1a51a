"""The verdicts on the paper's claims, from the shipped answer codes."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from clika.steps.expectations import EXPECTED
from clika.steps.load import load
from clika.steps.verify import expected_text, verify
from clika.study import load_study

if TYPE_CHECKING:
    from clika.report.verdicts import JudgedClaim
    from clika.steps.verify import Verification

STUDY = load_study("paper-released")
SHIPPED = files("clika").joinpath("studies", STUDY.name)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Verification:
    folder = tmp_path_factory.mktemp("verify")
    database = folder / "clika.duckdb"
    load(STUDY, shards=folder / "shards", database=database, origin="codes")
    return verify(STUDY, database=database, verdicts=None)


def claim(found: Verification, name: str) -> JudgedClaim:
    (judged,) = (each for each in found.judged.claims if each.claim.name == name)
    return judged


def test_the_verdicts_are_the_shipped_ones(found: Verification) -> None:
    assert found.mismatches == ()
    assert expected_text(found.judged) == SHIPPED.joinpath(EXPECTED).read_text(encoding="utf-8")


def test_the_overall_verdicts_are_these(found: Verification) -> None:
    assert {each.claim.name: each.verdict for each in found.judged.claims} == {
        "continued-pretraining": "contradicted",
        "mixed-pretraining": "undecided",
        "instruction-tuning": "contradicted",
        "conductivity-level": "not judged",
        "conductivity-change": "not judged",
    }


def test_pairs_without_answers_are_listed_and_not_judged(found: Verification) -> None:
    pairs = {
        pair.contrast.name: pair.reason for pair in claim(found, "continued-pretraining").pairs
    }
    assert len(pairs) == 7
    absent = pairs["llama_7b -> chinese_llama_plus_7b"]
    assert absent == "no answers of chinese_llama_plus_7b"


def test_the_numbers_are_those_of_the_expected_accuracies(found: Verification) -> None:
    with SHIPPED.joinpath("expected.csv").open(encoding="utf-8", newline="") as stream:
        cells = {
            (row["model"], row["task"], row["language"]): int(row["n_correct"]) / int(row["n"])
            for row in csv.DictReader(stream)
        }

    def change(task: str) -> float:
        before, after = (
            cells[model, task, "de"] for model in ("llama2_13b", "LeoLM_leo_hessianai_13b")
        )
        about = STUDY.task(task)
        assert about.reference
        assert about.reference.accuracy
        return (after - before) / (float(about.reference.accuracy) - 1 / about.options)

    changes = {task.name: change(task.name) for task in STUDY.tasks}
    pair = claim(found, "continued-pretraining").pairs[-1]
    part = pair.parts[0]
    assert {name: each.estimate.value for name, each in part.tasks.items()} == pytest.approx(
        changes
    )
    assert part.whole.estimate.value == pytest.approx(sum(changes.values()) / len(changes))
