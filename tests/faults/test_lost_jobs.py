"""One job killed, or the disk full, at a recorded random moment: the next run finishes."""

from __future__ import annotations

import random
import subprocess
import time
from typing import TYPE_CHECKING

import psutil
import pytest
from made_disk import small_disk
from made_kills import SEEDS, Undisturbed, run_undisturbed
from made_runs import command, run_whole, tables_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["small_disk"]

pytestmark = pytest.mark.slow

STUDY = "mini-tiny"
PATIENCE = 120


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return run_undisturbed(tmp_path_factory.mktemp("undisturbed"), STUDY)


def find_job(process: subprocess.Popen[str], verb: str) -> psutil.Process:
    """Return a process of a run that does what a rule's body says."""
    deadline = time.monotonic() + PATIENCE
    run = psutil.Process(process.pid)
    while process.poll() is None and time.monotonic() < deadline:
        for child in run.children(recursive=True):
            try:
                words = child.cmdline()
            except psutil.NoSuchProcess:
                continue
            if verb in words and not words[0].endswith("sh"):
                return child
        time.sleep(0.05)
    raise AssertionError(f"no job of {verb} came to run")


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_a_killed_job_is_named_and_done_by_the_next_run(
    seed: int, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        command(STUDY),
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    job = find_job(process, "train")
    # Somewhere in what one of three trainings takes.
    time.sleep(random.Random(seed).uniform(0, 0.2) * undisturbed.seconds)
    job.kill()
    _, said = process.communicate()
    assert process.returncode == 2
    assert "The step 'train seed=0 base=mini_" in said
    assert "Traceback" not in said
    run_whole(tmp_path, STUDY)
    assert tables_of(tmp_path, STUDY) == undisturbed.tables


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_a_full_disk_is_said_and_more_room_is_enough(
    seed: int, undisturbed: Undisturbed, small_disk: Callable[[str], Path], tmp_path: Path
) -> None:
    share = random.Random(seed).uniform(0.1, 0.9)
    disk = small_disk(f"{int(share * undisturbed.size)}")
    done = subprocess.run(command(STUDY), cwd=disk, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No space is left on the device" in done.stderr
    subprocess.run(["mount", "-o", "remount,size=1g", str(disk)], check=True)
    run_whole(disk, STUDY)
    assert tables_of(disk, STUDY) == undisturbed.tables
