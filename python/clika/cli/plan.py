"""``clika plan``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clika.cli.options import results_option, study_argument

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["plan"]


@click.command()
@study_argument
@click.option(
    "--tflops",
    type=click.FloatRange(min=0, min_open=True),
    default=None,
    metavar="N",
    help="What one GPU sustains, in 10^12 operations a second; by default 100.",
)
@click.option(
    "--gpu-memory",
    type=click.FloatRange(min=0, min_open=True),
    default=None,
    metavar="GIB",
    help="Memory of one GPU; by default 80.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@results_option
def plan(
    study: str,
    *,
    tflops: float | None,
    gpu_memory: float | None,
    as_json: bool,
    results: Path,
) -> None:
    """Say what STUDY is, which steps would run now, what it takes, and what its tasks can show.

    Nothing is written. It counts the cells that are done, estimates hours and disk of asking or
    training models, and says which models' weights are restricted. Of each task it gives the least
    difference between two models that a paired test is likely to find, by the share of items on
    which they differ, and with fewer items.

    Exit codes: 0 it could look, whatever it found; 2 it could not.
    """
    from clika.cli.page import print_lines
    from clika.study import load_study
    from clika.views.plan import Assumptions
    from clika.views.plan import plan as run
    from clika.views.plan.data import plan_data
    from clika.views.plan.rendering import plan_lines
    from clika.views.terminal_text import json_text

    given = {"tflops": tflops, "gpu_gib": gpu_memory}
    assumed = Assumptions(**{name: value for name, value in given.items() if value is not None})
    found = run(load_study(study, results), results=results, assumed=assumed)
    if as_json:
        click.echo(json_text(plan_data(found)))
    else:
        print_lines(lambda console, width: plan_lines(found, console, width=width))
