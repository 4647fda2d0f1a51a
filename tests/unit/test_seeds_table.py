"""``seeds.csv``: accuracy and CO by training seed."""

from __future__ import annotations

import csv
import statistics
from typing import TYPE_CHECKING

import pytest
from made_trained import ITEMS, all_right, study_of, write_database

from clika.report.names import table_names
from clika.report.render import render
from clika.steps.score import ScoreReport, score

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = (0, 3)


def answers(seeds: tuple[int, ...] = SEEDS) -> list[tuple[str, str, int, int]]:
    """Return answers of which, in German, seed 0 has all right, and the last a quarter."""
    wrong = range(seeds[-1] * 100_000 + ITEMS // 4, seeds[-1] * 100_000 + ITEMS)
    return [
        (model, language, item, (code + 1) % 4 if language == "de" and item in wrong else code)
        for model, language, item, code in all_right(seeds)
    ]


def scored(folder: Path, given: list[tuple[str, str, int, int]], *seeds: int) -> ScoreReport:
    study = study_of(*seeds)
    path = write_database(folder, answers=given, study=study)
    return score(study, database=path, scores=None, tables=folder / "tables")


def rows(folder: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    with (folder / "tables" / "seeds.csv").open(encoding="utf-8", newline="") as stream:
        return {(r["metric"], r["model"], r["language"]): r for r in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made")
    scored(made, answers(), *SEEDS)
    return made


def test_each_seed_has_its_own_number_and_all_have_their_summary(folder: Path) -> None:
    row = rows(folder)["acc", "tiny_a", "de"]
    assert (row["seed_0"], row["seed_3"]) == ("100.0", "25.0")
    deviation = f"{statistics.stdev([100.0, 25.0]):.1f}"
    assert [row[name] for name in ("mean", "sd", "least", "most")] == [
        "62.5",
        deviation,
        "25.0",
        "100.0",
    ]


def test_overlap_is_that_of_each_seeds_items(folder: Path) -> None:
    row = rows(folder)["en_co", "tiny_a", "de"]
    assert (row["seed_0"], row["seed_3"], row["mean"]) == ("1.00", "0.25", "0.62")
    assert ("en_co", "tiny_a", "en") not in rows(folder)


def test_a_seed_without_answers_leaves_the_summary_empty(tmp_path: Path) -> None:
    given = [row for row in answers() if row[:2] != ("tiny_b", "he") or row[2] < 100_000]
    scored(tmp_path, given, *SEEDS)
    row = rows(tmp_path)["acc", "tiny_b", "he"]
    assert (row["seed_0"], row["seed_3"], row["mean"], row["sd"]) == ("100.0", "", "", "")


def test_one_seed_has_no_such_table(tmp_path: Path) -> None:
    report = scored(tmp_path, all_right(), 0)
    assert "seeds" not in [sheet.name for sheet in report.sheets]


def test_a_study_of_several_seeds_is_known_to_have_it() -> None:
    assert "seeds" in table_names(study_of(0, 1))
    assert "seeds" not in table_names(study_of(0))


def test_a_terminal_has_the_mean_and_below_it_the_spread(tmp_path: Path) -> None:
    report = scored(tmp_path, answers(), *SEEDS)
    (sheet,) = (sheet for sheet in report.sheets if sheet.name == "seeds")
    lines = render((), [sheet], form="table").splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith("tiny_a"))
    found = [line.split() for line in lines[begin : begin + 4]]
    assert found == [
        ["tiny_a", "100.0", "62.5", "100.0"],
        ["SD", "0.0", "53.0", "0.0"],
        ["least", "100.0", "25.0", "100.0"],
        ["most", "100.0", "100.0", "100.0"],
    ]
