"""Five seeds of the experiment from scratch, from answers and outcomes that ship: no training."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from made_shipped import load_shipped, outcomes_of

from clika.metrics.conductivity_scores import cell_numbers
from clika.regimes import NEGATIVE, POSITIVE, TAUGHT, dose_task
from clika.steps.expectations import EXPECTED
from clika.steps.score_conductivity import arrange_outcomes
from clika.steps.verify import expected_text, verify
from clika.store.connection import open_database
from clika.study import load_study

if TYPE_CHECKING:
    from pathlib import Path

    from clika.metrics.intervals.clustered import Estimate

STUDY = load_study("mini-seeds")
SHIPPED = files("clika").joinpath("studies", STUDY.name)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return load_shipped(STUDY, tmp_path_factory.mktemp("mini-seeds"))


@pytest.fixture(scope="module")
def controls(database: Path) -> dict[str, Estimate]:
    """Return XRR_c of each control, all seeds together."""
    found = {}
    for cell, seeds in outcomes_of(database).items():
        if cell.task == TAUGHT:
            continue
        numbers = cell_numbers([arrange_outcomes(rows) for rows in seeds.values()])
        stratum = "identical" if cell.task == POSITIVE else "non-identical"
        (found[cell.task],) = (
            number.estimate
            for number in numbers
            if (number.metric, number.variant) == ("xrr_c", stratum)
        )
    return found


def test_the_verdicts_are_the_shipped_ones(database: Path) -> None:
    found = verify(STUDY, database=database, verdicts=None)
    assert found.mismatches == ()
    assert expected_text(found.judged) == SHIPPED.joinpath(EXPECTED).read_text(encoding="utf-8")


def test_the_negative_control_conducts_nothing(controls: dict[str, Estimate]) -> None:
    control = controls[NEGATIVE]
    assert control.low <= 0 <= control.high


def test_the_positive_control_conducts_everything(controls: dict[str, Estimate]) -> None:
    assert controls[POSITIVE].low > 0.9


def test_the_dose_curve_rises(controls: dict[str, Estimate]) -> None:
    curve = [controls[dose_task(dose)].value for dose in (0, 0.25, 0.5, 0.75, 1)]
    assert curve == sorted(curve)
    assert curve[-1] - curve[0] > 0.25


def test_each_model_answers_the_items_of_every_seed(database: Path) -> None:
    connection = open_database(database, command="")
    try:
        counts = connection.execute(
            "select model, language, count(*) from answers group by all"
        ).fetchall()
    finally:
        connection.close()
    assert {count for _, _, count in counts} == {5 * 120}
    assert len(counts) == len(STUDY.models) * len(STUDY.languages)
