"""How many threads: what was asked for, then the environment, then what the process may use."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from clika import _native
from clika.errors import ConfigError
from clika.store.connection import in_memory
from clika.threads import thread_count

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "RAYON_NUM_THREADS"


def test_what_is_asked_for_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "7")
    assert thread_count(3) == 3


def test_the_environment_comes_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "7")
    assert thread_count() == _native.build_info()["threads"] == 7


@pytest.mark.parametrize("text", [None, ""])
def test_else_it_is_what_the_process_may_use(
    monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    if text is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, text)
    assert 1 <= thread_count() <= len(os.sched_getaffinity(0))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity masks")
def test_the_affinity_mask_counts() -> None:
    code = (
        "import os\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from clika.threads import thread_count\n"
        "print(thread_count())"
    )
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "1\n"


@pytest.mark.parametrize("text", ["0", "abc", "-1", "1.5"])
def test_a_bad_variable_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ConfigError, match=rf'RAYON_NUM_THREADS is "{text}", but must be'):
        thread_count()


def test_fewer_than_one_is_refused() -> None:
    with pytest.raises(ConfigError, match="threads is 0"):
        thread_count(0)


def test_duckdb_gets_the_same_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "3")
    with closing(in_memory()) as connection:
        found = connection.execute("select current_setting('threads')").fetchone()
    assert found == (3,)


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["--threads", "0"], {}, "--threads"),
        (["--threads", "abc"], {}, "--threads"),
        ([], {VARIABLE: "abc"}, VARIABLE),
    ],
)
def test_the_command_line_says_what_is_wrong(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    command = [sys.executable, "-m", "clika", "load", "--from", "codes", *arguments]
    run = subprocess.run(
        [*command, "--results", str(tmp_path)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert says in run.stderr
    assert "Traceback" not in run.stderr
