"""What the fictional training sets teach: which place on which continent, by which template.

The sets are plain sentences. A sentence is taken apart by its names: of all the known names in it,
the one is meant whose removal leaves the template that most sentences share. No template is written
down here, so sets with other wordings or languages are read as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from clika.tasks.fictional import FictionalSets, Question

__all__ = [
    "Conflict",
    "Slot",
    "Statement",
    "Taught",
    "continents_of",
    "fill_slots",
    "find_conflict",
    "read_taught",
    "taught_elsewhere_in",
]

_SLOT = "{}"
# Stands for the place while a sentence is searched for the continent; it occurs in no text.
_PLACE = "\x00"


class Slot(NamedTuple):
    """A sentence taken apart: its template, with ``{}`` for the name, and the name."""

    template: str
    name: str


class Statement(NamedTuple):
    """A taught fact, read.

    Attributes
    ----------
    row
        1-based line of the training file.
    language
        Language it is stated in: the source or the target.
    place, continent
        What it states.
    template
        The question's template.
    sentence
        The answer, with ``{}`` for the continent.
    """

    row: int
    language: str
    place: str
    continent: str
    template: str
    sentence: str


class Taught(NamedTuple):
    """What one training set teaches.

    Attributes
    ----------
    statements
        Every fact that could be read.
    unread
        Lines with facts in which no known place or continent could be told.
    """

    statements: tuple[Statement, ...]
    unread: tuple[int, ...]

    def continents(self, language: str) -> dict[str, frozenset[str]]:
        """Return the continents that each place is taught to be on in a language."""
        found: dict[str, set[str]] = defaultdict(set)
        for statement in self.statements:
            if statement.language == language:
                found[statement.place].add(statement.continent)
        return {place: frozenset(continents) for place, continents in found.items()}

    def templates(self, language: str) -> frozenset[str]:
        """Return the question templates of a language."""
        return frozenset(row.template for row in self.statements if row.language == language)


def fill_slots(texts: Sequence[str], names: Collection[str]) -> list[Slot | None]:
    """Take sentences apart into a template and a name.

    Parameters
    ----------
    texts
        Sentences that share some templates.
    names
        Names that may fill the slot.

    Returns
    -------
    list of Slot or None
        One for each text: of the names in it, the one that leaves the most frequent template; of
        equals, the longest. ``None`` for a text without any of the names.

    Examples
    --------
    >>> fill_slots(["Is sea wide?", "Is sea star wide?", "Hm."], ["sea", "star", "sea star"])
    [Slot(template='Is {} wide?', name='sea'), Slot(template='Is {} wide?', name='sea star'), None]
    """
    by_start: dict[str, list[str]] = defaultdict(list)
    for name in set(names):
        if name:
            by_start[name[0]].append(name)
    candidates = {text: list(_candidates(text, by_start)) for text in set(texts)}
    frequency = Counter(slot.template for text in texts for slot in set(candidates[text]))
    best = {
        text: max(
            slots,
            key=lambda slot: (frequency[slot.template], len(slot.name), slot.template),
            default=None,
        )
        for text, slots in candidates.items()
    }
    return [best[text] for text in texts]


def _candidates(text: str, by_start: Mapping[str, list[str]]) -> Iterator[Slot]:
    for start, character in enumerate(text):
        for name in by_start.get(character, ()):
            if text.startswith(name, start):
                yield Slot(text[:start] + _SLOT + text[start + len(name) :], name)


def _names(sets: FictionalSets, target: str) -> tuple[set[str], set[str]]:
    """Return (names of places, names of continents) in the source and the target language.

    A continent may be called in training by a name that no test has; then the translations have it.
    """
    questions = [*sets.tests[sets.source], *sets.tests[target]]
    places = {question.place for question in questions}
    continents = {question.continent for question in questions}
    for pair in sets.training[target].translations:
        continents |= {pair.given, pair.wanted} - places
    return places, continents


def read_taught(sets: FictionalSets, target: str) -> Taught:
    """Return what the training set of a target language teaches.

    Parameters
    ----------
    sets
        The fictional sets.
    target
        A language with a training set.

    Notes
    -----
    A template is of the language to which more of its places belong, since some names are the same
    in both; where equally many belong to both, it is of the source language.
    """
    facts = sets.training[target].facts
    places, continents = _names(sets, target)
    asked = fill_slots([fact.prompt for fact in facts], places)
    stated = fill_slots(
        [
            fact.answer.replace(slot.name, _PLACE) if slot else fact.answer
            for fact, slot in zip(facts, asked, strict=True)
        ],
        continents,
    )
    belongs: Counter[str] = Counter()
    for language, sign in ((sets.source, -1), (target, 1)):
        own = {question.place for question in sets.tests[language]}
        for slot in asked:
            if slot and slot.name in own:
                belongs[slot.template] += sign

    statements: list[Statement] = []
    unread: list[int] = []
    for fact, place, continent in zip(facts, asked, stated, strict=True):
        if place is None or continent is None:
            unread.append(fact.row)
            continue
        language = target if belongs[place.template] > 0 else sets.source
        sentence = continent.template.replace(_PLACE, place.name)
        statements.append(
            Statement(fact.row, language, place.name, continent.name, place.template, sentence)
        )
    return Taught(tuple(statements), tuple(unread))


class Conflict(NamedTuple):
    """Where the taught continents are not the tested ones.

    Attributes
    ----------
    places
        Places that are taught and tested, and never taught with a continent of the test.
    n_compared
        Places that are taught and tested.
    taught_as
        Tested continent to the continents that its places are taught with, over all places whose
        name has one tested continent.
    """

    places: tuple[str, ...]
    n_compared: int
    taught_as: Mapping[str, frozenset[str]]

    @property
    def is_one_to_one(self) -> bool:
        """Whether the taught names are the tested ones under other names."""
        images = [names for names in self.taught_as.values() if names]
        return all(len(names) == 1 for names in images) and len(set(images)) == len(images)

    @property
    def renaming(self) -> Mapping[str, frozenset[str]]:
        """Tested continent to its one taught name, where all were renamed; else empty."""
        return self.taught_as if self.places and self.is_one_to_one else {}


def continents_of(questions: Sequence[Question]) -> dict[str, frozenset[str]]:
    """Return the continents of each place's name: one, or more where places share the name."""
    found: dict[str, set[str]] = defaultdict(set)
    for question in questions:
        found[question.place].add(question.continent)
    return {place: frozenset(continents) for place, continents in found.items()}


def find_conflict(sets: FictionalSets, taught: Taught, language: str) -> Conflict:
    """Return where what is taught in a language is not what is tested in it."""
    gold = continents_of(sets.tests[language])
    continents = taught.continents(language)
    compared = [place for place in gold if place in continents]
    taught_as: dict[str, set[str]] = defaultdict(set)
    for place in compared:
        if len(gold[place]) == 1:
            taught_as[next(iter(gold[place]))] |= continents[place]
    return Conflict(
        tuple(place for place in compared if not continents[place] & gold[place]),
        len(compared),
        {name: frozenset(names) for name, names in taught_as.items()},
    )


def taught_elsewhere_in(sets: FictionalSets, taught: Taught, target: str) -> list[Question]:
    """Return the questions whose place's name was taught in the target on another continent.

    A renaming of all continents is not counted again: it is undone first.
    """
    renaming = find_conflict(sets, taught, target).renaming
    continents = taught.continents(target)
    return [
        question
        for question in sets.tests[target]
        if continents.get(question.place, frozenset())
        - renaming.get(question.continent, {question.continent})
    ]
