"""Text of unknown origin on a terminal: nothing in it acts, and nothing of it is lost."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from clika.views.terminal_text import escaped, isolated, json_text, padded, wrapped

#: Everything that may not reach a terminal from a response: controls, overrides, isolates.
ACTING = "".join(map(chr, [*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F)])) + (
    "\u2028\u2029\u2066\u2067\u2068\u2069\ufeff\u200b\u00ad\ue000\U000e0041"
)

any_text = st.text(st.one_of(st.sampled_from(ACTING), st.characters()))


@pytest.mark.parametrize("character", ACTING, ids=lambda character: f"{ord(character):04x}")
def test_what_acts_is_escaped(character: str) -> None:
    assert escaped(character) in {"\\n", "\\r", "\\t"} or escaped(character).startswith(
        ("\\x", "\\u", "\\U")
    )


@given(any_text)
def test_escaping_can_be_undone(text: str) -> None:
    shown = escaped(text)
    parts = shown.split("\\\\")
    undone = "\\".join(
        part.encode("ascii", "backslashreplace").decode("unicode_escape") for part in parts
    )
    assert undone == text


@given(any_text)
def test_no_control_survives(text: str) -> None:
    assert not any(unicodedata.category(character) == "Cc" for character in escaped(text))


def test_letters_of_every_script_stay_as_they_are() -> None:
    for text in ("naïve", "е́", "מִנופיה", "العَين", "می‌خواهم", "アル・アイン", "👩‍🔬"):
        assert escaped(text) == text


def test_a_right_to_left_language_is_isolated() -> None:
    assert isolated("שלום", "he") == "\u2067שלום\u2069"
    assert isolated("1947", "ar") == "\u20671947\u2069"


def test_right_to_left_letters_of_an_unknown_language_are_isolated() -> None:
    assert isolated("B. שלום") == "\u2068B. שלום\u2069"


def test_left_to_right_text_is_left_alone() -> None:
    assert isolated("Привет, 中文", "ru") == "Привет, 中文"


@given(st.text(st.sampled_from("ab 中文字אבגя"), max_size=200), st.integers(20, 60))
def test_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = wrapped(text, width=width, console=Console(width=width))
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_nothing_is_one_empty_line() -> None:
    assert wrapped("", width=20, console=Console()) == [""]


def test_padding_counts_cells() -> None:
    assert padded("中文", 6) == "中文  "


@given(any_text)
def test_json_says_the_same_and_does_not_act(text: str) -> None:
    shown = json_text({"response": text})
    assert json.loads(shown) == {"response": text}
    assert not set(shown) & (set(ACTING) - {"\n"})
