"""A page of lines on standard output, as wide as it reads well."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.text import Text

__all__ = ["print_lines"]

#: Width off a terminal, and the widest on one: longer lines are hard to follow.
_WIDTH, _NARROWEST = 100, 60


def print_lines(lines: Callable[[Console, int], Iterable[Text]]) -> None:
    """Print lines made for a console and a width; in colour on a terminal that has it.

    Parameters
    ----------
    lines
        Makes the lines, already wrapped and escaped, for a width in terminal cells.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a letter shows its code instead of ending the command.
        sys.stdout.reconfigure(errors="backslashreplace")
    console = Console(highlight=False, markup=False, emoji=False)
    width = max(_NARROWEST, min(_WIDTH, console.width)) if console.is_terminal else _WIDTH
    for line in lines(console, width):
        console.print(line, soft_wrap=True)
