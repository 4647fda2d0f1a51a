"""What `clika reproduce` shows while it runs: one line for each step."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clika.workflow.run import StepEvent

__all__ = ["steps_display"]


@contextmanager
def steps_display() -> Iterator[Callable[[StepEvent], None]]:
    """Yield a listener: a live table on a terminal, one line a finished step elsewhere."""
    if not sys.stderr.isatty():
        yield _plain
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        jobs: dict[str, int] = {}
        tasks = {"": progress.add_task("looking at what there is", total=1)}

        def show(event: StepEvent) -> None:
            if event.state == "started":
                progress.update(tasks[""], completed=1)
                jobs[event.step] = jobs.get(event.step, 0) + 1
                if event.step not in tasks:
                    tasks[event.step] = progress.add_task(event.step)
                progress.update(tasks[event.step], total=jobs[event.step])
            elif event.state in {"note", "line"}:
                progress.console.print(event.step, markup=False, highlight=False)
            elif event.step in tasks:
                mark = "" if event.state == "finished" else " failed"
                progress.update(tasks[event.step], advance=1, description=event.step + mark)

        yield show
        progress.update(tasks[""], completed=1)


def _plain(event: StepEvent) -> None:
    if event.state in {"note", "line"}:
        click.echo(event.step, err=True)
    elif event.state != "started":
        click.echo(f"{event.step}: {event.state} after {event.seconds:.1f} s", err=True)
