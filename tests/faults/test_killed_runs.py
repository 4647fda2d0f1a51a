"""`clika reproduce` killed at random moments: the next run finishes and gives the same tables."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "clika", "reproduce", "paper-released", "--quiet"]
#: Recorded, so that a failure can be run again.
SEEDS = (11, 23, 37, 41, 59)


def tables_of(folder: Path) -> dict[str, bytes]:
    """Return what equal runs leave equal: the tables and the verdicts."""
    results = folder / "results" / "paper-released"
    paths = [*sorted(results.glob("tables/*.csv")), results / "verdicts.json"]
    return {path.name: path.read_bytes() for path in paths}


def run_whole(folder: Path) -> float:
    start = time.monotonic()
    done = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - start


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    folder = tmp_path_factory.mktemp("undisturbed")
    seconds = run_whole(folder)
    return tables_of(folder), seconds


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("orphans", [True, False], ids=["children left", "children killed"])
def test_next_run_gives_the_same_tables(
    seed: int, *, orphans: bool, undisturbed: tuple[dict[str, bytes], float], tmp_path: Path
) -> None:
    expected, seconds = undisturbed
    moment = random.Random(seed).uniform(0.05, 0.95) * seconds
    process = subprocess.Popen(
        COMMAND,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        if orphans:
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    run_whole(tmp_path)
    tables = tables_of(tmp_path)
    assert tables.keys() == expected.keys()
    assert [name for name in expected if tables[name] != expected[name]] == []
    leftovers = [path for path in tmp_path.rglob("*.tmp") if "results" in path.parts]
    assert leftovers == [], "the finished run left temporary files of the killed one"


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
    assert f"Process {first.pid} is at work" in second.stderr


def test_the_second_run_has_nothing_to_do(tmp_path: Path) -> None:
    run_whole(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*.csv")}
    done = subprocess.run(COMMAND, cwd=tmp_path, capture_output=True, text=True, check=True)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*.csv")}
    assert "Nothing was left to do" in done.stdout
    assert before == after
