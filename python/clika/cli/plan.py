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
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@results_option
def plan(study: str, *, as_json: bool, results: Path) -> None:
    """Say what STUDY is, which steps would run now, and what differences its tasks can show.

    Nothing is written. Of each task it gives the least difference between two models that a paired
    test is likely to find, by the share of items on which they differ.

    Exit codes: 0 it could look, whatever it found; 2 it could not.
    """
    from clika.cli.page import print_lines
    from clika.study import load_study
    from clika.views.plan import plan as run
    from clika.views.plan_rendering import plan_data, plan_lines
    from clika.views.terminal_text import json_text

    found = run(load_study(study, results), results=results)
    if as_json:
        click.echo(json_text(plan_data(found)))
    else:
        print_lines(lambda console, width: plan_lines(found, console, width=width))
