"""``clika load``."""

from __future__ import annotations

from pathlib import Path

import click

from clika.cli.options import results_option, study_argument, threads_option
from clika.cli.wording import counted

__all__ = ["load"]


@click.command()
@study_argument
@click.option(
    "--from",
    "origin",
    type=click.Choice(["responses", "codes"]),
    default=None,
    help="Shards of responses, or the answer codes that ship with the study. "
    "By default the shards where there are any.",
)
@click.option("--shards", type=click.Path(path_type=Path), default=None, help="Folder of shards.")
@click.option("--database", type=click.Path(path_type=Path), default=None, help="The database.")
@results_option
@threads_option
def load(
    study: str,
    *,
    origin: str | None,
    shards: Path | None,
    database: Path | None,
    results: Path,
    threads: int | None,
) -> None:
    """Build the database of STUDY and read the answers by every rule of the study."""
    from clika.steps.inventory import read_inventory
    from clika.steps.load import ingest_command
    from clika.steps.load import load as run
    from clika.study import load_study

    chosen = load_study(study, results)
    shards = shards or results / chosen.name / "shards"
    database = database or results / chosen.name / "clika.duckdb"
    if origin is None:
        inventory = read_inventory(shards, command=ingest_command(chosen))
        origin = "codes" if inventory is None and chosen.kind == "released" else "responses"
    report = run(chosen, shards=shards, database=database, origin=origin, threads=threads)
    if report.counts is None:
        click.echo(f"{database} is up to date.")
        return
    counts = report.counts
    source = (
        f"{counts.responses:,} responses"
        if report.origin == "responses"
        else "the answer codes that ship with the study"
    )
    parts = [f"{counts.items:,} items", f"{counts.answers:,} answers from {source}"]
    if chosen.kind == "taught":
        parts = []
    if counts.outcomes:
        parts.append(f"{counts.outcomes:,} outcomes of conductivity")
    click.echo(f"{database}: {', '.join(parts)}.")
    for rule, invalid in counts.invalid:
        click.echo(f"  {rule}: {counted(invalid, 'answer')} INVALID (no option could be read)")
