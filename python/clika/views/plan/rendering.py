"""What ``clika plan`` says: lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from clika.views.plan.cost_rendering import (
    access_entries,
    access_title,
    assumption_note,
    cell_entries,
    cost_entries,
    cost_title,
    part_rows,
)
from clika.views.plan.differences import DISCORDANT
from clika.views.terminal_text import escaped, padded, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

    from clika.study import Study
    from clika.views.plan import Plan
    from clika.views.plan.cost_rendering import Entry
    from clika.views.plan.differences import TaskPlan

__all__ = ["plan_lines"]

_NAME = 11
_UNDEFINED = "–"


def plan_lines(plan: Plan, console: Console, *, width: int) -> Iterator[Text]:
    """Yield the lines of a plan.

    Parameters
    ----------
    plan
        The plan.
    console
        Wraps; nothing is printed on it here.
    width
        Terminal cells of a line.
    """
    page, study = _Page(width, console), plan.study
    yield Text(f"{study.name}: {escaped(study.title)}", style="bold")
    yield from page.entries(
        [
            ("languages", f"{' '.join(study.languages)} (pivot {study.pivot})"),
            ("models", _models(study)),
            ("rules", f"{', '.join(study.rules)} (the first is the headline)"),
        ]
    )
    running = "run" if any(step.runs for step in plan.steps) else "run nothing"
    yield from page.section(
        f"clika reproduce {study.name} would {running}",
        ((step.name, escaped(step.why) or "done, would not run") for step in plan.steps),
    )
    yield from page.section("Cells", cell_entries(plan))
    yield from page.section(cost_title(plan), cost_entries(plan))
    yield from page.section(access_title(), access_entries(plan))
    yield from _tables(plan, page)


def _models(study: Study) -> str:
    if not study.models:
        return "none has been asked yet"
    return f"{len(study.models)}: {', '.join(study.models)}"


class _Page(NamedTuple):
    """How wide a page is, and the console that knows how text is wrapped."""

    width: int
    console: Console

    def entries(self, entries: Iterable[Entry]) -> Iterator[Text]:
        """Yield names, and beside them texts."""
        listed = [*entries]
        column = max(_NAME, *(len(name) + 2 for name, _ in listed))
        for name, text in listed:
            lines = wrapped(text, width=self.width - column, console=self.console)
            for number, line in enumerate(lines):
                yield Text.assemble(padded("" if number else name, column), line)

    def section(self, title: str, entries: Iterable[Entry]) -> Iterator[Text]:
        """Yield a title and its entries after an empty line; nothing where there are none."""
        listed = [(f"  {name}", text) for name, text in entries]
        if listed:
            yield Text()
            yield Text(title)
            yield from self.entries(listed)

    def note(self, text: str) -> Iterator[Text]:
        """Yield the lines of a text; none of an empty one."""
        if text:
            yield from map(Text, wrapped(text, width=self.width, console=self.console))


def _tables(plan: Plan, page: _Page) -> Iterator[Text]:
    """Yield what the tasks show, whole and smaller, and the notes on everything."""
    notes: list[str] = []
    if plan.tasks:
        yield Text()
        yield Text("Minimum detectable difference between two models, in points of accuracy")
        yield from _rows([_HEAD, *(_cells(task) for task in plan.tasks)])
        notes += _notes(plan.tasks)
    rows = part_rows(plan)
    if rows:
        yield Text()
        yield Text(
            "What a smaller study would still show, in points of accuracy (items in brackets)"
        )
        yield from _rows(rows)
        notes += _notes_of_parts(plan)
    shown = [*(d for task in plan.tasks for d in task.differences if task.items)]
    shown += [d for part in plan.parts for d in part.differences if rows]
    if None in shown:
        notes.append(f"{_UNDEFINED}: the difference would be more than d, so none can be shown.")
    for note in (*notes, assumption_note(plan)):
        yield from page.note(note)


_HEAD = ("task", "k", "items", *(f"d = {share:.1f}" for share in DISCORDANT), "d here", "at it")


def _cells(found: TaskPlan) -> tuple[str, ...]:
    measured = found.measured
    return (
        escaped(found.task.heading),
        str(found.task.options),
        _UNDEFINED if found.items is None else f"{found.items:,}",
        *(_points(difference) for difference in found.differences),
        _UNDEFINED if measured is None else f"{measured.discordant:.2f}",
        _UNDEFINED if measured is None else _points(measured.difference),
    )


def _points(share: float | None) -> str:
    return _UNDEFINED if share is None else f"{100 * share:.1f}"


def _rows(rows: Sequence[Sequence[str]]) -> Iterator[Text]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for number, row in enumerate(rows):
        first, *others = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield Text("  ".join(["  " + first, *others]), style="" if number else "bold")


def _notes(tasks: Sequence[TaskPlan]) -> Iterator[str]:
    yield (
        "d: share of items that one of the two models has right and the other has not. "
        "Two-sided test at 5 %, power 80 %."
    )
    if any(task.measured for task in tasks):
        yield "d here: median over languages and pairs of models of the stored answers."
    for found in tasks:
        if found.clusters is not None and found.items and found.clusters < found.items:
            yield (
                f"{escaped(found.task.heading)}: {found.clusters:,} clusters of items rise and "
                "fall together, so it shows less than this says."
            )


def _notes_of_parts(plan: Plan) -> Iterator[str]:
    if _is_begun(plan):
        yield "Times of a smaller study are those of all of it, as if none of it were done."
    if any(not task.measured or not task.measured.discordant for task in plan.tasks):
        yield "Where no stored answers say d, it is supposed to be 0.2."
    if plan.training is not None:
        yield "Models of other seeds differ too, which these differences over items leave out."


def _is_begun(plan: Plan) -> bool:
    if plan.training is not None:
        return len(plan.training.left) < len(plan.training.jobs)
    return plan.asking is not None and plan.asking.models != plan.asking.whole
