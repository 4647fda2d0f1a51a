"""Random draws that are a function of their seed and labels alone.

SHA-256 of a counter: neither a Python nor a NumPy release changes what is drawn, and two purposes
with labels of their own do not disturb each other.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Draws"]

_Value = TypeVar("_Value")

_WORD_BYTES = 8
_WORDS = 1 << 8 * _WORD_BYTES


class Draws:
    """A stream of draws.

    Parameters
    ----------
    seed
        Any integer.
    *labels
        What the draws are for; other labels give an independent stream.

    Examples
    --------
    >>> draws = Draws(7, "example")
    >>> [draws.below(10) for _ in range(5)]
    [7, 7, 0, 1, 0]
    """

    def __init__(self, seed: int, *labels: str | int) -> None:
        # The length of each part keeps ("a", "bc") from being ("ab", "c").
        parts = [str(part).encode() for part in (seed, *labels)]
        self._key = b"".join(b"%d:%b" % (len(part), part) for part in parts)
        self._words = self._generate()

    def _generate(self) -> Iterator[int]:
        counter = 0
        while True:
            block = hashlib.sha256(self._key + counter.to_bytes(_WORD_BYTES, "big")).digest()
            for start in range(0, len(block), _WORD_BYTES):
                yield int.from_bytes(block[start : start + _WORD_BYTES], "big")
            counter += 1

    def below(self, bound: int) -> int:
        """Return an integer in [0, bound), each equally likely; bound is in [1, 2**64]."""
        highest = _WORDS - _WORDS % bound
        word = next(self._words)
        while word >= highest:
            word = next(self._words)
        return word % bound

    def distinct(self, bound: int) -> Iterator[int]:
        """Yield all integers in [0, bound) in random order.

        Memory grows with the integers that were taken, not with the bound.
        """
        moved: dict[int, int] = {}
        for first in range(bound):
            chosen = first + self.below(bound - first)
            yield moved.get(chosen, chosen)
            moved[chosen] = moved.get(first, first)

    def shuffled(self, values: Sequence[_Value]) -> list[_Value]:
        """Return the values in random order."""
        return [values[place] for place in self.distinct(len(values))]
