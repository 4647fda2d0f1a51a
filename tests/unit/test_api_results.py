"""What the API returns: indexed by name, printed without NaN, turned into tables."""

from __future__ import annotations

import sys
from fractions import Fraction
from html.parser import HTMLParser

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import clika
from clika.errors import ConfigError, PrerequisiteError, UnknownNameError
from clika.metrics.intervals.scorecards import with_intervals
from clika.metrics.intervals.uncertainty import Resampling
from clika.metrics.scorecard import scorecards
from clika.metrics.task_answers import TaskAnswers
from clika.schema import METRICS

CODES = np.array(
    [[0, 0, 0], [1, 1, 0], [2, 0, 0], [1, -1, 0], [0, -2, 0], [2, 2, 0], [0, 0, 0]], np.int8
)
GOLD = np.array([0, 1, 2, 2, 0, 2, 1], np.int8)
LANGUAGES = ("en", "de", "a&b")
FOUND = clika.consistency(CODES, GOLD, options=3, languages=LANGUAGES)


def test_every_number_is_that_of_the_scorecard() -> None:
    (card,) = scorecards([TaskAnswers(CODES[None], GOLD, 3, None)])
    for score in (*card.cells, *card.pairs, *card.overall):
        if score.metric.startswith("excess"):
            continue
        name = score.metric if score.variant is None else f"{score.metric}:{score.variant}"
        np.testing.assert_array_equal(FOUND[name].values, score.measure.value[0])
        np.testing.assert_array_equal(FOUND[name].n, score.n[0])


def test_a_value_is_found_by_metric_and_languages() -> None:
    value = FOUND["co", "en", "de"]
    assert (value.value, value.n) == (0.75, 4)
    assert (value.n_invalid_source, value.n_invalid_target) == (0, 1)
    assert value == FOUND["co:union", "en", "de"] == FOUND["co"]["en", "de"]
    assert value == FOUND["co"].row("en")["de"]
    assert FOUND["acc", "en"] == FOUND["acc"]["en"]
    assert float(FOUND["acc", "en"]) == pytest.approx(5 / 7)


def test_an_undefined_value_says_why_and_is_no_number() -> None:
    value = FOUND["ag_wrong", "en", "en"]._replace(value=None, reason="of a test")
    assert str(value) == "undefined: of a test"
    with pytest.raises(ValueError, match="undefined: of a test"):
        float(value)
    found = clika.consistency([[-1, -1]], [0], languages=["en", "de"])
    assert found["co", "en", "de"].value is None
    assert found["co", "en", "de"].reason == "nothing is right in either language"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (("co", "en"), "co:union has a value for each pair of languages: give two"),
        (("acc", "en", "de"), "acc has a value for each language: give one"),
    ],
)
def test_the_number_of_languages_must_fit(key: tuple[str, ...], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        FOUND[key]


def test_a_number_of_all_languages_has_no_language() -> None:
    assert FOUND["alpha"].at() == FOUND["alpha",]
    assert FOUND["right_in_all",].value == pytest.approx(1 / 6)
    assert FOUND["right_in_all",].n_invalid_source == 1
    with pytest.raises(ConfigError, match="one value for all languages"):
        FOUND["alpha", "en"]


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="metric 'koo'"):
        FOUND["koo"]
    with pytest.raises(UnknownNameError, match=r"language 'dee'\. Did you mean 'de'"):
        FOUND["co", "en", "dee"]


def test_metrics_choose() -> None:
    found = clika.consistency(CODES, GOLD, languages=LANGUAGES, metrics=["co", "kappa"])
    assert list(found) == ["co:union", "co:source", "co:min", "kappa"]
    found = clika.consistency(CODES, GOLD, languages=LANGUAGES, metrics=["co:min"])
    assert list(found) == ["co:min"]
    with pytest.raises(ConfigError, match="give a list of ids"):
        clika.consistency(CODES, GOLD, languages=LANGUAGES, metrics="co")


