"""Tables in every format: what a reader, or a program that reads, gets back."""

from __future__ import annotations

import csv
import json

import pytest

from clika.cli.score import score as command
from clika.report.render import FORMATS, intervals_csv, render, table_csv
from clika.report.tables import PaperTable, PrintedInterval, TableRow

ACCURACY = PaperTable(
    "acc_made",
    "Made: accuracy, percent",
    ("en", "de", "mean"),
    (
        TableRow("English-dominant", "llama_7b", ("100.0", "9.5", "9.5"), ()),
        TableRow("English-dominant", "our_longer_name", ("50.0", "", ""), ("de",)),
        TableRow("Mixed", "bloom", ("0.0", "0.0", "0.0"), ()),
    ),
)
OVERLAP = PaperTable(
    "en_co_made", "Made: en-CO", ("de", "mean"), (TableRow("Mixed", "bloom", ("0.25", "0.25"), ()),)
)
TABLES = (ACCURACY, OVERLAP)


def test_the_command_offers_every_format() -> None:
    (option,) = (parameter for parameter in command.params if parameter.name == "form")
    assert list(option.type.choices) == list(FORMATS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_to_show_is_no_error_and_ends_without_a_line_end(form: str) -> None:
    assert not render((), form=form).endswith("\n")
    assert not render(TABLES, form=form).endswith("\n")
    empty = PaperTable("acc_made", "Made", ("en", "mean"), ())
    assert "en" in render((empty,), form=form) or form == "json"


def test_the_terminal_aligns_groups_and_names_what_is_missing() -> None:
    assert render(TABLES, form="table").splitlines() == [
        "Made: accuracy, percent",
        "                    en   de  mean",
        "---------------  -----  ---  ----",
        "[English-dominant]",
        "llama_7b         100.0  9.5   9.5",
        "our_longer_name   50.0",
        "[Mixed]",
        "bloom              0.0  0.0   0.0",
        "our_longer_name: no mean without de",
        "",
        "Made: en-CO",
        "         de  mean",
        "-----  ----  ----",
        "[Mixed]",
        "bloom  0.25  0.25",
    ]


def test_json_holds_the_printed_numbers_and_null() -> None:
    first, second = json.loads(render(TABLES, form="json"))
    assert (first["name"], first["title"]) == ("acc_made", "Made: accuracy, percent")
    assert first["rows"][1] == {
        "regime": "English-dominant",
        "model": "our_longer_name",
        "values": {"en": 50.0, "de": None, "mean": None},
        "missing": ["de"],
    }
    assert second["rows"][0]["values"] == {"de": 0.25, "mean": 0.25}


def test_csv_is_one_table_whatever_columns_its_parts_have() -> None:
    rows = list(csv.DictReader(render(TABLES, form="csv").splitlines()))
    assert [row["table"] for row in rows] == ["acc_made"] * 3 + ["en_co_made"]
    assert list(rows[0]) == ["table", "regime", "model", "en", "de", "mean"]
    assert rows[3] == {
        "table": "en_co_made",
        "regime": "Mixed",
        "model": "bloom",
        "en": "",
        "de": "0.25",
        "mean": "0.25",
    }


def test_markdown_has_one_table_under_each_title() -> None:
    lines = render(TABLES, form="markdown").splitlines()
    assert [line for line in lines if line.startswith("**")] == [
        "**Made: accuracy, percent**",
        "**Made: en-CO**",
    ]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if "bloom" in line
    ]
    assert cells == [["Mixed", "bloom", "0.0", "0.0", "0.0"], ["Mixed", "bloom", "0.25", "0.25"]]


def test_latex_escapes_what_tex_would_read() -> None:
    text = render(TABLES, form="latex")
    assert text.count(r"\begin{tabular}") == text.count(r"\bottomrule") == 2
    assert r"our\_longer\_name" in text
    assert "% Made: accuracy, percent" in text.splitlines()


def test_the_file_of_a_table_is_plain_csv() -> None:
    assert table_csv(ACCURACY) == (
        "regime,model,en,de,mean\n"
        "English-dominant,llama_7b,100.0,9.5,9.5\n"
        "English-dominant,our_longer_name,50.0,,\n"
        "Mixed,bloom,0.0,0.0,0.0\n"
    )


# Intervals

MEASURED = PaperTable(
    "acc_made",
    "Made: accuracy, percent, with 95 % intervals",
    ("en", "de", "mean"),
    (
        TableRow(
            "Mixed",
            "bloom",
            ("50.0", "", "9.5"),
            ("de",),
            (
                PrintedInterval("40.1", "59.9", None),
                PrintedInterval("", "", None),
                PrintedInterval("", "", "degenerate"),
            ),
        ),
    ),
)


def test_the_terminal_puts_the_ends_under_the_number_and_says_why_there_are_none() -> None:
    assert render((MEASURED,), form="table").splitlines() == [
        "Made: accuracy, percent, with 95 % intervals",
        "          en  de  mean",
        "------  ----  --  ----",
        "[Mixed]",
        "bloom   50.0       9.5",
        "  from  40.1",
        "  to    59.9",
        "bloom: no mean without de",
        "No interval (degenerate): mean",
    ]


def test_csv_has_two_columns_behind_each() -> None:
    (row,) = csv.DictReader(render((MEASURED,), form="csv").splitlines())
    assert (row["en"], row["en_low"], row["en_high"]) == ("50.0", "40.1", "59.9")
    assert (row["mean"], row["mean_low"], row["mean_high"]) == ("9.5", "", "")


def test_json_has_ends_and_reasons() -> None:
    (table,) = json.loads(render((MEASURED,), form="json"))
    assert table["rows"][0]["intervals"] == {
        "en": {"low": 40.1, "high": 59.9, "reason": None},
        "de": {"low": None, "high": None, "reason": None},
        "mean": {"low": None, "high": None, "reason": "degenerate"},
    }


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_text_has_the_interval_behind_its_number(form: str) -> None:
    assert "50.0 [40.1, 59.9]" in render((MEASURED,), form=form)


def test_the_file_of_intervals_has_a_line_for_each_number() -> None:
    assert intervals_csv((MEASURED,)).splitlines() == [
        "table,model,column,value,low,high,reason",
        "acc_made,bloom,en,50.0,40.1,59.9,",
        "acc_made,bloom,mean,9.5,,,degenerate",
    ]


def test_the_file_of_a_table_is_the_same_with_intervals() -> None:
    without = MEASURED._replace(rows=tuple(row._replace(intervals=()) for row in MEASURED.rows))
    assert table_csv(MEASURED) == table_csv(without)
