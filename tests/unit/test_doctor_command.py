"""``clika doctor``: what it prints, its exit codes, and that it changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from made_facts import BROKEN, WELL
from rich.console import Console

from clika.cli import cli
from clika.views.doctor import examine
from clika.views.doctor.facts.software import Driver, Framework
from clika.views.doctor.model import Check, Diagnosis
from clika.views.doctor.rendering import doctor_lines

if TYPE_CHECKING:
    from pathlib import Path

    from clika.views.doctor.facts import Facts

CONSOLE = Console(width=500)


def find(monkeypatch: pytest.MonkeyPatch, facts: Facts) -> None:
    """Let made-up facts be what is found on this machine."""
    monkeypatch.setattr("clika.views.doctor.look", lambda _: facts)


def test_this_machine(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "clika", "doctor", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in {0, 1}, run.stderr
    found = json.loads(run.stdout)
    states = {check["name"]: check["state"] for check in found["checks"]}
    assert states["clika"] == states["duckdb"] == states["snakemake"] == "ok"
    assert (run.returncode == 1) == ("fail" in states.values()) == bool(found["failed"])
    assert list(folder.iterdir()) == []


def test_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    find(monkeypatch, WELL)
    run = CliRunner().invoke(cli, ["doctor", "mini-medium"], standalone_mode=False)
    assert run.return_value == 0
    assert run.output.endswith("\nEverything that mini-medium needs is here.\n")
    assert "gpu             ok    PyTorch sees NVIDIA L4 (22.0 GiB)\n" in run.output


def test_a_study_makes_a_failure_of_what_is_optional_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find(
        monkeypatch,
        WELL._replace(driver=Driver("absent"), framework=Framework(None, None)),
    )
    without = CliRunner().invoke(cli, ["doctor"], standalone_mode=False)
    assert without.return_value == 0
    assert "Everything that clika needs is here.\n" in without.output
    run = CliRunner().invoke(cli, ["doctor", "mini"], standalone_mode=False)
    assert run.return_value == 1
    assert run.output.endswith("\nWhat mini needs is missing or broken: pytorch.\n")
    assert "Run: pip install 'clika[inference]'" in run.output


def test_warnings_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    slurm = WELL.slurm._replace(accounting=BROKEN)
    find(monkeypatch, WELL._replace(slurm=slurm))
    run = CliRunner().invoke(cli, ["doctor"], standalone_mode=False)
    assert run.return_value == 0
    assert run.output.endswith("is here. To be looked at: accounting.\n")


def test_the_same_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    find(monkeypatch, WELL._replace(duckdb=BROKEN))
    run = CliRunner().invoke(cli, ["doctor", "mini", "--json"], standalone_mode=False)
    found = json.loads(run.output)
    assert (run.return_value, found["study"], found["failed"]) == (1, "mini", ["duckdb"])
    (duckdb,) = (check for check in found["checks"] if check["name"] == "duckdb")
    assert duckdb == {
        "name": "duckdb",
        "state": "fail",
        "found": "does not load: ImportError: it is broken",
        "remedy": "Run: pip install --force-reinstall duckdb",
    }


def test_an_unknown_study_is_refused(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "clika", "doctor", "mimi", "--results", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "Unknown study 'mimi'. Did you mean 'mini'" in run.stderr


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_are_as_wide_as_the_terminal_and_nothing_in_them_acts(
    tmp_path: Path, width: int
) -> None:
    check = Check("docker", "warn", "it says \x1b[2J" + "word " * 40, "Run: " + "command " * 30)
    lines = list(doctor_lines(Diagnosis(None, tmp_path, (check,)), CONSOLE, width=width))
    assert max(line.cell_len for line in lines) <= width
    assert all("\x1b" not in line.plain for line in lines)
    assert lines[0].plain.startswith(r"docker          warn  it says \x1b[2Jword word")


def test_a_results_folder_in_a_file_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the rest nothing is asked: what is not on PATH is not installed.
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("clika.views.doctor.facts.software.installed", lambda _: None)
    (tmp_path / "file").touch()
    diagnosis = examine(None, results=tmp_path / "file/results")
    assert "results" in diagnosis.named("fail")
    assert {"docker", "podman", "apptainer", "slurm", "pytorch"} <= set(diagnosis.named("none"))
