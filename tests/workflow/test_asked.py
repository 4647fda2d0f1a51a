"""A study that has models asked: each once, and again when what matters changes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_answers import STUDY, make_study
from made_models import save_model
from made_own_code import edit_code, save_own_code_model
from made_runs import command, run_whole, tables_of
from msgspec.structs import replace

from clika.errors import ConfigError
from clika.steps.asked_study import left_to_ask
from clika.steps.inventory import read_inventory
from clika.study import Asked, Study, load_study, save_study
from clika.views.plan import plan
from clika.views.stages import look_at_data, look_at_shards
from clika.workflow.surroundings import IMAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_study(tmp_path / "results")
    save_model(tmp_path / "model")
    return tmp_path


def choose(folder: Path, asked: Mapping[str, Asked]) -> Study:
    """Write which models the study of a folder asks."""
    results = folder / "results"
    study = replace(load_study(STUDY.name, results), asked=dict(asked))
    save_study(study, results / STUDY.name / "study.yaml")
    return load_study(STUDY.name, results)


def jobs(said: str) -> list[str]:
    """Return the jobs of asking that a run names as finished, sorted."""
    lines = [line.split(":")[0] for line in said.splitlines() if "finished after" in line]
    return sorted(line.removeprefix("infer model=") for line in lines if line.startswith("infer"))


def test_each_model_is_asked_once_and_again_when_what_matters_changes(folder: Path) -> None:
    asked = {
        "letter": Asked("model", threads=1),
        "full": Asked("model", prompt="full-option", tasks=("far",), threads=1),
    }
    study = choose(folder, asked)
    planned = plan(study, results=folder / "results").steps[0]
    assert planned == ("infer", True, "2 of 2 models are not asked")
    first = run_whole(folder, study.name)
    assert jobs(first.stderr) == ["full", "letter"]
    assert "2 of 2 models have answers." in first.stdout
    assert "Nothing was left to do" in run_whole(folder, study.name).stdout
    log = folder / "results" / study.name / "logs" / "infer"
    assert "720 questions asked." in (log / "letter.log").read_text(encoding="utf-8")
    # A cosmetic edit: another title.
    save_study(
        replace(load_study(study.name, folder / "results"), title="Many colours"),
        folder / "results" / study.name / "study.yaml",
    )
    assert "Nothing was left to do" in run_whole(folder, study.name).stdout
    # A third model: the others are not asked again.
    choose(folder, {**asked, "words": Asked("model", longest=2, threads=1)})
    assert jobs(run_whole(folder, study.name).stderr) == ["words"]


@pytest.mark.parametrize("change", ["prompt", "threads", "files", "older files", "items"])
def test_a_model_is_asked_anew_when_what_matters_changes(folder: Path, change: str) -> None:
    asked = Asked("model", tasks=("far",), threads=1)
    study = choose(folder, {"m": asked})
    run_whole(folder, study.name)
    if change == "prompt":
        choose(folder, {"m": replace(asked, prompt="full-option")})
    elif change == "threads":
        choose(folder, {"m": replace(asked, threads=2)})
    elif change == "files":
        settings = folder / "model" / "generation_config.json"
        settings.write_text(settings.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    elif change == "older files":
        # As a copy that keeps times leaves them.
        settings = folder / "model" / "generation_config.json"
        settings.write_text(settings.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        os.utime(settings, (1e9, 1e9))
    else:
        shutil.rmtree(folder / "results" / study.name / "shards" / "responses")
        shutil.rmtree(folder / "results" / study.name / "shards" / "option_scores")
        make_study(folder / "results", word="other thing")
    done = run_whole(folder, study.name)
    assert jobs(done.stderr) == ["m"]
    log = folder / "results" / study.name / "logs" / "infer" / "m.log"
    assert "360 questions asked." in log.read_text(encoding="utf-8")
    assert "Nothing was left to do" in run_whole(folder, study.name).stdout


@pytest.mark.parametrize("change", ["gone", "by hand"])
def test_a_model_is_asked_anew_when_its_answers_are_not_there_any_more(
    folder: Path, change: str
) -> None:
    study = choose(folder, {"m": Asked("model", tasks=("far",), threads=1)})
    run_whole(folder, study.name)
    made = tables_of(folder, study.name)
    if change == "gone":
        (folder / "results" / study.name / "shards/responses/far/m.parquet").unlink()
    else:
        by_hand = ["infer", study.name, "--model", "m", "--from", "model", "--task", "far"]
        other = ["--prompt", "full-option", "--replace"]
        done = [sys.executable, "-m", "clika", *by_hand, *other]
        subprocess.run(done, cwd=folder, capture_output=True, check=True)
    assert jobs(run_whole(folder, study.name).stderr) == ["m"]
    assert tables_of(folder, study.name) == made
    assert "Nothing was left to do" in run_whole(folder, study.name).stdout


def test_a_job_waits_for_one_that_a_killed_run_left(folder: Path) -> None:
    study = choose(folder, {"m": Asked("model", tasks=("far",), threads=1)})
    place = folder / "results" / study.name
    log = place / "logs" / "infer" / "m.log"
    code = (
        "import pathlib, sys, time\n"
        "from clika.files import exclusive\n"
        "lock, log = map(pathlib.Path, sys.argv[1:])\n"
        "with exclusive(lock, wait=False):\n"
        "    print('held', flush=True)\n"
        "    while not log.is_file() or b'waiting' not in log.read_bytes():\n"
        "        time.sleep(0.1)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, place / "spool" / "far-m.lock", log], stdout=subprocess.PIPE
    ) as orphan:
        assert orphan.stdout is not None
        assert orphan.stdout.readline() == b"held\n"
        try:
            assert jobs(run_whole(folder, study.name).stderr) == ["m"]
        finally:
            orphan.kill()
    assert log.read_text(encoding="utf-8").startswith(f"Process {orphan.pid} on ")


def test_jobs_on_gpus_run_side_by_side_each_on_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = choose(folder, {name: Asked("model", device="cuda", threads=1) for name in "ab"})
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-of-nobody,GPU-of-no-other")
    # They are not there, so the jobs fail: once they have one each.
    run = command(study.name, "--cores", "2")
    subprocess.run(run, cwd=folder, capture_output=True, check=False)
    logs = folder / "results" / study.name / "logs"
    assert "Execute 2 jobs..." in (logs / "snakemake.log").read_text(encoding="utf-8")
    for path in logs.glob("infer/*.log"):
        assert path.read_text(encoding="utf-8").startswith("On GPU GPU-of-no")
    assert len(list(logs.glob("infer/*.log"))) == len("ab")


def test_a_model_with_code_of_its_own_is_asked_anew_when_that_changes(folder: Path) -> None:
    save_own_code_model(folder / "fused")
    study = choose(folder, {"m": Asked("fused", tasks=("far",), threads=1, model_code=True)})
    run_whole(folder, study.name)
    assert "Nothing was left to do" in run_whole(folder, study.name).stdout
    edit_code(folder / "fused")
    assert jobs(run_whole(folder, study.name).stderr) == ["m"]


def test_each_model_is_asked_in_its_image(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an Apptainer that does no more than say which image it was given, and run the command."""
    programs, images = folder / "programs", folder / "images"
    programs.mkdir()
    images.mkdir()
    for name in ("apptainer", "singularity"):
        (programs / name).write_text(
            "#!/bin/bash\n"
            '[[ $1 == --version || $1 == version ]] && echo "apptainer version 1.4.5" && exit\n'
            "while (($#)); do\n"
            f'    [[ $1 == *.sif ]] && echo "$1 ${{@: -1}}" >> {folder}/ran\n'
            f'    echo "$APPTAINERENV_CUDA_VISIBLE_DEVICES" > {folder}/gpus\n'
            "    last=$1; shift\n"
            "done\n"
            'exec bash -c "$last"\n',
            encoding="utf-8",
        )
        (programs / name).chmod(0o755)
    for name in (*IMAGES, "legacy"):
        (images / f"clika-{name}.sif").touch()
        digest = hashlib.sha256(name.encode()).hexdigest()
        text = f"{digest}  clika-{name}.sif\n"
        (images / f"clika-{name}.sif.sha256").write_text(text, encoding="utf-8")
    where = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(where))
    today = Asked("model", tasks=("far",), threads=1)
    study = choose(folder, {"new": today, "old": replace(today, image="legacy")})
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    run_whole(folder, study.name, "--profile", "apptainer", "--images", str(images))
    assert (folder / "gpus").read_text() == "2,3\n"
    ran = [line for line in (folder / "ran").read_text().splitlines() if "clika infer" in line]
    found = {re.findall(r"--model (\w+)", line)[0]: Path(line.split()[0]).name for line in ran}
    assert found == {"new": "clika-inference.sif", "old": "clika-legacy.sif"}


