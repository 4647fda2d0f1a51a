"""The shipped expected values: derived anew where the release is at hand, consistent everywhere."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from reference import expected

SHIPPED = files("clika").joinpath("studies", "paper-released", "expected.csv")


def shipped() -> list[dict[str, str]]:
    return list(csv.DictReader(SHIPPED.read_text(encoding="utf-8").splitlines()))


def accuracies(model: str, task: str) -> dict[str, str]:
    rows = shipped()
    return {r["language"]: r["accuracy"] for r in rows if (r["model"], r["task"]) == (model, task)}


def test_the_release_gives_the_shipped_values_byte_for_byte() -> None:
    source = os.environ.get("CLIKA_DATA")
    if not source:
        pytest.skip("needs the released outputs: set CLIKA_DATA to the release or its archive")
    found = expected.cells(Path(source))
    if not found:
        pytest.skip(f"CLIKA_DATA={source} holds no released outputs")
    assert expected.table(found) == SHIPPED.read_text(encoding="utf-8")


def test_every_model_has_every_task_in_every_language() -> None:
    rows = shipped()
    keys = [(row["model"], row["task"], row["language"]) for row in rows]
    assert len(set(keys)) == len(keys) == 31 * 40
    per_model = Counter(model for model, _, _ in keys)
    assert set(per_model.values()) == {40}


def test_counts_of_a_row_add_up() -> None:
    for row in shipped():
        letters = [int(row[letter]) for letter in expected.LETTERS]
        assert sum(letters) + int(row["n_invalid"]) == int(row["n"])
        assert float(row["accuracy"]) == int(row["n_correct"]) / int(row["n"])
        assert not any(letters[expected.TASKS[row["task"]] :])


@pytest.mark.parametrize(
    ("task", "correct", "items"),
    [("x_csqa", 746, 1000), ("x_copa", 482, 500), ("x_name", 166, 180), ("x_geo", 194, 200)],
)
def test_the_reference_of_ra_is_chatgpt_in_english(task: str, correct: int, items: int) -> None:
    assert float(accuracies("chatgpt", task)["en"]) == correct / items


@pytest.mark.parametrize(
    ("model", "en", "de", "zh"),
    [("llama_13b", "0.85", "0.795", "0.34"), ("chinese_llama_13b", "0.725", "0.58", "0.345")],
)
def test_continued_pretraining_on_x_geo(model: str, en: str, de: str, zh: str) -> None:
    found = accuracies(model, "x_geo")
    assert (found["en"], found["de"], found["zh"]) == (en, de, zh)


@pytest.mark.parametrize(
    ("response", "letter"),
    [
        ("B", "B"),
        ("  \n\tB. because", "B"),
        ("Because", "B"),
        ("D", None),
        ("b", None),
        ("(B)", None),
        ("\u0412", None),  # Cyrillic Ve, which looks like B
        ("", None),
        (" \n", None),
    ],
)
def test_first_letter_of_three_options(response: str, letter: str | None) -> None:
    assert expected.read_letter(response, "ABC") == letter


def test_a_letter_beyond_the_options_is_invalid() -> None:
    lines = [{"res": res, "label": "A"} for res in ("A", "B", "C", "")]
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    cell = expected.count(content, options=2)
    assert cell == expected.Cell(n=4, n_correct=1, n_invalid=2, letters=Counter(A=1, B=1))
