"""Text about a world to pretrain on, and questions to instruct with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError
from clika.tasks.worlds.draws import Draws

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
        0-based number of the place that it is about.
    prompt, answer
        A question and its answer; of plain text the prompt is empty.
    """

    language: str
    item: int
    prompt: str
    answer: str


def covered(world: World, language: str, share: float) -> tuple[int, ...]:
    """Return the places whose facts are stated in a language, ascending.

    They are drawn for each language apart; at a larger share they are the same and more.

    Parameters
    ----------
    world
        The world.
    language
        Code of a language.
    share
        In [0, 1], of all places.

    Raises
    ------
    ConfigError
        The share is out of range.
    """
    if not 0 <= share <= 1:
        raise ConfigError(f"The share of places covered in {language} is {share}, not in [0, 1].")
    return _drawn(world, f"covered in {language}", share)


def instructed(world: World, share: float) -> tuple[int, ...]:
    """Return the places that instruction is about: a share in [0, 1] of all, ascending."""
    return _drawn(world, "instructed", share)


def statements(world: World, mixture: Mapping[str, float], asked: float = 0.0) -> tuple[Line, ...]:
    """Return plain text in a mixture of languages.

    Parameters
    ----------
    world
        The world.
    mixture
        By language, the share in [0, 1] of the places whose facts are stated in it.
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
        Places to ask about.
    """
    found: list[Line] = []
    for language in languages:
        phrases, names = world.phrases[language], world.names[language]
        for item in sorted(items):
            answers = _stated(world, language, item)
            for wording, text in enumerate(phrases.questions):
                prompt = text.format(place=names.places[item])
                found.append(Line(language, item, prompt, answers[wording % len(answers)]))
    return tuple(found)


def _drawn(world: World, purpose: str, share: float) -> tuple[int, ...]:
    everywhere = Draws(world.plan.seed, purpose).shuffled(range(len(world.places)))
    return tuple(sorted(everywhere[: round(share * len(everywhere))]))


def _texts(
    world: World, language: str, share: float, asked: float
) -> Iterator[tuple[int, list[str]]]:
    items = covered(world, language, share)
    questioned = set(
        Draws(world.plan.seed, "asked", language).shuffled(items)[: round(asked * len(items))]
    )
    question = world.phrases[language].questions[0]
    for item in items:
        texts = _stated(world, language, item)
        if item in questioned:
            asking = question.format(place=world.names[language].places[item])
            texts = [*texts, f"{asking} {texts[0]}"]
        yield item, texts


def _stated(world: World, language: str, item: int) -> list[str]:
    phrases, names = world.phrases[language], world.names[language]
    continent = names.continents[world.places[item].continent]
    return [s.format(place=names.places[item], continent=continent) for s in phrases.statements]
