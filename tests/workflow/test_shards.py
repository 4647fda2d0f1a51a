"""The workflow in shares: the same tables and scores, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ANSWERS = """model,task,language,item,answer,gold
small,colours,en,1,A,A
small,colours,en,2,B,B
small,colours,en,3,C,A
small,colours,de,1,A,A
small,colours,de,2,C,B
small,colours,de,3,C,A
large,colours,en,1,A,A
large,colours,en,2,A,B
large,colours,en,3,A,A
large,colours,de,1,B,A
large,colours,de,2,,B
"""
COLUMNS = "model=model,task=task,language=language,item=item,answer=answer,gold=gold"


def clika(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "clika", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def files(folder: Path) -> dict[str, bytes]:
    made = folder / "results" / "mine"
    found = [*made.glob("tables/*"), *made.glob("scores/*.parquet")]
    return {str(path.relative_to(made)): path.read_bytes() for path in sorted(found)}


@pytest.mark.slow
def test_shares_give_what_one_job_gives(tmp_path: Path) -> None:
    outcomes = []
    for shards in (1, 2, 5):
        folder = tmp_path / str(shards)
        folder.mkdir()
        (folder / "mine.csv").write_text(ANSWERS)
        clika(folder, "ingest", "table", "mine.csv", "--map", COLUMNS)
        clika(folder, "reproduce", "mine", "--shards", str(shards), "--cores", "2", "--quiet")
        outcomes.append(files(folder))
        made = {path.name for path in (folder / "results" / "mine").glob("scores/shards/*")}
        assert made == {f"{i}-of-{shards}.parquet" for i in range(1, shards + 1) if shards > 1}
    assert {"scores/performance.parquet", "tables/intervals.csv"} <= outcomes[0].keys()
    assert outcomes[1] == outcomes[0]
    assert outcomes[2] == outcomes[0]
