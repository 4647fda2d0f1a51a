"""A fictional world: places in continents, people who come from them, and all their names."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.errors import ConfigError, UnknownNameError
from clika.tasks.fictional_answers import fold
from clika.tasks.worlds.names import Namer, share_syllables
from clika.tasks.worlds.phrases import Phrases, Sort, language_code, phrases_of, script_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Group", "Named", "Names", "Subject", "World", "WorldPlan", "make_world"]

Named = Literal[Sort, "continent"]

# A place's or person's name is longer than a continent's, so that in scripts without spaces none is
# within one.
_CONTINENT_SYLLABLES, _SUBJECT_SYLLABLES = 2, 3
_FEWEST_CONTINENTS = 2


@dataclass(frozen=True)
class WorldPlan:
    """What a world is made from.

    Attributes
    ----------
    languages
        At least one, as :func:`~clika.tasks.worlds.phrases.language_code` takes them. The first
        gives the names that languages share.
    seed
        Another seed gives other names.
    places, continents
        How many. The defaults are the sizes of the official release; at least two places to a
        continent, one of each type.
    shared_places
        Share in [0, 1] of the places of each type whose name is the same in all languages, and of
        the people of each type. A name that is shared at one share is shared at every larger one,
        and all other names stay.
    shared_continents
        Whether the continents' names are the same in all languages.
    excluded
        Names that are never made, nor stand within a longer one; compared after NFKC and case
        folding.
    people
        How many come from these continents: none, or at least two to a continent, one of each
        type. Nothing about the places depends on it.
    """

    languages: tuple[str, ...]
    seed: int = 0
    places: int = 400
    continents: int = 20
    shared_places: float = 0.0
    shared_continents: bool = False
    excluded: frozenset[str] = frozenset()
    people: int = 0


class Subject(NamedTuple):
    """A place or a person, whatever it is called.

    Attributes
    ----------
    continent
        0-based continent that the place is on, or that the person comes from.
    kind
        :data:`~clika.tasks.fictional.FACTS_IN_BOTH` or
        :data:`~clika.tasks.fictional.FACT_ONLY_IN_SOURCE`.
    shared
        Whether its name is the same in all languages.
    """

    continent: int
    kind: Literal[0, 1]
    shared: bool


class Names(NamedTuple):
    """All names in one language, by the 0-based number of the place, person or continent."""

    places: tuple[str, ...]
    people: tuple[str, ...]
    continents: tuple[str, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """The names of places and people, by item id."""
        return self.places + self.people


class Group(NamedTuple):
    """All that have names of one sort, in one language.

    Attributes
    ----------
    sort
        What they are.
    first
        Item id of the first; the others follow.
    names, phrases
        Of the language.
    """

    sort: Named
    first: int
    names: tuple[str, ...]
    phrases: Phrases


@dataclass(frozen=True)
class World:
    """A world.

    Attributes
    ----------
    plan
        What it was made from, its languages as codes.
    places, people
        Which place is where, and who comes from where.
    names
        Of each language.
    phrases
        Of each language, by what is spoken of.
    """

    plan: WorldPlan
    places: tuple[Subject, ...]
    people: tuple[Subject, ...]
    names: Mapping[str, Names]
    phrases: Mapping[str, Mapping[Sort, Phrases]]

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of everything that the world says."""
        plan = {**asdict(self.plan), "excluded": sorted(self.plan.excluded)}
        people = plan.pop("people")
        spoken, of_people = {}, {}
        for code, names in self.names.items():
            named = names._asdict()
            of_people[code] = [named.pop("people"), self.phrases[code].get("person")]
            spoken[code] = [named, self.phrases[code]["place"]._asdict()]
        said: list[object] = [plan, self.places, spoken]
        if people:
            # Apart, so that a world without people keeps the digest it had before there were any.
            said.append([people, self.people, of_people])
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Places and people, by item id: the people are numbered after the places."""
        return self.places + self.people

    @cached_property
    def items(self) -> Mapping[Sort, range]:
        """The item ids of each sort."""
        places = len(self.places)
        return {"place": range(places), "person": range(places, len(self.subjects))}

    def sort(self, item: int) -> Sort:
        """Return whether an item is a place or a person."""
        return "place" if item in self.items["place"] else "person"

    def phrases_about(self, language: str, item: int) -> Phrases:
        """Return how a language asks and answers about an item."""
        return self.phrases[language][self.sort(item)]

    def groups(self, language: str) -> tuple[Group, ...]:
        """Return all that have names: places, people where there are any, continents."""
        names, phrases = self.names[language], self.phrases[language]
        found = [Group("place", 0, names.places, phrases["place"])]
        if self.people:
            found.append(Group("person", len(self.places), names.people, phrases["person"]))
        # How a continent's name is asked for is how a place's is.
        return (*found, Group("continent", 0, names.continents, phrases["place"]))

    def check_pair(self, source: str, target: str) -> None:
        """Refuse a pair of languages that the world does not have.

        Raises
        ------
        UnknownNameError
            The world has no names in one of them.
        ConfigError
            They are one language.
        """
        for code in (source, target):
            if code not in self.names:
                raise UnknownNameError("language of this world", code, self.plan.languages)
        if source == target:
            raise ConfigError(f"Source and target are both {source}: name two languages.")

    def identical_continents(self, source: str, target: str) -> tuple[bool, ...]:
        """Return of each continent whether its name is the same in two languages (folded)."""
        pairs = zip(self.names[source].continents, self.names[target].continents, strict=True)
        return tuple(fold(first) == fold(second) for first, second in pairs)


def make_world(plan: WorldPlan) -> World:
    """Make the world of a plan.

    Parameters
    ----------
    plan
        What it should be like.

    Returns
    -------
    World
        No two names of a language are equal, and none holds another. Names of two languages have no
        syllable in common but where they are shared on purpose. The continents have as many places
        as each other, and as many of each type, or differ by one; so they have people, and both
        together.

    Raises
    ------
    ConfigError
        The plan cannot be met: a size or share out of range, a language named twice, or more names
        asked for than a language's generator has.
    UnknownNameError
        There are no wordings in a language.

    Examples
    --------
    >>> world = make_world(WorldPlan(("en", "ja"), places=4, continents=2))
    >>> world.names["en"].continents, world.names["ja"].continents
    (('Bzogbo', 'Dkekpu'), ('ジャヒャ', 'ギュティ'))
    """
    codes = tuple(language_code(name) for name in plan.languages)
    _check(plan, codes)
    plan = replace(plan, languages=codes)
    places = _lay_out(plan, range(plan.places))
    people = _lay_out(plan, range(plan.places, plan.places + plan.people))
    namers = share_syllables(plan.seed, {code: script_of(code) for code in codes})
    own = {code: _own_names(plan, namers[code]) for code in codes}
    names = {
        code: Names(
            places=_with_shared(places, own[code].places, own[codes[0]].places),
            people=_with_shared(people, own[code].people, own[codes[0]].people),
            continents=own[codes[0] if plan.shared_continents else code].continents,
        )
        for code in codes
    }
    sorts: tuple[Sort, ...] = ("place", "person") if people else ("place",)
    phrases = {code: {sort: phrases_of(namers[code], sort) for sort in sorts} for code in codes}
    return World(plan, places, people, names, phrases)


def _check(plan: WorldPlan, codes: tuple[str, ...]) -> None:
    if not codes:
        raise ConfigError("A world needs at least one language.")
    for code in codes:
        if codes.count(code) > 1:
            raise ConfigError(f"Language {code} is in the world twice: name it once.")
    if plan.continents < _FEWEST_CONTINENTS:
        raise ConfigError(
            f"A world with {plan.continents} continents: it needs at least {_FEWEST_CONTINENTS}."
        )
    if plan.places < 2 * plan.continents:
        raise ConfigError(
            f"A world with {plan.places} places in {plan.continents} continents: it needs at least "
            f"{2 * plan.continents} places, one of each type in each continent."
        )
    if plan.people != 0 and plan.people < 2 * plan.continents:
        raise ConfigError(
            f"A world with {plan.people} people from {plan.continents} continents: it needs none, "
            f"or at least {2 * plan.continents}, one of each type from each continent."
        )
    if not 0 <= plan.shared_places <= 1:
        raise ConfigError(f"The share of shared places is {plan.shared_places}, not in [0, 1].")


def _lay_out(plan: WorldPlan, items: range) -> tuple[Subject, ...]:
    """Return the subjects of one sort: continents in turn, types by turns within each continent.

    The names are drawn by chance, so the regular order tells nothing to who learns them.
    """
    laid: list[Subject] = []
    counts = [0, 0]
    kinds = [_kind(plan, item) for item in items]
    shared = [int(plan.shared_places * kinds.count(kind) + 0.5) for kind in (0, 1)]
    for item, kind in zip(items, kinds, strict=True):
        laid.append(Subject(item % plan.continents, kind, shared=counts[kind] < shared[kind]))
        counts[kind] += 1
    return tuple(laid)


def _kind(plan: WorldPlan, item: int) -> Literal[0, 1]:
    turn, continent = divmod(item, plan.continents)
    # Neighbouring continents begin with different types: odd numbers of places even out.
    return 1 if (turn + continent) % 2 else 0


def _own_names(plan: WorldPlan, namer: Namer) -> Names:
    excluded = frozenset(fold(name) for name in plan.excluded)
    continents = namer.names(
        "continents", plan.continents, length=_CONTINENT_SYLLABLES, excluded=excluded
    )
    # A place that bears a continent's name would tell, or mislead; so would a person.
    excluded |= {fold(name) for name in continents}
    places = namer.names("places", plan.places, length=_SUBJECT_SYLLABLES, excluded=excluded)
    excluded |= {fold(name) for name in places}
    people = namer.names("people", plan.people, length=_SUBJECT_SYLLABLES, excluded=excluded)
    return Names(places, people, continents)


def _with_shared(
    subjects: tuple[Subject, ...], own: tuple[str, ...], common: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(
        same if subject.shared else name
        for subject, name, same in zip(subjects, own, common, strict=True)
    )
