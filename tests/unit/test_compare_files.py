"""Compare: the file that it writes, and the flipped items with both answers."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import duckdb
import pytest
from made_scores import STUDY, write_database

from clika.cli import main
from clika.schema import COMPARISON_COLUMNS
from clika.study import save_study

if TYPE_CHECKING:
    from pathlib import Path

MODELS = ["chatgpt", "llama_7b", "--study", "made", "--replicates", "50"]
ONE_CELL = ["--items", "--where", "task=colours"]
HEBREW = "\u05de\u05d4 \u05d6\u05d4?"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    save_study(STUDY, folder / "made" / "study.yaml")
    write_database(folder / "made" / "clika.duckdb")
    return folder


@pytest.fixture(scope="module")
def with_texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    save_study(STUDY, folder / "made" / "study.yaml")
    database = write_database(folder / "made" / "clika.duckdb")
    texts = [
        ("colours", "he", item, f"{HEBREW} {item}", ["\u05d0\u05d3\u05d5\u05dd", "two", "three"])
        for item in range(6)
    ]
    with duckdb.connect(database) as connection:
        connection.executemany("insert into item_texts values (?, ?, ?, ?, ?)", texts)
    return folder


def run(
    arguments: list[str], results: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["compare", *MODELS, *arguments, "--results", str(results)])
    output = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, output.out, output.err


def test_a_parquet_file_has_the_columns_that_are_listed(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "compared.parquet"
    assert (
        run(["--metric", "acc", "--metric", "kappa", "--write", str(path)], results, capsys)[0] == 0
    )
    with duckdb.connect() as connection:
        described = connection.execute(f"describe from '{path}'").fetchall()
        assert [(name, type_) for name, type_, *_ in described] == [
            (column.name, column.type) for column in COMPARISON_COLUMNS
        ]
        nulls = ", ".join(
            f"count_if({c.name} is null)" for c in COMPARISON_COLUMNS if not c.nullable
        )
        found = connection.execute(f"select {nulls} from '{path}'").fetchone()
        methods = connection.execute(
            f"select distinct metric, method from '{path}' order by metric"
        ).fetchall()
    assert found is not None
    assert set(found) == {0}
    assert methods == [("acc", "mcnemar"), ("kappa", None)]


def test_a_csv_file_is_what_the_format_csv_prints(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "compared.csv"
    _, printed, _ = run(["--format", "csv", "--write", str(path)], results, capsys)
    text = path.read_text(encoding="utf-8")
    assert text == printed
    table = list(csv.DictReader(text.splitlines()))
    assert {(row["first_model"], row["second_model"]) for row in table} == {("chatgpt", "llama_7b")}


def test_both_files_hold_the_same_rows(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, parquet = tmp_path / "compared.csv", tmp_path / "compared.parquet"
    for path in (text, parquet):
        run(["--write", str(path)], results, capsys)
    with duckdb.connect() as connection:
        types = {column.name: column.type for column in COMPARISON_COLUMNS}
        read = f"select * from read_csv('{text}', columns={types}, header=true)"
        # An empty text and NULL are alike in CSV.
        columns = ", ".join(
            f"coalesce({name}, '') as {name}" if type_ == "VARCHAR" else name
            for name, type_ in types.items()
        )
        assert connection.execute(f"select {columns} from ({read})").fetchall() == (
            connection.execute(f"select {columns} from '{parquet}'").fetchall()
        )


def test_another_ending_is_refused_before_anything_is_compared(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, page, error = run(["--write", str(tmp_path / "compared.txt")], results, capsys)
    assert (code, page) == (2, "")
    assert ".parquet nor .csv" in error
    assert not list(tmp_path.iterdir())


def test_items_are_listed_for_the_languages_that_are_shown(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, page, _ = run([*ONE_CELL, "--where", "source=de,he"], results, capsys)
    listed = [line.split()[0] for line in page.splitlines() if "only A (" in line]
    assert listed == ["de", "he"]
    assert "--where task=colours --where language=de" in page


def test_without_texts_one_cell_shows_both_letters_and_the_command_for_texts(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, page, _ = run([*ONE_CELL, "--where", "language=de"], results, capsys)
    # ABCABB and ABAA-A, the golds being ABCABC.
    assert "clika load made" in page
    assert [line.split() for line in page.splitlines() if "  colours:" in line] == [
        ["colours:2", "A:", "C+", "B:", "A"],
        ["colours:4", "A:", "B+", "B:", "-"],
    ]


def test_texts_from_right_to_left_are_isolated(
    with_texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, page, _ = run([*ONE_CELL, "--where", "language=he"], with_texts, capsys)
    lines = page.splitlines()
    place = next(place for place, line in enumerate(lines) if "colours:0" in line)
    assert lines[place].endswith(f"colours:0  \u2067{HEBREW} 0\u2069")
    # BBCCBC and AAAAAA.
    assert lines[place + 1].split() == ["A:", "B", "\u2067two\u2069"]
    assert lines[place + 2].split() == ["B:", "A+", "\u2067\u05d0\u05d3\u05d5\u05dd\u2069"]


def test_where_nothing_flipped_no_text_is_missed(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--items", "--where", "task=shapes", "--where", "language=he"]
    _, page, _ = run(arguments, results, capsys)
    assert "only A (0)" in page
    assert "clika load" not in page


def test_json_holds_the_items_of_one_cell(
    with_texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*ONE_CELL, "--where", "language=he", "--format", "json"]
    items = json.loads(run(arguments, with_texts, capsys)[1])["items"]
    assert [(each["item"], each["only"]) for each in items] == [
        *((item, "first") for item in (1, 2, 4, 5)),
        *((item, "second") for item in (0, 3)),
    ]
    assert items[0]["gold"] == items[0]["first"]["answer"] == "B"
    assert items[0]["second"]["answer"] == "A"
    assert items[0]["question"] == f"{HEBREW} 1"


def test_items_do_not_go_into_a_table_of_numbers(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = run(["--items", "--format", "csv"], results, capsys)
    assert code == 2
    assert "--format table or json" in error
