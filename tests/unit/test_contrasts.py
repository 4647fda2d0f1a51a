"""Contrasts of means: what they weigh, what they leave out, and when they have no value."""

from __future__ import annotations

import numpy as np
import pytest

from clika.metrics.contrasts import Cells, Rows, estimate_contrast

LANGUAGES = ("de", "fr", "zh")
DIFFERENCE = Rows(added=(1,), subtracted=(0,))
#: Models by languages, in two tasks.
VALUES = {
    "animals": np.array([[0.1, 0.2, 0.3], [0.4, 0.6, 0.8], [0.0, 0.1, 0.0]]),
    "places": np.array([[0.5, 0.5, 0.5], [0.5, 0.6, 0.5], [0.2, 0.2, 0.2]]),
}


def cells(*, flagged: tuple[tuple[str, int, int], ...] = (), undefined: bool = False) -> Cells:
    """Return cells whose replicates lie evenly within 0.1 of the values, for the last model."""
    values = {task: of_task.copy() for task, of_task in VALUES.items()}
    if undefined:
        values["places"][1, 2] = np.nan
    flags = {task: np.zeros(of_task.shape, np.bool_) for task, of_task in values.items()}
    for task, model, language in flagged:
        flags[task][model, language] = True
    spread = np.linspace(-0.1, 0.1, 201)[None, :, None] * np.array([0, 1, 0])[:, None, None]
    replicates = {task: of_task[:, None, :] + spread for task, of_task in values.items()}
    return Cells(LANGUAGES, values, flags, replicates)


def test_each_task_and_each_language_counts_alike() -> None:
    found = estimate_contrast(cells(), DIFFERENCE, tasks=["animals", "places"], languages=LANGUAGES)
    assert [task.value for task in found.tasks] == pytest.approx([0.4, 0.1 / 3])
    assert found.whole.value == pytest.approx((0.4 + 0.1 / 3) / 2)
    assert found.whole.n_cells == 6


def test_intervals_are_percentiles_of_the_means_replicates() -> None:
    found = estimate_contrast(cells(), DIFFERENCE, tasks=["animals"], languages=["fr", "de"])
    assert found.whole.wide == pytest.approx((0.35 - 0.095, 0.35 + 0.095))
    assert found.whole.narrow == pytest.approx((0.35 - 0.09, 0.35 + 0.09))


def test_a_cell_that_is_flagged_for_either_model_is_left_out() -> None:
    flagged = (("animals", 0, 0), ("animals", 1, 1), ("animals", 2, 2))
    of_cells = cells(flagged=flagged)
    found = estimate_contrast(of_cells, DIFFERENCE, tasks=["animals"], languages=LANGUAGES)
    assert found.unflagged.value == pytest.approx(0.5)
    assert found.unflagged.n_cells == 1


def test_a_task_without_a_cell_left_is_left_out() -> None:
    flagged = tuple(("places", 1, language) for language in range(3))
    found = estimate_contrast(
        cells(flagged=flagged), DIFFERENCE, tasks=["animals", "places"], languages=LANGUAGES
    )
    assert found.unflagged.value == pytest.approx(0.4)


def test_where_every_cell_is_flagged_there_is_no_value() -> None:
    flagged = tuple(("places", 1, language) for language in range(3))
    of_cells = cells(flagged=flagged)
    found = estimate_contrast(of_cells, DIFFERENCE, tasks=["places"], languages=LANGUAGES)
    assert np.isnan(found.unflagged.value)
    assert found.unflagged.reason == "every cell is flagged"


def test_an_undefined_cell_is_named() -> None:
    found = estimate_contrast(
        cells(undefined=True), DIFFERENCE, tasks=["animals", "places"], languages=LANGUAGES
    )
    assert found.whole.reason == "places zh is undefined"
    assert found.tasks[0].reason is None


def test_equal_replicates_give_no_interval() -> None:
    rows = Rows(added=(2,), subtracted=(0,))
    found = estimate_contrast(cells(), rows, tasks=["animals"], languages=["de"])
    assert found.whole.value == pytest.approx(-0.1)
    assert found.whole.reason == "degenerate"


def test_a_difference_of_differences_and_a_level() -> None:
    both = Rows(added=(1, 0), subtracted=(0, 2))
    one = Rows(added=(1,), subtracted=())
    values = [
        estimate_contrast(cells(), rows, tasks=["animals"], languages=["zh"]).whole.value
        for rows in (both, one)
    ]
    assert values == pytest.approx([0.5 + 0.3, 0.8])
