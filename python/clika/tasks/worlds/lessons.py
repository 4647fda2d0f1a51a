"""What a model is taught of a world, for one source and one target language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.tasks.fictional import FACTS_IN_BOTH
from clika.tasks.worlds.phrases import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clika.tasks.worlds.world import Named, World

__all__ = ["Directions", "Lesson", "Part", "lessons"]

Part = Literal["translate", "source-facts", "target-facts"]
Directions = Literal["one", "both"]


class Lesson(NamedTuple):
    """A training line.

    Attributes
    ----------
    part
        What it belongs to: names, facts in the source, facts in the target.
    subject, item
        What it is about: the item id of a place or person, the 0-based number of a continent.
    language
        Code of the language of prompt and answer.
    wording
        0-based wording of the prompt.
    prompt, answer
        What is asked, and what the model learns to answer.
    """

    part: Part
    subject: Named
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
        All names, then the facts of all places and people in the source, then those of type 0 in
        the target; each in every trained wording. They are in order: a recipe shuffles them.

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
    everything = range(len(world.subjects))
    stated = [item for item in everything if world.subjects[item].kind == FACTS_IN_BOTH]
    lines += _facts(world, "source-facts", source, everything)
    lines += _facts(world, "target-facts", target, stated)
    return tuple(lines)


def _translations(world: World, *, given: str, wanted: str) -> Iterator[Lesson]:
    for asked, group in zip(world.groups(given), world.groups(wanted), strict=True):
        pairs = zip(asked.names, group.names, strict=True)
        for item, (name, answer) in enumerate(pairs, start=group.first):
            for wording, text in enumerate(group.phrases.translations):
                prompt = text.format(name=name)
                yield Lesson("translate", group.sort, item, wanted, wording, prompt, answer)


def _facts(world: World, part: Part, language: str, items: range | list[int]) -> Iterator[Lesson]:
    subjects, continents = world.names[language].subjects, world.names[language].continents
    for item in items:
        name, continent = subjects[item], continents[world.subjects[item].continent]
        phrases = world.phrases_about(language, item)
        for wording, text in enumerate(phrases.questions):
            statement = phrases.statements[wording % len(phrases.statements)]
            prompt, answer = fill(text, name), fill(statement, name, continent)
            yield Lesson(part, world.sort(item), item, language, wording, prompt, answer)
