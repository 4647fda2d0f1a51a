"""The bootstrap of RankC: against plain loops, independence of threads, no wrong intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from clika.metrics.intervals.ranking_bootstrap import mean_intervals
from clika.metrics.intervals.resampling import Draws, weights
from clika.metrics.ranking import count_ranks, item_consistency, rank_consistency

if TYPE_CHECKING:
    from clika.metrics.measure import Interval, Measure

CLOSE = 1e-10


def made_values(n_pairs: int, n_items: int) -> np.ndarray:
    rng = np.random.default_rng(n_items)
    values = rng.random((n_pairs, n_items))
    values[rng.random(values.shape) < 0.2] = np.nan
    return values


def interval_of(measure: Measure) -> Interval:
    assert measure.interval is not None
    return measure.interval


@pytest.mark.parametrize("clusters", [None, np.arange(60, dtype=np.int32) // 3])
def test_the_interval_is_that_of_plain_loops(clusters: np.ndarray | None) -> None:
    values, draws = made_values(3, 60), Draws(clusters=clusters, replicates=700, purpose=5)
    found = mean_intervals(values, draws=draws)
    drawn = weights(60, draws).tolist()
    for pair, row in enumerate(values.tolist()):
        means = []
        for counts in drawn:
            held = [(c, v) for c, v in zip(counts, row, strict=True) if c and not math.isnan(v)]
            means.append(sum(c * v for c, v in held) / sum(c for c, _ in held))
        low, high = np.quantile(means, [0.025, 0.975])
        assert interval_of(found).low[pair] == pytest.approx(low, abs=CLOSE)
        assert interval_of(found).high[pair] == pytest.approx(high, abs=CLOSE)
        assert interval_of(found).reason[pair] is None
        assert found.value[pair] == pytest.approx(np.nanmean(row), abs=CLOSE)


def test_it_holds_the_pair_s_own_value() -> None:
    rng = np.random.default_rng(0)
    ranks = rng.permuted(np.tile(np.arange(1, 6, dtype=np.uint8), (300, 2, 1)), axis=2)
    options = np.full(300, 5, np.uint8)
    values = item_consistency(ranks[:, 0], ranks[:, 1], options, "softmax")
    found = mean_intervals(values[None], draws=Draws(replicates=500))
    expected = rank_consistency(count_ranks(ranks, options), "softmax").value[0, 1]
    assert found.value[0] == pytest.approx(expected, abs=CLOSE)
    assert interval_of(found).low[0] < expected < interval_of(found).high[0]


def test_threads_change_nothing() -> None:
    values, draws = made_values(200, 50), Draws(replicates=900)
    one, two = (interval_of(mean_intervals(values, draws=draws, threads=n)) for n in (1, 2))
    np.testing.assert_array_equal(one.low, two.low)
    np.testing.assert_array_equal(one.high, two.high)
    alone = interval_of(mean_intervals(values[150:151], draws=draws))
    assert alone.low[0] == one.low[150]


def test_where_there_is_no_interval_there_is_a_reason() -> None:
    nan = math.nan
    values = np.array([[0.5] * 4, [nan] * 4, [0.1, nan, nan, nan], [0.1, 0.2, 0.3, 0.4]])
    found = mean_intervals(values, draws=Draws(replicates=400))
    interval = interval_of(found)
    assert interval.reason.tolist() == [
        "degenerate",
        "the value is undefined",
        "undefined in more than 1 % of the replicates",
        None,
    ]
    assert np.isnan(interval.low).tolist() == [True] * 3 + [False]
    assert np.isnan(interval.high).tolist() == [True] * 3 + [False]
    assert found.reason.tolist() == [None, "no item has a value", None, None]
