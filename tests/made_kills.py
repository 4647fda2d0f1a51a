"""`clika reproduce` killed at a recorded random moment, and run again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import psutil
from made_runs import command, run_whole, tables_of

from clika.files import is_alive

if TYPE_CHECKING:
    from pathlib import Path

#: Recorded, so that a failure can be run again.
SEEDS = (11, 23, 37, 41, 59)


class Undisturbed(NamedTuple):
    """What a run leaves that nobody disturbs, how long it takes and how many bytes that is."""

    study: str
    tables: dict[str, bytes]
    seconds: float
    size: int


def run_undisturbed(folder: Path, study: str) -> Undisturbed:
    start = time.monotonic()
    run_whole(folder, study)
    seconds = time.monotonic() - start
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Undisturbed(study, tables_of(folder, study), seconds, size)


def session(leader: int) -> list[int]:
    """Return the living processes of a session: a run, its workflow and its jobs."""
    return [number for number in psutil.pids() if _session_of(number) == leader]


def _session_of(process: int) -> int | None:
    try:
        return os.getsid(process) if is_alive(process) else None
    except ProcessLookupError:
        return None


def kill_session(leader: int) -> None:
    """Kill a run with all that it started; what was started meanwhile is killed too."""
    while found := session(leader):
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def kill_and_run_again(folder: Path, expected: Undisturbed, *, seed: int, orphans: bool) -> None:
    """Kill a run, its children or not, and assert that the next one leaves what is expected."""
    moment = random.Random(seed).uniform(0.05, 0.95) * expected.seconds
    process = subprocess.Popen(
        command(expected.study),
        cwd=folder,
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
            kill_session(process.pid)
        process.wait()
    run_whole(folder, expected.study)
    tables = tables_of(folder, expected.study)
    assert tables.keys() == expected.tables.keys()
    assert [name for name in tables if tables[name] != expected.tables[name]] == []
    leftovers = [path for path in folder.rglob("*.tmp") if "results" in path.parts]
    assert leftovers == [], "the finished run left temporary files of the killed one"
