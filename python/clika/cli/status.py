"""``clika status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clika.cli.options import results_option, study_argument

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["status"]


@click.command()
@study_argument
@click.option("--cells", is_flag=True, help="List every model and task, and every stray file.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@results_option
def status(study: str, *, cells: bool, as_json: bool, results: Path) -> None:
    """Say what of STUDY is there, what is missing, what is stale and why.

    Nothing is written. Each missing or stale stage comes with the command that mends it. Where the
    responses are at hand and the study ships answer codes, the two are compared.

    Exit codes: 0 it could look, whatever it found; 2 it could not.
    """
    from clika.cli.page import print_lines
    from clika.study import load_study
    from clika.views.status import status as run
    from clika.views.status_rendering import status_data, status_lines
    from clika.views.terminal_text import json_text

    report = run(load_study(study, results), results=results)
    if as_json:
        click.echo(json_text(status_data(report)))
    else:
        print_lines(lambda console, width: status_lines(report, console, width=width, cells=cells))
