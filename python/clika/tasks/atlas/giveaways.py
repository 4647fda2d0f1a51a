"""Whether a country's name gives the answer away: Japan, Japanese."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

__all__ = ["gives_away"]

_WRITTEN_WITHOUT_SPACES = ("HIRAGANA", "KATAKANA", "KHMER", "LAO", "MYANMAR", "THAI", "TIBETAN")
_IDEOGRAPH = "CJK UNIFIED IDEOGRAPH"
_ARABIC_ARTICLE = "ال"
_HEBREW_FINALS = str.maketrans("ךםןףץ", "כמנפצ")


class _Likeness(NamedTuple):
    """How many letters two words must share, at their start or anywhere, to be alike."""

    start: int
    run: int


_IDEOGRAPHS = _Likeness(start=1, run=2)
_WITHOUT_SPACES = _Likeness(start=3, run=3)
_WITH_SPACES = _Likeness(start=3, run=5)


def gives_away(country: str, answer: str) -> bool:
    """Return whether two names are so much alike that one tells the other.

    They are where two words start with the same three letters, or share a run of five (three in a
    script without spaces; of ideographs one at the start, two anywhere). Case, accents and vowel
    signs do not count. The rule is made to find too much rather than too little: an item that it
    drops is only one fewer.

    Parameters
    ----------
    country, answer
        Names in one language.

    Examples
    --------
    >>> gives_away("Polen", "Polnischer Złoty"), gives_away("Brasilien", "Portugiesisch")
    (True, False)
    >>> gives_away("美国", "美元"), gives_away("巴西", "葡萄牙语")
    (True, False)
    """
    return not _traces(country).isdisjoint(_traces(answer))


def _traces(name: str) -> set[tuple[str, str]]:
    """Return the starts and runs that mark a name, each with what it is."""
    traces: set[tuple[str, str]] = set()
    for word in _words(name):
        start, run = _likeness(word)
        if len(word) >= start:
            traces.add(("start", word[:start]))
        traces.update(("run", word[at : at + run]) for at in range(len(word) - run + 1))
    return traces


def _words(name: str) -> list[str]:
    """Return the words in lower case, without accents and vowel signs."""
    letters = "".join(
        character if category.startswith("L") else " "
        for character in unicodedata.normalize("NFKD", name).casefold().translate(_HEBREW_FINALS)
        for category in [unicodedata.category(character)]
        if not category.startswith("M")
    )
    words = (word.removeprefix(_ARABIC_ARTICLE) for word in letters.split())
    return [word for word in words if word]


def _likeness(word: str) -> _Likeness:
    name = unicodedata.name(word[0], "")
    if name.startswith(_IDEOGRAPH):
        return _IDEOGRAPHS
    return _WITHOUT_SPACES if name.startswith(_WRITTEN_WITHOUT_SPACES) else _WITH_SPACES
