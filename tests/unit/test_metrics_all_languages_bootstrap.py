"""The bootstrap of the metrics of all languages together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from reference import languages_twin as twin
from scipy.stats import bootstrap

from clika.metrics.intervals.all_languages_bootstrap import (
    accelerated_ends,
    jackknife_alpha,
    resample,
)
from clika.metrics.intervals.resampling import Draws, weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

ITEMS, LANGUAGES, OPTIONS = 30, 4, 3


@pytest.fixture
def answers() -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Two models, with INVALID answers and items that were not asked."""
    generator = np.random.default_rng(4)
    gold = generator.integers(OPTIONS, size=ITEMS).astype(np.int8)
    codes = generator.integers(-1, OPTIONS, size=(2, ITEMS, LANGUAGES))
    knows = generator.random((2, ITEMS, LANGUAGES)) < 0.6
    codes = np.where(knows, gold[:, None], codes).astype(np.int8)
    codes[0, :2, 0] = -2
    return codes, gold


def repeated(codes: Any, gold: Any, drawn: Any) -> tuple[list[list[int]], list[int]]:
    """The items of a resample, written out."""
    model = [np.repeat(language, drawn).tolist() for language in codes.T]
    return model, np.repeat(gold, drawn).tolist()


def test_replicates_are_the_metrics_of_the_resampled_items(answers: Any) -> None:
    codes, gold = answers
    draws = Draws(clusters=np.arange(ITEMS, dtype=np.int32) // 2, replicates=20, purpose=5)
    found = resample(codes, gold, options=OPTIONS, draws=draws)
    for replicate, drawn in enumerate(weights(ITEMS, draws)):
        for model in range(2):
            again, right = repeated(codes[model], gold, drawn)
            wanted = {
                "alpha": twin.alpha(again),
                "right_in_all": twin.right_in(again, right, LANGUAGES),
                "right_in_none": twin.right_in(again, right, 0),
            }
            for name, expected in wanted.items():
                value = getattr(found, name)[model, replicate]
                assert value == pytest.approx(expected.value, rel=1e-12)


def test_more_replicates_keep_the_first_ones(answers: Any) -> None:
    few, many = (
        resample(*answers, options=OPTIONS, draws=Draws(replicates=count)) for count in (7, 1007)
    )
    np.testing.assert_array_equal(few.alpha, many.alpha[:, :7])


def test_undefined_replicates_are_nan() -> None:
    codes = np.zeros((1, 3, 2), np.int8)
    found = resample(codes, np.zeros(3, np.int8), options=2, draws=Draws(replicates=9))
    assert np.isnan(found.alpha).all()
    assert (found.right_in_all == 1).all()


@pytest.mark.parametrize("clusters", [None, np.arange(ITEMS, dtype=np.int32)[::-1] // 3])
def test_the_jackknife_leaves_each_cluster_out(answers: Any, clusters: Any) -> None:
    codes, gold = answers
    found = jackknife_alpha(codes, options=OPTIONS, clusters=clusters)
    members = np.arange(ITEMS) if clusters is None else clusters
    for place, cluster in enumerate(np.unique(members)):
        again, _ = repeated(codes[1], gold, (members != cluster).astype(int))
        assert found[1, place] == pytest.approx(twin.alpha(again).value, rel=1e-12)


def test_the_interval_is_scipys() -> None:
    values = np.random.default_rng(8).exponential(size=40)
    drawn = bootstrap(
        (values,), np.mean, n_resamples=2000, method="BCa", rng=np.random.default_rng(1)
    )
    without = (values.sum() - values) / (len(values) - 1)
    found = accelerated_ends(drawn.bootstrap_distribution, float(values.mean()), without)
    assert found == pytest.approx(tuple(drawn.confidence_interval), rel=1e-9)


def test_replicates_on_one_side_still_give_an_interval() -> None:
    low, high = accelerated_ends(np.linspace(0, 1, 101), -1.0, np.array([np.nan]))
    assert 0 <= low <= high <= 0.1
