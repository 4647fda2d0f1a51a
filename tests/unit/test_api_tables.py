"""The API reads every kind of table alike, and says where one is wrong."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import clika
from clika.errors import BadInputError, ConfigError, UnknownNameError

#: Option by item; -1 INVALID, None not asked.
EN: list[int | None] = [0, 1, 2, 1, 0, 2]
DE: list[int | None] = [0, 1, 0, -1, None, 2]
GOLD = [0, 1, 2, 2, 0, 1]


def letters_of(codes: list[int | None]) -> list[str | None]:
    return [None if code is None else "" if code < 0 else "ABC"[code] for code in codes]


def matrix() -> np.ndarray:
    return np.array([[-2 if code is None else code for code in row] for row in (EN, DE)]).T


EXPECTED = clika.consistency(matrix(), GOLD, options=3, languages=["en", "de"])

WIDE = {"en": EN, "de": DE, "gold": GOLD}
WIDE_LETTERS = {"en": letters_of(EN), "de": letters_of(DE), "gold": letters_of(GOLD)}
LONG = {
    "item": [*range(6), *range(6)][::-1],
    "language": ["en"] * 6 + ["de"] * 6,
    "answer": [*EN[::-1], *DE[::-1]],
    "gold": [*GOLD[::-1], *GOLD[::-1]],
}


def relation(columns: dict[str, list[Any]]) -> Any:
    connection = duckdb.connect()
    connection.register("frame", pa.table(columns))
    return connection.sql("from frame")


def arrays(columns: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: np.array(values, dtype=object) for name, values in columns.items()}


MAKERS = {
    "pandas": pd.DataFrame,
    "pandas-objects": lambda columns: pd.DataFrame(columns, dtype=object),
    "pandas-strings": lambda columns: pd.DataFrame(columns).convert_dtypes(),
    "polars": pl.DataFrame,
    "arrow": pa.table,
    "arrow-reader": lambda columns: pa.table(columns).to_reader(),
    "duckdb": relation,
    "arrays": arrays,
    "lists": lambda columns: columns,
}


def assert_same(found: clika.Alignment, wanted: clika.Alignment = EXPECTED) -> None:
    assert found.languages == wanted.languages
    mine, theirs = found.columns(), wanted.columns()
    for name in theirs:
        np.testing.assert_array_equal(mine[name], theirs[name])


@pytest.mark.parametrize("columns", [WIDE, WIDE_LETTERS, LONG], ids=["codes", "letters", "long"])
@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_every_table_gives_the_numbers_of_its_matrix(maker: Any, columns: dict[str, Any]) -> None:
    assert_same(clika.consistency(maker(columns), "gold", options=3))


@pytest.mark.parametrize(
    "matrix_of",
    [
        lambda: matrix().astype(np.int8),
        lambda: np.where(matrix() == -2, np.nan, matrix()),
        lambda: np.ma.masked_equal(matrix(), -2),
        lambda: np.array([letters_of(EN), letters_of(DE)], dtype=object).T,
        lambda: [list(row) for row in zip(EN, DE, strict=True)],
    ],
    ids=["int8", "float", "masked", "letters", "lists"],
)
def test_every_matrix_gives_the_same_numbers(matrix_of: Any) -> None:
    languages = ["en", "de"]
    assert_same(clika.consistency(matrix_of(), GOLD, options=3, languages=languages))


def test_a_column_item_orders_the_rows_of_a_wide_table() -> None:
    order = [3, 1, 0, 5, 4, 2]
    shuffled = {name: [values[i] for i in order] for name, values in WIDE.items()}
    assert_same(clika.consistency(pl.DataFrame({"item": order, **shuffled}), "gold", options=3))


def test_a_column_may_be_a_view_of_any_kind() -> None:
    turned = {name: np.array(values, dtype=object)[::-1] for name, values in WIDE.items()}
    again = {name: values[::-1] for name, values in turned.items()}
    masked = {**again, "de": np.ma.masked_equal(matrix()[:, 1], -2)}
    assert_same(clika.consistency(again, "gold", options=3))
    assert_same(clika.consistency(masked, "gold", options=3))


def test_languages_choose_and_order() -> None:
    found = clika.consistency(pl.DataFrame(LONG), "gold", options=3, languages=["de", "en"])
    assert found.languages == ("de", "en")
    assert found["co", "de", "en"] == EXPECTED["co", "de", "en"]


def test_a_long_table_may_have_its_gold_in_a_mapping() -> None:
    columns = {name: LONG[name] for name in ("item", "language", "answer")}
    gold = dict(enumerate(GOLD))
    assert_same(clika.consistency(pd.DataFrame(columns), gold, options=3))


def test_a_model_of_several_is_chosen() -> None:
    one = pl.DataFrame({**LONG, "model": ["a"] * 12})
    other = one.with_columns(pl.lit("b").alias("model"), pl.col("answer") * 0)
    both = pl.concat([one, other])
    assert_same(clika.consistency(both, "gold", options=3, model="a"))
    with pytest.raises(ConfigError, match="answers of 2 models"):
        clika.consistency(both, "gold")
    with pytest.raises(UnknownNameError, match="model 'c'"):
        clika.consistency(both, "gold", model="c")


def test_the_number_of_options_is_what_occurs_where_none_is_given() -> None:
    assert clika.consistency(pl.DataFrame(WIDE), "gold").options == 3
    assert clika.consistency([[0, 0]], [0], languages=["en", "de"]).options == 2


def problems(answers: object, gold: object, **given: Any) -> list[tuple[str, int | None, str]]:
    with pytest.raises(BadInputError) as error:
        clika.consistency(answers, gold, **given)
    return [(str(p.column), p.row, p.reason) for p in error.value.problems]


def test_every_bad_cell_is_named() -> None:
    table = pl.DataFrame({"en": ["A", "F", "B"], "de": ["A", "a", "The answer is B"]})
    assert problems(table, [0, 1, 1], options=3) == [
        ("en", 2, "'F' is neither a letter A..C, nor empty or -1 (INVALID)"),
        ("de", 3, "'The answer is B' is neither a letter A..C, nor empty or -1 (INVALID)"),
    ]


def test_a_number_that_is_no_option_is_named() -> None:
    found = problems(np.array([[0, 0.5], [5, np.inf]]), [0, 1], options=4, languages=["en", "de"])
    expected = "is not an option 0..3, -1 (INVALID) or -2 (not asked)"
    assert found == [
        ("en", 2, f"5 {expected}"),
        ("de", 1, f"0.5 {expected}"),
        ("de", 2, f"inf {expected}"),
    ]


def test_an_item_without_gold_is_named() -> None:
    table = pl.DataFrame({"item": [7, 3], "en": [0, 1], "gold": [None, 1]})
    assert problems(table, "gold") == [("gold", 1, "there is no right option")]
    assert problems([[0], [1]], [-1, 1], languages=["en"])[0][1:] == (1, "there is no right option")


def test_rows_that_contradict_each_other_are_named() -> None:
    columns = {"item": [1, 1, 1], "language": ["en", "de", "en"], "answer": [0, 0, 1]}
    table = pl.DataFrame({**columns, "gold": [0, 1, 0]})
    assert problems(table, "gold") == [
        ("item", 3, "item 1 is answered a second time in en"),
        ("gold", 2, "item 1 has another value in row 1"),
    ]


def test_only_the_first_problems_are_listed_and_the_rest_counted() -> None:
    with pytest.raises(BadInputError, match=r"and 80 more\. Rows are counted from 1\.$") as error:
        clika.consistency(np.full((100, 1), 9), [0] * 100, options=2, languages=["en"])
    assert len(error.value.problems) == 20


@pytest.mark.parametrize(
    ("answers", "given", "told"),
    [
        (3, {}, "answers is of type int"),
        ({"en": 3}, {}, "answers is of type dict"),
        (np.zeros(3, int), {"languages": ["en"]}, "1 dimensions"),
        (np.zeros((3, 2), int), {}, "give languages"),
        (np.zeros((3, 2), int), {"languages": ["en"]}, "names 1 columns, the matrix has 2"),
        (np.zeros((3, 2), int), {"languages": ["en", "en"]}, "'en' twice"),
        (np.zeros((3, 2), int), {"languages": "en"}, "one text"),
        (np.zeros((2, 1), int), {"languages": ["en"]}, "gold has 3 entries, answers has 2 items"),
        (np.zeros((3, 1), int), {"languages": ["en"], "options": 1}, "options must be 2..64"),
        (pl.DataFrame({"item": [1, 1, 2], "en": [0, 0, 0]}), {}, "Rows share an item"),
        (pl.DataFrame({"item": [1, 1, 2]}), {}, "no column of answers"),
        (pl.DataFrame(LONG), {}, "name of a column, or a mapping"),
        (None, {}, "answers is of type NoneType"),
        (memoryview(np.zeros(3)), {}, "answers is of type memoryview"),
        ([[0, 1], [0]], {"languages": ["en", "de"]}, "rows of different lengths"),
        ({"en": [0, 0, 0], "de": [0]}, {}, "differ in length: en 3, de 1"),
        ({"en": ["A", "B"], "question": ["X", "Y"]}, {}, "hold answers with languages"),
        (pd.DataFrame({"en": [0, 0, 0]}), {"clusters": pd.Series([1, 2, 3], [2, 1, 0])}, "index"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    answers: object, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        clika.consistency(answers, [0, 0, 0], **given)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"options": 2.5}, "options must be a whole number, not 2.5"),
        ({"options": "3"}, "options must be a whole number"),
        ({"ci": [True]}, "ci is True or 0.95"),
        ({"ci": 0.9}, "ci is True or 0.95"),
        ({"ci": True, "replicates": 1.5}, "replicates must be a whole number"),
        ({"ci": True, "seed": None}, "seed must be a whole number"),
        ({"ci": True, "seed": -1}, "seed in 0"),
        ({"threads": 0}, "threads is 0"),
        ({"threads": "all"}, "threads must be a whole number"),
    ],
)
def test_numbers_that_are_none_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        clika.consistency(WIDE, "gold", **given)


def test_columns_of_a_caller_s_own_names_are_all_languages() -> None:
    found = clika.consistency({"formal": [0, 1], "informal": [0, 0]}, [0, 1], metrics=["ag"])
    assert found["ag", "formal", "informal"].value == 0.5


def test_right_and_wrong_instead_of_options_is_refused_once_for_each_column() -> None:
    with pytest.raises(BadInputError, match="not whether it is right") as error:
        clika.consistency({"en": [True, False, True]}, [True] * 3)
    assert [(p.column, p.row) for p in error.value.problems] == [("en", 1), (None, 1)]


def test_digits_that_are_text_are_told_from_other_texts() -> None:
    with pytest.raises(BadInputError) as error:
        clika.consistency({"en": ["0", "both"]}, [0, 1], options=2)
    reasons = [problem.reason for problem in error.value.problems]
    assert [reason.endswith("make options that are numbers integers") for reason in reasons] == [
        True,
        False,
    ]


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="column 'golds'"):
        clika.consistency(pl.DataFrame(WIDE), "golds")
    with pytest.raises(UnknownNameError, match="column 'fr'"):
        clika.consistency(pl.DataFrame(WIDE), "gold", languages=["fr"])
    with pytest.raises(UnknownNameError, match="language 'fr'"):
        clika.consistency(pl.DataFrame(LONG), "gold", languages=["fr"])
    with pytest.raises(UnknownNameError, match="metric 'cos'"):
        clika.consistency(pl.DataFrame(WIDE), "gold", metrics=["cos"])
