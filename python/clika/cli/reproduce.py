"""``clika reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clika.cli.options import results_option, study_argument

if TYPE_CHECKING:
    from clika.study import Study

__all__ = ["reproduce"]


@click.command()
@study_argument
@click.option(
    "--cores",
    type=click.IntRange(min=1),
    default=None,
    help="Cores to use; by default RAYON_NUM_THREADS, else as many as the process may use.",
)
@click.option(
    "--from",
    "origin",
    type=click.Choice(["responses", "codes"]),
    default=None,
    help="Read the answers from released responses or from the codes that ship with clika. "
    "By default from responses where they are at hand.",
)
@click.option(
    "--shards",
    type=click.IntRange(min=1, max=10_000),
    default=1,
    show_default=True,
    help="Count the items in so many shares, each a job of its own, and merge them.",
)
@click.option(
    "--scale",
    type=click.Choice(["tiny", "default", "medium"]),
    default="default",
    show_default=True,
    help="Another size of a study that trains its models: tiny to see that it runs, medium for a "
    "GPU. STUDY-SIZE names the same.",
)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="NAME|DIR",
    help="Where and how jobs run: slurm, apptainer, or a folder with a profile of Snakemake. "
    "Repeat to combine. By default here, in this environment.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("images"),
    show_default=True,
    help="With the profile apptainer: the folder of clika-scoring.sif and clika-inference.sif.",
)
@click.option("--quiet", is_flag=True, help="Print no tables.")
@results_option
def reproduce(
    study: str,
    *,
    cores: int | None,
    origin: str | None,
    shards: int,
    scale: str,
    profiles: tuple[str, ...],
    images: Path,
    quiet: bool,
    results: Path,
) -> None:
    """Run STUDY from its data to its tables and verdicts; what is done is not done again.

    Released responses are used where CLIKA_DATA names them or `clika fetch released` brought them;
    without, the answer codes that ship with clika give the same tables. A study of its own models
    trains them, or reads the codes of a training that ships with it. Nothing is downloaded.
    Verdicts that are not the expected ones are told and fail nothing: `clika verify` exits with 1.
    """
    from clika.cli.page import print_lines
    from clika.cli.steps_display import steps_display
    from clika.report.render import render
    from clika.steps.expectations import written_verdicts
    from clika.steps.loaded import look_at_loaded
    from clika.steps.score import score
    from clika.study import load_study
    from clika.views.verdicts import summary_lines
    from clika.workflow.run import Run, run_workflow

    chosen = load_study(study if scale == "default" else f"{study}-{scale}", results)
    folder = results / chosen.name
    if origin == "responses":
        _check_responses(chosen, folder)
    with steps_display() as show:
        run = Run(chosen.name, results, cores, origin or "", shards, profiles, images)
        outcome = run_workflow(run, notify=show)
    database = folder / "clika.duckdb"
    if not quiet:
        report = score(chosen, database=database, scores=None, tables=None, threads=cores)
        click.echo(render(report.tables, report.sheets, form="table"))
        click.echo()
    loaded = look_at_loaded(database, command=f"clika load {chosen.name}")
    if loaded.origin == "responses":
        click.echo(f"Read from the responses in {folder / 'shards'}.")
        if chosen.training is not None:
            click.echo(f"The models are in {folder / 'models'}, each with a card.")
    else:
        more = {
            "released": "no responses are at hand, `clika fetch released` brings them",
            "trained": "`--from responses` trains the models anew",
            "taught": "`clika teach` teaches a model anew, into a study of its own",
        }
        what = "outcomes" if chosen.kind == "taught" else "answer codes"
        why = "as asked" if origin else more[chosen.kind]
        click.echo(f"Read from the {what} that ship with clika: {why}.")
    if chosen.reading_rules:
        asked = {*loaded.models, *chosen.models}
        click.echo(f"{len(loaded.models)} of {len(asked)} models have answers.")
    click.echo(f"Tables: {folder / 'tables'}   numbers: {folder / 'scores'}")
    if chosen.claims:
        claims = written_verdicts(folder / "verdicts.json").claims
        print_lines(lambda _console, width: summary_lines(chosen, claims, width=width))
    n_steps = len(outcome.steps)
    done = f"{n_steps} step{'s' * (n_steps > 1)}" if n_steps else "Nothing was left to do"
    click.echo(f"{done}, {outcome.seconds:.1f} s.")


def _check_responses(study: Study, folder: Path) -> None:
    """Refuse where responses are asked for and no step of the workflow could bring them."""
    from clika.errors import PrerequisiteError
    from clika.steps.data import find_origin
    from clika.steps.inventory import INVENTORY

    inventory = folder / "shards" / INVENTORY
    if study.kind == "released" and find_origin(inventory).kind == "codes":
        message = "No released responses are at hand."
        raise PrerequisiteError(message, command="clika fetch released")
    if study.kind == "taught" and not inventory.is_file():
        message = f"Study {study.name} ships its outcomes, and {folder} holds no others."
        raise PrerequisiteError(message, command="clika teach MODEL --target LANG")
