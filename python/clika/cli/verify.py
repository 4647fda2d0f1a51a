"""``clika verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clika.cli.options import draws_options, results_option, study_argument, threads_option

if TYPE_CHECKING:
    from clika.steps.verify import Verification

__all__ = ["verify"]


@click.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@click.option(
    "--expected",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Expected verdicts; by default those that ship with the study.",
)
@click.option(
    "--pin",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="FILE",
    help="Write the verdicts that were found to FILE, for --expected.",
)
@click.option(
    "--exit-zero", is_flag=True, help="Exit with 0 also where a verdict is not the expected one."
)
@draws_options(replicates="Bootstrap replicates.", seed="Seed of every random number.")
@click.option("--database", type=click.Path(path_type=Path), default=None, help="The database.")
@click.option("--verdicts", type=click.Path(path_type=Path), default=None, help="File to write.")
@results_option
@threads_option
def verify(
    study: str,
    *,
    as_json: bool,
    expected: Path | None,
    pin: Path | None,
    exit_zero: bool,
    replicates: int,
    seed: int,
    database: Path | None,
    verdicts: Path | None,
    results: Path,
    threads: int | None,
) -> int:
    """Judge the claims of STUDY, and say whether the verdicts are the expected ones.

    Writes verdicts.json. A claim is a contrast between models with a margin, in the study's
    study.yaml; its verdict follows from intervals by rule: supported, contradicted, undecided, or
    not judged where the study has no data for it.

    Exits with 0 where every verdict is the expected one or none is expected, with 1 where one is
    not, with 2 where it could not run.
    """
    from clika.files import write_text
    from clika.metrics.intervals.uncertainty import Resampling
    from clika.steps.verify import expected_text
    from clika.steps.verify import verify as run
    from clika.study import load_study

    chosen = load_study(study, results)
    folder = results / chosen.name
    found = run(
        chosen,
        database=database or folder / "clika.duckdb",
        verdicts=verdicts or folder / "verdicts.json",
        expected=expected,
        resampling=Resampling(replicates, seed),
        threads=threads,
    )
    if pin is not None:
        write_text(pin, expected_text(found.judged))
    _print(found, as_json=as_json)
    click.echo(f"File: {verdicts or folder / 'verdicts.json'}.", err=True)
    return 1 if found.mismatches and not exit_zero else 0


def _print(found: Verification, *, as_json: bool) -> None:
    from clika.cli.page import print_lines
    from clika.views.terminal_text import json_text
    from clika.views.verdicts import verification_data, verification_lines

    if as_json:
        click.echo(json_text(verification_data(found)))
    else:
        print_lines(lambda _console, width: verification_lines(found, width=width))
