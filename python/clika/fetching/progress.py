"""How a long step says how far it is, without knowing who listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Listener", "Progress", "silent"]


class Progress(NamedTuple):
    """How far a step is.

    Attributes
    ----------
    stage
        ``download`` counts bytes; ``verify`` (files already there) and ``unpack`` (files from the
        source) count files.
    done
        How many are done.
    total
        How many there are; ``None`` when nobody knows yet.
    """

    stage: Literal["download", "unpack", "verify"]
    done: int
    total: int | None


Listener: TypeAlias = "Callable[[Progress], None]"


def silent(progress: Progress) -> None:
    """Listen and say nothing."""