def test_each_metric_has_one_name_in_the_schema() -> None:
    for metric in FOUND.metrics:
        assert metric.variant in (METRICS[metric.metric] or (None,))


def test_the_text_has_no_nan_and_explains_every_dash() -> None:
    for shown in (FOUND, *FOUND.metrics):
        text = repr(shown)
        assert "nan" not in text.lower()
        assert ("– " in text) == ("–" in text)
    assert repr(clika.consistency(CODES, GOLD, languages=LANGUAGES, metrics=["ag"])) == (
        "7 items, 3 options, 3 languages\n"
        "\n"
        "ag\n"
        "         en      de     a&b\n"
        "en   1.000*  0.667*  0.429*\n"
        "de   0.667*  0.833*  0.500*\n"
        "a&b  0.429*  0.500*  1.000*\n"
        "* not-above-chance: en-en, en-de, en-a&b, de-en, de-de, de-a&b and 3 more"
    )


class Balanced(HTMLParser):
    """Checks that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("shown", [FOUND, FOUND["co"], FOUND["acc"]], ids=["all", "pairs", "cells"])
def test_a_notebook_gets_a_table_with_its_texts_escaped(shown: object) -> None:
    parser = Balanced()
    parser.feed(shown._repr_html_())  # type: ignore[attr-defined]
    assert parser.open == []
    assert "a&b" in parser.texts


def test_every_value_is_a_row_of_the_long_table() -> None:
    columns = FOUND.columns()
    assert len(columns["metric"]) == 3 * 3 + 12 * 9 + 5
    at = zip(columns["metric"], columns["variant"], columns["source_language"], strict=True)
    place = list(at).index(("co", "min", "de"))
    assert columns["target_language"][place] == "en"
    assert columns["value"][place] == FOUND["co:min", "de", "en"].value


def test_the_frames_hold_the_long_table_with_nulls_for_undefined() -> None:
    frame, polars = FOUND.to_pandas(), FOUND.to_polars()
    assert isinstance(frame, pd.DataFrame)
    assert isinstance(polars, pl.DataFrame)
    assert list(frame.columns) == polars.columns == list(FOUND.columns())
    undefined = polars.filter(pl.col("value").is_null())
    assert len(undefined) == int(np.isnan(FOUND.columns()["value"]).sum()) > 0
    assert undefined["reason"].null_count() == 0
    assert not polars["value"].is_nan().any()


def test_duckdb_reads_it_over_the_arrow_stream() -> None:
    connection = duckdb.connect()
    connection.register("found", FOUND)
    rows = connection.sql(
        "select value from found where metric = 'co' and variant = 'union' "
        "and source_language = 'en' and target_language = 'de'"
    ).fetchall()
    assert rows == [(0.75,)]


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(PrerequisiteError, match="pip install polars"):
        FOUND.to_polars()


def with_ci(**given: object) -> clika.Alignment:
    asked = {"metrics": ["acc", "co", "kappa"], "ci": True, "replicates": 200, **given}
    return clika.consistency(CODES, GOLD, options=3, languages=LANGUAGES, **asked)  # type: ignore[arg-type]


def test_intervals_are_those_of_the_scorecard() -> None:
    task = TaskAnswers(CODES[None], GOLD, 3, None)
    (card,) = with_intervals(scorecards([task]), [task], Resampling(200))
    found = with_ci()
    for score in (*card.cells, *card.pairs):
        if score.metric in {"acc", "co", "kappa"}:
            name = score.metric if score.variant is None else f"{score.metric}:{score.variant}"
            assert score.measure.interval is not None
            np.testing.assert_array_equal(found[name].low, score.measure.interval.low[0])
            np.testing.assert_array_equal(found[name].high, score.measure.interval.high[0])
    assert str(found["acc", "en"]).startswith("0.714 [0.359, 0.918], n = 7")


def test_a_matrix_of_many_languages_is_printed_without_intervals() -> None:
    few = clika.consistency(CODES, GOLD, languages=LANGUAGES, metrics=["co:union"], ci=True)
    many = clika.consistency(
        np.hstack([CODES, CODES]), GOLD, languages=list("abcdef"), metrics=["co:union"], ci=True
    )
    assert "[0." in repr(few)
    assert "[0." not in repr(many)
    assert 'With its interval: ["a", "b"]; all ends: .low, .high' in repr(many)


def test_a_number_without_an_interval_says_why() -> None:
    value = with_ci()["kappa", "en", "en"]
    assert (value.value, value.low, value.reason) == (1, None, None)
    assert value.interval_reason
    assert FOUND["kappa", "en", "en"].interval_reason is None


def test_intervals_do_not_depend_on_the_order_of_rows_where_items_have_ids() -> None:
    frame = pl.DataFrame(
        {"item": range(7), "gold": GOLD.astype(int), "en": CODES[:, 0], "de": CODES[:, 1]}
    )
    asked = {"options": 3, "metrics": ["co:min"], "ci": 0.95, "replicates": 100}
    one = clika.consistency(frame, "gold", **asked)  # type: ignore[arg-type]
    other = clika.consistency(frame.reverse(), "gold", **asked)  # type: ignore[arg-type]
    np.testing.assert_array_equal(one["co:min"].low, other["co:min"].low)


def test_clusters_widen_what_they_bind_together() -> None:
    codes = np.repeat(np.random.default_rng(1).integers(0, 2, (40, 2)), 10, axis=0)
    asked = {"options": 2, "languages": ["en", "de"], "metrics": ["acc"], "ci": True}
    gold = np.zeros(400, int)
    alone = clika.consistency(codes, gold, **asked)["acc", "en"]  # type: ignore[arg-type]
    bound = clika.consistency(codes, gold, clusters=np.arange(400) // 10, **asked)["acc", "en"]  # type: ignore[arg-type]
    assert (bound.high or 0) - (bound.low or 0) > 2 * ((alone.high or 0) - (alone.low or 0))


def test_strata_named_like_languages_say_whose_own_an_item_is() -> None:
    found = clika.consistency(
        CODES, GOLD, languages=LANGUAGES, strata=["en", "de", "en", "xx", "xx", "de", "en"]
    )
    assert found["acc_origin:own", "en"].value == pytest.approx(2 / 3)
    assert found["acc_origin:own", "en"].n == 3


@pytest.mark.parametrize("wrong", [{"ci": 0.9}, {"ci": 95}, {"replicates": 0}, {"seed": -1}])
def test_intervals_of_another_kind_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"ci is True|replicates must be"):
        with_ci(**wrong)


def test_ra_by_a_number_and_by_a_language() -> None:
    by_number = clika.performance(
        CODES, GOLD, options=3, languages=LANGUAGES, reference=Fraction(5, 7)
    )
    by_language = clika.performance(CODES, GOLD, options=3, languages=LANGUAGES, reference="en")
    assert by_number["ra", "en"].value == 1
    np.testing.assert_array_equal(by_number["ra"].values, by_language["ra"].values)
    assert list(by_number) == ["acc", "ra", "bias"]


def test_ra_is_undefined_without_a_reference() -> None:
    found = clika.performance(CODES, GOLD, languages=LANGUAGES)
    assert found["ra", "en"].reason == "no reference"


@pytest.mark.parametrize("reference", [0.0, 1.5, -1, float("nan")])
def test_a_reference_is_an_accuracy(reference: float) -> None:
    with pytest.raises(ConfigError, match="share in"):
        clika.performance(CODES, GOLD, options=3, languages=LANGUAGES, reference=reference)


def test_a_reference_needs_the_number_of_options() -> None:
    with pytest.raises(ConfigError, match="options="):
        clika.performance(CODES, GOLD, languages=LANGUAGES, reference=0.5)
    with pytest.raises(UnknownNameError, match="language 'fr'"):
        clika.performance(CODES, GOLD, options=3, languages=LANGUAGES, reference="fr")
