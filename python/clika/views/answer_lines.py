"""A question and an answer as lines of a page: marked, wrapped, isolated by direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from clika.schema import letters
from clika.views.terminal_text import escaped, isolated, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

__all__ = [
    "NO_TEXT",
    "RIGHT",
    "Given",
    "Mark",
    "Page",
    "given_lines",
    "mark_of",
    "question_lines",
    "response_lines",
]

#: Characters of a response that are printed; the data has all of it.
_MOST_OF_A_RESPONSE = 600

NO_TEXT = "(the text is not stored)"

RIGHT = "bold green"
_WRONG, _INVALID = "red", "yellow"


class Page(NamedTuple):
    """How wide a page is, and the console that knows how text is wrapped."""

    width: int
    console: Console

    def wrapped(self, text: str, *, indent: int) -> list[str]:
        """Return a text, escaped, as lines that fit behind an indent."""
        return wrapped(escaped(text), width=max(self.width - indent, 20), console=self.console)


class Mark(NamedTuple):
    """How an answer looks: a letter, ``+`` where it is right, in a style that adds no meaning."""

    text: str
    style: str


class Given(NamedTuple):
    """An answer as it was given.

    Attributes
    ----------
    language
        In which it was asked.
    code
        Option read, 0-based; -1 = INVALID.
    options
        Texts of the options; ``None`` where they are not stored.
    response
        The raw response; ``None`` where it is not stored.
    """

    language: str
    code: int
    options: Sequence[str] | None
    response: str | None


def mark_of(code: int, gold: int, k: int) -> Mark:
    """Return how the answer ``code`` looks where ``gold`` of ``k`` options is right."""
    if code < 0:
        return Mark("-", _INVALID)
    letter = letters(k)[code]
    return Mark(f"{letter}+", RIGHT) if code == gold else Mark(letter, _WRONG)


def question_lines(name: str, question: str | None, language: str, page: Page) -> Iterator[Text]:
    """Yield a question behind the name of its item; ``None`` where it is not stored."""
    if question is None:
        yield Text.assemble((name, "bold"), NO_TEXT)
        return
    for number, line in enumerate(page.wrapped(question, indent=len(name))):
        head = Text(name, style="bold") if number == 0 else Text(" " * len(name))
        yield Text.assemble(head, isolated(line, language))


def given_lines(given: Given, head: Text, page: Page, *, raw: bool) -> Iterator[Text]:
    """Yield an answer behind a head: the option's text, or the response where none was read.

    Parameters
    ----------
    given
        The answer.
    head
        What stands before its first line.
    page
        How wide the lines are.
    raw
        Whether to print the raw response too.
    """
    if given.code < 0 or given.options is None:
        yield from response_lines(given.response, head, page)
        return
    for number, line in enumerate(page.wrapped(given.options[given.code], indent=head.cell_len)):
        start = head if number == 0 else Text(" " * head.cell_len)
        yield Text.assemble(start, isolated(line, given.language))
    if raw:
        quoted = Text(" " * head.cell_len + "answered: ", style="dim")
        yield from response_lines(given.response, quoted, page)


def response_lines(response: str | None, head: Text, page: Page) -> Iterator[Text]:
    """Yield a raw response behind a head, what does not fit below it."""
    if response is None:
        yield Text.assemble(head, ("(no response is stored)", "dim"))
        return
    indent = head.cell_len
    shown = response[:_MOST_OF_A_RESPONSE]
    if not shown.strip():
        yield Text.assemble(head, (f"{escaped(shown)!r}" if shown else "(empty)", "dim"))
        return
    for number, line in enumerate(page.wrapped(shown, indent=indent)):
        yield Text.assemble(head if number == 0 else " " * indent, isolated(line))
    left = len(response) - len(shown)
    if left:
        note = f"... and {left:,} characters more: --json has them"
        yield Text(" " * indent + note, style="dim")
