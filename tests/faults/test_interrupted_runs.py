"""`clika reproduce` asked to end by a signal that it alone is sent, as in a container."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from made_kills import session
from made_runs import command, run_whole, save_smallest, tables_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_ends_its_jobs_with_itself_and_goes_on(number: int, tmp_path: Path) -> None:
    study = save_smallest(tmp_path)
    results = tmp_path / "results" / study
    process = subprocess.Popen(
        command(study), cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not any(path.stat().st_size for path in results.glob("logs/train/*.log")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(number)
    _, said = process.communicate()
    assert (process.returncode, said.splitlines()[-1]) == (130, "clika: interrupted")
    assert session(process.pid) == []
    assert tables_of(tmp_path, study) == {}
    run_whole(tmp_path, study)
    assert tables_of(tmp_path, study)
