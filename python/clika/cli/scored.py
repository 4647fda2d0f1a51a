"""What `clika score` and `clika merge` print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from clika.metrics.intervals.uncertainty import Resampling
    from clika.steps.score_files import ScoreReport

__all__ = ["echo_report"]

_SOURCES = {"codes": "answer codes that ship with the study", "responses": "responses"}


def echo_report(
    report: ScoreReport, *, form: str | None, resampling: Resampling | None, threads: int | None
) -> None:
    """Print the tables in a form, ``None`` for no tables, and what they rest on to stderr."""
    from clika.report.render import render
    from clika.threads import thread_count

    if form is not None:
        click.echo(render(report.tables, report.sheets, form=form))
        click.echo(err=True)
    asked = len(report.models) + len(report.missing)
    click.echo(f"{len(report.models)} of {asked} models, from {_SOURCES[report.origin]}.", err=True)
    if resampling is not None:
        drawn = f"{resampling.replicates:,} replicates, seed {resampling.seed}"
        used = thread_count(threads)
        note = f"95 % intervals: {drawn}; {used} thread{'s' * (used != 1)}."
        click.echo(note, err=True)
    if report.missing:
        click.echo(f"No answers of: {', '.join(report.missing)}.", err=True)
