"""Status: there, missing or stale, and why; it looks and never writes."""

from __future__ import annotations

import importlib.resources
import json
import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest
from made_colours import (
    STUDY,
    ingest,
    load_shards,
    score_all,
    ship_codes,
    write_release,
    write_responses,
)

from clika.cli import main
from clika.steps.load import load
from clika.store.connection import Connection, in_memory
from clika.store.shards import write_parquet
from clika.views.status import StatusReport, status

if TYPE_CHECKING:
    from pathlib import Path

    from clika.study import Study

ALL_STAGES = ["data", "shards", "database", "scores", "tables"]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and a package whose studies ship nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLIKA_DATA", raising=False)
    package = tmp_path / "package"
    real = importlib.resources.files

    def files(anchor: str) -> object:
        return package if anchor == "clika" else real(anchor)

    monkeypatch.setattr("clika.steps.load.files", files)
    return tmp_path


@pytest.fixture
def finished(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of results of a run over the tiny release, which CLIKA_DATA names."""
    data, results = write_release(place / "data-here"), place / "results"
    monkeypatch.setenv("CLIKA_DATA", str(data))
    ingest(data, results)
    load_shards(results)
    score_all(results)
    return results


def states(report: StatusReport) -> dict[str, str]:
    return {stage.name: stage.state for stage in report.stages}


def detail(report: StatusReport, name: str) -> str:
    return next(stage.detail for stage in report.stages if stage.name == name)


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


def test_an_empty_folder_says_what_to_run_and_stays_empty(place: Path) -> None:
    report = status(STUDY, results=place / "results")
    assert states(report) == dict.fromkeys(ALL_STAGES, "missing")
    assert report.is_untouched
    assert report.command == f"clika reproduce tiny --results {place / 'results'}"
    assert list(place.iterdir()) == []


def test_a_finished_run_is_there_and_is_not_touched(place: Path, finished: Path) -> None:
    before = snapshot(place)
    report = status(STUDY, results=finished)
    assert states(report) == dict.fromkeys(ALL_STAGES, "there")
    assert report.command is None
    assert snapshot(place) == before


def test_shards_stand_in_for_data_that_is_gone(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLIKA_DATA")
    report = status(STUDY, results=finished)
    assert states(report)["data"] == "missing"
    assert report.command is None


def test_a_variable_that_names_no_data_is_to_be_unset(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIKA_DATA", str(place / "nothing"))
    report = status(STUDY, results=place / "results")
    assert "holds no released data" in detail(report, "data")
    assert (report.command or "").startswith("unset CLIKA_DATA && clika reproduce tiny")


def test_a_changed_response_file_makes_everything_after_it_stale(
    place: Path, finished: Path
) -> None:
    write_responses(place / "data-here", "llama_7b", "he", ("B.", "B.", "B."))
    report = status(STUDY, results=finished)
    assert states(report) == {"data": "there"} | dict.fromkeys(ALL_STAGES[1:], "stale")
    assert "1 changed, x_geo/he/llama_7b" in detail(report, "shards")
    assert detail(report, "database") == "its shards are stale"


def test_a_new_model_makes_the_shards_stale(place: Path, finished: Path) -> None:
    write_responses(place / "data-here", "llama_13b", "en", ("A.", "A.", "A."))
    report = status(STUDY, results=finished)
    assert "1 new, x_geo/en/llama_13b" in detail(report, "shards")


def test_a_missing_shard_is_named(finished: Path) -> None:
    next((finished / "tiny" / "shards" / "responses").rglob("llama_7b.parquet")).unlink()
    report = status(STUDY, results=finished)
    assert states(report)["shards"] == "stale"
    assert "llama_7b.parquet is missing" in detail(report, "shards")
    assert "clika ingest released" in (report.stages[1].command or "")


def test_another_ingest_makes_the_database_stale(place: Path, finished: Path) -> None:
    write_responses(place / "data-here", "llama_7b", "he", ("B.", "B.", "B."))
    ingest(place / "data-here", finished)
    report = status(STUDY, results=finished)
    assert states(report)["shards"] == "there"
    assert "others than it was made with" in detail(report, "database")
    assert states(report)["scores"] == "stale"


def test_another_load_makes_the_scores_stale(place: Path, finished: Path) -> None:
    write_responses(place / "data-here", "llama_7b", "he", ("B.", "B.", "B."))
    ingest(place / "data-here", finished)
    load_shards(finished)
    report = status(STUDY, results=finished)
    assert states(report)["database"] == "there"
    assert "made from another database" in detail(report, "scores")
    assert "differ from what the database gives" in detail(report, "tables")


def test_another_rule_makes_the_database_stale(finished: Path) -> None:
    changed: Study = msgspec.structs.replace(STUDY, rules=("first-letter", "robust"))
    report = status(changed, results=finished)
    assert "read by first-letter, not by first-letter, robust" in detail(report, "database")


def test_another_schema_version_makes_the_database_stale(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clika.store.connection.SCHEMA_VERSION", 99)
    report = status(STUDY, results=finished)
    assert "schema version 1, this clika reads 99" in detail(report, "database")
    assert report.coverage is None


def test_what_is_no_database_is_stale(finished: Path) -> None:
    (finished / "tiny" / "clika.duckdb").write_bytes(b"not a database")
    report = status(STUDY, results=finished)
    assert "cannot be read as a clika database" in detail(report, "database")


def test_an_edited_table_is_found(finished: Path) -> None:
    table = finished / "tiny" / "tables" / "acc_x_geo.csv"
    table.write_text(table.read_text().replace("100.0", "99.0"))
    report = status(STUDY, results=finished)
    assert detail(report, "tables") == "1 of 3 differ from what the database gives, acc_x_geo first"
    assert states(report)["scores"] == "there"


def test_a_deleted_table_is_missing(finished: Path) -> None:
    (finished / "tiny" / "tables" / "cells.csv").unlink()
    assert states(status(STUDY, results=finished))["tables"] == "missing"


def test_coverage_says_which_cells_are_not_whole(place: Path, finished: Path) -> None:
    (place / "data-here" / "x_geo" / "zh" / "chatgpt_res.jsonl").unlink()
    ingest(place / "data-here", finished)
    load_shards(finished)
    coverage = status(STUDY, results=finished).coverage
    assert coverage is not None
    assert coverage.models == ("chatgpt", "llama_7b")
    assert coverage.missing_models == ("llama_13b",)
    (partial,) = coverage.partial
    assert (partial.model, partial.task, partial.missing) == ("chatgpt", "x_geo", ("zh",))


def test_shipped_codes_that_agree(place: Path, finished: Path) -> None:
    ship_codes(place / "package", finished / "tiny" / "clika.duckdb")
    codes = status(STUDY, results=finished).codes
    assert codes == (30, (), 0, 0)


def test_shipped_codes_that_differ_are_counted(place: Path, finished: Path) -> None:
    write_responses(place / "data-here", "llama_7b", "he", ("A.", "B.", "C."))
    folder = place / "package"
    ship_codes(folder, finished / "tiny" / "clika.duckdb")
    ingest(place / "data-here", finished)
    load_shards(finished)
    codes = status(STUDY, results=finished).codes
    assert codes is not None
    (cell,) = codes.differing
    assert (cell.model, cell.language, cell.n_both, cell.n_differ) == ("llama_7b", "he", 3, 2)
    assert not cell.same_source


def test_shipped_codes_of_cells_that_are_not_here(place: Path, finished: Path) -> None:
    ship_codes(place / "package", finished / "tiny" / "clika.duckdb")
    path = place / "package" / "studies" / "tiny" / "answers.parquet"
    connection: Connection = in_memory()
    select = f"from read_parquet('{path}') select * replace ('other_' || model as model)"
    other = path.with_name("other.parquet")
    write_parquet(connection, select, other, key="other")
    connection.close()
    other.replace(path)
    codes = status(STUDY, results=finished).codes
    assert codes == (0, (), 10, 10)


def test_a_database_of_codes_is_current_without_data(
    place: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship_codes(place / "package", finished / "tiny" / "clika.duckdb")
    shutil.rmtree(finished)
    monkeypatch.delenv("CLIKA_DATA")
    folder = finished / "tiny"
    load(STUDY, shards=folder / "shards", database=folder / "clika.duckdb", origin="codes")
    score_all(finished)
    report = status(STUDY, results=finished)
    assert states(report) == {
        "data": "missing",
        "shards": "missing",
        "database": "there",
        "scores": "there",
        "tables": "there",
    }
    assert report.command is None

    monkeypatch.setenv("CLIKA_DATA", str(place / "data-here"))
    report = status(STUDY, results=finished)
    assert "the released data is at hand" in detail(report, "database")
    assert (report.command or "").startswith("clika reproduce tiny")


def run(
    arguments: list[str],
    results: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> str:
    monkeypatch.setattr("clika.study.load_study", lambda _name, _results: STUDY)
    with pytest.raises(SystemExit) as ended:
        main(["status", "tiny", *arguments, "--results", str(results)])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_the_page_of_an_empty_folder(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = run([], place / "results", monkeypatch, capsys)
    assert "Nothing has been run here. Run: clika reproduce tiny" in page


def test_the_page_of_a_finished_run(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = run([], finished, monkeypatch, capsys)
    assert "Everything that the tables need is there and current." in page
    assert "2 of 3 have answers; missing: llama_13b" in page
    assert max(map(len, page.splitlines())) <= 100


def test_the_cells_are_listed_when_asked_for(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = run(["--cells"], finished, monkeypatch, capsys)
    rows = [line.split(maxsplit=1) for line in page.splitlines()[-3:]]
    assert rows == [["chatgpt", "5 of 5"], ["llama_7b", "5 of 5"], ["llama_13b", "missing"]]


def test_json_says_all_of_it(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads(run(["--json"], finished, monkeypatch, capsys))
    assert [stage["name"] for stage in data["stages"]] == ALL_STAGES
    assert data["command"] is None
    assert len(data["coverage"]["cells"]) == 3
