"""The options of an item: one right, the others from the same part of the world; or why none."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from clika.tasks.atlas.countries import CONTINENT_OF, REGION_OF
from clika.tasks.atlas.facts import Answers, Relation, answers
from clika.tasks.atlas.giveaways import gives_away

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from clika.tasks.atlas.choices import AtlasChoices
    from clika.tasks.atlas.names import Names

__all__ = ["LOSSES", "NAME_LOSSES", "Loss", "Lost", "OptionDraw"]

#: Why a country has no item, in the order in which the filters look.
Loss = Literal["several", "unnamed", "namesake", "giveaway", "distractors"]
LOSSES: tuple[Loss, ...] = get_args(Loss)
#: Those that turn on the names of a language.
NAME_LOSSES: tuple[Loss, ...] = ("unnamed", "namesake", "giveaway")


class Lost(NamedTuple):
    """Why a country has no item, and in which languages that shows."""

    why: Loss
    languages: tuple[str, ...] = ()


class OptionDraw:
    """The draw of one relation's options, the same in all languages.

    Parameters
    ----------
    relation
        What is asked.
    choices
        Seed, number of options and whether to keep giveaways count here.
    named
        The names of each chosen language.
    """

    def __init__(
        self, relation: Relation, choices: AtlasChoices, named: Mapping[str, Names]
    ) -> None:
        self._relation = relation
        self._choices = choices
        self._named = named
        self._answers = answers(relation)
        self._countries = {language: _keys(names.countries) for language, names in named.items()}
        self._options = {
            language: _keys(names.options[relation]) for language, names in named.items()
        }
        self._namesakes = {
            language: {key for key, count in Counter(keys.values()).items() if count > 1}
            for language, keys in self._countries.items()
        }

    def draw(self, country: str) -> tuple[str, ...] | Lost:
        """Return the codes of a country's options in the order of the letters, or why not."""
        found = self._answers[country]
        if len(found.right) != 1:
            return Lost("several")
        lost = self._lost_by_name(country, found.right[0])
        if lost is not None:
            return lost
        chosen = self._with_distractors(country, found)
        if len(chosen) < self._choices.options:
            return Lost("distractors")
        return tuple(sorted(chosen, key=lambda code: self._rank("order", country, code)))

    def _lost_by_name(self, country: str, right: str) -> Lost | None:
        filters: dict[Loss, Callable[[str, str, str], bool]] = {
            "unnamed": self._is_unnamed,
            "namesake": self._has_namesake,
        }
        if not self._choices.giveaways:
            filters["giveaway"] = self._is_given_away
        for why, catches in filters.items():
            languages = tuple(lang for lang in self._named if catches(lang, country, right))
            if languages:
                return Lost(why, languages)
        return None

    def _is_unnamed(self, language: str, _: str, right: str) -> bool:
        return right not in self._options[language]

    def _has_namesake(self, language: str, country: str, _: str) -> bool:
        return self._countries[language][country] in self._namesakes[language]

    def _is_given_away(self, language: str, country: str, right: str) -> bool:
        names = self._named[language]
        return gives_away(names.countries[country], names.options[self._relation][right])

    def _with_distractors(self, country: str, found: Answers) -> list[str]:
        """Return the right code and wrong ones, together at most the number of options.

        Wrong ones are right for another country of the same region and, where those do not suffice,
        of the same continent. In no language do two options have one name.
        """
        chosen = list(found.right)
        is_far = self._nearby(country)
        for code in sorted(
            is_far, key=lambda code: (is_far[code], self._rank("distractor", country, code))
        ):
            if len(chosen) == self._choices.options:
                break
            if code not in found.also and self._is_apart(code, chosen):
                chosen.append(code)
        return chosen

    def _nearby(self, country: str) -> dict[str, bool]:
        """Return the answers of the continent, and whether they are of other regions only."""
        region = REGION_OF[country]
        is_far: dict[str, bool] = {}
        for other, found in self._answers.items():
            if CONTINENT_OF[REGION_OF[other]] == CONTINENT_OF[region]:
                for code in found.right:
                    is_far[code] = is_far.get(code, True) and REGION_OF[other] != region
        return is_far

    def _is_apart(self, code: str, chosen: Iterable[str]) -> bool:
        return all(
            code in keys and all(keys[code] != keys[other] for other in chosen)
            for keys in self._options.values()
        )

    def _rank(self, *what: str) -> bytes:
        key = " ".join((str(self._choices.seed), self._relation, *what))
        return hashlib.sha256(key.encode()).digest()


def _keys(names: Mapping[str, str]) -> dict[str, str]:
    """Return names so that two which a reader takes for one are equal."""
    return {code: unicodedata.normalize("NFKC", name).casefold() for code, name in names.items()}
