"""Importing clika, or asking a command for help, loads none of the heavy modules."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("babel", "duckdb", "numpy", "snakemake", "torch", "transformers")

REPORT = f"""
print(*sorted(set(sys.modules) & set({HEAVY!r})))
"""


def heavy_modules_after(statement: str) -> list[str]:
    """Return the heavy modules that a fresh interpreter has loaded after the statement."""
    code = f"import contextlib, io, sys\n{statement}\n{REPORT}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.split()


def test_the_check_sees_a_heavy_module() -> None:
    assert heavy_modules_after("import numpy") == ["numpy"]


def test_importing_the_package_is_light() -> None:
    assert heavy_modules_after("import clika") == []


@pytest.mark.parametrize(
    "arguments",
    [["--help"], *([name, "--help"] for name in ("score", "infer", "reproduce", "doctor"))],
)
def test_help_is_light(arguments: list[str]) -> None:
    statement = (
        "from clika.cli import main\n"
        f"sys.argv = ['clika', *{arguments!r}]\n"
        "try:\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n"
        "        main()\n"
        "except SystemExit as end:\n"
        "    assert not end.code"
    )
    assert heavy_modules_after(statement) == []
