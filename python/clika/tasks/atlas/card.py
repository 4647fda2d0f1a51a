"""The data card of an atlas: where its items come from, how many there are and what was lost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from clika.tasks.atlas.build import task_name
from clika.tasks.atlas.countries import COUNTRIES
from clika.tasks.atlas.facts import RELATIONS, Relation
from clika.tasks.atlas.options import LOSSES, NAME_LOSSES, Loss

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clika.tasks.atlas.build import Atlas
    from clika.tasks.item import Item

__all__ = ["atlas_card"]

_MEANING: dict[Loss, str] = {
    "several": "CLDR has several right answers, or none",
    "unnamed": "some language has no name for the right answer, or leaves it in Latin script",
    "namesake": "two countries have one name in some language",
    "giveaway": "the country's name gives the answer away in some language",
    "distractors": "the continent has too few other answers with names of their own",
}
_FORMS = {
    "sentence": "a sentence in the language",
    "bare": "the country's name alone, with a colon",
}


def atlas_card(atlas: Atlas) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    atlas
        What was built.

    Returns
    -------
    str
        Source and licence, what was chosen, items and losses by task, then by language.
    """
    return (
        "\n\n".join(
            [
                "# Atlas: data card",
                _origin(atlas),
                _chosen(atlas),
                "## Tasks",
                _tasks(atlas),
                "What the filters took, each country counted at the first that caught it:",
                "\n".join(f"- {loss}: {_MEANING[loss]}." for loss in LOSSES),
                "## Languages",
                "An item is in every language or in none. What the names of a language took:",
                _languages(atlas),
            ]
        )
        + "\n"
    )


def _origin(atlas: Atlas) -> str:
    return (
        f"Facts and names: Unicode CLDR {atlas.source.cldr}, as Babel {atlas.source.babel} brings "
        "it; regions: CLDR's territory containment (UN M49). Licence of the data: Unicode License "
        "v3 (SPDX `Unicode-3.0`, https://www.unicode.org/license.txt): items may be passed on "
        "with its notice. The facts are as this version of CLDR has them."
    )


def _chosen(atlas: Atlas) -> str:
    choices = atlas.choices
    return "\n".join(
        [
            f"- Languages: {', '.join(choices.languages)}",
            f"- Seed: {choices.seed}",
            f"- Options: {choices.options}",
            f"- Question: {_FORMS[choices.form]}",
            f"- Names that give the answer away: {'kept' if choices.giveaways else 'left out'}",
        ]
    )


def _tasks(atlas: Atlas) -> str:
    heads = ["Task", "Countries", *LOSSES, "Items", "Answers", "Most frequent answer"]
    return _table(heads, (_task_row(atlas, relation) for relation in RELATIONS))


def _task_row(atlas: Atlas, relation: Relation) -> list[str]:
    items = _items(atlas, relation, atlas.choices.languages[0])
    right = Counter(item.options[item.gold] for item in items)
    return [
        task_name(relation),
        str(len(COUNTRIES)),
        *(str(atlas.losses.get((relation, loss), 0)) for loss in LOSSES),
        str(len(items)),
        str(len(right)),
        f"{100 * max(right.values()) / len(items):.0f} %",
    ]


def _languages(atlas: Atlas) -> str:
    heads = ["Language", "Task", "Items", *NAME_LOSSES]
    return _table(
        heads,
        (
            [
                language,
                task_name(relation),
                str(len(_items(atlas, relation, language))),
                *(str(atlas.blamed.get((relation, loss, language), 0)) for loss in NAME_LOSSES),
            ]
            for language in atlas.choices.languages
            for relation in RELATIONS
        ),
    )


def _items(atlas: Atlas, relation: Relation, language: str) -> list[Item]:
    task = task_name(relation)
    return [item for item in atlas.items if (item.task, item.language) == (task, language)]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
