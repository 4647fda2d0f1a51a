"""From intervals to verdicts, and from verdicts to the verdict on a claim."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest

from clika.metrics.contrasts import Ends, Estimate
from clika.metrics.verdicts import VERDICTS, Aim, agreed, judge, of_all

NAN = float("nan")


def estimate(low: float, high: float, *, narrow: tuple[float, float] | None = None) -> Estimate:
    wide = Ends(low, high)
    return Estimate((low + high) / 2, wide, Ends(*narrow) if narrow else wide, 9, None)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.051, 0.2, "supported"),
        (0.05, 0.2, "undecided"),
        (0.01, 0.2, "undecided"),
        (-0.1, 0.1, "undecided"),
        (-0.2, 0.0, "undecided"),
        (-0.2, -0.001, "contradicted"),
    ],
)
def test_a_side_is_reached_beyond_the_margin_and_missed_beyond_zero(
    low: float, high: float, verdict: str
) -> None:
    assert judge(estimate(low, high), Aim("up", 0.05)) == verdict
    assert judge(estimate(-high, -low), Aim("down", 0.05)) == verdict


@pytest.mark.parametrize(
    ("wide", "narrow", "verdict"),
    [
        ((-0.06, 0.06), (-0.049, 0.049), "supported"),
        ((-0.06, 0.04), (-0.05, 0.03), "undecided"),
        ((-0.2, 0.2), (-0.1, 0.1), "undecided"),
        ((0.01, 0.04), (0.02, 0.03), "supported"),
        ((0.05, 0.2), (0.06, 0.19), "undecided"),
        ((0.051, 0.2), (0.06, 0.19), "contradicted"),
        ((-0.2, -0.051), (-0.19, -0.06), "contradicted"),
    ],
)
def test_no_effect_is_a_test_of_equivalence(
    wide: tuple[float, float], narrow: tuple[float, float], verdict: str
) -> None:
    assert judge(estimate(*wide, narrow=narrow), Aim("none", 0.05)) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.1, 0.49, "supported"),
        (0.1, 0.5, "undecided"),
        (0.5, 0.9, "undecided"),
        (0.51, 0.9, "contradicted"),
    ],
)
def test_a_level_is_judged_against_its_bound(low: float, high: float, verdict: str) -> None:
    assert judge(estimate(low, high), Aim("below", 0.5)) == verdict


@pytest.mark.parametrize("side", ["up", "down", "none", "below"])
def test_without_an_interval_nothing_is_decided(side: str) -> None:
    without = Estimate(0.0, Ends(NAN, NAN), Ends(NAN, NAN), 9, "degenerate")
    assert judge(without, Aim(side, 0.05)) == "undecided"  # type: ignore[arg-type]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_flagged_cells_may_not_make_the_difference(verdict: str) -> None:
    for other in VERDICTS:
        assert agreed(verdict, other) == (verdict if verdict == other else "undecided")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        (["supported", "supported"], "supported"),
        (["supported", "undecided"], "undecided"),
        (["supported", "contradicted"], "contradicted"),
        (["undecided", "contradicted"], "contradicted"),
        (["supported", "not judged"], "supported"),
        (["not judged"], "not judged"),
        ([], "not judged"),
    ],
)
def test_a_whole_holds_where_every_case_does(verdicts: list[str], whole: str) -> None:
    assert of_all(verdicts) == whole  # type: ignore[arg-type]


def test_repeating_a_case_changes_nothing() -> None:
    for cases in combinations_with_replacement(VERDICTS, 3):
        assert of_all([*cases, cases[0]]) == of_all(cases)
