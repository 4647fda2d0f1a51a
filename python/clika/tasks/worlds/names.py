"""Names in one language, made of its syllables."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError
from clika.tasks.worlds.draws import Draws
from clika.tasks.worlds.scripts import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["Namer", "share_syllables"]


class Namer(NamedTuple):
    """What makes the names of one language.

    Attributes
    ----------
    seed
        Of the world.
    language
        Its code.
    script
        Name of its script.
    syllables
        Those of the script that are this language's own in this world.
    """

    seed: int
    language: str
    script: str
    syllables: tuple[str, ...]

    def capacity(self, length: int) -> int:
        """Return how many names of so many syllables there are."""
        return int(len(self.syllables) ** length)

    def names(
        self, purpose: str, count: int, *, length: int, excluded: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Return names, no two of them equal.

        Parameters
        ----------
        purpose
            What they are names of; another purpose gives other names.
        count
            How many. A larger count begins with the names of a smaller one.
        length
            Syllables of each name.
        excluded
            Names that are never made, nor stand within a longer one; NFKC and case-folded.

        Raises
        ------
        ConfigError
            There are fewer names than that; the message says how many.
        """
        found = tuple(islice(self._all(purpose, length, excluded), count))
        if len(found) < count:
            raise ConfigError(
                f"A world with {count:,} {purpose} in language {self.language}: its generator has "
                f"{len(found):,} names for them ({len(self.syllables)} syllables of {self.script} "
                f"script, {length} to a name). Ask for fewer, or for fewer languages in that "
                "script."
            )
        return found

    def phrases(self, purpose: str, count: int, *, length: int) -> tuple[str, ...]:
        """Return phrases of one-syllable words, which contain no name in any script."""
        spelled = islice(self._spellings(purpose, length), count)
        found = tuple(" ".join(syllables) for syllables in spelled)
        if len(found) < count:
            raise ConfigError(
                f"A world with the invented language {self.language}: it needs {count} phrases and "
                f"its generator has {len(found)} ({len(self.syllables)} syllables of {self.script} "
                "script). Ask for fewer languages in that script."
            )
        return found

    def _all(self, purpose: str, length: int, excluded: Collection[str]) -> Iterator[str]:
        cased = SCRIPTS[self.script].cased
        for syllables in self._spellings(purpose, length):
            if excluded and not _runs(syllables).isdisjoint(excluded):
                continue
            name = "".join(syllables)
            yield name.capitalize() if cased else name

    def _spellings(self, purpose: str, length: int) -> Iterator[list[str]]:
        draws = Draws(self.seed, "names", self.language, purpose)
        base = len(self.syllables)
        for rank in draws.distinct(self.capacity(length)):
            yield [self.syllables[rank // base**place % base] for place in range(length)]


def _runs(syllables: list[str]) -> set[str]:
    """Return all names that stand within a name, itself included."""
    starts = range(len(syllables))
    return {"".join(syllables[start : end + 1]) for start in starts for end in starts[start:]}


def share_syllables(seed: int, scripts: Mapping[str, str]) -> dict[str, Namer]:
    """Give each language syllables of its own.

    Parameters
    ----------
    seed
        Of the world.
    scripts
        Name of the script of each language code.

    Returns
    -------
    dict of str to Namer
        Languages of one script divide its syllables, as evenly as they go; a language has fewer
        names the more languages share its script, and none where there are more languages than
        syllables.
    """
    namers: dict[str, Namer] = {}
    for script in dict.fromkeys(scripts.values()):
        codes = [code for code, written in scripts.items() if written == script]
        shuffled = Draws(seed, "syllables", script).shuffled(SCRIPTS[script].syllables)
        for place, code in enumerate(codes):
            namers[code] = Namer(seed, code, script, tuple(shuffled[place :: len(codes)]))
    return {code: namers[code] for code in scripts}
