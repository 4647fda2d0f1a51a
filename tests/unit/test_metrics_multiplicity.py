"""P-values adjusted over a family."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import paired_twin as twin
from statsmodels.stats.multitest import multipletests

from clika.errors import ConfigError
from clika.metrics.comparison.multiplicity import can_reject, holm, max_t

# Few values, so that many are equal.
VALUE = st.integers(0, 6).map(float)


@st.composite
def families(draw: st.DrawFn) -> tuple[list[float], list[list[float]]]:
    n_tests = draw(st.integers(1, 8))
    row = st.lists(VALUE, min_size=n_tests, max_size=n_tests)
    signs = draw(st.lists(st.sampled_from([-1, 1]), min_size=n_tests, max_size=n_tests))
    observed = [value * sign for value, sign in zip(draw(row), signs, strict=True)]
    return observed, draw(st.lists(row, min_size=1, max_size=30))


@given(families())
def test_max_t_equals_its_twin(family: tuple[list[float], list[list[float]]]) -> None:
    observed, swapped = family
    assert max_t(np.array(observed), np.array(swapped)).tolist() == twin.max_t(observed, swapped)


@given(families())
def test_max_t_is_never_below_the_p_value_of_the_test_alone(
    family: tuple[list[float], list[list[float]]],
) -> None:
    observed, swapped = (np.array(each) for each in family)
    alone = (1 + (swapped >= np.abs(observed)).sum(axis=0)) / (1 + len(swapped))
    assert (max_t(observed, swapped) >= alone).all()


def test_max_t_of_nothing_is_nothing() -> None:
    assert max_t(np.empty(0), np.empty((10, 0))).tolist() == []


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.0001, 1), min_size=1, max_size=40))
def test_holm_equals_statsmodels(p: list[float]) -> None:
    expected = multipletests(p, method="holm")[1]
    np.testing.assert_allclose(holm(np.array(p)), expected, rtol=1e-12)


def test_holm_over_random_swaps_is_refused_where_it_could_never_reject() -> None:
    smallest = np.full(50, 1 / 1000)
    with pytest.raises(ConfigError, match=r"50 p-values from 999 .* more than 1,000 replicates"):
        holm(smallest, replicates=999)
    assert holm(smallest[:49], replicates=999).max() <= 0.05


def test_a_test_that_cannot_reject_is_told_by_the_clusters_that_differ() -> None:
    assert can_reject(np.array([0, 1, 5, 6, 1000])).tolist() == [False, False, False, True, True]
