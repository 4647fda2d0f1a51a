"""Build the items of the atlas."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError
from clika.tasks.atlas.cldr import Source, source
from clika.tasks.atlas.countries import COUNTRIES
from clika.tasks.atlas.facts import RELATIONS, Relation, answers
from clika.tasks.atlas.names import Names, read_names
from clika.tasks.atlas.options import Loss, Lost, OptionDraw
from clika.tasks.atlas.questions import Form, question
from clika.tasks.item import Item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.tasks.atlas.choices import AtlasChoices

__all__ = ["Atlas", "build_atlas", "task_name"]


class Atlas(NamedTuple):
    """The items, and what was lost on the way.

    Attributes
    ----------
    choices, source
        What they were made by and from.
    items
        Task after task, language after language. An item's id is its country's place among all
        countries: whatever the languages, it is the same, and there are gaps.
    losses
        Number of countries without an item, by relation and the first filter that caught them.
    blamed
        The same by language too, for the filters that look at names: a country counts in every
        language that it was caught in.
    """

    choices: AtlasChoices
    source: Source
    items: tuple[Item, ...]
    losses: Mapping[tuple[Relation, Loss], int]
    blamed: Mapping[tuple[Relation, Loss, str], int]


def task_name(relation: Relation) -> str:
    """Return the name of a relation's task.

    Examples
    --------
    >>> task_name("region")
    'atlas_region'
    """
    return f"atlas_{relation}"


def build_atlas(choices: AtlasChoices) -> Atlas:
    """Build the items in all languages.

    The same choices and the same version of CLDR give the same items.

    Parameters
    ----------
    choices
        What is chosen.

    Returns
    -------
    Atlas

    Raises
    ------
    UnknownNameError
        A language is not in CLDR, or not translated there.
    ConfigError
        A relation has no item that all languages can ask.
    PrerequisiteError
        Babel is not installed.
    """
    named = {language: read_names(language) for language in choices.languages}
    items: list[Item] = []
    losses: Counter[tuple[Relation, Loss]] = Counter()
    blamed: Counter[tuple[Relation, Loss, str]] = Counter()
    for relation in RELATIONS:
        draw = OptionDraw(relation, choices, named)
        drawn: dict[str, tuple[str, ...]] = {}
        for country in COUNTRIES:
            outcome = draw.draw(country)
            if isinstance(outcome, Lost):
                losses[relation, outcome.why] += 1
                blamed.update((relation, outcome.why, language) for language in outcome.languages)
            else:
                drawn[country] = outcome
        if not drawn:
            raise ConfigError(
                f"No item of {task_name(relation)} can be asked in all of "
                f"{', '.join(choices.languages)}. Choose fewer languages, or keep giveaways."
            )
        items += _items(relation, choices.form, named, drawn)
    return Atlas(choices, source(), tuple(items), losses, blamed)


def _items(
    relation: Relation,
    form: Form,
    named: Mapping[str, Names],
    drawn: Mapping[str, Sequence[str]],
) -> list[Item]:
    """Return the items of the drawn options, language after language."""
    right, origins = answers(relation), answers("language")
    return [
        Item(
            task=task_name(relation),
            language=language,
            item=COUNTRIES.index(country),
            uuid=f"{relation}:{country}:{'/'.join(codes)}",
            question=question(form, language, relation, names.countries[country]),
            options=tuple(names.options[relation][code] for code in codes),
            gold=codes.index(right[country].right[0]),
            cluster=country,
            stratum=origins[country].right[0] if len(origins[country].right) == 1 else None,
        )
        for language, names in named.items()
        for country, codes in drawn.items()
    ]
