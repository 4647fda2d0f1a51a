"""Running `clika reproduce` as a user does, and what equal runs leave equal."""

from __future__ import annotations

import csv
import subprocess
import sys
from itertools import zip_longest
from typing import TYPE_CHECKING

from msgspec.structs import replace

from clika.study import Reference, load_study, save_study

if TYPE_CHECKING:
    from pathlib import Path

#: The study that :func:`save_smallest` writes.
SMALLEST = "smallest"


def command(study: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "clika", "reproduce", study, "--quiet", *options]


def run_whole(folder: Path, study: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a study to its end in a folder."""
    done = subprocess.run(
        command(study, *options), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def tables_of(folder: Path, study: str) -> dict[str, bytes]:
    """Return what equal runs leave equal: the tables and the verdicts."""
    results = folder / "results" / study
    paths = [*sorted(results.glob("tables/*.csv")), results / "verdicts.json"]
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def first_difference(made: dict[str, bytes], expected: dict[str, bytes]) -> str:
    """Return the first cell in which what :func:`tables_of` returned differs; empty for none."""
    assert len(expected) > 1
    for name in sorted(made.keys() | expected.keys()):
        if name not in made or name not in expected:
            return f"{name} is there in one of the two"
        if made[name] == expected[name]:
            continue
        lines = (made[name].decode().splitlines(), expected[name].decode().splitlines())
        columns = next(csv.reader(lines[1]))
        for number, both in enumerate(zip_longest(*lines, fillvalue=""), start=1):
            cells = zip_longest(*csv.reader(both), fillvalue="")
            for place, (cell, wanted) in enumerate(cells):
                if cell != wanted:
                    return f"{name}, line {number}, {columns[place]}: {cell}, expected {wanted}"
        return f"{name}: the ends of lines"
    return ""


def save_smallest(folder: Path, *, device: str = "cpu") -> str:
    """Write a study of one model to a folder, where a run in that folder finds it."""
    tiny = load_study("mini-tiny")
    training = tiny.training
    assert training is not None
    study = replace(
        tiny,
        name=SMALLEST,
        models=("mini_base",),
        tasks=(replace(tiny.tasks[0], reference=Reference(model="mini_base", language="en")),),
        claims=(),
        training=replace(
            training,
            device=device,
            controls=None,
            models={"mini_base": training.models["mini_base"]},
        ),
    )
    save_study(study, folder / "results" / study.name / "study.yaml")
    return study.name
