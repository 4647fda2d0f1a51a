"""How many numbers a GGUF file holds, from its header and without reading its tensors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["gguf_parameters"]

# The package gguf makes objects of every field first: ten seconds for a large vocabulary.

_MAGIC = b"GGUF"
#: Versions whose counts have 64 bits.
_VERSIONS = frozenset({2, 3})
#: Bytes of a value by the number of its type; texts and arrays say their own length.
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_TEXT, _ARRAY = 8, 9
#: Bytes of the largest header that is read: a vocabulary of 256,000 tokens takes about 20 MB.
_LARGEST = 100 << 20
_MOST_DIMENSIONS = 4


def gguf_parameters(path: Path) -> int | None:
    """Return how many numbers the tensors of a GGUF file have; ``None`` where it does not say.

    Parameters
    ----------
    path
        The file. Its format is at https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
    """
    try:
        with path.open("rb") as opened:
            return _Header(opened).parameters()
    except (OSError, ValueError):
        return None


class _Header:
    """A header at its start; what is too short, too long or of another kind is a ``ValueError``."""

    def __init__(self, opened: BinaryIO) -> None:
        self._opened = opened
        self._left = _LARGEST

    def parameters(self) -> int:
        if self._take(len(_MAGIC)) != _MAGIC or self._number(4) not in _VERSIONS:
            raise ValueError
        tensors, fields = self._number(8), self._number(8)
        for _ in range(fields):
            self._text()
            self._skip(self._number(4))
        return sum(self._tensor() for _ in range(tensors))

    def _tensor(self) -> int:
        self._text()
        dimensions = self._number(4)
        if dimensions > _MOST_DIMENSIONS:
            raise ValueError
        size = math.prod(self._number(8) for _ in range(dimensions))
        # Type and place.
        self._take(4 + 8)
        return size

    def _skip(self, kind: int) -> None:
        """Pass over a value of that kind."""
        if kind != _ARRAY:
            self._skip_several(kind, 1)
            return
        kind = self._number(4)
        self._skip_several(kind, self._number(8))

    def _skip_several(self, kind: int, count: int) -> None:
        if kind == _TEXT:
            for _ in range(count):
                self._text()
        elif kind in _WIDTHS:
            self._take(_WIDTHS[kind] * count)
        else:
            raise ValueError

    def _text(self) -> None:
        self._take(self._number(8))

    def _number(self, width: int) -> int:
        return int.from_bytes(self._take(width), "little")

    def _take(self, size: int) -> bytes:
        self._left -= size
        if self._left < 0:
            raise ValueError
        found = self._opened.read(size)
        if len(found) < size:
            raise ValueError
        return found
