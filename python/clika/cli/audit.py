"""``clika audit``."""

from __future__ import annotations

from pathlib import Path

import click

from clika.cli.options import results_option, study_argument

__all__ = ["audit"]


@click.command()
@study_argument
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="Unpacked released data; by default what `clika fetch released` brought, or CLIKA_DATA.",
)
@click.option("--all", "everything", is_flag=True, help="Print every finding of every check.")
@click.option("--json", "as_json", is_flag=True, help="Print every finding as JSON.")
@results_option
def audit(study: str, *, data: Path | None, everything: bool, as_json: bool, results: Path) -> int:
    """Look for faults in the data of STUDY by general checks.

    Exit codes: 0 nothing found; 1 something was found; 2 the audit could not run.
    """
    from rich.console import Console

    from clika.steps.data import unpacked_release
    from clika.study import load_study
    from clika.views.audit import audit as run
    from clika.views.audit.rendering import as_data, as_text
    from clika.views.terminal_text import json_text

    chosen = load_study(study, results)
    folder = results / chosen.name
    report = run(
        chosen,
        database=folder / "clika.duckdb",
        scores=folder / "scores",
        release=data or (unpacked_release() if chosen.kind == "released" else None),
    )
    if as_json:
        click.echo(json_text(as_data(report)))
    else:
        console = Console(width=100, highlight=False, markup=False, emoji=False)
        with console.capture() as capture:
            console.print(as_text(report, everything=everything))
        # rich fills lines up to the width, which is a nuisance in a file.
        click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))
    return 1 if report.n_findings else 0
