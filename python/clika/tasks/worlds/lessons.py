"""What a model is taught of a world, for one source and one target language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.tasks.fictional import FACTS_IN_BOTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clika.tasks.worlds.world import World

__all__ = ["Directions", "Lesson", "Part", "Subject", "lessons"]

Part = Literal["translate", "source-facts", "target-facts"]
Subject = Literal["place", "continent"]
Directions = Literal["one", "both"]


class Lesson(NamedTuple):
    """A training line.

    Attributes
    ----------
    part
        What it belongs to: names, facts in the source, facts in the target.
    subject, item
        What it is about: the 0-based number of a place or continent.
    language
        Code of the language of prompt and answer.
    wording
        0-based wording of the prompt.
    prompt, answer
        What is asked, and what the model learns to answer.
    """

    part: Part
    subject: Subject
    item: int
    language: str
    wording: int
    prompt: str
    answer: str


def lessons(
    world: World, source: str, target: str, *, directions: Directions = "both"
) -> tuple[Lesson, ...]:
    """Return the training lines of the conductivity protocol.

    Parameters
    ----------
    world
        The world.
    source, target
        Codes of two of its languages.
    directions
        Which translations are trained: ``one``, from the target to the source, as in the official
        release; ``both``, also the direction that is tested.

    Returns
    -------
    tuple of Lesson
        All names, then the facts of all places in the source, then those of type 0 in the target;
        each in every trained wording. They are in order: a recipe shuffles them.

    Raises
    ------
    UnknownNameError, ConfigError
        As :meth:`~clika.tasks.worlds.world.World.check_pair` says.

    Examples
    --------
    >>> from clika.tasks.worlds.world import WorldPlan, make_world
    >>> world = make_world(WorldPlan(("en", "de"), places=4, continents=2))
    >>> taught = lessons(world, "en", "de", directions="one")
    >>> print(taught[0].prompt, taught[0].answer)
    What is Kgokdabpo called in English? Vpupdopge
    >>> print(taught[-1].prompt, taught[-1].answer)
    Nenne den Kontinent von Vbikvukzi. Vbikvukzi liegt in Gpudze.
    """
    world.check_pair(source, target)
    lines = list(_translations(world, given=target, wanted=source))
    if directions == "both":
        lines += _translations(world, given=source, wanted=target)
    everywhere = range(len(world.places))
    stated = [item for item in everywhere if world.places[item].kind == FACTS_IN_BOTH]
    lines += _facts(world, "source-facts", source, everywhere)
    lines += _facts(world, "target-facts", target, stated)
    return tuple(lines)


def _translations(world: World, *, given: str, wanted: str) -> Iterator[Lesson]:
    wordings = world.phrases[wanted].translations
    pairs: tuple[tuple[Subject, tuple[str, ...], tuple[str, ...]], ...] = (
        ("place", world.names[given].places, world.names[wanted].places),
        ("continent", world.names[given].continents, world.names[wanted].continents),
    )
    for subject, asked, answers in pairs:
        for item, (name, answer) in enumerate(zip(asked, answers, strict=True)):
            for wording, text in enumerate(wordings):
                prompt = text.format(name=name)
                yield Lesson("translate", subject, item, wanted, wording, prompt, answer)


def _facts(world: World, part: Part, language: str, items: range | list[int]) -> Iterator[Lesson]:
    names, phrases = world.names[language], world.phrases[language]
    for item in items:
        place = names.places[item]
        continent = names.continents[world.places[item].continent]
        for wording, text in enumerate(phrases.questions):
            statement = phrases.statements[wording % len(phrases.statements)]
            answer = statement.format(place=place, continent=continent)
            yield Lesson(part, "place", item, language, wording, text.format(place=place), answer)
