"""X-FaKT: its authors' published figures, its ends, a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from clika.metrics.origins import count_by_origin
from clika.metrics.transfer import knowledge_transfer, transfer_scores


@pytest.mark.parametrize(
    ("associative", "other", "published"),
    [
        # The table in the authors' README; they round each cell before they average.
        (2.36, 9.85, (0.835, 0.862, 0.848)),
        (25.09, 55.57, (0.330, 0.535, 0.408)),
        (16.96, 45.25, (0.424, 0.559, 0.483)),
        (34.74, 65.96, (0.247, 0.524, 0.336)),
    ],
)
def test_published_errors_give_the_published_scores(
    associative: float, other: float, published: tuple[float, float, float]
) -> None:
    scores = transfer_scores(np.float64(associative / 100), np.float64(other / 100))
    assert np.array(scores) == pytest.approx(np.array(published), abs=0.003)


@pytest.mark.parametrize(
    ("associative", "other", "scores"),
    [(0.0, 0.0, (1, 1, 1)), (1.0, 1.0, (0, 1, 0)), (0.0, 1.0, (0.25, 0, 0))],
)
def test_the_ends_of_the_scale(
    associative: float, other: float, scores: tuple[float, float, float]
) -> None:
    found = transfer_scores(np.float64(associative), np.float64(other))
    assert np.array(found) == pytest.approx(np.array(scores))


def test_cells_weigh_the_same_however_many_items_they_have() -> None:
    # Two languages; items from the first, the second, and twice from elsewhere or unknown.
    strata = np.array([0, 0, 0, 1, 2, -1], dtype=np.int32)
    gold = np.zeros(6, dtype=np.int8)
    codes = np.array([[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0], [0, 0]]], dtype=np.int8)
    errors = {(0, 0): 1 / 3, (0, 1): 2 / 3, (1, 0): 1.0, (1, 1): 0.0}
    associative = (errors[0, 0] + errors[1, 1]) / 2
    other = (errors[0, 1] + errors[1, 0]) / 2
    found = knowledge_transfer(count_by_origin(codes, gold, strata))
    expected = transfer_scores(np.float64(associative), np.float64(other))
    assert [measure.value[0] for measure in found] == pytest.approx([float(s) for s in expected])


def test_without_own_items_it_is_undefined_with_a_reason() -> None:
    codes, gold = np.zeros((1, 2, 2), np.int8), np.zeros(2, np.int8)
    found = knowledge_transfer(count_by_origin(codes, gold, np.array([2, -1], np.int32)))
    for measure in found:
        assert np.isnan(measure.value).all()
        assert "no own-language item" in measure.reason[0]
