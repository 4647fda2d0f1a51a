"""A run of a study with claims ends in verdicts, whatever they are."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest

from clika.claims import Claim
from clika.study import load_study, save_study

if TYPE_CHECKING:
    from pathlib import Path

CLAIM = msgspec.convert(
    {
        "name": "better",
        "title": "The large model is better in German.",
        "parts": [{"name": "acc", "metric": "acc", "languages": "others", "side": "up"}],
        "pairs": [{"before": "small", "after": "large"}],
    },
    Claim,
)


def clika(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "clika", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def claim(folder: Path, *claims: Claim) -> None:
    results = folder / "results"
    study = msgspec.structs.replace(load_study("mine", results), claims=claims)
    save_study(study, results / "mine" / "study.yaml")


@pytest.mark.slow
def test_claims_are_judged_and_edited_claims_judged_anew(tmp_path: Path) -> None:
    rows = [
        f"{model},colours,{language},{item},{'ABCD'[(item + (not right)) % 4]},{'ABCD'[item % 4]}"
        for model, share in (("small", 50), ("large", 90))
        for language in ("en", "de")
        for item in range(100)
        for right in [item * 37 % 100 < share]
    ]
    (tmp_path / "mine.csv").write_text("\n".join(["model,task,language,item,answer,gold", *rows]))
    columns = "model=model,task=task,language=language,item=item,answer=answer,gold=gold"
    clika(tmp_path, "ingest", "table", "mine.csv", "--map", columns)
    run = ("reproduce", "mine", "--cores", "2", "--quiet")
    assert "Claims" not in clika(tmp_path, *run)
    claim(tmp_path, CLAIM)
    assert "  1. supported    The large model is better in German.\n" in clika(tmp_path, *run)
    data = json.loads((tmp_path / "results" / "mine" / "verdicts.json").read_bytes())
    assert data["claims"][0]["verdict"] == "supported"
    claim(tmp_path, msgspec.structs.replace(CLAIM, margin=0.95))
    judged_anew = clika(tmp_path, *run)
    assert "  1. undecided " in judged_anew
    assert "\n1 step, " in judged_anew
    assert "Nothing was left to do" in clika(tmp_path, *run)
