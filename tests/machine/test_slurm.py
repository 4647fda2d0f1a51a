"""The workflow on a real Slurm cluster: two nodes and two fake GPUs on this machine."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from made_kills import kill_session
from made_pages import documented, type_in
from made_runs import command, first_difference, run_whole, save_smallest, tables_of

pytestmark = [pytest.mark.machine, pytest.mark.usefixtures("cluster")]

#: Where the script has Slurm write a line about each job that ended.
ENDED = Path("/var/tmp/clika-slurm/log/jobs.txt")  # noqa: S108 - the script's own folder
PATIENCE = 300


def changed(profile: Path, **keys: object) -> Path:
    said = yaml.safe_load(profile.read_text(encoding="utf-8"))
    profile.write_text(yaml.safe_dump({**said, **keys}), encoding="utf-8")
    return profile


def ended_jobs(partition: str) -> int:
    text = ENDED.read_text(encoding="utf-8") if ENDED.is_file() else ""
    return len(re.findall(rf"JobState=COMPLETED Partition={partition} ", text))


def running_jobs(partition: str) -> list[str]:
    query = ["squeue", "-h", "-t", "running", "-p", partition, "-o", "%i"]
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()


def wait_for_job(process: subprocess.Popen[bytes], partition: str) -> str:
    """Return the number of a job that runs in a partition."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if found := running_jobs(partition):
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"no job came to run in the partition {partition}")


def begin(folder: Path, study: str, profile: Path) -> subprocess.Popen[bytes]:
    with (folder / "said.txt").open("wb") as said:
        return subprocess.Popen(
            command(study, "--profile", str(profile.parent)),
            cwd=folder,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def test_a_study_runs_to_its_end_and_then_has_nothing_to_do(tmp_path: Path, profile: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    run_whole(plain, "mini-tiny")
    before = {name: ended_jobs(name) for name in ("cpu", "gpu")}
    type_in(documented("slurm.md", "clika reproduce", "--profile cluster"), tmp_path)
    expected = tables_of(plain, "mini-tiny")
    assert first_difference(tables_of(tmp_path, "mini-tiny"), expected) == ""
    # Three trainings where the GPUs are; gather, load, score and verify where they are not.
    ended = {name: ended_jobs(name) - count for name, count in before.items()}
    assert ended == {"cpu": 4, "gpu": 3}
    again = run_whole(tmp_path, "mini-tiny", "--profile", str(profile.parent))
    assert "Nothing was left to do" in again.stdout
    shares = run_whole(tmp_path, "mini-tiny", "--profile", str(profile.parent), "--shards", "3")
    assert shares.stderr.count("score_share share=") == 3
    assert first_difference(tables_of(tmp_path, "mini-tiny"), expected) == ""


def test_a_cancelled_job_is_tried_again(
    tmp_path: Path, profile: Path, smallest_tables: dict[str, bytes]
) -> None:
    study = save_smallest(tmp_path)
    process = begin(tmp_path, study, profile)
    subprocess.run(["scancel", wait_for_job(process, "gpu")], check=True)
    assert process.wait(PATIENCE) == 0
    said = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert "train seed=0 base=mini_base: is tried again" in said
    assert first_difference(tables_of(tmp_path, study), smallest_tables) == ""


def test_ctrl_c_cancels_the_jobs(tmp_path: Path, profile: Path) -> None:
    process = begin(tmp_path, save_smallest(tmp_path), profile)
    number = wait_for_job(process, "gpu")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert number not in running_jobs("gpu")


def test_a_run_that_was_killed_goes_on_beside_its_orphans(
    tmp_path: Path, profile: Path, smallest_tables: dict[str, bytes]
) -> None:
    study = save_smallest(tmp_path)
    process = begin(tmp_path, study, profile)
    orphan = wait_for_job(process, "gpu")
    kill_session(process.pid)
    process.wait(PATIENCE)
    # It writes where the next one will.
    assert orphan in running_jobs("gpu")
    run_whole(tmp_path, study, "--profile", str(profile.parent))
    assert first_difference(tables_of(tmp_path, study), smallest_tables) == ""


@pytest.mark.parametrize(("request_by", "asked"), [("gpu", "TresPerJob"), ("gres", "TresPerNode")])
def test_a_study_for_gpus_asks_for_one(
    request_by: str, asked: str, tmp_path: Path, profile: Path
) -> None:
    changed(
        profile,
        config={"threads": 1, "gpu_request": request_by},
        retries=0,
        **{"set-resources": {"train": {"slurm_partition": "gpu"}}},
    )
    study = save_smallest(tmp_path, device="cuda")
    process = begin(tmp_path, study, profile)
    number = wait_for_job(process, "gpu")
    about = subprocess.run(
        ["scontrol", "show", "job", number], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(rf"{asked}=gres:gpu:1\b", about)
    # The GPU is a fake: the job says so, and so does the run that it ends.
    assert process.wait(PATIENCE) == 2
    said = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert "The step 'train seed=0 base=mini_base' failed" in said
    assert "PyTorch sees no GPU here" in said
