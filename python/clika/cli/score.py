"""``clika score``."""

from __future__ import annotations

from pathlib import Path

import click

from clika.cli.options import (
    results_option,
    rule_option,
    study_argument,
    threads_option,
    where_option,
)

__all__ = ["score"]


@click.command()
@study_argument
@rule_option
@where_option
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
    study: str,
    *,
    rule: str | None,
    where: tuple[str, ...],
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
    """
    from clika.report.render import render
    from clika.steps.score import score as run
    from clika.study import load_study

    chosen = load_study(study, results)
    folder = results / chosen.name
    whole = rule is None and not where
    report = run(
        chosen,
        database=database or folder / "clika.duckdb",
        scores=scores or (folder / "scores" if whole else None),
        tables=tables or (folder / "tables" if whole else None),
        rules=(rule,) if rule else (),
        where=where,
        threads=threads,
    )
    if not quiet:
        click.echo(render(report.tables, form=form))
    asked = len(report.models) + len(report.missing)
    source = {"codes": "answer codes that ship with the study", "responses": "responses"}
    notes = [f"{len(report.models)} of {asked} models, from {source[report.origin]}."]
    if report.missing:
        notes.append(f"No answers of: {', '.join(report.missing)}.")
    if whole:
        notes.append(f"Files: {folder / 'scores'}, {folder / 'tables'}.")
    click.echo("\n".join(["", *notes] if not quiet else notes), err=True)
