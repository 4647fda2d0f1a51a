"""Where paths lead, among them one where nothing ever answers."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from made_programs import SHORT

from clika.views.doctor.facts.places import look_at_place, look_at_variable, look_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def mounted(root: Path, lines: str) -> Path:
    """Write what a made-up system says is mounted, and return where it lies."""
    table = root / "proc/self/mountinfo"
    table.parent.mkdir(parents=True)
    table.write_text(f"1 0 8:1 / / rw - ext4 a rw\n{lines}\n", encoding="utf-8")
    return root


@pytest.fixture
def dead(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on which a filesystem is mounted that nobody serves."""
    folder = tmp_path / "dead"
    folder.mkdir()
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError:
        pytest.skip("there is no /dev/fuse that this user may open")
    try:
        options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
        given = (b"nobody", bytes(folder), b"fuse", 0, options.encode())
        if ctypes.CDLL(None).mount(*given):
            pytest.skip("this user may not mount a filesystem")
        yield folder
        subprocess.run(["umount", "--lazy", folder], check=True)
    finally:
        # Whoever still waits is told that nobody serves it.
        os.close(device)


def test_a_folder_that_is_not_made_yet_is_judged_by_the_one_around_it(tmp_path: Path) -> None:
    root = mounted(tmp_path / "root", f"2 1 0:9 / {tmp_path} rw - nfs4 b rw")
    found = look_now(str(tmp_path / "a/b"), root)
    assert (found.state, found.nearest) == ("absent", str(tmp_path))
    assert (found.filesystem, found.is_writable) == ("nfs4", True)
    assert found.free is not None
    assert not (tmp_path / "a").exists()


def test_a_file_where_the_folder_would_be_blocks_it(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    found = look_now(str(tmp_path / "a/b"))
    assert (found.state, found.is_writable) == ("blocked", False)
    assert found.nearest == str(tmp_path / "a")


def test_a_link_is_followed_to_its_disk(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    root = mounted(tmp_path / "root", f"2 1 0:9 / {tmp_path}/far rw - nfs b rw")
    assert look_now(str(tmp_path / "near"), root).filesystem == "nfs"


def test_a_process_of_its_own_sees_the_same(tmp_path: Path) -> None:
    odd = tmp_path / "it's\udcff {a}"
    odd.mkdir()
    found = look_at_place(str(odd))
    assert (found.state, found.path, found.is_writable) == ("folder", str(odd), True)


def test_where_nothing_answers_nobody_waits(dead: Path) -> None:
    found = look_at_place(str(dead / "results"), seconds=SHORT)
    assert (found.state, found.nearest) == ("silent", str(dead))
    assert found.filesystem == "fuse"


@pytest.mark.slow
def test_the_command_tells_of_a_place_that_does_not_answer(dead: Path) -> None:
    code = (
        "import sys\n"
        "from clika.cli import main\n"
        "from clika.views.doctor.facts import places\n"
        f"places.SECONDS = {SHORT}\n"
        "main(['doctor', 'mini', '--json', '--results', sys.argv[1]])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, dead / "results"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "results" in json.loads(done.stdout)["failed"]
    assert f"{dead}, on fuse, does not answer" in done.stdout


def test_where_a_variable_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("E", raising=False)
    for name, value in {"A": str(tmp_path), "B": "~/file", "C": "x" * 9999, "D": ""}.items():
        monkeypatch.setenv(name, value)
    found = {name: look_at_variable(name) for name in "ABCDE"}
    states = {name: place and place.state for name, place in found.items()}
    assert states == {"A": "folder", "B": "file", "C": "absent", "D": None, "E": None}
