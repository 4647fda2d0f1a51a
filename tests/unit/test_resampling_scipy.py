"""The bootstrap against SciPy's: the same distribution, from other random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from clika.metrics.intervals import resampling
from clika.metrics.intervals.resampling import Draws

REPLICATES = 10_000
#: Both sides are Monte Carlo. The difference of two means has a standard error of sd sqrt(2 / B),
#: of two standard deviations about sd / sqrt(B), of two 2.5 % quantiles about 2.7 sd sqrt(2 / B):
#: five of them are allowed, with seeds that are fixed.
ERRORS = 5


def answers() -> Any:
    rng = np.random.default_rng(20240404)
    gold = rng.integers(0, 4, 200).astype(np.int8)
    codes = rng.integers(0, 4, (1, 200, 2)).astype(np.int8)
    right = (rng.random((1, 200, 1)) < 0.35) | (rng.random((1, 200, 2)) < 0.25)
    codes[right] = np.broadcast_to(gold[None, :, None], codes.shape)[right]
    return codes, gold


def accuracy(source: Any, target: Any, *, axis: int) -> Any:
    return target.mean(axis=axis)


def overlap(source: Any, target: Any, *, axis: int) -> Any:
    return (source & target).sum(axis=axis) / (source | target).sum(axis=axis)


@pytest.mark.parametrize(("metric", "statistic"), [("acc", accuracy), ("co:union", overlap)])
def test_the_distribution_is_scipy_s(metric: str, statistic: Any) -> None:
    codes, gold = answers()
    right = codes[0] == gold[:, None]
    theirs = stats.bootstrap(
        (right[:, 0], right[:, 1]),
        statistic,
        n_resamples=REPLICATES,
        paired=True,
        vectorized=True,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    draws = Draws(replicates=REPLICATES)
    settings: Any = {"options": 4, "metrics": [metric], "draws": draws}
    ours = resampling.replicates(codes, gold, source=0, **settings)[0, 0, :, 1]
    sd = theirs.standard_error
    error = ERRORS * sd / np.sqrt(REPLICATES)
    assert abs(ours.mean() - theirs.bootstrap_distribution.mean()) < error * np.sqrt(2)
    assert abs(ours.std() - theirs.bootstrap_distribution.std()) < error
    found = resampling.intervals(codes, gold, **settings)
    place = (0, 0, 1, 1) if metric == "acc" else (0, 0, 0, 1)
    for end, wanted in zip((found.low, found.high), theirs.confidence_interval, strict=True):
        assert abs(end[place] - wanted) < 2.7 * error * np.sqrt(2)
