from __future__ import annotations

import pytest

from clika.errors import UnknownNameError
from clika.languages import LANGUAGES, PAPER_LANGUAGES, is_right_to_left, normalise


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("DE", "de"),
        ("de", "de"),
        ("DE_trans", "de"),
        ("ar_trans", "ar"),
        ("deu", "de"),
        ("German", "de"),
        (" hebrew ", "he"),
        ("zh-Hans", "zh-hans"),
        ("pt_BR", "pt-br"),
        ("zho-Hant", "zh-hant"),
    ],
)
def test_spellings_of_one_language(spelling: str, code: str) -> None:
    assert normalise(spelling) == code


@pytest.mark.parametrize("spelling", ["", "xx", "Klingon", "de trans", "-de", "_trans"])
def test_anything_else_is_refused(spelling: str) -> None:
    with pytest.raises(UnknownNameError):
        normalise(spelling)


def test_no_two_languages_share_a_spelling() -> None:
    spellings = [
        spelling
        for entry in LANGUAGES
        for spelling in {entry.code, entry.code3, entry.name.casefold()}
    ]
    assert len(spellings) == len(set(spellings))


def test_codes_are_a_fixed_point() -> None:
    assert [normalise(language.code) for language in LANGUAGES] == [
        language.code for language in LANGUAGES
    ]


def test_the_papers_languages_lead_the_table_in_its_order() -> None:
    assert tuple(language.code for language in LANGUAGES[:10]) == PAPER_LANGUAGES


def test_direction_follows_the_language_not_the_region() -> None:
    assert [is_right_to_left(code) for code in ("ar", "he-il", "fa", "en", "zh", "xx")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
