"""What ``clika plan`` says: lines for a terminal, and data for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from clika.views.plan import DISCORDANT
from clika.views.terminal_text import escaped, padded, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from clika.views.plan import Plan, TaskPlan

__all__ = ["plan_data", "plan_lines"]

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

    def entry(name: str, text: str) -> Iterator[Text]:
        for number, line in enumerate(wrapped(text, width=width - _NAME, console=console)):
            yield Text.assemble(padded(name if number == 0 else "", _NAME), line)

    study = plan.study
    yield Text(f"{study.name}: {escaped(study.title)}", style="bold")
    yield from entry("languages", f"{' '.join(study.languages)} (pivot {study.pivot})")
    yield from entry("models", f"{len(study.models)}: {', '.join(study.models)}")
    yield from entry("rules", f"{', '.join(study.rules)} (the first is the headline)")
    yield Text()
    running = any(step.runs for step in plan.steps)
    yield Text(f"clika reproduce {study.name} would {'run' if running else 'run nothing'}")
    for step in plan.steps:
        yield from entry(f"  {step.name}", escaped(step.why) if step.why else "done, would not run")
    if not plan.tasks:
        return
    yield Text()
    yield Text("Minimum detectable difference between two models, in points of accuracy")
    yield from _rows([_HEAD, *(_cells(task) for task in plan.tasks)])
    for note in _notes(plan.tasks):
        yield from map(Text, wrapped(note, width=width, console=console))


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


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan as data that JSON can hold; differences are shares."""
    study = plan.study
    return {
        "study": study.name,
        "title": study.title,
        "kind": study.kind,
        "folder": str(plan.folder),
        "languages": list(study.languages),
        "pivot": study.pivot,
        "models": list(study.models),
        "rules": list(study.rules),
        "steps": [step._asdict() for step in plan.steps],
        "tasks": [
            {
                "task": found.task.name,
                "title": found.task.heading,
                "stream": found.task.stream,
                "options": found.task.options,
                "items": found.items,
                "clusters": found.clusters,
                "minimum_detectable_difference": [
                    {"discordant": share, "difference": difference}
                    for share, difference in zip(DISCORDANT, found.differences, strict=True)
                ],
                "measured": None if found.measured is None else found.measured._asdict(),
            }
            for found in plan.tasks
        ],
    }
