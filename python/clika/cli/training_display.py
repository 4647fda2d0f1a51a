"""What a training shows: one line that moves on a terminal, one line a stage elsewhere."""

from __future__ import annotations

import math
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clika.train.loop import Progress

__all__ = ["training_display", "training_line"]


def training_line(name: str, progress: Progress) -> str:
    """Return where a training stands, as one line.

    Examples
    --------
    >>> from clika.train.loop import Progress
    >>> print(training_line("mini_base", Progress(40, 120, 1.25, 65, {"translate": 0.5})))
    mini_base  step 40 of 120  loss 1.250  translate 0.50  1:05 left
    """
    parts = [name, f"step {progress.step:,} of {progress.steps:,}"]
    if not math.isnan(progress.loss):
        parts.append(f"loss {progress.loss:.3f}")
    if progress.figures:
        worst = min(progress.figures, key=lambda figure: progress.figures[figure])
        parts.append(f"{worst} {progress.figures[worst]:.2f}")
    if progress.step < progress.steps and math.isfinite(progress.seconds_left):
        minutes, seconds = divmod(round(progress.seconds_left), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return "  ".join(parts)


@contextmanager
def training_display(*, every: float = math.inf) -> Iterator[Callable[[str, Progress], None]]:
    """Yield a function of (name, progress) that shows it on stderr.

    Off a terminal a stage has a line at its end, and one every so many seconds before.
    """
    if not sys.stderr.isatty():
        yield _Lines(every)
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:

        def show(name: str, progress: Progress) -> None:
            if progress.note:
                status.console.print(f"{name}: {progress.note}", markup=False)
            elif progress.step == progress.steps:
                status.console.print(training_line(name, progress), markup=False, highlight=False)
            else:
                status.update(training_line(name, progress))

        yield show


class _Lines:
    """Prints lines that stay."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._last = time.monotonic()

    def __call__(self, name: str, progress: Progress) -> None:
        if progress.note:
            click.echo(f"{name}: {progress.note}", err=True)
            return
        now = time.monotonic()
        if progress.step == progress.steps or now - self._last >= self._every:
            self._last = now
            click.echo(training_line(name, progress), err=True)
