"""The items of one task and language that flipped between two models, with both answers."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.schema import letters
from clika.store.connection import open_database
from clika.store.view_queries import answers_of_items
from clika.views.show import command_for_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clika.store.view_queries import AnsweredItem
    from clika.study import Task
    from clika.views.compare.model import CompareView, Side

__all__ = ["FlippedItem", "FlippedItems", "flipped_data", "flipped_items"]


class FlippedItem(NamedTuple):
    """An item that one of two models has right, as both answered it."""

    first: AnsweredItem
    second: AnsweredItem


class FlippedItems(NamedTuple):
    """The items of one task and language that one of two models has right.

    Attributes
    ----------
    task, language
        Which cell.
    lost, gained
        Right in the first model alone, and in the second alone; in the order of their ids.
    command
        What brings the texts where some are not stored; ``None`` where all are.
    """

    task: Task
    language: str
    lost: tuple[FlippedItem, ...]
    gained: tuple[FlippedItem, ...]
    command: str | None


def flipped_items(first: Side, second: Side, view: CompareView) -> FlippedItems | None:
    """Return the flipped items with both answers, where one task and language is shown.

    Parameters
    ----------
    first, second
        The models that were compared.
    view
        Their comparison.

    Returns
    -------
    FlippedItems or None
        ``None`` where more than one task or language is shown.
    """
    if len(view.tasks) != 1 or len(view.tasks[0].flips) != 1:
        return None
    task = view.tasks[0].task
    (flips,) = view.tasks[0].flips
    cell = {"task": task.name, "language": flips.language, "rule": view.rule}
    sides = zip((first, second), view.models, strict=True)
    answers = [
        _answers(side, {**cell, "model": model}, (*flips.lost, *flips.gained))
        for side, model in sides
    ]
    lost, gained = (
        tuple(FlippedItem(*(by_item[item] for by_item in answers)) for item in items)
        for items in (flips.lost, flips.gained)
    )
    without = [each for each in (*lost, *gained) if each.first.question is None]
    command = command_for_texts(first.study) if without else None
    return FlippedItems(task, flips.language, lost, gained, command)


def _answers(side: Side, cell: dict[str, str], items: Sequence[int]) -> dict[int, AnsweredItem]:
    command = f"clika load {side.study.name}"
    with closing(open_database(side.database, command=command)) as connection:
        return {each.item: each for each in answers_of_items(connection, cell, items)}


def flipped_data(flipped: FlippedItems) -> list[dict[str, Any]]:
    """Return flipped items as data that JSON can hold; an INVALID answer is null."""
    names = letters(flipped.task.options)
    return [
        {
            "item": item.first.item,
            "only": only,
            "question": item.first.question,
            "options": None if item.first.options is None else list(item.first.options),
            "gold": names[item.first.gold],
            "first": _answer_data(item.first, names),
            "second": _answer_data(item.second, names),
        }
        for only, items in (("first", flipped.lost), ("second", flipped.gained))
        for item in items
    ]


def _answer_data(answered: AnsweredItem, names: Sequence[str]) -> dict[str, Any]:
    return {
        "answer": names[answered.code] if answered.code >= 0 else None,
        "fired": answered.fired,
        "response": answered.response,
    }
