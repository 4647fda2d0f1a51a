"""What `clika reproduce` shows while it runs: one line for each step."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from clika.workflow.job_log import StepEvent

__all__ = ["steps_display"]


@contextmanager
def steps_display() -> Iterator[Callable[[StepEvent], None]]:
    """Yield a listener: a live table on a terminal, one line a finished job elsewhere."""
    if not sys.stderr.isatty():
        yield _plain
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=10),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield _Table(progress).show


class _Table:
    """A row for each step, and under a step of several jobs one for each that is at work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._looking: TaskID | None = progress.add_task("looking at what there is", total=None)
        self._steps: dict[str, TaskID] = {}
        self._jobs: dict[str, TaskID] = {}

    def show(self, event: StepEvent) -> None:
        """Show an event."""
        if event.state in {"note", "line"}:
            self._progress.console.print(event.step, markup=False, highlight=False)
            return
        if self._looking is not None:
            self._progress.remove_task(self._looking)
            self._looking = None
        if event.state == "planned":
            self._steps[event.step] = self._progress.add_task(
                event.step, total=event.jobs, start=False
            )
        elif event.state == "started":
            self._progress.start_task(self._steps[event.step])
            if event.cell and event.job not in self._jobs:
                self._jobs[event.job] = self._progress.add_task(f"  {event.cell}", total=1)
        elif event.state == "finished":
            self._progress.advance(self._steps[event.step])
            if event.job in self._jobs:
                self._progress.remove_task(self._jobs.pop(event.job))
        else:
            self._progress.console.print(_line(event), markup=False, highlight=False)


def _plain(event: StepEvent) -> None:
    if event.state in {"note", "line"}:
        click.echo(event.step, err=True)
    elif event.state not in {"planned", "started"}:
        click.echo(_line(event), err=True)


def _line(event: StepEvent) -> str:
    if event.state == "again":
        return f"{event.job}: is tried again"
    return f"{event.job}: {event.state} after {event.seconds:.1f} s"
