"""The released fictional sets as lessons: what a model is taught for one target language.

By default these are the lines of the training set, as they are. Three dials change what the audit
finds in them: translations taught in one direction and asked in the other, test questions worded as
no training line is, and a training set that renames the continents.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.errors import ConfigError, UnknownNameError
from clika.languages import LANGUAGES
from clika.tasks.fictional import FACTS_IN_BOTH, Translation
from clika.tasks.fictional_taught import (
    continents_of,
    find_conflict,
    read_taught,
    taught_elsewhere_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clika.tasks.fictional import FictionalSets, Question
    from clika.tasks.fictional_taught import Taught

__all__ = ["Dials", "Lesson", "Teaching", "read_teaching"]

Directions = Literal["one", "both"]
Template = Literal["as-released", "seen"]

_SLOT = "{}"


class Dials(NamedTuple):
    """How the lessons differ from the released lines.

    Attributes
    ----------
    directions
        ``one``: translations as released. ``both``: each also the other way round, with the same
        wording in which the names of the two languages change places.
    template
        ``as-released``, or ``seen``: what is asked in the target language has a wording that occurs
        in training, the one nearest to the released.
    map_renamed
        Whether continents that the training set renames get the names of the tests.
    """

    directions: Directions = "one"
    template: Template = "as-released"
    map_renamed: bool = False


class Lesson(NamedTuple):
    """One line to be learnt: what is said to the model, and what it should say."""

    prompt: str
    answer: str


class Teaching(NamedTuple):
    """What is taught for one target language, and how it is then asked.

    Attributes
    ----------
    source, target
        The languages.
    lessons
        Every line, in the order of the file; reversed translations follow.
    questions
        The questions of each of the two languages, in the order of the places.
    translations
        The translation test.
    elsewhere
        0-based numbers of the places whose name in the target language names a place on another
        continent too, or was taught in that language with another continent.
    """

    source: str
    target: str
    lessons: tuple[Lesson, ...]
    questions: Mapping[str, tuple[Question, ...]]
    translations: tuple[Translation, ...]
    elsewhere: frozenset[int]


def read_teaching(sets: FictionalSets, target: str, dials: Dials | None = None) -> Teaching:
    """Return what is taught for a target language.

    Parameters
    ----------
    sets
        The fictional sets of a release.
    target
        A language with a training set.
    dials
        ``None``: as released.

    Raises
    ------
    UnknownNameError
        There is no such training set.
    ConfigError
        A renaming is to be undone where there is none, or questions are to be worded as in training
        and no fact of the training set can be read.
    """
    dials = dials or Dials()
    if target not in sets.training:
        raise UnknownNameError("target language", target, [*sets.training])
    taught = read_taught(sets, target)
    tested = sets.tests[target]
    questions = {sets.source: sets.tests[sets.source], target: tested}
    if dials.template == "seen":
        questions[target] = tuple(_reworded(sets, taught, target))
    return Teaching(
        source=sets.source,
        target=target,
        lessons=tuple(_lessons(sets, taught, target, dials)),
        questions=questions,
        translations=sets.translate_tests[target],
        elsewhere=_elsewhere(sets, taught, target),
    )


def _lessons(sets: FictionalSets, taught: Taught, target: str, dials: Dials) -> Iterator[Lesson]:
    names = _old_names(sets, taught, target) if dials.map_renamed else {}
    training = sets.training[target]
    stated = {statement.row: statement for statement in taught.statements}
    pairs = [_with_old_names(pair, sets.source, target, names) for pair in training.translations]
    lines: dict[int, Lesson] = {pair.row: _translating(pair) for pair in pairs}
    for fact in training.facts:
        answer = fact.answer
        statement = stated.get(fact.row)
        old = names.get(statement.language, {}).get(statement.continent) if statement else None
        if statement and old:
            answer = statement.sentence.replace(_SLOT, old, 1)
        lines[fact.row] = Lesson(fact.prompt, answer)
    yield from (lines[row] for row in sorted(lines))
    if dials.directions == "both":
        swap = _swapper(sets.source, target)
        for pair in pairs:
            yield _translating(Translation(pair.row, swap(pair.prompt), pair.wanted, pair.given))


def _translating(pair: Translation) -> Lesson:
    return Lesson(f"{pair.prompt}\n{pair.given}", pair.wanted)


class _Swapper(NamedTuple):
    """Lets two names change places in a text."""

    names: Mapping[str, str]

    def __call__(self, text: str) -> str:
        either = "|".join(map(re.escape, self.names))
        return re.sub(rf"\b({either})\b", lambda found: self.names[found[0]], text)


def _swapper(source: str, target: str) -> _Swapper:
    names = {language.code: language.name for language in LANGUAGES}
    first, second = names[source], names[target]
    return _Swapper({first: second, second: first})


def _old_names(sets: FictionalSets, taught: Taught, target: str) -> dict[str, dict[str, str]]:
    """Return, for each of the two languages, the tested name of each renamed continent."""
    found = {
        language: {
            next(iter(new)): old
            for old, new in find_conflict(sets, taught, language).renaming.items()
        }
        for language in (sets.source, target)
    }
    if not any(found.values()):
        raise ConfigError(
            f"The training set of {target} calls the continents as its test does: there is no "
            "renaming to undo."
        )
    return found


def _with_old_names(
    pair: Translation, source: str, target: str, names: Mapping[str, Mapping[str, str]]
) -> Translation:
    """Return a translation with the tested names; they are those of either language."""
    both = {**names.get(source, {}), **names.get(target, {})}
    if pair.given not in both and pair.wanted not in both:
        return pair
    return pair._replace(
        given=both.get(pair.given, pair.given), wanted=both.get(pair.wanted, pair.wanted)
    )


def _reworded(sets: FictionalSets, taught: Taught, target: str) -> Iterator[Question]:
    """Yield the questions of the target language in a wording that occurs in training."""
    trained = sorted(taught.templates(target))
    if not trained:
        raise ConfigError(f"No fact of the training set of {target} can be read.")
    answers = {
        (statement.template, statement.place): statement.sentence
        for statement in taught.statements
        if statement.language == target
    }
    for question in sets.tests[target]:
        template = question.prompt.replace(question.place, _SLOT)
        if template in trained:
            yield question
            continue
        (near,) = difflib.get_close_matches(template, trained, n=1, cutoff=0)
        # What was never stated has no sentence of that wording.
        stated = answers.get((near, question.place)) if question.type == FACTS_IN_BOTH else None
        yield question._replace(
            prompt=near.replace(_SLOT, question.place),
            answer=stated.replace(_SLOT, question.continent, 1) if stated else question.answer,
        )


def _elsewhere(sets: FictionalSets, taught: Taught, target: str) -> frozenset[int]:
    tested = sets.tests[target]
    homes = continents_of(tested)
    rows = {question.row for question in taught_elsewhere_in(sets, taught, target)}
    return frozenset(
        number
        for number, question in enumerate(tested)
        if len(homes[question.place]) > 1 or question.row in rows
    )
