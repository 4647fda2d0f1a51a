"""`clika reproduce` killed at random moments: the next run finishes and gives the same tables."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

#: Recorded, so that a failure can be run again.
SEEDS = (11, 23, 37, 41, 59)


#: Study, seed of the moment, whether the children live on. One study reads answers, another trains
#: models, teaches and asks them.
KILLS = (
    *(("paper-released", seed, orphans) for seed in SEEDS for orphans in (True, False)),
    *(("mini-tiny", seed, False) for seed in SEEDS),
    ("mini-tiny", SEEDS[0], True),
)


class Undisturbed(NamedTuple):
    tables: dict[str, bytes]
    seconds: float


def command(study: str) -> list[str]:
    return [sys.executable, "-m", "clika", "reproduce", study, "--quiet"]


COMMAND = command("paper-released")


def tables_of(folder: Path, study: str) -> dict[str, bytes]:
    """Return what equal runs leave equal: the tables and the verdicts."""
    results = folder / "results" / study
    paths = [*sorted(results.glob("tables/*.csv")), results / "verdicts.json"]
    return {path.name: path.read_bytes() for path in paths}


def run_whole(folder: Path, study: str) -> float:
    start = time.monotonic()
    done = subprocess.run(command(study), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - start


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Undisturbed]:
    """Return what an undisturbed run of a study leaves, and how long it takes; run once."""

    @cache
    def run(study: str) -> Undisturbed:
        folder = tmp_path_factory.mktemp(study)
        seconds = run_whole(folder, study)
        return Undisturbed(tables_of(folder, study), seconds)

    return run


@pytest.mark.parametrize(("study", "seed", "orphans"), KILLS)
def test_next_run_gives_the_same_tables(
    study: str,
    seed: int,
    *,
    orphans: bool,
    undisturbed: Callable[[str], Undisturbed],
    tmp_path: Path,
) -> None:
    expected, seconds = undisturbed(study)
    moment = random.Random(seed).uniform(0.05, 0.95) * seconds
    process = subprocess.Popen(
        command(study),
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
    run_whole(tmp_path, study)
    tables = tables_of(tmp_path, study)
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
    run_whole(tmp_path, "paper-released")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*.csv")}
    done = subprocess.run(COMMAND, cwd=tmp_path, capture_output=True, text=True, check=True)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*.csv")}
    assert "Nothing was left to do" in done.stdout
    assert before == after
