"""Folders with names that shells, YAML and links make something of."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from made_answers import STUDY as COLOURS
from made_answers import make_study
from made_models import save_model
from made_runs import command, run_whole, tables_of
from msgspec.structs import replace

from clika.study import Asked, save_study

STUDY = "gemma-taught"
CLONE = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["a b", "2026", "it's", "1e3", "a: b", "#x: '1' %41\" $HOME;"])
def test_results_may_have_any_name(name: str, tmp_path: Path) -> None:
    run_whole(tmp_path, STUDY, "--results", name)
    assert (tmp_path / name / STUDY / "verdicts.json").is_file()


@pytest.mark.parametrize("name", ["2024", "1e3", "null", "7", "a"])
def test_a_study_may_have_a_name_that_reads_like_a_value(name: str, tmp_path: Path) -> None:
    results = tmp_path / "results"
    make_study(results)
    save_model(tmp_path / "model")
    shutil.move(results / COLOURS.name, results / name)
    study = replace(COLOURS, name=name, asked={"m": Asked("model", tasks=("far",), threads=1)})
    save_study(study, results / name / "study.yaml")
    run_whole(tmp_path, name)
    assert tables_of(tmp_path, name)


@pytest.mark.parametrize("name", ["{a", "a}/b", "a*", "a?", "a[1]", "a\\b"])
def test_wildcards_are_refused_before_anything_runs(name: str, tmp_path: Path) -> None:
    options = command(STUDY, "--results", name)
    done = subprocess.run(options, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"The folder of results {name} has a " in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_environment_may_lie_below_a_space(tmp_path: Path) -> None:
    environment = tmp_path / "my environment"
    (environment / "bin").mkdir(parents=True)
    for program in ("python", "clika"):
        (environment / "bin" / program).symlink_to(Path(sys.executable).with_name(program))
    (environment / "pyvenv.cfg").write_bytes(Path(sys.prefix, "pyvenv.cfg").read_bytes())
    (environment / "lib").symlink_to(Path(sys.prefix, "lib"))
    command = [environment / "bin" / "python", "-m", "clika", "reproduce", STUDY, "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert tables_of(tmp_path, STUDY)


def test_snakemake_finds_the_workflow_in_a_clone(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1", "--quiet", "rules"]
    chosen = ["--config", f"study={STUDY}", f"results={tmp_path}"]
    done = subprocess.run(
        [*command, "--snakefile", CLONE / "Snakefile", *chosen],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout + done.stderr
    assert all(f"\n{step} " in said for step in ("load", "score", "verify"))
