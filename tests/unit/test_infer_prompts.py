"""Prompts: what a model reads of an item, and what may follow."""

from __future__ import annotations

import pytest

from clika.errors import ConfigError
from clika.infer.prompts import ANSWER_CUES, MASK, PROMPTS, make_choice, wording_digest
from clika.languages import PAPER_LANGUAGES

OPTIONS = ("Lima", "Rome")


def test_letters_are_listed_and_scored() -> None:
    made = make_choice("letter", language="en", question="Where?", options=OPTIONS)
    assert made == ("Where?\nA. Lima\nB. Rome\nAnswer:", (" A", " B"))


def test_full_options_are_not_listed() -> None:
    made = make_choice("full-option", language="en", question="Where?", options=OPTIONS)
    assert made == ("Where?\nAnswer:", (" Lima", " Rome"))


@pytest.mark.parametrize("kind", PROMPTS)
def test_after_a_full_width_colon_no_space_is_written(kind: str) -> None:
    made = make_choice(kind, language="zh", question="哪里？", options=("利马", "罗马"))  # type: ignore[arg-type]
    assert not any(option.startswith(" ") for option in made.options)


def test_a_question_that_ends_with_a_colon_is_its_own_cue() -> None:
    made = make_choice("full-option", language="en", question="Togo:", options=OPTIONS)
    assert made == ("Togo:", (" Lima", " Rome"))


@pytest.mark.parametrize(
    ("question", "prompt", "first"),
    [
        (f"Peru lies in {MASK}, too.", "Peru lies in", " Lima, too."),
        (f"{MASK} is where?", "", "Lima is where?"),
        (f"秘鲁在{MASK}。", "秘鲁在", "Lima。"),
    ],
    ids=["middle", "head", "no-space"],
)
def test_a_gap_is_filled_and_what_follows_it_is_scored(
    question: str, prompt: str, first: str
) -> None:
    made = make_choice("full-option", language="en", question=question, options=OPTIONS)
    assert (made.prompt, made.options[0]) == (prompt, first)


def test_a_gap_is_shown_as_one_where_letters_are_asked() -> None:
    made = make_choice("letter", language="en", question=f"In {MASK}.", options=OPTIONS)
    assert made.prompt.startswith("In ____.")


def test_a_language_without_a_wording_is_asked_in_english() -> None:
    made = make_choice("letter", language="sw", question="Wapi?", options=OPTIONS)
    assert made.prompt.endswith(ANSWER_CUES["en"])


def test_the_papers_languages_have_a_cue_each() -> None:
    assert set(ANSWER_CUES) == set(PAPER_LANGUAGES)


def test_more_options_than_letters_are_refused() -> None:
    with pytest.raises(ConfigError, match="27 options"):
        make_choice("letter", language="en", question="?", options=["x"] * 27)


def test_the_digest_of_the_wording_changes_with_any_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    before = wording_digest()
    assert wording_digest() == before
    monkeypatch.setitem(ANSWER_CUES, "he", "אז:")
    assert wording_digest() != before
