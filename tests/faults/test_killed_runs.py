"""`clika reproduce` killed at random moments: the next run finishes and gives the same tables."""

from __future__ import annotations

import platform
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from made_kills import SEEDS, Undisturbed, kill_and_run_again, run_undisturbed
from made_runs import command, run_whole

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

COMMAND = command("paper-released")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return run_undisturbed(tmp_path_factory.mktemp("undisturbed"), "paper-released")


@pytest.mark.parametrize("orphans", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_next_run_gives_the_same_tables(
    seed: int, *, orphans: bool, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    kill_and_run_again(tmp_path, undisturbed, seed=seed, orphans=orphans)


def test_a_living_run_is_not_disturbed(tmp_path: Path) -> None:
    first = subprocess.Popen(
        COMMAND, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    lock = tmp_path / "results" / "paper-released" / "spool" / "run.lock"
    deadline = time.monotonic() + 60
    while not (lock.is_file() and lock.read_text()) and time.monotonic() < deadline:
        assert first.poll() is None
    second = subprocess.run(COMMAND, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert first.wait() == 0
    assert second.returncode == 2
    assert f"Process {first.pid} on {platform.node()} is at work" in second.stderr


def test_the_second_run_has_nothing_to_do(tmp_path: Path) -> None:
    run_whole(tmp_path, "paper-released")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*.csv")}
    done = subprocess.run(COMMAND, cwd=tmp_path, capture_output=True, text=True, check=True)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*.csv")}
    assert "Nothing was left to do" in done.stdout
    assert before == after
