"""`clika score paper-released`, the whole process, against processes that do less.

The peers run in processes of their own too: one only reads the same answers, one computes three of
the eleven metrics with NumPy, a pair of languages at a time, and writes nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from timing import Row, paired

from clika.store.connection import open_database
from clika.store.scores import AnswerMatrices, present_models, read_answers
from clika.study import load_study

__all__ = ["run"]


def run() -> list[Row]:
    """Time the whole process on the answer codes that ship with the study."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clika = Path(sys.executable).with_name("clika")
        call = partial(_call, folder)
        call(clika, "load", "paper-released", "--from", "codes", "--results", folder)
        database = folder / "paper-released" / "clika.duckdb"
        ours = partial(call, clika, "score", "paper-released", "--results", folder)
        what = "`clika score`: 11 metrics in 15 variants, files and tables"
        return [
            paired(
                what,
                ours,
                "importing NumPy and DuckDB and reading the answers",
                partial(call, sys.executable, __file__, "read", database),
                note="the floor of any process; the aim is 1 s",
            ),
            paired(
                what,
                ours,
                "NumPy, a pair at a time: CO, AG and kappa only, no files",
                partial(call, sys.executable, __file__, "pairs", database),
            ),
        ]


def _call(folder: Path, *command: str | Path) -> None:
    # Compiled modules are kept, as an installed clika has them, and are kept out of its folder.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, check=True, capture_output=True, env=environment)


def _read(database: Path) -> dict[tuple[str, str], AnswerMatrices]:
    """Return what a score is computed from, with clika's own reader."""
    study = load_study("paper-released")
    connection = open_database(database, command="clika load")
    return read_answers(
        connection,
        tasks=[task.name for task in study.tasks],
        rules=study.rules,
        models=sorted(present_models(connection)),
        languages=study.languages,
    )


def _pairs(database: Path) -> list[tuple[float, float, float]]:
    """Return CO, AG and kappa of every pair, each by the shortest NumPy expression."""
    found = []
    with np.errstate(invalid="ignore"):
        for answers in _read(database).values():
            options = np.arange(answers.codes.max() + 1)
            for model in answers.codes:
                for source in model.T:
                    for target in model.T:
                        right, also = source == answers.gold, target == answers.gold
                        overlap = (right & also).sum() / (right | also).sum()
                        agree = ((source == target) & (source >= 0)).mean()
                        shares = (source == options[:, None]).mean(axis=1)
                        other = (target == options[:, None]).mean(axis=1)
                        expected = (shares * other).sum()
                        found.append((overlap, agree, (agree - expected) / (1 - expected)))
    return found


if __name__ == "__main__":
    {"read": _read, "pairs": _pairs}[sys.argv[1]](Path(sys.argv[2]))
