"""Status of conductivity: every cell is there, misses the gate, or is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_trained import all_right, cell, outcomes, study_of, write_database
from rich.console import Console

from clika.regimes import POSITIVE, dose_task
from clika.steps.score import score
from clika.views.status import StatusReport, status
from clika.views.status_rendering import status_data, status_lines

if TYPE_CHECKING:
    from pathlib import Path

SHARDS = [
    outcomes(cell("taught", "tiny_a"), seed=0),
    outcomes(cell("taught", "tiny_a"), seed=1, gate=0.6),
    outcomes(cell("taught", "tiny_a", "he"), seed=0, gate=0.6),
    outcomes(cell("taught", "tiny_b"), seed=0),
    outcomes(cell("taught", "tiny_b"), seed=1),
    outcomes(cell(POSITIVE, "tiny_b", "he"), seed=0),
    outcomes(cell(POSITIVE, "tiny_b", "he"), seed=1),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> StatusReport:
    results = tmp_path_factory.mktemp("results")
    study = study_of(0, 1)
    write_database(results / study.name, SHARDS, all_right((0, 1)), study=study)
    return status(study, results=results)


def page(report: StatusReport, *, cells: bool) -> str:
    console = Console(width=200)
    return "\n".join(line.plain for line in status_lines(report, console, width=200, cells=cells))


def test_every_cell_that_there_should_be_is_explained(report: StatusReport) -> None:
    found = {(c.task, c.model, c.target): (c.state, c.met, c.asked) for c in report.conductivity}
    assert found == {
        ("taught", "tiny_a", "de"): ("there", 1, 2),
        ("taught", "tiny_a", "he"): ("gate not met", 0, 1),
        ("taught", "tiny_b", "de"): ("there", 2, 2),
        ("taught", "tiny_b", "he"): ("missing", 0, 0),
        (dose_task(0), "tiny_b", "he"): ("missing", 0, 0),
        (dose_task(0.5), "tiny_b", "he"): ("missing", 0, 0),
        (POSITIVE, "tiny_b", "he"): ("there", 2, 2),
    }


def test_a_missed_gate_has_its_figures(report: StatusReport) -> None:
    (missed,) = (c for c in report.conductivity if c.state == "gate not met")
    assert missed.detail == "target-0 0.600"


def test_the_page_counts_and_names_what_is_amiss(report: StatusReport) -> None:
    text = page(report, cells=False)
    assert "3 of 7 (model x pair x task) meet the gate; not whole:" in text
    assert "tiny_a x en-he x taught: gate not met (target-0 0.600), seeds 1 of 2" in text
    assert "tiny_b x en-he x taught: missing" in text


def test_all_cells_are_listed_where_asked_for(report: StatusReport) -> None:
    lines = [line.split("  ") for line in page(report, cells=True).splitlines()]
    found = {line[0]: line[-1].strip() for line in lines}
    assert found["tiny_a x en-de x taught"] == "there, gate met by 1 of 2 seeds"
    assert found["tiny_b x en-de x taught"] == "there"


def test_json_has_every_cell(report: StatusReport) -> None:
    assert len(status_data(report)["conductivity"]) == 7


def test_a_changed_table_of_conductivity_is_stale(tmp_path: Path) -> None:
    study = study_of(0, 1)
    folder = tmp_path / study.name
    path = write_database(folder, SHARDS, all_right((0, 1)), study=study)
    score(study, database=path, scores=folder / "scores", tables=folder / "tables")
    (folder / "tables" / "gate.csv").unlink()
    (stage,) = (s for s in status(study, results=tmp_path).stages if s.name == "tables")
    assert (stage.state, "gate.csv" in stage.detail) == ("missing", True)
