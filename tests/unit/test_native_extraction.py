"""The extraction rules: the cases, the plain-Python twin, and the stream that carries them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import extraction_twin as twin

from clika import _native

CASES = json.loads(
    (Path(__file__).parents[1] / "cases" / "extraction.json").read_text(encoding="utf-8")
)
FIRED = {
    "first-letter": {"letter", "out-of-options", "empty", "no-letter"},
    "robust": {
        *("letter", "letter-and-text", "look-alike", "alphabet", "statement"),
        *("option-text", "option-text-within", "lower-case"),
        *("empty", "ambiguous", "contradiction", "number-not-offered"),
        *("out-of-options", "no-answer"),
    },
}
VALID = {
    *("letter", "letter-and-text", "look-alike", "alphabet", "statement"),
    *("option-text", "option-text-within", "lower-case"),
}

TEXTS = ["town", "Hospital", "town hall", "I did not go", "1820", "школа", "больница", "医院", "水"]
PIECES = [
    *"ABCDEFbАВСЕБГΑאבأج甲イ().:,-?。「」\"'\n",
    *("**", " ", " ", " ", "Answer: ", "The answer is ", "Antwort ", "réponse ", "Ответ — "),
    *(
        "התשובה היא ",
        "答案是",
        "option ",
        "选项",
        " or ",
        "и",
        "或",
        "not ",
        "nicht ",
        "不",
        "the ",
    ),
    *(
        "the ",
        "I think ",
        "D. 5",
        "18",
        "</s>",
        "\nQuestion: ",
        "Question:",
        "\ufffd",
        "Ｂ",
        "（",
        "Ⓒ",
    ),
    *("e-", "hospit", "תִז", "ー"),
]
options = st.lists(st.sampled_from(TEXTS), min_size=2, max_size=6)
chat = st.lists(st.sampled_from(PIECES + TEXTS), max_size=9).map("".join)


def extracted(rule: str, response: str, n_options: int, texts: list[str] | None) -> tuple[int, str]:
    return _native.extract_answer(response, n_options, texts, rule)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}: {case['input']!r:.40}")
def test_case(case: dict[str, Any]) -> None:
    answer = extracted(case["rule"], case["input"], case["n_options"], case["options"])
    assert answer == (case["code"], case["fired"]), case["why"]


@pytest.mark.parametrize("rule", _native.EXTRACTION_RULES)
def test_cases_show_every_outcome_of_a_rule(rule: str) -> None:
    assert {case["fired"] for case in CASES if case["rule"] == rule} == FIRED[rule]


@given(st.text(max_size=6) | chat, st.integers(1, 26))
def test_first_letter_equals_its_twin(response: str, n_options: int) -> None:
    assert extracted("first-letter", response, n_options, None) == twin.first_letter(
        response, n_options
    )


@given(chat, options, st.booleans())
def test_robust_equals_its_twin(response: str, texts: list[str], is_known: bool) -> None:  # noqa: FBT001
    known = texts if is_known else None
    expected = twin.robust(response, len(texts), known)
    assert extracted("robust", response, len(texts), known) == expected


@given(st.text(max_size=60), st.lists(st.text(max_size=8), min_size=1, max_size=26))
def test_any_text_gives_a_documented_outcome(response: str, texts: list[str]) -> None:
    for rule in _native.EXTRACTION_RULES:
        code, fired = extracted(rule, response, len(texts), texts)
        assert fired in FIRED[rule]
        assert (0 <= code < len(texts)) == (fired in VALID)


def test_lookalike_table_is_the_documented_one() -> None:
    assert twin.FOREIGN == _native.LOOKALIKE_LETTERS


@pytest.mark.parametrize(
    "hostile",
    ["A. B. " * 30_000, "Answer: A " * 30_000, "\n" * 200_000, "town " * 30_000, "(" * 200_000],
    ids=["letters", "statements", "line ends", "texts", "brackets"],
)
def test_long_hostile_responses_are_read_in_linear_time(hostile: str) -> None:
    code, fired = extracted("robust", hostile, 3, ["town", "town hall", "mill"])
    assert (code == -1) == (fired not in VALID)


def test_unknown_rule_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="rule 'best'; known: first-letter, robust"):
        extracted("best", "A", 4, None)


@pytest.mark.parametrize("n_options", [-1, 0, 27])
def test_option_counts_that_letters_cannot_name_are_refused(n_options: int) -> None:
    with pytest.raises(ValueError, match=f"n_options is {n_options}, but must be 1 to 26"):
        extracted("robust", "A", n_options, None)


def test_option_texts_must_be_as_many_as_the_options() -> None:
    with pytest.raises(ValueError, match="2 option texts for 4 options"):
        extracted("robust", "A", 4, ["town", "mill"])


# --- the stream -----------------------------------------------------------------------------

QUESTIONS = """
    select i as item, case i % 4 when 0 then 'A.' when 1 then 'hospital' when 2 then '' else 'Z' end
        as response, (2 + i % 3)::utinyint as n_options,
        case when i % 5 > 0 then ['town', 'hospital', 'mill', 'sea'][1:2 + i % 3] end as options
    from range(5000) rows(i) order by i
