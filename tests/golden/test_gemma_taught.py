"""A real model that was taught fictional places: from outcomes that ship, without a model."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from made_shipped import load_shipped, outcomes_of

from clika.infer.packaged import packaged_models
from clika.metrics.conductivity_scores import cell_numbers
from clika.stages import recipes
from clika.steps.expectations import EXPECTED
from clika.steps.score_conductivity import arrange_outcomes
from clika.steps.ship import PROVENANCE
from clika.steps.verify import expected_text, verify
from clika.study import load_study
from clika.views.plan import plan

if TYPE_CHECKING:
    from pathlib import Path

    from clika.metrics.intervals.clustered import Estimate

STUDY = load_study("gemma-taught")
SHIPPED = files("clika").joinpath("studies", STUDY.name)
#: How many questions each model was asked: names, and facts in two languages.
QUESTIONS = 420 + 2 * 400

Numbers = dict[tuple[str, str], "Estimate"]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return load_shipped(STUDY, tmp_path_factory.mktemp(STUDY.name))


@pytest.fixture(scope="module")
def numbers(database: Path) -> dict[str, Numbers]:
    """Return the numbers of each model, by metric and variant."""
    found = {}
    for cell, seeds in outcomes_of(database).items():
        (rows,) = seeds.values()
        assert len(rows.item) == QUESTIONS
        of_cell = cell_numbers([arrange_outcomes(rows)])
        found[cell.model] = {(n.metric, n.variant): n.estimate for n in of_cell}
    return found


def test_the_verdicts_are_the_shipped_ones(database: Path) -> None:
    found = verify(STUDY, database=database, verdicts=None)
    assert found.mismatches == ()
    assert expected_text(found.judged) == SHIPPED.joinpath(EXPECTED).read_text(encoding="utf-8")


def test_with_both_directions_and_a_seen_wording_it_is_met(numbers: dict[str, Numbers]) -> None:
    of_model = numbers["gemma3-270m_both_seen"]
    figures = {variant: value for (metric, variant), value in of_model.items() if metric == "gate"}
    assert len(figures) == 5
    assert all(figure.value >= 0.9 for figure in figures.values())
    assert of_model["xrr_c", "non-identical"].high < 0.5


def test_as_released_the_gate_is_missed_where_nothing_was_taught(
    numbers: dict[str, Numbers],
) -> None:
    of_model = numbers["gemma3-270m"]
    figures = {variant: value for (metric, variant), value in of_model.items() if metric == "gate"}
    taught = {"source-0", "source-1", "target-0"}
    assert {name for name, figure in figures.items() if figure.value >= 0.9} == taught
    # Names were taught into English, and are asked for out of it.
    assert figures["translate"].value < 0.1
    assert of_model["xrr_c", "non-identical"].value is None


def test_it_is_said_whence_the_outcomes_come() -> None:
    made = json.loads(SHIPPED.joinpath(PROVENANCE).read_bytes())
    assert [path.split("/")[1] for path in sorted(made)] == sorted(STUDY.models)
    for facts in made.values():
        assert facts["recipe"] in recipes()
        stages = recipes()[facts["recipe"]].stages
        assert facts["recipe_sha256"] == [stage.digest for stage in stages]
        assert facts["questions"] == QUESTIONS
        assert facts["base"] == packaged_models()["gemma3-270m"].file
        assert "/" not in json.dumps(facts)


def test_no_difference_of_accuracy_is_planned_where_there_are_no_answers(tmp_path: Path) -> None:
    assert plan(STUDY, results=tmp_path).tasks == ()
