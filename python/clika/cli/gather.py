"""``clika gather``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clika.cli.options import results_option
from clika.cli.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["gather"]


@click.command()
@click.argument("study")
@results_option
def gather(study: str, *, results: Path) -> None:
    """Make the record of STUDY from what its trainings left.

    Takes up every seed that was trained, also beyond those of the study.
    """
    from clika.steps.gather import gather as run
    from clika.study import load_study

    report = run(load_study(study, results), results=results)
    seeds = ", ".join(map(str, report.seeds))
    click.echo(f"{counted(report.shards, 'shard')} of seed {seeds}.")
    if report.left_out:
        others = ", ".join(map(str, report.left_out))
        click.echo(f"Left out, trained otherwise or not to the end: seed {others}.")
