"""`clika reproduce` sent signals that it alone is sent, as in a container."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

import psutil
import pytest
from made_kills import session
from made_runs import SMALLEST, command, run_whole, save_smallest, tables_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

PATIENCE = 60


def begin(folder: Path, *, ignored: str = "") -> subprocess.Popen[str]:
    """Start the smallest study, and return once it trains."""
    study = save_smallest(folder)
    signals = ["--default-signal", *([f"--ignore-signal={ignored}"] if ignored else [])]
    process = subprocess.Popen(
        ["env", *signals, *command(study)],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    logs = folder / "results" / study / "logs" / "train"
    while not any(path.stat().st_size for path in logs.glob("*.log")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    return process


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "ignored"),
    [
        (signal.SIGINT, ""),
        (signal.SIGQUIT, ""),
        (signal.SIGHUP, ""),
        (signal.SIGTERM, ""),
        # As a shell starts what a script puts in the background.
        (signal.SIGTERM, "INT"),
    ],
)
def test_a_run_ends_its_jobs_with_itself_and_goes_on(
    number: int, ignored: str, tmp_path: Path
) -> None:
    process = begin(tmp_path, ignored=ignored)
    process.send_signal(number)
    _, said = process.communicate()
    assert (process.returncode, said.splitlines()[-1]) == (130, "clika: interrupted")
    wait_until(lambda: not session(process.pid))
    assert tables_of(tmp_path, SMALLEST) == {}
    run_whole(tmp_path, SMALLEST)
    assert tables_of(tmp_path, SMALLEST)


def test_a_run_pauses_its_jobs_with_itself(tmp_path: Path) -> None:
    process = begin(tmp_path)

    def states() -> set[str]:
        return {psutil.Process(number).status() for number in session(process.pid)}

    process.send_signal(signal.SIGTSTP)
    wait_until(lambda: states() == {psutil.STATUS_STOPPED})
    process.send_signal(signal.SIGCONT)
    wait_until(lambda: psutil.STATUS_STOPPED not in states())
    assert process.communicate()[0] is None
    assert process.returncode == 0


def test_what_a_run_was_started_to_ignore_it_ignores(tmp_path: Path) -> None:
    process = begin(tmp_path, ignored="HUP")
    process.send_signal(signal.SIGHUP)
    process.communicate()
    assert process.returncode == 0
    assert tables_of(tmp_path, SMALLEST)
