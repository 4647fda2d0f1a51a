"""What CLDR says of each country."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from clika.tasks.atlas.cldr import babel
from clika.tasks.atlas.countries import COUNTRIES, REGION_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["RELATIONS", "Answers", "Relation", "all_answers", "answers"]

Relation = Literal["currency", "language", "region"]
#: What is asked of a country, in the order of the tasks.
RELATIONS: tuple[Relation, ...] = get_args(Relation)

_NATIONAL = ("official", "de_facto_official")


class Answers(NamedTuple):
    """What is true of one country.

    Attributes
    ----------
    right
        Codes of its answers, sorted; the question has one right answer where there is one code.
    also
        Codes that are true in part, never a wrong option: a language that is spoken there, a coin.
    """

    right: tuple[str, ...]
    also: frozenset[str]


@cache
def answers(relation: Relation) -> Mapping[str, Answers]:
    """Return what CLDR says of each country, in the order of the countries' codes.

    Parameters
    ----------
    relation
        ``currency``: ISO 4217 codes of the legal tender that has no end. ``language``: ISO 639
        codes of what is official, by law or in fact, in the whole country. ``region``: UN M49.

    Raises
    ------
    PrerequisiteError
        Babel is not installed.

    Examples
    --------
    >>> answers("region")["JP"]
    Answers(right=('030',), also=frozenset())
    """
    if relation == "currency":
        return {country: _currencies(country) for country in COUNTRIES}
    if relation == "language":
        return {country: _languages(country) for country in COUNTRIES}
    return {country: Answers((REGION_OF[country],), frozenset()) for country in COUNTRIES}


def all_answers(relation: Relation) -> tuple[str, ...]:
    """Return the codes that are right for some country, sorted."""
    return tuple(sorted({code for found in answers(relation).values() for code in found.right}))


def _currencies(country: str) -> Answers:
    # A row: code, first day, last day or None, whether it is legal tender.
    rows = babel().core.get_global("territory_currencies")[country]
    in_use = {code: is_tender for code, _, last_day, is_tender in rows if last_day is None}
    return _answers({code for code, is_tender in in_use.items() if is_tender}, set(in_use))


def _languages(country: str) -> Answers:
    spoken = babel().core.get_global("territory_languages")[country]
    official = {tag for tag, facts in spoken.items() if facts["official_status"] in _NATIONAL}
    return _answers(_without_script(official), _without_script(spoken))


def _answers(right: set[str], true: set[str]) -> Answers:
    return Answers(tuple(sorted(right)), frozenset(true - right))


def _without_script(tags: Iterable[str]) -> set[str]:
    return {tag.partition("_")[0] for tag in tags}
