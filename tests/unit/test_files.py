from __future__ import annotations

import errno
import fcntl
import os
import platform
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from clika.errors import BusyError, FileSystemError
from clika.files import Holder, exclusive, holder, is_alive, read_json, replacing, write_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def dead() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_file_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "made" / "a.txt"
    with replacing(target) as temporary:
        temporary.write_text("half")
        assert not target.exists()
    assert target.read_text() == "half"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("content", [None, "", "{", "\x80", "[" * 100_000])
def test_what_is_no_json_file_holds_nothing(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    if content is not None:
        path.write_text(content, encoding="latin-1")
    assert read_json(path) is None
    write_text(path, '{"a": [1]}')
    assert read_json(path) == {"a": [1]}


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old")

    def fail() -> None:
        with replacing(target) as temporary:
            temporary.write_text("new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_process_left_is_removed(tmp_path: Path, dead: int) -> None:
    target = tmp_path / "a.txt"
    left = tmp_path / f".a.txt.{platform.node()}.{dead}.tmp"
    for name in (left.name, f"{left.name}.wal"):
        (tmp_path / name).touch()
    write_text(target, "new")
    assert list(tmp_path.iterdir()) == [target]


def test_what_others_are_writing_is_left_alone(tmp_path: Path, dead: int) -> None:
    others = {
        f".a.txt.{platform.node()}.{os.getppid()}.tmp",  # alive
        f".a.txt.another-host.{dead}.tmp",
        f".b.txt.{platform.node()}.{dead}.tmp",  # another file's
        f".a.txt.{platform.node()}.{dead}.kept",
    }
    for name in others:
        (tmp_path / name).touch()
    write_text(tmp_path / "a.txt", "new")
    assert {path.name for path in tmp_path.iterdir()} == {*others, "a.txt"}


def test_a_process_is_alive_until_it_ends(dead: int) -> None:
    assert is_alive(os.getpid())
    assert not is_alive(dead)


def test_a_process_that_has_ended_and_is_not_yet_reaped_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(process.pid)


def test_of_a_process_on_another_host_nothing_is_known(dead: int) -> None:
    assert not Holder(dead, platform.node()).may_be_alive
    assert Holder(dead, "another-host").may_be_alive


def test_a_lock_is_refused_while_another_process_holds_it(tmp_path: Path) -> None:
    lock = tmp_path / "spool" / "a.lock"
    code = (
        "import pathlib, sys\n"
        "from clika.files import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1]), wait=False):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert holder(lock) == Holder(other.pid, platform.node())
        with (
            pytest.raises(BusyError, match=f"Process {other.pid} on {platform.node()} is at work"),
            exclusive(lock, wait=False),
        ):
            pass
        other.send_signal(signal.SIGKILL)
    with exclusive(lock, wait=False):
        assert holder(lock) == Holder(os.getpid(), platform.node())


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_filesystem_without_locks_is_said(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with (
        pytest.raises(FileSystemError, match=r"a\.lock cannot be locked: its filesystem has no"),
        exclusive(tmp_path / "a.lock", wait=True),
    ):
        pass
