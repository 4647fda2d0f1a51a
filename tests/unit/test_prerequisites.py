"""What the machine lacks is named in one sentence, with the command that installs it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
# What a minimal system has; the rest of the machine's programs are hidden from the script.
SYSTEM = ("awk", "cut", "dirname", "id", "mktemp", "rm", "sed", "sh")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a folder of programs that a test adds to: the whole PATH of the script."""
    for name in SYSTEM:
        program = shutil.which(name)
        assert program is not None
        (tmp_path / name).symlink_to(program)
    return tmp_path


def add(machine: Path, name: str, script: str) -> None:
    program = machine / name
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def check(machine: Path, what: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", REPOSITORY / "scripts/prerequisites.sh", what],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def sentence(machine: Path, what: str) -> str:
    run = check(machine, what)
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    return run.stderr


def test_no_python(machine: Path) -> None:
    add(machine, "apt-get", "exit 1")
    found = sentence(machine, "python")
    assert "Python 3.11 or newer is needed and python3 is missing" in found
    assert "apt-get install --yes python3.11 python3.11-venv" in found


def test_python_too_old(machine: Path) -> None:
    add(machine, "python3", "echo 3.9.2")
    assert "python3 is 3.9.2" in sentence(machine, "python")


def test_a_newer_python_under_another_name_is_found(machine: Path) -> None:
    add(machine, "python3", "echo 3.9.2")
    add(machine, "python3.12", "echo 3.12.1")
    run = check(machine, "python")
    assert (run.returncode, run.stdout) == (0, f"{machine}/python3.12\n")


def test_python_without_venv(machine: Path) -> None:
    add(machine, "apt-get", "exit 1")
    add(machine, "python3", 'case "$2" in *ensurepip*) exit 1 ;; *) echo 3.11.2 ;; esac')
    found = sentence(machine, "venv")
    assert "no venv module" in found
    assert "apt-get install --yes python3.11-venv" in found


def test_no_compiler(machine: Path) -> None:
    add(machine, "dnf", "exit 1")
    assert "dnf install --assumeyes gcc" in sentence(machine, "compiler")


def test_a_compiler_that_cannot_link(machine: Path) -> None:
    add(machine, "cc", "exit 1")
    assert "No C compiler that can link" in sentence(machine, "compiler")


def test_no_rust(machine: Path) -> None:
    found = sentence(machine, "rust")
    assert "sh.rustup.rs" in found
    assert "CLIKA_BOOTSTRAP_RUST=1" in found


def test_rust_too_old(machine: Path) -> None:
    add(machine, "cargo", "echo 'cargo 1.70.0 (x)'")
    found = sentence(machine, "rust")
    assert "cargo is 1.70.0" in found
    assert "rustup update stable" in found


@pytest.mark.parametrize(
    ("what", "program", "script"),
    [
        ("venv", "python3", "echo 3.11.2"),
        ("compiler", "cc", "exit 0"),
        ("rust", "cargo", "echo 'cargo 1.100.0 (x)'"),
    ],
)
def test_nothing_is_said_when_nothing_is_missing(
    machine: Path, what: str, program: str, script: str
) -> None:
    add(machine, program, script)
    run = check(machine, what)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
