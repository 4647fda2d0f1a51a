"""Checks on answer codes, on a handful of made-up answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_audit import STUDY, Asked, all_right, make_evidence

from clika.store.connection import open_database
from clika.views.audit import cells
from clika.views.audit.model import Evidence

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = [Asked("one", "en", all_right(40)), Asked("two", "en", all_right(40, ending=")"))]


@pytest.mark.parametrize(
    "check", [check for check in cells.CHECKS if "scores" not in check.needs], ids=lambda c: c.id
)
@pytest.mark.parametrize("texts", [True, False])
def test_clean_answers_have_no_findings(tmp_path: Path, check, *, texts: bool):
    assert check.run(make_evidence(tmp_path, CLEAN, texts=texts)) == []


def test_letters_beyond_the_options_are_counted_by_cell(tmp_path: Path):
    answers = ["D.", "E", *all_right(38)]
    (finding,) = cells.letters_beyond_options(
        make_evidence(tmp_path, [*CLEAN, Asked("one", "ru", answers)], texts=False)
    )
    assert finding.subject == {"model": "one", "task": "x_geo", "language": "ru"}
    assert (finding.n, finding.total) == (2, 40)


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (["B."] * 40, True),
        (["B."] * 38 + ["?"] * 2, True),
        (["B."] * 37 + ["?"] * 3, False),  # too many unread: another check's business
        (["B."] * 39 + ["A."], False),
        (["?"] * 40, False),
    ],
)
def test_a_cell_of_one_letter(tmp_path: Path, answers: list[str], *, found: bool):
    findings = cells.one_letter_cells(make_evidence(tmp_path, [Asked("one", "en", answers)]))
    assert [finding.details for finding in findings] == [("B",)] * found


@pytest.mark.parametrize(("unread", "found"), [(2, False), (3, True)])
def test_more_than_a_twentieth_invalid(tmp_path: Path, unread: int, *, found: bool):
    answers = ["?"] * unread + all_right(40)[unread:]
    findings = cells.invalid_cells(make_evidence(tmp_path, [Asked("one", "en", answers)]))
    assert [(finding.n, finding.total) for finding in findings] == [(unread, 40)] * found


def test_the_worst_cell_comes_first(tmp_path: Path):
    few = Asked("one", "en", ["?"] * 5 + all_right(40)[5:])
    many = Asked("two", "en", ["?"] * 9 + all_right(40)[9:])
    findings = cells.invalid_cells(make_evidence(tmp_path, [few, many]))
    assert [finding.subject["model"] for finding in findings] == ["two", "one"]


def test_accuracy_that_hangs_on_the_rule(tmp_path: Path):
    made = make_evidence(tmp_path, [Asked("one", "en", all_right(40))])
    made.connection.close()
    path = tmp_path / "clika.duckdb"
    connection = open_database(path, command="make it")
    connection.execute("create temp table answers as from store.main.answers")
    connection.execute(
        "update temp.answers set code = -1 where rule = 'first-letter' and item in (0, 3)"
    )
    connection.execute("set search_path = 'temp.main,store.main'")

    (finding,) = cells.rule_sensitive_cells(Evidence(STUDY, connection, None, {}, scored=False))
    assert (finding.n, finding.total) == (2, 40)
    assert finding.details == ("accuracy 95.0 % by first-letter, 100.0 % by robust",)


def test_identical_files_that_vary_are_worse_than_those_of_one_letter(tmp_path: Path):
    made = make_evidence(
        tmp_path,
        [
            Asked("one", "en", all_right(9), "same"),
            Asked("two", "en", all_right(9), "same"),
            Asked("one", "ru", ["A"] * 9, "alike"),
            Asked("two", "ru", ["A"] * 9, "alike"),
        ],
        texts=False,
    )
    varied, constant = cells.identical_files(made)
    assert varied.subject == {"model": "one = two", "task": "x_geo", "language": "en"}
    assert (varied.severity, varied.n, varied.details) == ("error", 2, ("SHA-256 same",))
    assert (constant.severity, constant.subject["language"]) == ("warning", "ru")


def test_flags_are_counted_by_task(tmp_path: Path):
    # Of the consistency rows, a language with itself and the other half of the matrix do not count.
    rows = {
        "performance": [("en", None, "not-above-chance"), ("ru", None, ""), ("zh", None, "")],
        "consistency": [
            ("en", "ru", "position-bound,few"),
            ("en", "zh", "not-above-chance"),
            ("en", "en", "few"),
            ("ru", "en", "position-bound,few"),
        ],
    }
    made = make_evidence(tmp_path, CLEAN)
    for name, given in rows.items():
        metric, variant = ("acc", None) if name == "performance" else ("co_star", "gold-letter")
        made.connection.execute(
            f"create temp table {name} as select 'first-letter' as rule, ? as metric, "
            "?::varchar as variant, 'x_geo' as task, unnest(?) as source_language, "
            "unnest(?::varchar[]) as target_language, unnest(?) as flags",
            [metric, variant, *(list(column) for column in zip(*given, strict=True))],
        )
    made.connection.execute("set search_path = 'store.main,temp.main'")

    findings = cells.flagged_numbers(made)
    assert [(*finding.subject.values(), finding.n, finding.total) for finding in findings] == [
        ("few", "x_geo", 1, 2),
        ("not-above-chance", "x_geo", 1, 3),
        ("position-bound", "x_geo", 1, 2),
    ]
