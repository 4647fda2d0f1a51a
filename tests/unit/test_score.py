"""``score``: from a database to long rows and tables; what ``where`` keeps; what is missing."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec
import pytest
from made_scores import ANSWERS, STUDY, rows_of_answers, write_database

from clika.cli import main
from clika.errors import FileSystemError, PrerequisiteError, UnknownNameError
from clika.metrics.intervals.uncertainty import Resampling
from clika.report.names import table_names
from clika.steps.score import ScoreReport, score, score_key
from clika.study import Reference, save_study

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("made") / "clika.duckdb")


def scored(database: Path, folder: Path, **options: Any) -> ScoreReport:
    return score(STUDY, database=database, scores=folder, tables=folder / "tables", **options)


def rows(folder: Path, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        path = str(folder / f"{name}.parquet")
        found: list[tuple[Any, ...]] = connection.execute(
            f"select {columns} from read_parquet($path)", {"path": path}
        ).fetchall()
        return found


def cells(report: ScoreReport, table: str) -> dict[str, dict[str, str]]:
    (found,) = (each for each in report.tables if each.name == table)
    return {row.model: dict(zip(found.columns, row.cells, strict=True)) for row in found.rows}


def missing(report: ScoreReport, table: str) -> dict[str, tuple[str, ...]]:
    (found,) = (each for each in report.tables if each.name == table)
    return {row.model: row.missing for row in found.rows}


def ran(code: int, *arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        main([*arguments])
    assert (end.value.code or 0) == code


# What is computed


def test_models_stand_in_the_order_of_the_registry_and_then_by_name(
    database: Path, tmp_path: Path
) -> None:
    report = scored(database, tmp_path)
    assert report.models == ("chatgpt", "llama_7b", "our_own")
    groups = {row.model: row.group for row in report.tables[0].rows}
    assert groups["our_own"] == "Not in the registry"
    assert report.missing == ()


def test_the_tables_of_a_run_have_the_names_that_are_known_before(
    database: Path, tmp_path: Path
) -> None:
    report = scored(database, tmp_path)
    written = {path.stem for path in (tmp_path / "tables").iterdir()}
    assert written == set(table_names(STUDY)) | {"cells"}
    assert [table.name for table in report.tables] == [
        name for name in table_names(STUDY) if name != "cells"
    ]


def test_ra_is_clipped_where_it_is_printed_and_nowhere_else(database: Path, tmp_path: Path) -> None:
    report = scored(database, tmp_path)
    stored = rows(tmp_path, "performance", "value, model, metric, source_language, rule")
    own = {row[0] for row in stored if row[1:] == ("our_own", "ra", "de", "first-letter")}
    assert own == {-1.0}
    assert cells(report, "ra_colours")["our_own"]["de"] == "0.00"
    # The mean is that of -1 and 0.5 and not of 0 and 0.5.
    assert cells(report, "ra_colours")["our_own"]["mean"] == "0.00"


def test_the_headline_is_the_first_rule_asked_for(database: Path, tmp_path: Path) -> None:
    first = scored(database, tmp_path)
    second = scored(database, tmp_path, rules=["robust"])
    assert cells(first, "acc_colours")["our_own"]["de"] == "0.0"
    assert cells(second, "acc_colours")["our_own"]["de"] == "33.3"
    assert {row[0] for row in rows(tmp_path, "performance", "rule")} == {"robust"}


def test_without_a_reference_ra_is_null_for_a_reason(database: Path, tmp_path: Path) -> None:
    report = scored(database, tmp_path)
    found = rows(tmp_path, "performance", "metric, task, value, reason")
    assert {row[2:] for row in found if row[:2] == ("ra", "shapes")} == {(None, "no reference")}
    assert missing(report, "ra_shapes")["chatgpt"] == ("de", "he")


# What is missing


def test_what_was_not_asked_has_no_row(database: Path, tmp_path: Path) -> None:
    scored(database, tmp_path)
    found = {row[:3] for row in rows(tmp_path, "performance", "model, task, source_language")}
    assert found == set(ANSWERS)
    pairs = rows(tmp_path, "consistency", "model, task, source_language, target_language")
    asked = {
        (model, task, source, target)
        for model, task, source in ANSWERS
        for other, same_task, target in ANSWERS
        if (other, same_task) == (model, task)
    }
    together = {(model, task, None, None) for model, task, _ in ANSWERS}
    assert set(pairs) == asked | together


def test_n_and_invalid_count_the_items_asked_in_both(database: Path, tmp_path: Path) -> None:
    scored(database, tmp_path)
    found = rows(
        tmp_path,
        "consistency",
        "rule, metric, task, model, source_language, target_language,"
        " n, n_invalid_source, n_invalid_target",
    )
    counts = {row[:6]: row[6:] for row in found}
    assert counts["first-letter", "ag", "shapes", "llama_7b", "en", "de"] == (5, 0, 0)
    assert counts["first-letter", "ag", "colours", "our_own", "de", "en"] == (6, 6, 0)
    assert counts["first-letter", "ag", "colours", "our_own", "en", "de"] == (6, 0, 6)
    assert counts["first-letter", "kappa_valid", "colours", "llama_7b", "en", "de"] == (5, 0, 1)


def test_a_mean_with_a_missing_member_is_empty_and_names_it(database: Path, tmp_path: Path) -> None:
    report = scored(database, tmp_path)
    assert cells(report, "acc_shapes")["chatgpt"] == {
        "en": "100.0",
        "de": "83.3",
        "he": "",
        "mean": "",
    }
    assert missing(report, "acc_shapes")["chatgpt"] == ("he",)
    assert missing(report, "acc_shapes")["llama_7b"] == ()
    assert cells(report, "acc_shapes")["llama_7b"]["mean"] == "65.0"


def test_a_mean_over_tasks_names_the_task_that_is_missing(database: Path, tmp_path: Path) -> None:
    report = scored(database, tmp_path)
    stream = cells(report, "acc_basic")
    assert set(stream["our_own"].values()) == {""}
    assert missing(report, "acc_basic")["our_own"] == ("shapes",)
    assert stream["chatgpt"]["he"] == stream["chatgpt"]["mean"] == ""
    assert stream["chatgpt"]["de"] == "83.3"
    assert missing(report, "acc_basic")["chatgpt"] == ("shapes he",)
    assert missing(report, "acc_basic")["llama_7b"] == ()


# What where keeps


def test_a_selection_keeps_models_and_tasks(database: Path, tmp_path: Path) -> None:
    report = scored(database, tmp_path, where=["model=LLaMA-7B,chatgpt", "task=shapes"])
    assert [table.name for table in report.tables] == ["acc_shapes", "ra_shapes", "en_co_shapes"]
    assert list(cells(report, "acc_shapes")) == ["chatgpt", "llama_7b"]
    for name in ("performance", "consistency"):
        assert {row[0] for row in rows(tmp_path, name, "task")} == {"shapes"}
        assert {row[0] for row in rows(tmp_path, name, "model")} == {"chatgpt", "llama_7b"}


@pytest.mark.parametrize(
    ("where", "alone", "pairs", "co"),
    [
        (["language=en,he"], {"en", "he"}, {"en en", "en he", "he en", "he he"}, ["en", "he"]),
        (["source=en"], {"en"}, {"en de", "en en", "en he"}, ["en", "de", "he"]),
        (["target=he"], {"de", "en", "he"}, {"de he", "en he", "he he"}, ["he"]),
        (["source=en", "target=de,he"], {"en"}, {"en de", "en he"}, ["de", "he"]),
        (["language=de,he", "source=he"], {"he"}, {"he de", "he he"}, None),
    ],
)
def test_a_selection_of_languages(
    database: Path,
    tmp_path: Path,
    where: list[str],
    alone: set[str],
    pairs: set[str],
    co: list[str] | None,
) -> None:
    report = scored(database, tmp_path, where=[*where, "task=colours"])
    assert {row[0] for row in rows(tmp_path, "performance", "source_language")} == alone
    found = rows(tmp_path, "consistency", "source_language || ' ' || target_language")
    assert {row[0] for row in found} == pairs
    columns = {table.name: list(table.columns[:-1]) for table in report.tables}
    assert set(columns["acc_colours"]) == alone
    assert columns.get("en_co_colours") == co


def test_all_languages_together_are_no_part_of_a_selection_of_languages(
    database: Path, tmp_path: Path
) -> None:
    scored(database, tmp_path / "languages", where=["language=en,de"])
    scored(database, tmp_path / "models", where=["model=chatgpt"])
    metrics = "metric, source_language is null"
    assert ("alpha", True) not in rows(tmp_path / "languages", "consistency", metrics)
    assert ("alpha", True) in rows(tmp_path / "models", "consistency", metrics)


def test_a_selection_changes_no_number(database: Path, tmp_path: Path) -> None:
    whole = scored(database, tmp_path / "whole")
    part = scored(database, tmp_path / "part", where=["language=en,he", "model=llama_7b"])
    for name in ("performance", "consistency"):
        every = set(rows(tmp_path / "whole", name))
        some = rows(tmp_path / "part", name)
        assert some
        assert set(some) < every
    for table in part.tables:
        kept = cells(whole, table.name)["llama_7b"]
        assert cells(part, table.name)["llama_7b"] == {c: kept[c] for c in table.columns}


# What makes no difference


def test_neither_row_order_nor_threads_change_anything(database: Path, tmp_path: Path) -> None:
    shuffled = rows_of_answers()
    random.Random(7).shuffle(shuffled)
    other = write_database(tmp_path / "clika.duckdb", shuffled)
    scored(database, tmp_path / "one", threads=1)
    scored(other, tmp_path / "two", threads=4)
    for name in ("performance", "consistency"):
        assert rows(tmp_path / "one", name) == rows(tmp_path / "two", name)
    for path in (tmp_path / "one" / "tables").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / "tables" / path.name).read_bytes()


def test_a_key_changes_with_what_the_numbers_rest_on() -> None:
    keys = {
        score_key(STUDY, "made", STUDY.rules, []),
        score_key(STUDY, "other", STUDY.rules, []),
        score_key(STUDY, "made", ["robust"], []),
        score_key(STUDY, "made", STUDY.rules, ["task=shapes"]),
        score_key(STUDY, "made", STUDY.rules, [], Resampling()),
        score_key(STUDY, "made", STUDY.rules, [], Resampling(replicates=100)),
        score_key(STUDY, "made", STUDY.rules, [], Resampling(seed=1)),
        score_key(
            msgspec.structs.replace(
                STUDY,
                tasks=(
                    msgspec.structs.replace(STUDY.tasks[0], reference=Reference(5, 6)),
                    STUDY.tasks[1],
                ),
            ),
            "made",
            STUDY.rules,
            [],
        ),
    }
    assert len(keys) == 8
    with_threads = score_key(STUDY, "made", STUDY.rules, [], Resampling(threads=2))
    assert with_threads in keys


# Intervals

CI = Resampling(replicates=200)


def test_intervals_change_no_number_and_no_table(database: Path, tmp_path: Path) -> None:
    scored(database, tmp_path / "without")
    scored(database, tmp_path / "with", resampling=CI)
    for name in ("performance", "consistency"):
        columns = "* exclude (low, high, interval_reason)"
        assert rows(tmp_path / "without", name, columns) == rows(tmp_path / "with", name, columns)
    for path in (tmp_path / "without" / "tables").iterdir():
        assert (tmp_path / "with" / "tables" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["performance", "consistency"])
def test_each_row_has_an_interval_or_a_reason_why_not(
    database: Path, tmp_path: Path, name: str
) -> None:
    scored(database, tmp_path, resampling=CI)
    for low, high, reason, value in rows(tmp_path, name, "low, high, interval_reason, value"):
        assert (low is None) == (high is None) == (reason is not None)
        assert (reason == "the value is undefined") == (value is None)
        assert low is None or low <= high
    assert any(low is not None for (low,) in rows(tmp_path, name, "low"))


def test_without_ci_the_reason_says_so(database: Path, tmp_path: Path) -> None:
    scored(database, tmp_path)
    found = set(rows(tmp_path, "consistency", "low, high, interval_reason"))
    assert found == {(None, None, "not asked for: score with --ci")}


def test_every_number_of_the_tables_has_a_line_with_its_interval(
    database: Path, tmp_path: Path
) -> None:
    report = scored(database, tmp_path, resampling=CI)
    text = (tmp_path / "tables" / "intervals.csv").read_text(encoding="utf-8")
    lines = [*csv.DictReader(text.splitlines())]
    numbers = {
        (table.name, row.model, column): cell
        for table in report.tables
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if cell
    }
    assert {(x["table"], x["model"], x["column"]): x["value"] for x in lines} == numbers
    assert "nan" not in text
    for line in lines:
        assert bool(line["low"]) == bool(line["high"]) != bool(line["reason"])
    own = {line["reason"] for line in lines if line["column"] == "en" and "_co_" in line["table"]}
    assert "degenerate" in own


def test_intervals_of_an_earlier_run_do_not_outlive_their_scores(
    database: Path, tmp_path: Path
) -> None:
    scored(database, tmp_path, resampling=CI)
    assert (tmp_path / "tables" / "intervals.csv").is_file()
    scored(database, tmp_path)
    assert not (tmp_path / "tables" / "intervals.csv").exists()


def test_intervals_depend_neither_on_row_order_nor_on_threads(
    database: Path, tmp_path: Path
) -> None:
    shuffled = rows_of_answers()
    random.Random(7).shuffle(shuffled)
    other = write_database(tmp_path / "clika.duckdb", shuffled)
    scored(database, tmp_path / "one", resampling=CI, threads=1)
    scored(other, tmp_path / "two", resampling=CI, threads=2)
    for name in ("performance", "consistency"):
        assert rows(tmp_path / "one", name) == rows(tmp_path / "two", name)
    for path in (tmp_path / "one" / "tables").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / "tables" / path.name).read_bytes()


def test_the_study_may_be_named_in_either_way(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_study(STUDY, tmp_path / "made" / "study.yaml")
    common = ["--database", str(database), "--results", str(tmp_path), "--ci", "--replicates=100"]
    printed = []
    for name in (["made"], ["--study", "made"], ["made", "--study=made"]):
        ran(0, "score", *name, *common)
        printed.append(capsys.readouterr())
    assert printed[0] == printed[1] == printed[2]
    assert "95 % intervals: 100 replicates, seed 20240404; " in printed[0].err
    ran(2, "score", "made", "--study", "other", *common)
    assert "name one" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--seed=1", "--replicates=100"])
def test_a_seed_without_intervals_is_a_mistake(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(2, "score", option)
    assert "add --ci" in capsys.readouterr().err


# What is refused


def test_nothing_is_written_that_is_not_asked_for(database: Path) -> None:
    before = sorted(database.parent.rglob("*"))
    score(STUDY, database=database, scores=None, tables=None)
    assert sorted(database.parent.rglob("*")) == before


def test_a_database_without_answers_names_the_command(tmp_path: Path) -> None:
    empty = write_database(tmp_path / "clika.duckdb", [])
    with pytest.raises(PrerequisiteError, match=r"holds no answers. Run: clika load made"):
        scored(empty, tmp_path)


def test_a_missing_database_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="Run: clika load made"):
        scored(tmp_path / "clika.duckdb", tmp_path)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"rules": ["first-leter"]}, "first-letter"),
        ({"where": ["model=chatgpd"]}, "chatgpt"),
        ({"where": ["language=hee"]}, "he"),
        ({"where": ["task=colors"]}, "colours"),
    ],
)
def test_an_unknown_name_suggests_the_nearest_and_writes_nothing(
    database: Path, tmp_path: Path, options: dict[str, Any], hint: str
) -> None:
    with pytest.raises(UnknownNameError, match=f"Did you mean '{hint}'"):
        scored(database, tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_a_sentence(database: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileSystemError, match="cannot be written"):
        scored(database, tmp_path / "file" / "scores")