def test_what_a_model_is_asked_from_and_by_counts_for_whether_it_is_asked(folder: Path) -> None:
    asked = Asked("model", tasks=("far",), threads=1)
    study = choose(folder, {"m": asked})
    run_whole(folder, study.name)
    shards = folder / "results" / study.name / "shards"

    def left(changed: Asked) -> dict[str, tuple[str, ...]]:
        return left_to_ask(replace(study, asked={"m": changed}), read_inventory(shards))

    assert left(asked) == {}
    for changed in (replace(asked, source="other"), replace(asked, model_code=True)):
        assert left(changed) == {"m": ("far",)}


def test_status_says_who_is_not_asked_yet(folder: Path) -> None:
    asked = {"m": Asked("model", tasks=("far",), threads=1)}
    study = choose(folder, asked)
    run_whole(folder, study.name)
    grown = choose(folder, {**asked, "other": Asked("model", threads=1)})
    shards = folder / "results" / study.name / "shards"
    stage = look_at_shards(grown, shards, look_at_data(grown)).stage
    assert (stage.state, stage.detail) == ("missing", "1 of 2 models are not asked yet")
    assert stage.command == f"clika reproduce {study.name}"


def test_a_model_that_is_not_there_is_named_with_its_study(folder: Path) -> None:
    study = choose(folder, {"lost": Asked("nowhere")})
    done = subprocess.run(
        command(study.name), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "The step 'infer model=lost' failed" in done.stderr
    assert "There is no model at nowhere" in done.stderr


def test_who_is_asked_outlives_new_items_being_made(folder: Path) -> None:
    study = choose(folder, {"letter": Asked("model")})
    make_study(folder / "results", word="new thing")
    assert load_study(study.name, folder / "results").asked == study.asked


def test_a_study_that_cannot_ask_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"asked: m: 'nearby' is not one of the tasks"):
        choose(folder, {"m": Asked("model", tasks=("nearby",))})
