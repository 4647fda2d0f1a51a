"""The bootstrap of CAPA: items drawn again one by one, guards, threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clika.metrics.intervals.probabilities_bootstrap import capa_interval
from clika.metrics.intervals.resampling import Draws, weights
from clika.metrics.probabilities import capa, option_probabilities, sum_capa

N_ITEMS = 40


def made(n_languages: int = 3) -> tuple[Any, Any, Any]:
    """Items of one to four options, some of them not asked."""
    random = np.random.default_rng(3)
    options = np.tile(np.array([4, 3, 2, 1], np.uint8), N_ITEMS // 4)
    scores = random.normal(size=(N_ITEMS, n_languages, 4)) * 2
    scores[random.random(scores.shape[:2]) < 0.1] = np.nan
    gold = (random.integers(0, 12, N_ITEMS) % options).astype(np.int8)
    return option_probabilities(scores, options), options, gold


@pytest.mark.parametrize("clusters", [None, np.arange(N_ITEMS, dtype=np.int32) // 2])
def test_a_replicate_is_capa_of_the_items_that_were_drawn(clusters: Any) -> None:
    probabilities, options, gold = made()
    draws = Draws(clusters=clusters, replicates=150, purpose=5)
    drawn = weights(N_ITEMS, draws)
    values = np.stack(
        [
            capa(sum_capa(*(np.repeat(part, times, axis=0) for part in made()))).value
            for times in drawn
        ]
    )
    found = capa_interval(probabilities, options, gold, draws=draws)
    assert found.low == pytest.approx(np.quantile(values, 0.025, axis=0), abs=1e-8)
    assert found.high == pytest.approx(np.quantile(values, 0.975, axis=0), abs=1e-8)
    assert (found.reason == None).all()  # noqa: E711 (elementwise)


def test_neither_threads_nor_the_number_of_languages_change_an_interval() -> None:
    probabilities, options, gold = made(8)
    draws = Draws(replicates=120)
    one, two = (capa_interval(probabilities, options, gold, draws=draws, threads=n) for n in (1, 2))
    assert one.low.tobytes() == two.low.tobytes()
    part = capa_interval(probabilities[:, 5:7], options, gold, draws=draws)
    assert part.low[0, 1] == one.low[5, 6] == one.low[6, 5]


def test_certainty_throughout_has_no_interval() -> None:
    certain = option_probabilities(np.full((9, 2, 2), [0.0, -np.inf]), np.full(9, 2, np.uint8))
    gold = np.zeros(9, np.int8)
    found = capa_interval(certain, np.full(9, 2, np.uint8), gold, draws=Draws(replicates=100))
    assert np.isnan(found.low).all()
    assert all(found.reason.ravel())
