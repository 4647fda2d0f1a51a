"""``clika merge``."""

from __future__ import annotations

from pathlib import Path

import click

from clika.cli.options import (
    chosen_resampling,
    format_option,
    intervals_options,
    results_option,
    study_argument,
    threads_option,
)

__all__ = ["merge"]


@click.command()
@study_argument
@click.argument("shards", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@intervals_options
@click.option("--database", type=click.Path(path_type=Path), default=None, help="The database.")
@click.option("--scores", type=click.Path(path_type=Path), default=None, help="Long files' folder.")
@click.option("--tables", type=click.Path(path_type=Path), default=None, help="Tables' folder.")
@format_option
@click.option("--quiet", is_flag=True, help="Write the files and print no tables.")
@results_option
@threads_option
def merge(
    study: str,
    *,
    shards: tuple[Path, ...],
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
    """Add up the shares of STUDY that `clika score --shard` counted, and write its scores.

    The FILEs are all shares of one count, in any order; by default all that are in scores/shards/.
    What is written is byte for byte what `clika score` writes.

    The intervals of --ci are computed here, from the answers in the database.
    """
    from clika.cli.scored import echo_report
    from clika.steps.merge import merge as run
    from clika.steps.score_share import SHARES
    from clika.study import load_study

    resampling = chosen_resampling(ci=ci, replicates=replicates, seed=seed)
    chosen = load_study(study, results)
    folder = results / chosen.name
    scores = scores or folder / "scores"
    report = run(
        chosen,
        shards=shards or sorted((scores / SHARES).glob("*.parquet")),
        database=database or folder / "clika.duckdb",
        scores=scores,
        tables=tables or folder / "tables",
        resampling=resampling,
        threads=threads,
    )
    echo_report(report, form=None if quiet else form, resampling=resampling, threads=threads)
    click.echo(f"Files: {scores}, {tables or folder / 'tables'}.", err=True)
