"""Each metric against numbers derived by hand: tests/cases/metrics.json."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clika.metrics.scorecard import Score, scorecards
from clika.metrics.task_answers import TaskAnswers
from clika.schema import FLAGS, METRICS

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "cases" / "metrics.json").read_text(encoding="utf-8")
)
CODES = {letter: code for code, letter in enumerate("ABCDE")} | {"-": -1, ".": -2}
#: Computed from scores of the options, not from answers; their cases are their twins' tests.
OF_OPTION_SCORES = {"rankc", "rankc_star", "capa"}
#: Flags of conductivity, which is computed from outcomes.
OF_OUTCOMES = {"gate-partly", "borderline"}
OF_ANSWERS = {
    metric: variants for metric, variants in METRICS.items() if metric not in OF_OPTION_SCORES
}


def codes(letters: str) -> list[int]:
    return [CODES[letter] for letter in letters]


def scores(case: dict[str, Any]) -> dict[tuple[str, str | None], Score]:
    pair = [case["source"], case.get("target", case["source"])] if "source" in case else []
    models = [case.get("languages", pair), *case.get("others", [])]
    letters = [[codes(language) for language in model] for model in models]
    origins = [-1 if place == "?" else int(place) for place in case.get("origins", "")]
    task = TaskAnswers(
        np.array(letters, np.int8).transpose(0, 2, 1),
        np.array(codes(case["gold"]), np.int8),
        case["options"],
        Fraction(case["reference"]) if "reference" in case else None,
        strata=np.array(origins, np.int32) if origins else None,
        families=tuple(case["families"]) if "families" in case else None,
    )
    (card,) = scorecards([task], threads=1)
    every = (*card.cells, *card.pairs, *card.overall)
    return {(score.metric, score.variant): score for score in every}


def test_every_metric_and_variant_has_a_case_and_every_case_a_metric() -> None:
    assert set(CASES) - {"about"} == set(OF_ANSWERS)
    for metric, variants in OF_ANSWERS.items():
        assert {case.get("variant") for case in CASES[metric]} == set(variants or (None,)), metric


def test_metrics_are_computed_in_the_order_of_the_schema() -> None:
    computed = list(scores(CASES["acc_origin"][0]))
    assert computed == [(m, v) for m, variants in OF_ANSWERS.items() for v in variants or (None,)]


def test_every_flag_is_described() -> None:
    raised = {flag for score in scores(CASES["acc"][0]).values() for flag in score.flags}
    assert raised | OF_OUTCOMES == set(FLAGS)


@pytest.mark.parametrize(
    ("metric", "case"),
    [
        pytest.param(metric, case, id=f"{metric}-{case['why']}")
        for metric in OF_ANSWERS
        for case in CASES[metric]
    ],
)
def test_case(metric: str, case: dict[str, Any]) -> None:
    score = scores(case)[metric, case.get("variant")]
    # A model; its first language; its first language with its second.
    place = (0, 0, 1)[: score.measure.value.ndim]
    value = score.measure.value[place]
    assert score.n[place] == case["n"]
    if case["value"] is None:
        assert np.isnan(value)
        assert score.measure.reason[place] == case["reason"]
    else:
        assert abs(value - float(Fraction(case["value"]))) <= case["tolerance"]
        assert score.measure.reason[place] is None
