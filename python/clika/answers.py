"""Answers: from a raw response to an option, by a named rule.

The rules themselves are compiled (``clika._native``); this module is their face. Extraction never
re-runs a model: raw responses are stored, and any rule can be applied to them at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika import _native
from clika.errors import UnknownNameError
from clika.schema import letters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika._native import ArrowStream

__all__ = [
    "CHOICE",
    "LOOKALIKE_LETTERS",
    "RULES",
    "TEXT_RULES",
    "Answer",
    "check_rule",
    "extract",
    "extract_all",
    "letter",
]

#: The rules that read a response's text.
TEXT_RULES: tuple[str, ...] = _native.EXTRACTION_RULES

#: The rule that reads the scores of the options: the highest is the answer, ties are INVALID.
CHOICE = "choice"

#: The extraction rules, in the order of the docs.
RULES: tuple[str, ...] = (*TEXT_RULES, CHOICE)

#: Letters of other scripts, with the option letters that each can stand for ("BC": B or C).
LOOKALIKE_LETTERS: Mapping[str, str] = _native.LOOKALIKE_LETTERS


class Answer(NamedTuple):
    """An option read from a response.

    Attributes
    ----------
    code
        0-based option, -1 = INVALID (no option could be read).
    fired
        Which part of the rule decided.
    """

    code: int
    fired: str


def check_rule(rule: str, *, among: Sequence[str] = RULES) -> str:
    """Return the rule's name, or refuse it.

    Parameters
    ----------
    rule
        The name.
    among
        The rules that will do: :data:`RULES` or :data:`TEXT_RULES`.

    Raises
    ------
    UnknownNameError
        It is none of them; the message names the nearest.
    """
    if rule not in among:
        raise UnknownNameError("rule", rule, among)
    return rule


def extract(
    response: str, *, options: int, rule: str, texts: Sequence[str] | None = None
) -> Answer:
    """Read the option that a response names.

    Parameters
    ----------
    response
        The raw response.
    options
        Number of options (k).
    rule
        One of :data:`TEXT_RULES`.
    texts
        The options' texts in the language asked, where they are known; ``robust`` uses them.

    Examples
    --------
    >>> extract("B. Paris", options=4, rule="first-letter")
    Answer(code=1, fired='letter')
    """
    texts = None if texts is None else list(texts)
    return Answer(
        *_native.extract_answer(response, options, texts, check_rule(rule, among=TEXT_RULES))
    )


def extract_all(responses: ArrowStream, *, rule: str, threads: int | None = None) -> ArrowStream:
    """Read the options of a stream of responses.

    Parameters
    ----------
    responses
        Arrow stream with the columns ``response`` (text), ``n_options`` (integer), optionally
        ``options`` (list of texts, NULL where unknown), and any others.
    rule
        One of :data:`TEXT_RULES`.
    threads
        Threads to use; ``None`` = as many as the process may run on.

    Returns
    -------
    ArrowStream
        The other columns in the same order of rows, then ``code`` (int8, -1 = INVALID) and
        ``fired`` (text).
    """
    return _native.extract_answers(responses, check_rule(rule, among=TEXT_RULES), threads=threads)


def letter(code: int, *, options: int) -> str:
    """Return the letter of an option, ``-`` for INVALID."""
    return letters(options)[code] if code >= 0 else "-"
