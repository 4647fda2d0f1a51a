"""Made-up programs on PATH, among them some that do not end."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HANG", "SHORT", "add", "machine"]

#: Seconds that what hangs is waited for; what does not hang is quicker, on a busy machine too.
SHORT = 2.0
HANG = "sleep 600 & wait"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of programs that a test adds to: all that can be found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "sleep", "cat", "head"):
        program = shutil.which(name)
        assert program is not None
        (folder / name).symlink_to(program)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def add(machine: Path, name: str, script: str) -> None:
    """Add a program that is a shell script."""
    program = machine / name
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
