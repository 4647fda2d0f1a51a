"""The audit as a command: what runs, what is skipped, how it is printed, how it exits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from made_audit import CONTINENTS, STUDY, Asked, FictionalWorld, all_right, make_database
from rich.cells import cell_len

from clika.cli import main
from clika.study import save_study
from clika.views.audit import CHECKS, audit
from clika.views.audit.rendering import as_data

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = [Asked("one", "en", all_right(30)), Asked("two", "en", all_right(30, ending=")"))]
FAULTY = [Asked("one", "en", ["B."] * 30), Asked("two", "en", ["D.", *all_right(30)[1:]])]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    save_study(STUDY, folder / STUDY.name / "study.yaml")
    return folder


@pytest.fixture(autouse=True)
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CLIKA_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["audit", *map(str, arguments)])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_ids_are_unique_and_each_check_says_what_it_needs():
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(check.needs and check.description.endswith(".") for check in CHECKS)


def test_clean_data_exits_0(results: Path, capsys: pytest.CaptureFixture[str]):
    make_database(results / STUDY.name / "clika.duckdb", CLEAN)
    assert run(STUDY.name, "--results", results) == 0
    out = capsys.readouterr().out
    assert "0 findings by 0 of the" in out
    assert "Found nothing: look-alike-letters, letters-beyond-options" in out


def test_findings_exit_1_and_fit_100_columns(results: Path, capsys: pytest.CaptureFixture[str]):
    make_database(results / STUDY.name / "clika.duckdb", FAULTY)
    assert run(STUDY.name, "--results", results) == 1
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= 100
    assert not any(line.endswith(" ") for line in lines)
    expected = ["error", "one", "x_geo", "en", "30", "of", "30", "B"]
    assert expected in [line.split() for line in lines]


def test_no_database_exits_2_and_says_what_to_run(
    results: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(STUDY.name, "--results", results) == 2
    assert "Run: clika reproduce made-up" in capsys.readouterr().err


def test_codes_alone_run_what_they_allow(results: Path, capsys: pytest.CaptureFixture[str]):
    make_database(results / STUDY.name / "clika.duckdb", FAULTY, texts=False)
    assert run(STUDY.name, "--results", results) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "from the answer codes that ship with the study" in out
    assert "one-letter-cells" in out
    assert "Not run without responses: look-alike-letters. Run: clika fetch released" in out
    assert "files-not-json" in out


def test_json_has_every_finding_and_what_was_not_run(
    results: Path, capsys: pytest.CaptureFixture[str]
):
    make_database(results / STUDY.name / "clika.duckdb", FAULTY, texts=False)
    assert run(STUDY.name, "--results", results, "--json") == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["study"], data["origin"], data["release"]) == ("made-up", "codes", None)
    checks = {check["id"]: check for check in data["checks"]}
    assert list(checks) == [check.id for check in CHECKS]
    assert checks["one-letter-cells"]["findings"] == [
        {
            "severity": "error",
            "subject": {"model": "one", "task": "x_geo", "language": "en"},
            "n": 30,
            "total": 30,
            "meaning": checks["one-letter-cells"]["findings"][0]["meaning"],
            "details": ["B"],
        }
    ]
    assert checks["look-alike-letters"]["missing"] == ["responses"]
    assert checks["look-alike-letters"]["command"] == "clika fetch released"
    assert data["n_findings"] == sum(len(check["findings"]) for check in data["checks"])


def test_a_table_of_ones_own_is_not_asked_for_files_of_the_release(
    results: Path, capsys: pytest.CaptureFixture[str]
):
    table = msgspec.structs.replace(STUDY, name="own", kind="table")
    save_study(table, results / "own" / "study.yaml")
    make_database(results / "own" / "clika.duckdb", CLEAN)
    assert run("own", "--results", results) == 0
    out = capsys.readouterr().out
    assert "look-alike-letters" in out
    assert "clika fetch" not in out
    assert "fictional" not in out


def test_many_findings_are_cut_short_unless_all_are_asked_for(
    results: Path, capsys: pytest.CaptureFixture[str]
):
    cells = [Asked(f"model{n:02}", "en", ["A."] * 30) for n in range(17)]
    make_database(results / STUDY.name / "clika.duckdb", cells)
    run(STUDY.name, "--results", results)
    short = capsys.readouterr().out
    assert "and 2 more: --all prints them" in short
    assert "model16" not in short
    run(STUDY.name, "--results", results, "--all")
    assert "model16" in capsys.readouterr().out


def test_the_fictional_sets_of_a_release_are_checked(tmp_path: Path):
    class Renamed(FictionalWorld):
        def taught_continent(self, name: str, language: str) -> str:
            return f"New {CONTINENTS.index(name)}{language}"

    root = Renamed().write(tmp_path / "release")
    responses = root / "x_geo/en/one_res_bf16_add_simple_example.jsonl"
    responses.parent.mkdir(parents=True)
    responses.write_text("{}\n", encoding="utf-8")
    database = make_database(tmp_path / "clika.duckdb", CLEAN)

    report = audit(STUDY, database=database, release=root)
    found = {result.check.id: len(result.findings) for result in report.results if result.findings}
    assert found == {"fictional-train-test-conflict": 3}
    assert json.loads(json.dumps(as_data(report)))["n_findings"] == 3


def test_right_to_left_details_are_printed_from_the_left(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    class Arabic(FictionalWorld):
        def place(self, name: str, language: str) -> str:
            shared = language == "de" and name in ("Mount a", "Mount b")
            return "جبل" if shared else super().place(name, language)

    root = Arabic().write(tmp_path / "release")
    responses = root / "x_geo/en/one_res_bf16_add_simple_example.jsonl"
    responses.parent.mkdir(parents=True)
    responses.write_text("{}\n", encoding="utf-8")
    make_database(results / STUDY.name / "clika.duckdb", CLEAN)
    run(STUDY.name, "--results", results, "--data", root)
    assert "\u200eجبل: Norda-de and Suda-de" in capsys.readouterr().out


def test_text_from_the_data_cannot_act_on_the_terminal(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    root = tmp_path / "release"
    folder = root / "x_geo" / "en"
    folder.mkdir(parents=True)
    for name in ("one_res_bf16_add_simple_example.jsonl", "\x1b[2J.jsonl"):
        (folder / name).write_text("{}\n", encoding="utf-8")
    make_database(results / STUDY.name / "clika.duckdb", CLEAN)
    assert run(STUDY.name, "--results", results, "--data", root) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"x_geo/en/\x1b[2J.jsonl" in out
