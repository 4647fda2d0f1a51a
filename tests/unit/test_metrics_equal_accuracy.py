"""Accuracies that cannot be told apart: against statsmodels, and in clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from clika.metrics.intervals.equal_accuracy import maybe_equal
from clika.schema import NOT_ASKED


def answers(only_first: int, only_second: int, items: int = 100) -> tuple[np.ndarray, np.ndarray]:
    codes = np.ones((1, items, 2), np.int8)
    codes[0, :only_first, 0] = 0
    codes[0, only_first : only_first + only_second, 1] = 0
    return codes, np.zeros(items, np.int8)


@pytest.mark.parametrize("only_second", range(0, 40, 3))
def test_it_is_mcnemars_statistic_with_the_tail_of_t(only_second: int) -> None:
    codes, gold = answers(12, only_second)
    found = maybe_equal(codes, gold, None)[0]
    statistic = mcnemar([[0, 12], [only_second, 0]], exact=False, correction=False).statistic
    assert found[0, 1] == found[1, 0] == (statistic <= stats.t.ppf(0.975, 99) ** 2)
    assert found[0, 0]
    assert found[1, 1]


def test_items_of_one_cluster_count_as_one() -> None:
    codes, gold = answers(12, 0)
    assert not maybe_equal(codes, gold, None)[0, 0, 1]
    # All twelve discordant items are of three clusters.
    clusters = (np.arange(100) // 4).astype(np.int32)
    assert maybe_equal(codes, gold, clusters)[0, 0, 1]
    assert maybe_equal(codes, gold, clusters[::-1].copy())[0, 0, 1]


def test_items_not_asked_in_both_do_not_count() -> None:
    codes, gold = answers(12, 0)
    codes[0, :12, 1] = NOT_ASKED
    assert maybe_equal(codes, gold, None).all()
    assert maybe_equal(codes[:, :0], gold[:0], None).all()
