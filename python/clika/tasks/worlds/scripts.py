"""Scripts and their syllables, from which names are made.

The syllables are our own. They are clusters that are rare in the languages of each script, so that
a name is not that of a real place; no name is split into syllables in two ways.
"""

from __future__ import annotations

from itertools import permutations
from typing import NamedTuple

__all__ = ["SCRIPTS", "Script"]


class Script(NamedTuple):
    """A script that names are written in.

    Attributes
    ----------
    name
        As it is named in errors and in ``phrases.toml``.
    syllables
        What names are made of; all different.
    cased
        Whether names begin with a capital letter.
    """

    name: str
    syllables: tuple[str, ...]
    cased: bool = False


def _clusters(consonants: str, vowels: str) -> tuple[str, ...]:
    """Return two different consonants and a vowel, in all ways."""
    return tuple(
        first + second + vowel for first, second in permutations(consonants, 2) for vowel in vowels
    )


_KATAKANA = (
    *(kana + small for kana in "キギシジチニヒビピミリ" for small in "ャュョ"),
    *(kana + small for kana in "ヴフツクグ" for small in "ァィェォ"),
    *(kana + small for kana in "シジチ" for small in "ェ"),
    *("ティ", "ディ", "トゥ", "ドゥ", "ウィ", "ウェ", "ウォ"),
)

_HAN = (
    "昉昶晔晞晟晗暄暐曈栩桄梣棽椋楒榑槿樨檀沄泖泠泫洄洺浛涴淏湉溟滃漪潏澴濛炆炜烜焓焱煦熠熹爔"
    "玥玦珂珏珩琚琛瑄瑾璇璟瓒畹皓睿砚祎禔稷穗筠箬篁粲纮绮缦翊翎翮芃芊苒荇莜菀葳蓁蕤藜蘅虓蜎谡赟逸遐"
)


def _hangul() -> tuple[str, ...]:
    """Return blocks of a doubled initial, a vowel and a final, by the formula of Unicode."""
    initials, vowels, finals = (1, 4, 8, 10, 13), (0, 4, 8, 13, 18, 20), (1, 4, 8, 16)
    return tuple(
        chr(0xAC00 + (initial * 21 + vowel) * 28 + final)
        for initial in initials
        for vowel in vowels
        for final in finals
    )


#: By name, in the order in which invented languages take them.
SCRIPTS: dict[str, Script] = {
    script.name: script
    for script in (
        Script("Latin", _clusters("bdgkpvz", "aeiou"), cased=True),
        Script("Cyrillic", _clusters("бвгдзкп", "аеиоу"), cased=True),
        Script("Arabic", _clusters("ثخذصضظغ", "اوي")),
        Script("Hebrew", _clusters("גזטספצק", "איו")),
        Script("Katakana", _KATAKANA),
        Script("Han", tuple(_HAN)),
        Script("Greek", _clusters("βγδζκπτ", "αειου"), cased=True),
        Script("Georgian", _clusters("ბგდზკპთ", "აეიოუ")),
        Script("Hangul", _hangul()),
    )
}
