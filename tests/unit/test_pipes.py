"""A reader of a pipe that leaves (``clika ... | head``) is nothing to report."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: What prints while the options are read, and what prints when a command runs.
COMMANDS = (("--help",), ("score", "--help"), ("plan", "paper-released"))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_pipe_that_nobody_reads_ends_a_command_quietly(words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "clika", *words],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_error_that_nobody_reads_ends_quietly_too() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "clika", "scores"], stderr=writing, check=False
        )
    finally:
        os.close(writing)
    assert done.returncode == 141


def test_the_first_lines_come_to_who_reads_them() -> None:
    piped = f'"{sys.executable}" -m clika --help | head -n 1'
    done = subprocess.run(["bash", "-c", piped], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("Usage: clika [OPTIONS] COMMAND [ARGS]...\n", "")
