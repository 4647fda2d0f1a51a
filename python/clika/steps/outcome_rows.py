"""Questions with their answers, as they are judged, on their way into the store."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.store.outcomes import OutcomeCell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["OutcomeRow", "outcome_columns"]

_DTYPES = {
    "item": np.int64,
    "cluster": np.int64,
    "is_right": np.bool_,
    "is_identical": np.bool_,
    "is_ambiguous": np.bool_,
}


class OutcomeRow(NamedTuple):
    """One question of a cell with its answer; as the columns of the table ``outcomes``."""

    question_set: str
    item: int
    cluster: int
    answered: int | None
    is_right: bool
    is_identical: bool
    is_ambiguous: bool
    response: str


def outcome_columns(
    outcomes: Mapping[OutcomeCell, Sequence[OutcomeRow]], *, seed: int
) -> dict[str, NDArray[np.generic]]:
    """Return the columns of the table ``outcomes``.

    Parameters
    ----------
    outcomes
        The questions of each cell.
    seed
        Of the training.
    """
    columns: dict[str, list[object]] = defaultdict(list)
    for cell, rows in outcomes.items():
        for name, value in zip(OutcomeCell._fields, cell, strict=True):
            columns[name] += [value] * len(rows)
        for name, values in zip(OutcomeRow._fields, zip(*rows, strict=True), strict=True):
            columns[name] += values
    arrays: dict[str, NDArray[np.generic]] = {
        name: np.array(values, _DTYPES.get(name, object)) for name, values in columns.items()
    }
    arrays["seed"] = np.full(len(columns["task"]), seed, np.int64)
    arrays["answered"] = np.ma.masked_invalid(
        np.array([np.nan if value is None else value for value in columns["answered"]], float)
    )
    return arrays
