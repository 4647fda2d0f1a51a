"""Checks on raw responses, on made-up answers and prompts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from made_audit import Asked, all_right, make_evidence

from clika.views.audit import texts

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = "Choose the right one.\nQuestion: 2+3=?\nA. 1\nB. 2\nC. 5\nAnswer: C. 5\n"


def write_prompts(root: Path, model: str, language: str, count: int) -> None:
    path = root / f"x_geo/{language}/{model}_res_bf16_add_simple_example.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for item in range(count):
            prompt = (
                f"{EXAMPLE}Question: Which colour has thing {item}?\nA. red\nB. green\nC. blue\n"
            )
            file.write(json.dumps({"id": item, "input": prompt, "res": "-"}) + "\n")


@pytest.mark.parametrize("check", texts.CHECKS, ids=lambda check: check.id)
def test_clean_answers_have_no_findings(tmp_path: Path, check):
    answers = ["A. red", "B. green it is", "C. bl", *all_right(30)]
    write_prompts(tmp_path, "one", "en", 2)
    made = make_evidence(tmp_path, [Asked("one", "en", answers)], release=tmp_path)
    assert check.run(made) == []


def test_lookalike_letters_are_named_and_counted(tmp_path: Path):
    answers = ["А.", " А", "(В) red", "Ｃ．", *all_right(20)[4:]]
    (finding,) = texts.lookalike_letters(make_evidence(tmp_path, [Asked("one", "ru", answers)]))
    assert (finding.severity, finding.n, finding.total) == ("error", 4, 20)
    assert finding.subject == {"model": "one", "task": "x_geo", "language": "ru"}
    accuracies, letters = finding.details
    assert "80.0 % by first-letter" in accuracies
    assert letters == ("А (U+0410, for A): 2, В (U+0412, for B or C): 1, Ｃ (U+FF23, for C): 1")


@pytest.mark.parametrize("word", ["Аист", "В 1990 году", "الأحمر", "Ａnswer"])
def test_words_that_begin_with_a_lookalike_are_no_labels(tmp_path: Path, word: str):
    made = make_evidence(tmp_path, [Asked("one", "ru", [word] * 9)])
    assert texts.lookalike_letters(made) == []


def test_one_lookalike_in_a_hundred_is_let_pass(tmp_path: Path):
    made = make_evidence(tmp_path, [Asked("one", "ru", ["А.", *all_right(99)])])
    assert texts.lookalike_letters(made) == []


def test_echoes_of_question_and_instruction(tmp_path: Path):
    answers = [
        "Which colour has thing 0?",
        "Well. Which  COLOUR has thing 1? It is red.",
        "Which colour has",
        "Choose the right one.",
        "Which",  # too short to be told from chance
        "Nobody knows what it is",
        *all_right(14),
    ]
    write_prompts(tmp_path, "one", "en", 2)
    made = make_evidence(tmp_path, [Asked("one", "en", answers)], release=tmp_path)

    (finding,) = texts.prompt_echoes(made)
    assert (finding.n, finding.total) == (4, 20)


def test_answers_copied_from_the_worked_example(tmp_path: Path):
    answers = ["C. 5", "C. 5\n", "B. 2", "C. 7", "C. blue", "A. re", "C", *all_right(13)]
    write_prompts(tmp_path, "one", "en", 2)
    made = make_evidence(tmp_path, [Asked("one", "en", answers)], release=tmp_path)

    (finding,) = texts.copied_examples(made)
    assert (finding.n, finding.total) == (3, 20)
    assert finding.details == ('"C. 5": 2, "B. 2": 1',)


def test_without_the_response_file_nothing_is_taken_for_copied(tmp_path: Path):
    made = make_evidence(tmp_path, [Asked("one", "en", ["C. 5"] * 9)], release=tmp_path)
    assert texts.copied_examples(made) == []


def test_a_single_prompt_has_no_beginning_in_common(tmp_path: Path):
    write_prompts(tmp_path, "one", "en", 1)
    made = make_evidence(tmp_path, [Asked("one", "en", ["C. 5"])], release=tmp_path)
    assert texts.copied_examples(made) == []
