"""CAPA: the twin in exact fractions, the authors' package, degenerate cases."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import rankc_twin as twin

from clika.metrics.probabilities import capa, option_probabilities, sum_capa

with warnings.catch_warnings():
    # A docstring of the package has an escape that Python does not know.
    warnings.simplefilter("ignore")
    from lmsim.metrics import CAPA

CLOSE = 1e-14
NO_SPREAD = 1e-9


@st.composite
def drawn_probabilities(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Draw probabilities, numbers of options and golds; some items not asked in some languages."""
    options = np.array(draw(st.lists(st.integers(1, 8), max_size=20)), dtype=np.uint8)
    n_languages = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scores = rng.normal(size=(len(options), n_languages, 8)) * draw(st.sampled_from([0, 1, 50]))
    scores[rng.random(scores.shape[:2]) < draw(st.sampled_from([0.0, 0.3]))] = np.nan
    gold = (rng.integers(0, 64, len(options)) % options).astype(np.int8)
    return option_probabilities(scores, options), options, gold


@given(drawn_probabilities(), st.integers(1, 3))
def test_capa_is_that_of_the_fractions(drawn: Any, threads: int) -> None:
    probabilities, options, gold = drawn
    measured = capa(sum_capa(probabilities, options, gold, threads=threads))
    for source in range(probabilities.shape[1]):
        for target in range(probabilities.shape[1]):
            asked = ~np.isnan(probabilities[:, [source, target], 0]).any(axis=1)
            sides = [
                [
                    row[:k].tolist()
                    for row, k in zip(probabilities[asked, at], options[asked], strict=True)
                ]
                for at in (source, target)
            ]
            parts = twin.capa_parts(*sides, gold[asked].tolist())
            value = measured.value[source, target]
            if parts is None or 1 - parts[1] < NO_SPREAD:
                assert math.isnan(value)
                assert measured.reason[source, target]
            else:
                observed, chance = parts
                # Where chance is nearly certain, the last digits of both weigh more.
                bound = CLOSE / float(1 - chance)
                assert value == pytest.approx(float((observed - chance) / (1 - chance)), abs=bound)


@pytest.mark.parametrize("k", [2, 4, 10])
def test_capa_is_that_of_its_authors_package(k: int) -> None:
    rng = np.random.default_rng(k)
    options = np.full(500, k, np.uint8)
    options[::7] = 2
    probabilities = option_probabilities(rng.normal(size=(500, 2, k)) * 2, options)
    gold = (rng.integers(0, 64, 500) % options).astype(np.int8)
    sides = [
        [row[:size] for row, size in zip(probabilities[:, at], options, strict=True)]
        for at in (0, 1)
    ]
    theirs = CAPA().compute_k(*sides, gold.tolist())
    ours = capa(sum_capa(probabilities, options, gold)).value
    assert ours[0, 1] == pytest.approx(theirs, abs=1e-14)
    assert ours[0, 1] == ours[1, 0]


def test_one_hot_probabilities_give_the_discrete_form() -> None:
    rng = np.random.default_rng(1)
    probabilities = np.eye(4)[rng.integers(0, 4, (300, 2))]
    gold = rng.integers(0, 4, 300).astype(np.int8)
    theirs = CAPA(prob=False).compute_k(list(probabilities[:, 0]), list(probabilities[:, 1]), gold)
    ours = capa(sum_capa(probabilities, np.full(300, 4, np.uint8), gold)).value[0, 1]
    assert ours == pytest.approx(theirs, abs=1e-14)


def test_certainty_throughout_is_undefined_with_a_reason() -> None:
    probabilities = np.array([[[1.0, 0.0], [1.0, 0.0], [0.5, 0.5]]])
    measured = capa(sum_capa(probabilities, np.array([2], np.uint8), np.array([0], np.int8)))
    assert np.isnan(measured.value).tolist() == [
        [True, True, False],
        [True, True, False],
        [False] * 3,
    ]
    assert measured.reason[0, 1] == "both languages are certain of the gold option throughout"


def test_nothing_asked_in_both_is_undefined_with_a_reason() -> None:
    probabilities = np.array([[[0.5, 0.5], [np.nan, np.nan]]])
    measured = capa(sum_capa(probabilities, np.array([2], np.uint8), np.array([0], np.int8)))
    assert "no item" in measured.reason[0, 1]
    assert measured.reason[0, 0] is None


def test_softmax_survives_large_and_missing_scores() -> None:
    scores = np.array([[[-2000.0, -2000.0, 5.0], [np.nan, np.nan, np.nan]]])
    found = option_probabilities(scores, np.array([2], np.uint8))
    np.testing.assert_array_equal(found, [[[0.5, 0.5, np.nan], [np.nan] * 3]])


@pytest.mark.parametrize(
    ("row", "options", "gold"), [([0.5, 0.4], 2, 0), ([0.5, 0.5], 3, 0), ([0.5, 0.5], 2, 2)]
)
def test_what_cannot_be_is_refused(row: list[float], options: int, gold: int) -> None:
    with pytest.raises(ValueError, match=r"\[0"):
        sum_capa(np.array([[row]]), np.array([options], np.uint8), np.array([gold], np.int8))
