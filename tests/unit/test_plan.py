"""``clika plan``: what a study is, what would run, what its tasks can show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from made_colours import STUDY, ingest, load_shards, score_all, write_release

from clika.cli import cli
from clika.study import load_study
from clika.views.plan import Plan, plan

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _nothing_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLIKA_DATA", raising=False)


def running(found: Plan) -> list[str]:
    return [step.name for step in found.steps if step.runs]


def test_before_anything_was_run_the_study_says_its_items(tmp_path: Path) -> None:
    study = load_study("paper-released")
    found = plan(study, results=tmp_path)
    assert running(found) == ["load", "score", "verify"]
    by_task = {entry.task.name: entry for entry in found.tasks}
    shown = [round(100 * (value or 0), 1) for value in by_task["x_name"].differences]
    assert (by_task["x_name"].items, shown) == (180, [6.6, 9.3, 11.4])
    assert by_task["x_name"].measured is None
    assert list(tmp_path.iterdir()) == []


def test_each_stage_that_is_there_takes_its_step_off_the_plan(tmp_path: Path) -> None:
    ingest(write_release(tmp_path / "release"), tmp_path)
    assert running(plan(STUDY, results=tmp_path)) == ["load", "score"]
    load_shards(tmp_path)
    assert running(plan(STUDY, results=tmp_path)) == ["score"]
    score_all(tmp_path)
    assert running(plan(STUDY, results=tmp_path)) == []


def test_what_comes_after_a_step_that_runs_runs_too(tmp_path: Path) -> None:
    ingest(write_release(tmp_path / "release"), tmp_path)
    database = load_shards(tmp_path)
    score_all(tmp_path)
    database.unlink()
    assert running(plan(STUDY, results=tmp_path)) == ["load", "score"]


def test_stored_answers_say_on_how_many_items_models_differ(tmp_path: Path) -> None:
    # chatgpt is always right, llama_7b has one item of three right in each language.
    ingest(write_release(tmp_path / "release"), tmp_path)
    load_shards(tmp_path)
    (found,) = plan(STUDY, results=tmp_path).tasks
    assert found.measured is not None
    assert found.measured.discordant == pytest.approx(2 / 3)
    assert found.measured.pairs == 5
    assert found.measured.difference is None  # more than the two discordant items
    assert found.differences == (None, None, None)


def test_the_command_prints_it(tmp_path: Path) -> None:
    run = CliRunner().invoke(cli, ["plan", "--results", str(tmp_path)])
    assert run.exit_code == 0, run.output
    assert "clika reproduce paper-released would run\n" in run.output
    assert "xPeo (x_name)  4    180      6.6      9.3     11.4" in run.output
    assert all(len(line) <= 100 for line in run.output.splitlines())


def test_the_same_as_json(tmp_path: Path) -> None:
    run = CliRunner().invoke(cli, ["plan", "--json", "--results", str(tmp_path)])
    found = json.loads(run.output)
    assert [step["name"] for step in found["steps"]] == ["load", "score", "verify"]
    (first, *_) = found["tasks"]
    assert first["minimum_detectable_difference"][1]["difference"] == pytest.approx(
        0.0396, abs=1e-4
    )