"""
SETTINGS = {
    "plain": "set threads = 2",
    "large": "set arrow_large_buffer_size = true",
    "view": "set produce_arrow_string_view = true; set arrow_output_list_view = true",
}


def read(stream: _native.ArrowStreamExport) -> list[tuple[Any, ...]]:
    con = duckdb.connect()
    con.register("answers", stream)
    return con.sql("select * from answers").fetchall()


def answered(source: object, rule: str, **arguments: Any) -> list[tuple[Any, ...]]:
    stream = _native.extract_answers(source, rule, **arguments)
    return read(stream)


@pytest.mark.parametrize("rule", _native.EXTRACTION_RULES)
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_stream_gives_each_row_its_answer_and_keeps_the_rest(
    rule: str, threads: int, setting: str
) -> None:
    con = duckdb.connect()
    con.execute(setting)
    rows = con.sql(QUESTIONS).fetchall()
    expected = [(*row, *extracted(rule, row[1], row[2], row[3])) for row in rows]
    assert answered(con.sql(QUESTIONS), rule, threads=threads) == expected


def test_stream_of_nothing_gives_nothing() -> None:
    none = duckdb.sql("select 'A' as response, 4 as n_options where false")
    assert answered(none, "robust") == []


def test_stream_without_option_texts() -> None:
    asked = duckdb.sql("select 'B' as response, 4 as n_options, null as options")
    assert [row[-2:] for row in answered(asked, "robust")] == [(1, "letter")]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select 1 as n_options", "no column 'response'; it has: n_options"),
        ("select 'A' as response", "no column 'n_options'; it has: response"),
        ("select 1 as response, 4 as n_options", "'response' must be text, but is Int32"),
        ("select 'A' as response, 'x' as n_options", "'n_options' must be an integer"),
        ("select 'A' as response, 4 as n_options, 'x' as options", "'options' must be a list"),
        ("select 'A' as response, 4 as n_options, 1 as code", "has a column 'code' already"),
    ],
)
def test_stream_of_other_columns_is_refused_at_once(query: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _native.extract_answers(duckdb.sql(query), "robust")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("null::varchar, 4, ['a', 'b', 'c', 'd']", "row 3000: the response is NULL"),
        ("'A', null, ['a', 'b', 'c', 'd']", "row 3000: n_options is NULL"),
        ("'A', 4, ['a', null, 'c', 'd']", "row 3000: the text of option 1 is NULL"),
        ("'A', 4, ['a']", "row 3000: 1 option texts for 4 options"),
        ("'A', 99, null", "row 3000: n_options is 99"),
    ],
)
def test_bad_row_is_named(row: str, message: str) -> None:
    asked = duckdb.sql(
        "select 'A' as response, 4 as n_options, ['a', 'b', 'c', 'd'] as options from range(3000)"
        f" union all select {row}"
    )
    with pytest.raises(duckdb.Error, match=message):
        answered(asked, "robust", threads=1)


def test_stream_that_was_read_says_so() -> None:
    asked = duckdb.sql("select 'A' as response, 4 as n_options")
    stream = _native.extract_answers(asked, "robust")
    assert read(stream) == [("A", 4, 0, "letter")]
    with pytest.raises(duckdb.Error, match="read already"):
        read(stream)


def test_threads_must_be_positive() -> None:
    with pytest.raises(ValueError, match="threads is 0"):
        _native.extract_answers(duckdb.sql("select 1"), "robust", threads=0)
