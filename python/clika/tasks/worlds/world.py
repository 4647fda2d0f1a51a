"""A fictional world: places in continents, and what they are called in each language."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.errors import ConfigError, UnknownNameError
from clika.tasks.fictional_answers import fold
from clika.tasks.worlds.names import Namer, share_syllables
from clika.tasks.worlds.phrases import Phrases, language_code, phrases_of, script_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Names", "Place", "World", "WorldPlan", "make_world"]

# A place's name is longer than a continent's, so that in scripts without spaces none is within one.
_CONTINENT_SYLLABLES, _PLACE_SYLLABLES = 2, 3
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
        Share in [0, 1] of the places of each type whose name is the same in all languages. A place
        that is shared at one share is shared at every larger one, and all other names stay.
    shared_continents
        Whether the continents' names are the same in all languages.
    excluded
        Names that are never made, nor stand within a longer one; compared after NFKC and case
        folding.
    """

    languages: tuple[str, ...]
    seed: int = 0
    places: int = 400
    continents: int = 20
    shared_places: float = 0.0
    shared_continents: bool = False
    excluded: frozenset[str] = frozenset()


class Place(NamedTuple):
    """A place, whatever it is called.

    Attributes
    ----------
    continent
        0-based continent that it is on.
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
    """All names in one language, by the 0-based number of the place or continent."""

    places: tuple[str, ...]
    continents: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """A world.

    Attributes
    ----------
    plan
        What it was made from, its languages as codes.
    places
        Which place is where; a place's number is its item id in every language.
    names, phrases
        Of each language.
    """

    plan: WorldPlan
    places: tuple[Place, ...]
    names: Mapping[str, Names]
    phrases: Mapping[str, Phrases]

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of everything that the world says."""
        spoken = {
            code: [self.names[code]._asdict(), self.phrases[code]._asdict()] for code in self.names
        }
        plan = {**asdict(self.plan), "excluded": sorted(self.plan.excluded)}
        text = json.dumps([plan, self.places, spoken], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

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
        No two names of a language are equal, and no place's holds a continent's. Names of two
        languages have no syllable in common but where they are shared on purpose. The continents
        have as many places as each other, and as many of each type, or differ by one.

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
    places = _lay_out(plan)
    namers = share_syllables(plan.seed, {code: script_of(code) for code in codes})
    own = {code: _own_names(plan, namers[code]) for code in codes}
    names = {code: _with_shared(plan, places, own[code], own[codes[0]]) for code in codes}
    return World(plan, places, names, {code: phrases_of(namers[code]) for code in codes})


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
    if not 0 <= plan.shared_places <= 1:
        raise ConfigError(f"The share of shared places is {plan.shared_places}, not in [0, 1].")


def _lay_out(plan: WorldPlan) -> tuple[Place, ...]:
    """Return the places: continents in turn, types by turns within each continent.

    The names are drawn by chance, so the regular order tells nothing to who learns them.
    """
    laid: list[Place] = []
    counts = [0, 0]
    kinds = [_kind(plan, place) for place in range(plan.places)]
    shared = [int(plan.shared_places * kinds.count(kind) + 0.5) for kind in (0, 1)]
    for place, kind in enumerate(kinds):
        laid.append(Place(place % plan.continents, kind, shared=counts[kind] < shared[kind]))
        counts[kind] += 1
    return tuple(laid)


def _kind(plan: WorldPlan, place: int) -> Literal[0, 1]:
    turn, continent = divmod(place, plan.continents)
    # Neighbouring continents begin with different types: odd numbers of places even out.
    return 1 if (turn + continent) % 2 else 0


def _own_names(plan: WorldPlan, namer: Namer) -> Names:
    excluded = frozenset(fold(name) for name in plan.excluded)
    continents = namer.names(
        "continents", plan.continents, length=_CONTINENT_SYLLABLES, excluded=excluded
    )
    # A place that bears a continent's name would tell, or mislead.
    excluded |= {fold(name) for name in continents}
    places = namer.names("places", plan.places, length=_PLACE_SYLLABLES, excluded=excluded)
    return Names(places, continents)


def _with_shared(plan: WorldPlan, places: tuple[Place, ...], own: Names, first: Names) -> Names:
    return Names(
        tuple(
            common if place.shared else name
            for place, name, common in zip(places, own.places, first.places, strict=True)
        ),
        first.continents if plan.shared_continents else own.continents,
    )
