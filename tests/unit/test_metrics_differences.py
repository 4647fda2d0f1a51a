"""Percentile intervals of a difference, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from clika.metrics.comparison.differences import difference_interval
from clika.metrics.intervals.resampling import NO_INTERVAL


def replicates(second: list[float]) -> np.ndarray:
    """Return replicates of one cell in which the first model is always at 0."""
    values = np.array(second)
    return np.stack([np.zeros_like(values), values])[..., None]


def test_the_ends_are_percentiles_by_linear_interpolation() -> None:
    found = difference_interval(replicates([float(value) for value in range(101)]))
    assert [*found.low, *found.high] == pytest.approx([2.5, 97.5])
    assert found.reason.tolist() == [None]


def test_the_level_is_what_is_asked_for() -> None:
    found = difference_interval(replicates([float(value) for value in range(101)]), level=0.9)
    assert [*found.low, *found.high] == pytest.approx([5.0, 95.0])


def test_equal_differences_have_no_interval() -> None:
    found = difference_interval(replicates([0.25] * 50))
    assert np.isnan([found.low, found.high]).all()
    assert found.reason.tolist() == [NO_INTERVAL[1]]


def test_up_to_one_percent_undefined_replicates_are_dropped() -> None:
    values = [np.nan, *(float(value) for value in range(99))]
    found = difference_interval(replicates(values))
    assert [*found.low, *found.high] == pytest.approx([2.45, 95.55])


def test_more_than_one_percent_undefined_leaves_no_interval() -> None:
    found = difference_interval(replicates([np.nan, np.nan, *[float(v) for v in range(98)]]))
    assert np.isnan([found.low, found.high]).all()
    assert found.reason.tolist() == [NO_INTERVAL[3]]


def test_no_cells_have_no_intervals() -> None:
    assert difference_interval(np.empty((2, 10, 0))).low.shape == (0,)
