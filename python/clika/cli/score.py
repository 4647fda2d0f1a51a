"""``clika score``."""

from __future__ import annotations

from pathlib import Path

import click

from clika.cli.options import (
    chosen_study,
    results_option,
    rule_option,
    study_option,
    threads_option,
    where_option,
)

__all__ = ["score"]


@click.command()
@study_option
@rule_option
@where_option
@click.option("--ci", is_flag=True, help="Compute and print 95 % intervals.")
@click.option(
    "--replicates",
    type=click.IntRange(min=100, max=2**24),
    default=None,
    help="With --ci: bootstrap replicates; by default 10,000.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**64 - 1),
    default=None,
    help="With --ci: seed of every random number; by default 20240404.",
)
@click.option("--database", type=click.Path(path_type=Path), default=None, help="The database.")
@click.option("--scores", type=click.Path(path_type=Path), default=None, help="Long files' folder.")
@click.option("--tables", type=click.Path(path_type=Path), default=None, help="Tables' folder.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "latex", "markdown"]),
    default="table",
    show_default=True,
    help="How the tables are printed.",
)
@click.option("--quiet", is_flag=True, help="Write the files and print no tables.")
@results_option
@threads_option
def score(
    study: str | None,
    *,
    named: str | None,
    rule: str | None,
    where: tuple[str, ...],
    ci: bool,
    replicates: int | None,
    seed: int | None,
    database: Path | None,
    scores: Path | None,
    tables: Path | None,
    form: str,
    quiet: bool,
    results: Path,
    threads: int | None,
) -> None:
    """Compute every PF and CT number of STUDY, write them, and print the paper's tables.

    With --rule or --where the numbers are printed and not written, so that the study's own files
    stay whole, unless --scores or --tables says where.

    With --ci every number has its 95 % interval: in the tables, in scores/ and in
    tables/intervals.csv. Without, that file is removed, for it would belong to other scores.
    """
    from clika.metrics.uncertainty import Resampling
    from clika.report.render import render
    from clika.steps.score import score as run
    from clika.study import load_study
    from clika.threads import thread_count

    if not ci and (replicates is not None or seed is not None):
        raise click.UsageError("--replicates and --seed belong to intervals: add --ci.")
    given = {"replicates": replicates, "seed": seed}
    resampling = Resampling(**{name: value for name, value in given.items() if value is not None})
    chosen = load_study(chosen_study(study, named), results)
    folder = results / chosen.name
    whole = rule is None and not where
    report = run(
        chosen,
        database=database or folder / "clika.duckdb",
        scores=scores or (folder / "scores" if whole else None),
        tables=tables or (folder / "tables" if whole else None),
        rules=(rule,) if rule else (),
        where=where,
        resampling=resampling if ci else None,
        threads=threads,
    )
    if not quiet:
        click.echo(render(report.tables, form=form))
    asked = len(report.models) + len(report.missing)
    source = {"codes": "answer codes that ship with the study", "responses": "responses"}
    notes = [f"{len(report.models)} of {asked} models, from {source[report.origin]}."]
    if ci:
        drawn = f"{resampling.replicates:,} replicates, seed {resampling.seed}"
        used = thread_count(threads)
        notes.append(f"95 % intervals: {drawn}; {used} thread{'s' * (used != 1)}.")
    if report.missing:
        notes.append(f"No answers of: {', '.join(report.missing)}.")
    if whole:
        notes.append(f"Files: {folder / 'scores'}, {folder / 'tables'}.")
    click.echo("\n".join(["", *notes] if not quiet else notes), err=True)
