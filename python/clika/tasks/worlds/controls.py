"""Worlds whose conductivity is known beforehand, and the dose in between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from clika.tasks.worlds.world import World, WorldPlan

__all__ = ["DOSES", "dose_curve", "negative_control", "positive_control", "shared_name_tokens"]

#: Shares of places, and of people, with one name in all languages.
DOSES = (0.0, 0.25, 0.5, 0.75, 1.0)


def negative_control(plan: WorldPlan) -> WorldPlan:
    """Return the plan with no name shared: conductivity is expected near 0.

    Whether no *token* is shared depends on the tokenizer, too: see :func:`shared_name_tokens`.
    """
    return replace(plan, shared_places=0.0, shared_continents=False)


def positive_control(plan: WorldPlan) -> WorldPlan:
    """Return the plan with all names shared: conductivity is expected near 1."""
    return replace(plan, shared_places=1.0, shared_continents=True)


def dose_curve(plan: WorldPlan) -> tuple[WorldPlan, ...]:
    """Return the plan at each share of :data:`DOSES`; its continents are as they were."""
    return tuple(replace(plan, shared_places=dose) for dose in DOSES)


def shared_name_tokens(
    world: World, first: str, second: str, tokens: Callable[[str], Iterable[Hashable]]
) -> frozenset[Hashable]:
    """Return the tokens that stand in names of both of two languages.

    Parameters
    ----------
    world
        The world.
    first, second
        Codes of its languages.
    tokens
        Splits a name into tokens, as the tokenizer in use does within a sentence.

    Returns
    -------
    frozenset
        Empty for a negative control. Two languages of one script share letters, so a tokenizer that
        falls back to letters or bytes may share tokens between them: take two scripts.

    Examples
    --------
    >>> from clika.tasks.worlds.world import WorldPlan, make_world
    >>> plan = WorldPlan(("en", "de", "ru"))
    >>> world = make_world(negative_control(plan))
    >>> len(shared_name_tokens(world, "en", "ru", str.lower))
    0
    >>> len(shared_name_tokens(world, "en", "de", str.lower)) > 0
    True
    """

    def found(language: str) -> set[Hashable]:
        names = world.names[language]
        return {token for name in (*names.subjects, *names.continents) for token in tokens(name)}

    return frozenset(found(first) & found(second))
