"""The items that flipped between two models, as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from clika.views.answer_lines import Given, Page, given_lines, mark_of, question_lines
from clika.views.compare.rendering import wrapped_text
from clika.views.terminal_text import escaped, padded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from clika.store.view_queries import AnsweredItem
    from clika.views.compare.flips import FlippedItem, FlippedItems
    from clika.views.compare.model import ComparedTask, CompareView, Flips

__all__ = ["flip_lines", "flipped_lines"]

_INDENT = "  "
_ONLY = ("only A", "only B")


def flip_lines(view: CompareView, *, width: int) -> Iterator[Text]:
    """Yield the ids of the items that one model alone has right, by task and language.

    Parameters
    ----------
    view
        The comparison.
    width
        Terminal cells of a line.
    """
    for task in view.tasks:
        yield Text()
        yield Text(_title(task), style="bold")
        for flips in task.flips:
            yield from _ids(flips, width)
    tasks = [task for task in view.tasks if task.flips]
    if tasks:
        example = (
            f"--where task={tasks[-1].task.name} --where language={tasks[-1].flips[0].language}"
        )
        yield Text()
        yield from wrapped_text(f"With both answers: one task and language, as {example}.", width)


def _title(task: ComparedTask) -> str:
    return f"{escaped(task.task.heading)}: items that one model alone has right"


def _ids(flips: Flips, width: int) -> Iterator[Text]:
    for word, ids in zip(_ONLY, (flips.lost, flips.gained), strict=True):
        listed = " ".join(map(str, ids)) or "none"
        head = f"{_INDENT}{padded(flips.language, 8)}{word} ({len(ids)}): "
        yield from wrapped_text(head + listed, width, indent=" " * 10, style="")


def flipped_lines(flipped: FlippedItems, console: Console, *, width: int) -> Iterator[Text]:
    """Yield the items of one task and language with both answers.

    Parameters
    ----------
    flipped
        The items. Without their texts an item is one line of letters.
    console
        Measures and wraps; nothing is printed on it here.
    width
        Terminal cells of a line.
    """
    yield Text()
    title = f"{escaped(flipped.task.heading)} in {flipped.language}"
    yield Text(f"{title}: items that one model alone has right", style="bold")
    if flipped.command is not None:
        yield from wrapped_text(f"For their texts run `{flipped.command}`.", width)
    page = Page(width, console)
    for word, items in zip(_ONLY, (flipped.lost, flipped.gained), strict=True):
        yield Text()
        yield Text(f"{word} ({len(items)})", style="bold")
        for item in items:
            yield from _item(flipped, item, page)


def _item(flipped: FlippedItems, item: FlippedItem, page: Page) -> Iterator[Text]:
    longest = max(len(str(each.first.item)) for each in (*flipped.lost, *flipped.gained))
    name = f"{_INDENT}{flipped.task.name}:{item.first.item:<{longest}}  "
    both = (("A", item.first), ("B", item.second))
    heads = [_head(letter, answered, flipped) for letter, answered in both]
    if flipped.command is not None:
        yield Text.assemble((name, "bold"), *heads)
        return
    yield from question_lines(name, item.first.question, flipped.language, page)
    for head, (_, answered) in zip(heads, both, strict=True):
        given = Given(flipped.language, answered.code, item.first.options, answered.response)
        yield from given_lines(given, Text(" " * len(name)) + head, page, raw=False)


def _head(model: str, answered: AnsweredItem, flipped: FlippedItems) -> Text:
    mark = mark_of(answered.code, answered.gold, flipped.task.options)
    return Text.assemble((f"{model}: ", "dim"), (padded(mark.text, 4), mark.style))
