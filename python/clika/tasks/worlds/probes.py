"""What a model is asked about a world after it was taught, and when its answer is right."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.errors import ConfigError
from clika.tasks.fictional import FACTS_IN_BOTH, Question
from clika.tasks.fictional_answers import is_named, is_right, mentions
from clika.tasks.worlds.draws import Draws
from clika.tasks.worlds.phrases import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clika.tasks.worlds.world import World

__all__ = [
    "TESTS",
    "Probe",
    "Test",
    "Wording",
    "answered_right",
    "fact_choices",
    "named_continent",
    "probes",
]

Test = Literal["translate", "continents", "source-0", "source-1", "target-0", "target-1"]
Wording = Literal["seen", "unseen"]

#: The tests: names of places and people, and of continents, from the source to the target; facts by
#: the language asked and the type of place or person. The gate's figure ``translate`` counts the
#: first two.
TESTS: tuple[Test, ...] = (
    "translate",
    "continents",
    "source-0",
    "source-1",
    "target-0",
    "target-1",
)

_NAME_TESTS: tuple[Test, ...] = ("translate", "continents")


class Probe(NamedTuple):
    """A test question, to be answered freely or by choice.

    Attributes
    ----------
    test
        One of :data:`TESTS`.
    item
        Item id of the place or person, for ``continents`` 0-based number of the continent.
    language
        Code of the language of the question and its answer.
    prompt
        The question.
    answer
        A right answer.
    subject
        The name that the question is about.
    wanted
        The name that answers it.
    options
        Names to choose from; the same things in the same order in every language.
    gold
        0-based right option.
    """

    test: Test
    item: int
    language: str
    prompt: str
    answer: str
    subject: str
    wanted: str
    options: tuple[str, ...]
    gold: int


def probes(
    world: World, source: str, target: str, *, wording: Wording = "seen", options: int = 4
) -> tuple[Probe, ...]:
    """Return the test questions of the conductivity protocol.

    Parameters
    ----------
    world
        The world.
    source, target
        Codes of two of its languages.
    wording
        Of what is asked in the target, names and facts. ``seen``: the first of the trained
        wordings. ``unseen``: one that no training line has. The source is asked in a seen wording,
        as in the official release.
    options
        How many options each question has.

    Returns
    -------
    tuple of Probe
        Test after test in the order of :data:`TESTS`. Where translations are trained in one
        direction only, no training line asks for names in the target, so ``seen`` has no meaning
        for these two tests.

    Raises
    ------
    UnknownNameError, ConfigError
        As :meth:`~clika.tasks.worlds.world.World.check_pair` says; fewer continents than options.

    Examples
    --------
    >>> from clika.tasks.worlds.world import WorldPlan, make_world
    >>> world = make_world(WorldPlan(("en", "de"), places=4, continents=2))
    >>> last = probes(world, "en", "de", options=2)[-1]
    >>> print(last.test, last.prompt, last.answer)
    target-1 Auf welchem Kontinent liegt Kbevzuzgu? Kbevzuzgu liegt in Gkekpa.
    >>> last.options, last.gold
    (('Gkekpa', 'Gpudze'), 0)
    """
    world.check_pair(source, target)
    _check_options(world, options)
    asked = [
        *_name_probes(world, source, target, wording, options),
        *_fact_probes(world, source, "source", "seen", options),
        *_fact_probes(world, target, "target", wording, options),
    ]
    return tuple(sorted(asked, key=lambda probe: TESTS.index(probe.test)))


def answered_right(world: World, probe: Probe, answer: str) -> bool:
    """Return whether an answer names what is asked for, and nothing else of its sort.

    Facts are judged by :func:`clika.tasks.fictional_answers.is_right`. A translation is right when
    it has the wanted name and no other name of a place or person, or of a continent, in that
    language.
    """
    names = world.names[probe.language]
    if probe.test in _NAME_TESTS:
        sort = names.subjects if probe.test == "translate" else names.continents
        return is_named(answer, probe.wanted, sort)
    kind = world.subjects[probe.item].kind
    question = Question(probe.item, probe.prompt, probe.answer, probe.subject, probe.wanted, kind)
    return is_right(answer, question, names.continents)


def named_continent(world: World, probe: Probe, answer: str) -> int | None:
    """Return which continent an answer to a fact names: 0-based, -1 for none or several.

    Returns
    -------
    int or None
        ``None`` where the probe asks for a translation.
    """
    if probe.test in _NAME_TESTS:
        return None
    continents = world.names[probe.language].continents
    found = mentions(answer, continents, place=probe.subject)
    return continents.index(next(iter(found))) if len(found) == 1 else -1


def fact_choices(
    world: World, language: str, *, options: int = 4
) -> tuple[tuple[Probe, tuple[str, ...]], ...]:
    """Return the question about each place and person in one language, options as sentences.

    Parameters
    ----------
    world
        The world.
    language
        Code of one of its languages.
    options
        How many options each question has; the same things in the same order in every language.

    Returns
    -------
    tuple of (Probe, tuple of str)
        By item id. A sentence states that the place is on the option's continent, or that
        the person comes from it.

    Raises
    ------
    ConfigError
        There are fewer continents than options.
    """
    _check_options(world, options)
    found = sorted(
        _fact_probes(world, language, "source", "seen", options), key=lambda probe: probe.item
    )
    choices: list[tuple[Probe, tuple[str, ...]]] = []
    for probe in found:
        statement = world.phrases_about(language, probe.item).statements[0]
        sentences = (fill(statement, probe.subject, option) for option in probe.options)
        choices.append((probe, tuple(sentences)))
    return tuple(choices)


def _check_options(world: World, options: int) -> None:
    if not 1 < options <= world.plan.continents:
        raise ConfigError(
            f"Questions with {options} options in a world of {world.plan.continents} continents: "
            "ask for two options or more, and no more than there are continents."
        )


def _name_probes(
    world: World, source: str, target: str, wording: Wording, options: int
) -> Iterator[Probe]:
    for given, wanted in zip(world.groups(source), world.groups(target), strict=True):
        test: Test = "continents" if wanted.sort == "continent" else "translate"
        phrases = wanted.phrases
        text = phrases.translations[0] if wording == "seen" else phrases.unseen_translation
        for number, (name, answer) in enumerate(zip(given.names, wanted.names, strict=True)):
            item = wanted.first + number
            purpose = f"name of {wanted.sort} {item}"
            offered, gold = _offer(world, purpose, wanted.names, number, options)
            prompt = text.format(name=name)
            yield Probe(test, item, target, prompt, answer, name, answer, offered, gold)


def _fact_probes(
    world: World, language: str, end: Literal["source", "target"], wording: Wording, options: int
) -> Iterator[Probe]:
    names, continents = world.names[language].subjects, world.names[language].continents
    tests: dict[str, tuple[Test, Test]] = {
        "source": ("source-0", "source-1"),
        "target": ("target-0", "target-1"),
    }
    both, source_only = tests[end]
    for item, subject in enumerate(world.subjects):
        test = both if subject.kind == FACTS_IN_BOTH else source_only
        phrases = world.phrases_about(language, item)
        text = phrases.questions[0] if wording == "seen" else phrases.unseen_question
        name, wanted = names[item], continents[subject.continent]
        prompt, answer = fill(text, name), fill(phrases.statements[0], name, wanted)
        purpose = f"continent of {world.sort(item)} {item}"
        offered, gold = _offer(world, purpose, continents, subject.continent, options)
        yield Probe(test, item, language, prompt, answer, name, wanted, offered, gold)


def _offer(
    world: World, purpose: str, names: tuple[str, ...], right: int, count: int
) -> tuple[tuple[str, ...], int]:
    """Return the options and which is right; drawn for the purpose, not for the language."""
    draws = Draws(world.plan.seed, "options", purpose)
    others = (other for other in draws.distinct(len(names)) if other != right)
    chosen = list(islice(others, count - 1))
    gold = Draws(world.plan.seed, "gold", purpose).below(count)
    chosen.insert(gold, right)
    return tuple(names[number] for number in chosen), gold
