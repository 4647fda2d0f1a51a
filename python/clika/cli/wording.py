"""How numbers are said."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which takes an s in the plural.

    Examples
    --------
    >>> counted(1, "task"), counted(1000, "answer")
    ('1 task', '1,000 answers')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
