"""How CLDR names countries, currencies, languages and regions in a language."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import UnknownNameError
from clika.languages import LANGUAGES
from clika.tasks.atlas.cldr import babel
from clika.tasks.atlas.countries import COUNTRIES
from clika.tasks.atlas.facts import RELATIONS, Relation, all_answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Names", "read_names"]

_DISPLAY_NAMES: dict[Relation, str] = {
    "currency": "currency_names",
    "language": "languages",
    "region": "territories",
}
_PIVOT = "en"


class Names(NamedTuple):
    """The names of one language, by code; a name that is missing or not translated is not there.

    Attributes
    ----------
    countries
        Names of all countries.
    options
        Names of the answers of each relation.
    """

    countries: Mapping[str, str]
    options: Mapping[Relation, Mapping[str, str]]


def read_names(language: str) -> Names:
    """Return the names that CLDR has in a language.

    In a language of another script than Latin, a name all in Latin letters is not translated.

    Parameters
    ----------
    language
        Code as :func:`clika.languages.normalise` returns it; a script or region may follow.

    Raises
    ------
    UnknownNameError
        CLDR has no such language, or it does not name every country and, of each relation, at least
        half of the answers otherwise than English does. The languages that can be had are listed.
    PrerequisiteError
        Babel is not installed.
    """
    found = _find_names(language)
    if found is None:
        there = [known.code for known in LANGUAGES if _find_names(known.code) is not None]
        raise UnknownNameError("language of the atlas", language, there)
    return found


@cache
def _find_names(language: str) -> Names | None:
    """Return the names of a language, ``None`` where CLDR has too few."""
    tag = _locale_tag(language)
    if tag is None:
        return None
    displayed = babel().localedata.load(tag)
    is_latin = _script(tag) == "Latn"

    def translated(kind: str, codes: Iterable[str]) -> dict[str, str]:
        there = {code: displayed[kind].get(code) for code in codes}
        return {
            code: name for code, name in there.items() if name and (is_latin or not _is_latin(name))
        }

    names = Names(
        translated("territories", COUNTRIES),
        {
            relation: translated(_DISPLAY_NAMES[relation], all_answers(relation))
            for relation in RELATIONS
        },
    )
    if len(names.countries) < len(COUNTRIES):
        return None
    is_english = language.partition("-")[0] == _PIVOT
    return names if is_english or _is_translated(names) else None


def _locale_tag(language: str) -> str | None:
    """Return Babel's name of a language, ``None`` where it has none."""
    core = babel().core
    try:
        locale = core.Locale.parse(language, sep="-")
    except (core.UnknownLocaleError, ValueError):
        return None
    # Babel takes the nearest locale it has, of another language too: tl becomes fil.
    return str(locale) if locale.language == language.partition("-")[0] else None


def _script(tag: str) -> str:
    core = babel().core
    locale = core.Locale.parse(tag)
    likely = core.get_global("likely_subtags")
    whole = likely.get(tag) or likely[locale.language]
    return str(locale.script or whole.split("_")[1])


def _is_latin(name: str) -> bool:
    return all(
        unicodedata.name(character, "").startswith("LATIN")
        for character in name
        if character.isalpha()
    )


def _is_translated(names: Names) -> bool:
    english = _find_names(_PIVOT)
    return english is not None and all(
        2 * sum(name != english.options[relation].get(code) for code, name in own.items())
        >= len(all_answers(relation))
        for relation, own in names.options.items()
    )
