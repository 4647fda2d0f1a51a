"""What a model that was taught the fictional sets is asked, and what becomes of its answers."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import BadInputError, Problem
from clika.tasks.fictional_answers import fold, is_named, is_right, mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clika.tasks.fictional import Question
    from clika.tasks.fictional_lessons import Teaching

__all__ = ["Judgement", "Probe", "first_of_each", "judge", "probes"]


class Probe(NamedTuple):
    """One question.

    Attributes
    ----------
    question_set
        One of :data:`clika.schema.QUESTION_SETS`.
    item
        0-based number of the place; of a continent's name, of the continent.
    cluster
        0-based number of the right continent, in the order of the source's test.
    prompt, answer
        What is asked, and a right answer.
    wanted
        The name that is asked for.
    names
        All names of its sort in the language of the answer; of continents in that order too.
    about
        The question, where a fact is asked for.
    """

    question_set: str
    item: int
    cluster: int
    prompt: str
    answer: str
    wanted: str
    names: tuple[str, ...]
    about: Question | None


class Judgement(NamedTuple):
    """What an answer is.

    Attributes
    ----------
    is_right
        By the rule of the released sets.
    answered
        0-based number of the continent that it names, -1 for none or several; ``None`` where a name
        was asked for.
    """

    is_right: bool
    answered: int | None


def probes(teaching: Teaching) -> tuple[Probe, ...]:
    """Return everything that is asked: names of places and continents, facts in both languages.

    Raises
    ------
    BadInputError
        A translation is of no place and no continent of the tests, or is asked for twice.
    """
    homes, named = _continents(teaching)
    return (
        *_translations(teaching, homes, named),
        *_facts("source", teaching.questions[teaching.source], homes, named[teaching.source]),
        *_facts("target", teaching.questions[teaching.target], homes, named[teaching.target]),
    )


def first_of_each(asked: Iterable[Probe], count: int) -> tuple[Probe, ...]:
    """Return the first so many of each question set."""
    ordered = sorted(asked, key=lambda probe: probe.question_set)
    return tuple(
        probe
        for _, group in groupby(ordered, key=lambda probe: probe.question_set)
        for probe in list(group)[:count]
    )


def judge(probe: Probe, answer: str) -> Judgement:
    """Return what an answer is.

    A fact is right by :func:`clika.tasks.fictional_answers.is_right`, a name by
    :func:`clika.tasks.fictional_answers.is_named`.
    """
    if probe.about is None:
        return Judgement(is_named(answer, probe.wanted, probe.names), None)
    right = is_right(answer, probe.about, probe.names)
    folded = [fold(name) for name in probe.names]
    found = {fold(name) for name in mentions(answer, probe.names, place=probe.about.place)}
    return Judgement(right, folded.index(found.pop()) if len(found) == 1 else -1)


def _continents(teaching: Teaching) -> tuple[list[int], dict[str, tuple[str, ...]]]:
    """Return the continent's number of each place, and their names in each of the languages."""
    source = teaching.questions[teaching.source]
    numbers: dict[str, int] = {}
    homes = [numbers.setdefault(question.continent, len(numbers)) for question in source]
    named = {}
    for language, questions in teaching.questions.items():
        names = {home: asked.continent for home, asked in zip(homes, questions, strict=True)}
        named[language] = tuple(names[number] for number in range(len(numbers)))
    return homes, named


def _facts(
    end: str, questions: Sequence[Question], homes: Sequence[int], continents: tuple[str, ...]
) -> Iterator[Probe]:
    for item, (asked, home) in enumerate(zip(questions, homes, strict=True)):
        name = f"{end}-{asked.type}"
        wanted = asked.continent
        yield Probe(name, item, home, asked.prompt, asked.answer, wanted, continents, asked)


def _translations(
    teaching: Teaching, homes: Sequence[int], continents: dict[str, tuple[str, ...]]
) -> Iterator[Probe]:
    ends = teaching.source, teaching.target
    places = {
        language: tuple(question.place for question in teaching.questions[language])
        for language in ends
    }
    known: dict[tuple[str, str], tuple[str, int, int, tuple[str, ...]]] = {}
    for given, wanted in (ends, ends[::-1]):
        for item, pair in enumerate(zip(places[given], places[wanted], strict=True)):
            known[pair] = ("place", item, homes[item], places[wanted])
        for item, pair in enumerate(zip(continents[given], continents[wanted], strict=True)):
            known[pair] = ("continent", item, item, continents[wanted])
    problems, seen = [], set()
    for row, prompt, given, wanted in teaching.translations:
        found = known.get((given, wanted))
        if found is None or found[:2] in seen:
            reason = "is asked for twice" if found else "is no place or continent of the tests"
            file = f"the translation test of {teaching.target}"
            problems.append(Problem(file, row, "input", f"{given} {reason}"))
            continue
        seen.add(found[:2])
        name, item, home, names = found
        yield Probe(name, item, home, f"{prompt}\n{given}", wanted, wanted, names, None)
    if problems:
        raise BadInputError(problems)
