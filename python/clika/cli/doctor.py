"""``clika doctor``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["doctor"]


@click.command()
@click.argument("study", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
# Its own: the others' look whether it is a folder, and where a server is gone they look for ever.
@click.option(
    "--results",
    type=Path,
    metavar="DIRECTORY",
    default=Path("results"),
    show_default=True,
    help="Folder of results; a study has a folder of its name in it.",
)
def doctor(study: str | None, *, as_json: bool, results: Path) -> int:
    """Look at this machine and say what clika, or STUDY, needs and does not find.

    One line for each thing: ok, warn, fail, or none for something optional that is not here; below
    it the command or the setting that mends it. Nothing is changed, and the network is not used.

    Exit codes: 0 nothing that is needed is missing; 1 something is; 2 it could not look.
    """
    from clika.cli.page import print_lines
    from clika.cli.progress import waiting
    from clika.study import load_study
    from clika.views.doctor import examine
    from clika.views.doctor.rendering import doctor_data, doctor_lines
    from clika.views.terminal_text import json_text

    chosen = None if study is None else load_study(study, results)
    with waiting("asking the machine"):
        diagnosis = examine(chosen, results=results)
    if as_json:
        click.echo(json_text(doctor_data(diagnosis)))
    else:
        print_lines(lambda console, width: doctor_lines(diagnosis, console, width=width))
    return 1 if diagnosis.named("fail") else 0
