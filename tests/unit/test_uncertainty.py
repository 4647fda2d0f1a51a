"""Closed-form intervals against their twins and statsmodels; which metric has which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import intervals_twin as twin
from statsmodels.stats.proportion import proportion_confint

from clika.metrics.intervals.jeffreys import jeffreys
from clika.metrics.intervals.scorecards import bootstrap_id
from clika.metrics.intervals.uncertainty import (
    METHODS,
    Resampling,
    percentile_interval,
    purpose_of,
    wilson,
)
from clika.schema import METRICS

if TYPE_CHECKING:
    from clika.metrics.measure import Interval

COUNTS = st.integers(0, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def one(interval: Interval) -> tuple[float, float, str | None]:
    return float(interval.low[0]), float(interval.high[0]), interval.reason[0]


# Wilson


@given(COUNTS)
def test_wilson_equals_its_twin(counted: tuple[int, int]) -> None:
    low, high, reason = one(wilson(*np.array([counted]).T))
    wanted = twin.wilson(*counted)
    if wanted is None:
        assert np.isnan(low)
        assert np.isnan(high)
        assert reason == "the value is undefined"
    else:
        assert (low, high) == pytest.approx(wanted, abs=1e-12)
        assert reason is None


@given(COUNTS.filter(lambda counted: counted[1] > 0))
def test_wilson_equals_statsmodels(counted: tuple[int, int]) -> None:
    low, high, _ = one(wilson(*np.array([counted]).T))
    wanted = proportion_confint(*counted, method="wilson")
    assert (low, high) == pytest.approx(wanted, abs=1e-12)


@given(COUNTS.filter(lambda counted: counted[1] > 0))
def test_wilson_holds_the_share_and_stays_in_range(counted: tuple[int, int]) -> None:
    low, high, _ = one(wilson(*np.array([counted]).T))
    assert 0 <= low <= counted[0] / counted[1] <= high <= 1
    assert (low == 0) == (counted[0] == 0)
    assert (high == 1) == (counted[0] == counted[1])


# Jeffreys

FUNCTIONS = [bootstrap_id(*key) for key in twin.FUNCTIONS]
TABLES = st.tuples(*[st.integers(0, 300)] * 4)


@pytest.mark.parametrize("key", twin.FUNCTIONS, ids=str)
@pytest.mark.parametrize("table", [(40, 20, 10, 30), (3, 1, 0, 196), (480, 12, 5, 3), (0, 5, 9, 6)])
def test_jeffreys_equals_a_direct_simulation(
    key: tuple[str, str | None], table: tuple[int, int, int, int]
) -> None:
    (found,) = jeffreys(np.array([table]), [bootstrap_id(*key)], Resampling())
    wanted = twin.jeffreys(table, twin.FUNCTIONS[key], draws=20_000, seed=1)
    # Both ends are read from draws: they differ by some percent of the interval's width.
    tolerance = 0.05 * (wanted[1] - wanted[0])
    assert found.low[0] == pytest.approx(wanted[0], abs=tolerance)
    assert found.high[0] == pytest.approx(wanted[1], abs=tolerance)


@given(st.lists(TABLES, min_size=1, max_size=8), st.data())
def test_a_jeffreys_interval_depends_on_its_own_table_alone(
    tables: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    few = Resampling(replicates=200)
    together = jeffreys(np.array(tables), FUNCTIONS, few)
    place = data.draw(st.integers(0, len(tables) - 1))
    both, source, target, neither = tables[place]
    mirrored = np.array([[both, target, source, neither]])
    threads = Resampling(replicates=200, threads=3)
    alone = jeffreys(mirrored, FUNCTIONS, threads)
    for whole, part in zip(together, alone, strict=True):
        assert (whole.low[place], whole.high[place]) == (part.low[0], part.high[0])


def test_jeffreys_follows_the_seed() -> None:
    table, functions = np.array([[40, 20, 10, 30]]), ["co_star:marginal"]
    first, same, other = (
        jeffreys(table, functions, Resampling(replicates=500, seed=seed)) for seed in (1, 1, 2)
    )
    assert first[0].low[0] == same[0].low[0] != other[0].low[0]


# Percentiles


@given(
    st.lists(st.floats(-1, 1) | st.just(float("nan")), min_size=1, max_size=150),
    st.integers(0, 150),
)
def test_percentiles_equal_their_twin(values: list[float], constant: int) -> None:
    padded = [*values, *[0.5] * constant]
    low, high, reason = one(percentile_interval(np.array([padded])))
    wanted = twin.percentile(padded)
    if isinstance(wanted, str):
        assert reason == wanted
        assert np.isnan(low)
        assert np.isnan(high)
    else:
        assert (low, high) == pytest.approx(wanted, abs=1e-13)
        assert reason is None


def test_a_few_undefined_replicates_are_dropped() -> None:
    replicates = np.linspace(0, 1, 1000)
    replicates[:10] = np.nan
    low, high, reason = one(percentile_interval(replicates[None]))
    assert (low, high) == pytest.approx(tuple(np.nanquantile(replicates, [0.025, 0.975])))
    assert reason is None
    replicates[10] = np.nan
    assert one(percentile_interval(replicates[None]))[2] is not None


# Which metric has which


def test_every_metric_has_a_method() -> None:
    listed = {(metric, variant) for metric, of in METRICS.items() for variant in of or (None,)}
    assert set(METHODS) == listed


def test_the_docs_name_the_method_of_every_metric() -> None:
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    for (metric, variant), methods in METHODS.items():
        name = f"`{metric}`" if variant is None else f"`{metric}`, `{variant}`"
        assert f"| {name} | {methods.independent} | {methods.clustered} |" in page


def test_tasks_have_their_own_draws() -> None:
    assert purpose_of("x_geo") == purpose_of("x_geo") != purpose_of("x_name")
