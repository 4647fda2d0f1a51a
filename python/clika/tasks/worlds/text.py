"""Text about a world to pretrain on, and questions to instruct with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError
from clika.tasks.worlds.draws import Draws
from clika.tasks.worlds.phrases import fill

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from clika.tasks.worlds.world import World

__all__ = ["Line", "covered", "instructed", "instructions", "statements"]


class Line(NamedTuple):
    """A line of text.

    Attributes
    ----------
    language
        Code of its language.
    item
        Item id of the place or person that it is about.
    prompt, answer
        A question and its answer; of plain text the prompt is empty.
    """

    language: str
    item: int
    prompt: str
    answer: str


def covered(world: World, language: str, share: float) -> tuple[int, ...]:
    """Return the places and people whose facts are stated in a language, ascending.

    They are drawn for each language apart, and people apart from places; at a larger share they are
    the same and more.

    Parameters
    ----------
    world
        The world.
    language
        Code of a language.
    share
        In [0, 1], of all places and of all people.

    Raises
    ------
    ConfigError
        The share is out of range.
    """
    if not 0 <= share <= 1:
        raise ConfigError(f"The share of places covered in {language} is {share}, not in [0, 1].")
    return _drawn(world, range(len(world.subjects)), share, f"covered in {language}")


def instructed(world: World, share: float) -> tuple[int, ...]:
    """Return what instruction is about: a share in [0, 1] of places and of people, ascending."""
    return _drawn(world, range(len(world.subjects)), share, "instructed")


def statements(world: World, mixture: Mapping[str, float], asked: float = 0.0) -> tuple[Line, ...]:
    """Return plain text in a mixture of languages.

    Parameters
    ----------
    world
        The world.
    mixture
        By language, the share in [0, 1] of the places and of the people whose facts are stated in
        it.
    asked
        Share in [0, 1] of these facts that are asked for before they are stated, in the first
        wording, beside the plain statements.

    Returns
    -------
    tuple of Line
        Language after language in the order of the mixture; each fact in every wording.

    Raises
    ------
    ConfigError
        A share is out of range, or all are 0.

    Examples
    --------
    >>> from clika.tasks.worlds.world import WorldPlan, make_world
    >>> world = make_world(WorldPlan(("en", "de"), places=4, continents=2))
    >>> for line in statements(world, {"en": 0.25}):
    ...     print(line.answer)
    Bzudkuvdo is in Bzogbo.
    """
    found = tuple(
        Line(language, item, "", text)
        for language, share in mixture.items()
        for item, texts in _texts(world, language, share, asked)
        for text in texts
    )
    if not found:
        raise ConfigError("The mixture states nothing: give some language a share above 0.")
    return found


def instructions(
    world: World, languages: Sequence[str], items: Collection[int]
) -> tuple[Line, ...]:
    """Return questions with their answers, each in every wording.

    Parameters
    ----------
    world
        The world.
    languages
        Codes of the languages to ask in.
    items
        Ids of the places and people to ask about.
    """
    found: list[Line] = []
    for language in languages:
        names = world.names[language].subjects
        for item in sorted(items):
            answers = _stated(world, language, item)
            for wording, text in enumerate(world.phrases_about(language, item).questions):
                prompt = fill(text, names[item])
                found.append(Line(language, item, prompt, answers[wording % len(answers)]))
    return tuple(found)


def _drawn(world: World, items: Sequence[int], share: float, *purpose: str) -> tuple[int, ...]:
    """Return a share of the items of each sort, ascending."""
    found: list[int] = []
    for sort, numbers in world.items.items():
        # People are drawn with a label of their own: the places are those of a world without them.
        labels = purpose if sort == "place" else (*purpose, sort)
        of_sort = [item for item in items if item in numbers]
        shuffled = Draws(world.plan.seed, *labels).shuffled(of_sort)
        found += shuffled[: round(share * len(of_sort))]
    return tuple(sorted(found))


def _texts(
    world: World, language: str, share: float, asked: float
) -> Iterator[tuple[int, list[str]]]:
    items = covered(world, language, share)
    questioned = set(_drawn(world, items, asked, "asked", language))
    names = world.names[language].subjects
    for item in items:
        texts = _stated(world, language, item)
        if item in questioned:
            asking = fill(world.phrases_about(language, item).questions[0], names[item])
            texts = [*texts, f"{asking} {texts[0]}"]
        yield item, texts


def _stated(world: World, language: str, item: int) -> list[str]:
    names = world.names[language]
    name, continent = names.subjects[item], names.continents[world.subjects[item].continent]
    return [fill(s, name, continent) for s in world.phrases_about(language, item).statements]
