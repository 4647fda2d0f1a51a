"""What the tests of containers and clusters compare by: it names the first cell that differs."""

from __future__ import annotations

import pytest
from made_runs import first_difference

EXPECTED = {"gate.csv": b"model,en\na,0.5\nb,0.25\n", "verdicts.json": b'{\n  "claims": []\n}\n'}


def test_equal_files_differ_nowhere() -> None:
    assert first_difference(dict(EXPECTED), EXPECTED) == ""


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("gate.csv", b"model,en\na,0.5\nb,0.26\n", "gate.csv, line 3, en: 0.26, expected 0.25"),
        ("gate.csv", b"model,en\na,0.5\n", "gate.csv, line 3, model: , expected b"),
        ("gate.csv", b"model,en\r\na,0.5\r\nb,0.25\r\n", "gate.csv: the ends of lines"),
        ("cells.csv", b"model\n", "cells.csv is there in one of the two"),
    ],
)
def test_the_first_difference_is_named(name: str, text: bytes, said: str) -> None:
    assert first_difference({**EXPECTED, name: text}, EXPECTED) == said


def test_a_difference_of_verdicts_is_named_by_its_line() -> None:
    made = {**EXPECTED, "verdicts.json": b'{\n  "claims": [1]\n}\n'}
    assert first_difference(made, EXPECTED).startswith("verdicts.json, line 2")
