"""Which examples a step sees, as a function of seed and step alone, and how they are laid out."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from clika.train.examples import Encoded

__all__ = ["UNLEARNT", "Rows", "lay_out", "members", "total_steps"]

#: In place of the next token where none is learnt.
UNLEARNT = -100


class Rows(NamedTuple):
    """Examples side by side in rows of one length; every array is ``(n_rows, n_columns)``.

    Attributes
    ----------
    ids
        int64: tokens, 0 where there is none.
    following
        int64: the token that should follow, :data:`UNLEARNT` where none is learnt.
    positions
        int64: place of each token within its example.
    segments
        int64: which example of the row a token belongs to, -1 for none.
    """

    ids: NDArray[np.int64]
    following: NDArray[np.int64]
    positions: NDArray[np.int64]
    segments: NDArray[np.int64]

    def part(self, first: int, last: int) -> Rows:
        """Return the rows from the first, 0-based, up to and without the last."""
        return Rows(*(array[first:last] for array in self))


def total_steps(examples: int, *, batch: int, epochs: float) -> int:
    """Return how many steps a stage has, at least one."""
    return max(1, round(epochs * math.ceil(examples / batch)))


def members(step: int, examples: int, *, batch: int, seed: int) -> NDArray[np.int64]:
    """Return which examples a 0-based step sees: every one once in an epoch, in random order."""
    each = math.ceil(examples / batch)
    epoch, place = divmod(step, each)
    return _order(seed, epoch, examples)[place * batch : (place + 1) * batch]


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, examples: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(examples)


def lay_out(examples: Sequence[Encoded], *, row_tokens: int) -> Rows:
    """Lay examples out in rows.

    Parameters
    ----------
    examples
        What to lay out.
    row_tokens
        Length of the rows, each filled with the examples that fit (first fit, in their order); a
        longer example makes all rows as long as itself. 0 gives each example a row.

    Returns
    -------
    Rows
    """
    longest = max(len(example.ids) for example in examples)
    width = max(row_tokens, longest)
    rows = (
        _first_fit(examples, width) if row_tokens else [[place] for place in range(len(examples))]
    )
    shape = (len(rows), width)
    found = Rows(
        np.zeros(shape, np.int64),
        np.full(shape, UNLEARNT, np.int64),
        np.zeros(shape, np.int64),
        np.full(shape, -1, np.int64),
    )
    for row, places in enumerate(rows):
        column = 0
        for segment, place in enumerate(places):
            ids, start = examples[place]
            end = column + len(ids)
            found.ids[row, column:end] = ids
            found.following[row, column + start - 1 : end - 1] = ids[start:]
            found.positions[row, column:end] = np.arange(len(ids))
            found.segments[row, column:end] = segment
            column = end
    return found


def _first_fit(examples: Sequence[Encoded], width: int) -> list[list[int]]:
    rows: list[list[int]] = []
    free: list[int] = []
    for place, example in enumerate(examples):
        size = len(example.ids)
        row = next((row for row, room in enumerate(free) if room >= size), None)
        if row is None:
            rows.append([])
            free.append(width)
            row = len(rows) - 1
        rows[row].append(place)
        free[row] -= size
    return rows
