"""Text of unknown origin on a terminal: escaped, wrapped by cells, isolated by direction.

A response may hold anything: terminal escapes, overrides of the direction of writing, line ends.
All of it is shown, none of it acts.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from clika.languages import is_right_to_left

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["escaped", "isolated", "json_text", "padded", "wrapped"]

#: Controls, surrogates, separators of lines and paragraphs, format characters, private use.
_HARMFUL_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})

#: Format characters that honest text needs: joiners of Persian and of emoji, direction marks.
_HARMLESS = frozenset("\u200c\u200d\u200e\u200f\u061c")

_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})

_RIGHT_TO_LEFT_ISOLATE, _FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2067", "\u2068", "\u2069"


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _HARMFUL_CATEGORIES and character not in _HARMLESS


def _code_point(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def escaped(text: str) -> str:
    r"""Return a text with everything that could act on a terminal written as a Python escape.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        One line. Control characters, line ends, overrides and isolates of direction, other
        invisible format characters and private-use characters are escaped, and so is the
        backslash: equal outputs mean equal inputs.

    Examples
    --------
    >>> print(escaped("B.\n\x1b[2Jgone \u202e!"))
    B.\n\x1b[2Jgone \u202e!
    """
    return "".join(_SHORT.get(c) or (_code_point(c) if _acts(c) else c) for c in text)


def isolated(line: str, language: str | None = None) -> str:
    """Return a line within the isolate that its direction asks for; a left-to-right one as it is.

    Without an isolate a terminal that reorders text would carry the line's direction over to what
    stands beside it.

    Parameters
    ----------
    line
        Escaped text without a line end: a terminal lays out each line by itself.
    language
        Language that the text is in; ``None`` where nobody knows, as of a response: the first
        letter with a direction decides.
    """
    if language is not None and is_right_to_left(language):
        return f"{_RIGHT_TO_LEFT_ISOLATE}{line}{_POP_ISOLATE}"
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in line):
        return f"{_FIRST_STRONG_ISOLATE}{line}{_POP_ISOLATE}"
    return line


def wrapped(text: str, *, width: int, console: Console) -> list[str]:
    """Return escaped text as lines of at most ``width`` terminal cells; at least one line.

    A Chinese or Japanese character takes two cells, a combining one none.
    """
    lines = Text(text).wrap(console, width)
    return [line.plain.rstrip() for line in lines] or [""]


def padded(text: str, width: int) -> str:
    """Return a text filled up with spaces to ``width`` terminal cells."""
    return text + " " * (width - cell_len(text))


_BEYOND_ASCII = re.compile(r"[^\n -~]")


def json_text(data: object) -> str:
    """Return data as JSON that reads well in every script and whose text cannot act."""
    text = json.dumps(data, indent=1, ensure_ascii=False)
    return _BEYOND_ASCII.sub(
        lambda match: json.dumps(match[0])[1:-1] if _acts(match[0]) else match[0], text
    )
