"""``clika score``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clika.cli.options import (
    chosen_resampling,
    chosen_study,
    format_option,
    intervals_options,
    results_option,
    rule_option,
    study_option,
    threads_option,
    where_option,
)

if TYPE_CHECKING:
    from clika.study import Study

__all__ = ["score"]


@click.command()
@study_option
@rule_option
@where_option
@intervals_options
@click.option("--database", type=click.Path(path_type=Path), default=None, help="The database.")
@click.option("--scores", type=click.Path(path_type=Path), default=None, help="Long files' folder.")
@click.option("--tables", type=click.Path(path_type=Path), default=None, help="Tables' folder.")
@format_option
@click.option("--quiet", is_flag=True, help="Write the files and print no tables.")
@click.option(
    "--shard",
    metavar="I/N",
    default=None,
    help="Count only the I-th of N shares of the items, for `clika merge`.",
)
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
    shard: str | None,
    results: Path,
    threads: int | None,
) -> None:
    """Compute every PF and CT number of STUDY, write them, and print the paper's tables.

    With --rule or --where the numbers are printed and not written, so that the study's own files
    stay whole, unless --scores or --tables says where.

    With --ci every number has its 95 % interval: in the tables, in scores/ and in
    tables/intervals.csv. Without, that file is removed, for it would belong to other scores.

    With --shard I/N one share of the items is counted, into scores/shards/; `clika merge` adds
    them up.
    """
    from clika.cli.scored import echo_report
    from clika.steps.score import score as run
    from clika.study import load_study

    resampling = chosen_resampling(ci=ci, replicates=replicates, seed=seed)
    chosen = load_study(chosen_study(study, named), results)
    folder = results / chosen.name
    whole = rule is None and not where
    if shard is not None:
        if not whole or ci or tables:
            raise click.UsageError(
                "--shard counts by every rule and writes no tables: leave out --rule, --where and "
                "--tables, and give --ci to `clika merge`. Intervals need the items, not sums."
            )
        _score_share(
            chosen,
            database=database or folder / "clika.duckdb",
            scores=scores or folder / "scores",
            shard=shard,
            threads=threads,
        )
        return
    report = run(
        chosen,
        database=database or folder / "clika.duckdb",
        scores=scores or (folder / "scores" if whole else None),
        tables=tables or (folder / "tables" if whole else None),
        rules=(rule,) if rule else (),
        where=where,
        resampling=resampling,
        threads=threads,
    )
    echo_report(report, form=None if quiet else form, resampling=resampling, threads=threads)
    if whole:
        click.echo(f"Files: {folder / 'scores'}, {folder / 'tables'}.", err=True)


def _score_share(
    study: Study, *, database: Path, scores: Path, shard: str, threads: int | None
) -> None:
    from clika.steps.score_share import score_share

    report = score_share(study, database=database, scores=scores, shard=shard, threads=threads)
    items = ", ".join(f"{count:,} of {task}" for task, count in report.items.items())
    click.echo(f"Share {shard}, {len(report.models)} models, items: {items}.", err=True)
    click.echo(f"File: {report.path}.", err=True)
