"""When an answer about a fictional place is right: it names the gold continent and no other."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from clika.tasks.fictional import Question

__all__ = ["fold", "is_named", "is_right", "mentions"]

# Scripts that are written without spaces between words: a name in them has no word boundary.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return a text in the form in which names are compared: NFKC, case-folded.

    Examples
    --------
    >>> fold("ＯＳＴＡＲＡ")
    'ostara'
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" and not _UNSPACED.match(character)


def _is_bounded(text: str, start: int, end: int) -> bool:
    cut_at_start = start > 0 and _in_word(text[start - 1]) and _in_word(text[start])
    cut_at_end = end < len(text) and _in_word(text[end - 1]) and _in_word(text[end])
    return not (cut_at_start or cut_at_end)


def _spans(text: str, name: str) -> Iterable[tuple[int, int]]:
    start = text.find(name) if name else -1
    while start >= 0:
        if _is_bounded(text, start, start + len(name)):
            yield start, start + len(name)
        start = text.find(name, start + 1)


def _without(text: str, name: str) -> str:
    kept: list[str] = []
    last = 0
    for start, end in _spans(text, name):
        if start >= last:
            kept.append(text[last:start])
            last = end
    # A line break keeps the two sides from growing together into another name.
    return "\n".join([*kept, text[last:]])


def mentions(text: str, names: Collection[str], *, place: str = "") -> frozenset[str]:
    """Return which names a text mentions.

    Texts and names are compared after Unicode NFKC and case folding. A name counts where it stands
    at word boundaries, in scripts that have them, and is not a part of a longer name that is
    mentioned there.

    Parameters
    ----------
    text
        A model's answer, or a gold sentence.
    names
        Names to look for, in the language of the text.
    place
        A name that is taken out of the text first: a place may be called after a continent.

    Returns
    -------
    frozenset of str
        The names as they were given; two that fold to the same text are both returned.

    Examples
    --------
    >>> sorted(mentions("Nova Isle is in Ostara.", ["Nova", "Ostara"], place="Nova Isle"))
    ['Ostara']
    >>> sorted(mentions("In New Nova.", ["Nova", "New Nova"]))
    ['New Nova']
    """
    folded = _without(fold(text), fold(place))
    found = [(start, end, name) for name in names for start, end in _spans(folded, fold(name))]
    return frozenset(
        name
        for start, end, name in found
        if not any(
            first <= start and end <= last and last - first > end - start
            for first, last, _ in found
        )
    )


def is_right(answer: str, question: Question, continents: Collection[str]) -> bool:
    """Return whether an answer is right: it names the gold continent and no other.

    Parameters
    ----------
    answer
        What the model answered.
    question
        What it was asked.
    continents
        Every continent's name in the language of the question.

    Notes
    -----
    The place asked about is taken out of the answer first, since some places are called after a
    continent that they are not on. Names that fold to the same text are one name.

    Examples
    --------
    >>> from clika.tasks.fictional import Question
    >>> asked = Question(1, "Where is Nova Isle?", "", "Nova Isle", "Ostara", 1)
    >>> is_right("Nova Isle is in OSTARA.", asked, ["Nova", "Ostara"])
    True
    >>> is_right("Nova Isle is in Nova, or in Ostara.", asked, ["Nova", "Ostara"])
    False
    """
    found = mentions(answer, {*continents, question.continent}, place=question.place)
    return {fold(name) for name in found} == {fold(question.continent)}


def is_named(answer: str, wanted: str, names: Collection[str]) -> bool:
    """Return whether an answer has the wanted name and no other of its sort.

    Parameters
    ----------
    answer
        What the model answered.
    wanted
        The name that was asked for.
    names
        Every name of its sort, of places or of continents, in the language of the answer.

    Notes
    -----
    The release has no rule for translations that could be read; this is the one for facts, with
    nothing taken out of the answer.

    Examples
    --------
    >>> is_named("It is called Ostara.", "Ostara", ["Nova", "Ostara"])
    True
    """
    return {fold(name) for name in mentions(answer, {*names, wanted})} == {fold(wanted)}
