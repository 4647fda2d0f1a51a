"""The tables of conductivity: matrix, gate, dose curve; what stands in the place of a number."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from made_scores import STUDY as PLAIN
from made_scores import write_database as write_plain
from made_trained import MODELS, all_right, cell, outcomes, study_of, write_database

from clika.regimes import POSITIVE, dose_task
from clika.report.conductivity_cells import dose_share
from clika.report.names import SHEETS, table_names
from clika.report.render import FORMATS, render
from clika.steps.score import ScoreReport, score
from clika.study import load_study

if TYPE_CHECKING:
    from pathlib import Path

    from made_outcomes import Columns

    from clika.study import Study

WHOLE = [
    outcomes(cell("taught", "tiny_a"), target=0.2),
    outcomes(cell("taught", "tiny_a", "he"), gate=0.6),
    outcomes(cell("taught", "tiny_b"), target=0.7),
    outcomes(cell(dose_task(0), "tiny_b", "he"), target=0.1),
    outcomes(cell(dose_task(0.5), "tiny_b", "he"), target=0.5),
    outcomes(cell(POSITIVE, "tiny_b", "he"), target=0.9),
]


def scored(
    folder: Path, shards: list[Columns], *, study: Study | None = None, **options: Any
) -> ScoreReport:
    study = study or study_of()
    path = write_database(folder, shards, all_right(), study=study)
    return score(
        study, database=path, scores=folder / "scores", tables=folder / "tables", **options
    )


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def number(folder: Path, model: str, target: str, metric: str = "xrr_c") -> dict[str, str]:
    (row,) = (
        each
        for each in table(folder, "conductivity")
        if (each["model"], each["metric"]) == (model, metric)
    )
    return {
        name.removeprefix(target).removeprefix("_") or "value": text
        for name, text in row.items()
        if name == target or name.startswith(f"{target}_")
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    scored(folder, WHOLE)
    return folder


# The matrix


def test_a_number_stands_with_its_interval_seeds_and_stratum(whole: Path) -> None:
    found = number(whole, "tiny_a", "de")
    # A share of .2 of the non-identical, .05 by chance.
    assert found["value"] == "0.16"
    assert float(found["low"]) < 0.16 < float(found["high"])
    assert (found["seeds"], found["stratum"], found["sd"]) == ("1 of 1", "non-identical", "")
    assert (found["flags"], found["reason"]) == ("", "")


def test_a_missed_gate_stands_in_the_place_of_the_number_with_its_figures(whole: Path) -> None:
    found = number(whole, "tiny_a", "he")
    assert (found["value"], found["low"], found["high"]) == ("gate not met", "", "")
    assert (found["seeds"], found["reason"]) == ("0 of 1", "gate not met: target-0 0.600")


def test_a_cell_without_outcomes_is_empty_and_says_so(whole: Path) -> None:
    found = number(whole, "tiny_b", "he")
    assert found.pop("reason") == "no outcomes"
    assert set(found.values()) == {""}


def test_controls_are_not_in_the_matrix(whole: Path) -> None:
    assert {row["task"] for row in table(whole, "conductivity")} == {"taught"}


def test_where_all_names_are_one_all_items_count(tmp_path: Path) -> None:
    same = outcomes(cell("taught", "tiny_a"))
    same["is_identical"] = np.ones(len(same["item"]), np.bool_)
    scored(tmp_path, [same])
    assert number(tmp_path, "tiny_a", "de")["stratum"] == "all"
    assert number(tmp_path, "tiny_a", "de")["value"] != ""


def test_too_few_known_items_are_a_reason_and_no_number(tmp_path: Path) -> None:
    few = outcomes(cell("taught", "tiny_a"))
    kept = ~np.isin(few["question_set"], ["source-1", "target-1"]) | (few["item"] < 1220)
    scored(tmp_path, [{name: column[kept] for name, column in few.items()}])
    found = number(tmp_path, "tiny_a", "de")
    assert found["value"] == ""
    assert found["reason"] == "fewer than 30 items are known and can be named"


def test_seeds_are_averaged_and_the_spread_and_those_that_missed_are_shown(tmp_path: Path) -> None:
    here = cell("taught", "tiny_a")
    shards = [
        outcomes(here, seed=0, target=0.2),
        outcomes(here, seed=1, target=0.6),
        outcomes(here, seed=2, target=0.9, gate=0.5),
    ]
    report = scored(tmp_path, shards, study=study_of(0, 1, 2))
    found = number(tmp_path, "tiny_a", "de")
    mean = ((0.2 + 0.6) / 2 - 0.05) / 0.95
    assert found["value"] == f"{mean:.2f}"
    assert found["sd"] == f"{0.4 / 0.95 / np.sqrt(2):.2f}"
    assert (found["seeds"], found["flags"]) == ("2 of 3", "gate-partly")
    text = render((), report.sheets, form="table")
    assert "others: tiny_a de (2 of 3)" in text
    assert "over training seeds and continents" in text


def test_a_gate_that_no_seed_meets_has_the_figures_of_all_together(tmp_path: Path) -> None:
    here = cell("taught", "tiny_a")
    shards = [outcomes(here, seed=seed, gate=0.5 + 0.2 * seed) for seed in (0, 1)]
    scored(tmp_path, shards, study=study_of(0, 1))
    found = number(tmp_path, "tiny_a", "de")
    assert found["value"] == "gate not met"
    assert found["reason"].startswith("gate not met: by none of 2 seeds")
    assert "target-0 0.600" in found["reason"]


# The gate


def test_the_gate_has_every_figure_of_every_cell_with_its_interval(whole: Path) -> None:
    rows = {(row["task"], row["model"], row["target"]): row for row in table(whole, "gate")}
    assert len(rows) == len(WHOLE)
    missed = rows["taught", "tiny_a", "he"]
    assert (missed["target-0"], missed["gate"], missed["seeds"]) == ("0.600", "not met", "0 of 1")
    assert float(missed["target-0_low"]) < 0.6 < float(missed["target-0_high"])
    assert missed["target-0_n"] == "200"
    assert rows["taught", "tiny_a", "de"]["gate"] == "met"


def test_a_figure_whose_interval_holds_the_limit_is_marked(whole: Path) -> None:
    row = table(whole, "gate")[0]
    # 20 of 20 continents: the Wilson interval begins at .84.
    assert (row["continents"], row["continents_borderline"]) == ("1.000", "borderline")
    assert (row["translate"], row["translate_borderline"]) == ("1.000", "")


# The dose curve


def test_the_dose_curve_goes_from_the_negative_to_the_positive_control(whole: Path) -> None:
    rows = table(whole, "dose")
    assert [row["control"] for row in rows] == ["negative", "", "positive"]
    assert [row["shared_names"] for row in rows] == ["0.00", "0.50", ""]
    values = [float(row["xrr"]) for row in rows]
    assert values == sorted(values)
    assert rows[0]["a_t1"] == "0.10"
    assert float(rows[0]["a_t1_low"]) < 0.1 < float(rows[0]["a_t1_high"])
    assert {row["chance"] for row in rows} == {"0.05"}


def test_a_dose_without_outcomes_keeps_its_row(tmp_path: Path) -> None:
    scored(tmp_path, WHOLE[:4])
    rows = table(tmp_path, "dose")
    assert [row["xrr_c_reason"] for row in rows] == ["", "no outcomes", "no outcomes"]


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_the_share_of_a_dose_is_read_from_its_task(share: float) -> None:
    assert dose_share(dose_task(share)) == share


@pytest.mark.parametrize("task", ["taught", POSITIVE, "dose-", "dose-0.251", "dose-x", "0.25"])
def test_other_tasks_are_no_dose(task: str) -> None:
    assert dose_share(task) is None


# Which tables there are


def test_a_study_that_trains_has_its_tables_whatever_came_of_it(tmp_path: Path) -> None:
    scored(tmp_path, [])
    written = {path.stem for path in (tmp_path / "tables").iterdir()}
    assert written == {*table_names(study_of()), "cells"}
    assert {"conductivity", "gate", "dose"} <= written
    assert "seeds" not in written


def test_another_study_has_them_where_it_has_outcomes(tmp_path: Path) -> None:
    study = study_of()
    others = {"kind": "table", "training": None}
    plain = type(study)(**{**{f: getattr(study, f) for f in study.__struct_fields__}, **others})
    scored(tmp_path, WHOLE[:3], study=plain)
    written = {path.stem for path in (tmp_path / "tables").iterdir()}
    assert written == {*table_names(plain), "cells", "conductivity", "gate"}


def test_tables_of_an_earlier_run_are_removed(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    for name in SHEETS:
        (tables / f"{name}.csv").write_text("of before")
    path = write_plain(tmp_path / "clika.duckdb")
    report = score(PLAIN, database=path, scores=None, tables=tables)
    assert report.sheets == ()
    assert not [path for path in tables.iterdir() if path.stem in SHEETS]


def test_the_released_study_has_none() -> None:
    assert not {*SHEETS} & {*table_names(load_study("paper-released"))}


def test_a_condition_keeps_the_cells_that_meet_it(tmp_path: Path) -> None:
    scored(tmp_path, WHOLE, where=["model=tiny_b", "target=he"])
    rows = table(tmp_path, "conductivity")
    assert {row["model"] for row in rows} == {"tiny_b"}
    assert not [name for name in rows[0] if name.startswith("de")]
    assert [row["target"] for row in table(tmp_path, "dose")] == ["he"] * 3


def test_the_same_outcomes_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    scored(tmp_path / "one", WHOLE)
    scored(tmp_path / "two", WHOLE[::-1])
    for name in ("conductivity", "gate", "dose"):
        one, two = (tmp_path / each / "tables" / f"{name}.csv" for each in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


# How they are printed


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ScoreReport:
    return scored(tmp_path_factory.mktemp("printed"), WHOLE)


def test_a_terminal_gets_no_line_beyond_a_hundred_columns(report: ScoreReport) -> None:
    text = render((), report.sheets, form="table")
    assert max(map(len, text.splitlines())) <= 100


def test_each_table_says_what_chance_and_the_ends_mean(report: ScoreReport) -> None:
    for sheet in report.sheets:
        for block in sheet.blocks:
            assert "0 is" in block.about
            assert "1 is" in block.about


def test_a_terminal_says_below_the_matrix_what_is_no_number(report: ScoreReport) -> None:
    lines = render((), report.sheets, form="table").splitlines()
    assert lines[0] == "Conductivity (CD) from en, taught: XRR_c"
    (row,) = (line for line in lines[: lines.index("")] if line.startswith("tiny_a"))
    assert row.split() == ["tiny_a", "0.16", "unmet"]
    assert "No outcomes: tiny_b he." in lines
    assert "unmet, gate not met: tiny_a he (target-0 0.600)." in lines


def test_a_terminal_names_the_controls(report: ScoreReport) -> None:
    lines = render((), report.sheets, form="table").splitlines()
    starts = [line[:21].rstrip() for line in lines]
    assert {"0.00 negative control", "0.50", "positive control"} <= {*starts}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_them_behind_the_others(report: ScoreReport, form: str) -> None:
    without = render(report.tables, form=form)
    text = render(report.tables, report.sheets, form=form)
    assert len(text) > len(without)
    assert not text.endswith("\n")
    added = text[len(without) :].replace("\\", "")
    assert all(model in added or form == "json" for model in MODELS)


@pytest.mark.parametrize(("form", "line"), [("markdown", "{}"), ("latex", "% {}")])
def test_formats_of_documents_have_the_notes(report: ScoreReport, form: str, line: str) -> None:
    lines = render((), report.sheets, form=form).splitlines()
    assert line.format("No outcomes: tiny_b he.") in lines


def test_json_has_numbers_and_null_for_what_is_none(report: ScoreReport) -> None:
    data = {entry["name"]: entry for entry in json.loads(render((), report.sheets, form="json"))}
    row = data["conductivity"]["rows"][0]
    assert (row["de"], row["he"], row["he_low"]) == (0.16, "gate not met", None)
