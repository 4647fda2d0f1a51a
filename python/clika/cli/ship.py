"""``clika ship``."""

from __future__ import annotations

from pathlib import Path

import click

from clika.cli.options import results_option, study_argument

__all__ = ["ship"]


@click.command()
@study_argument
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for answers.parquet, items.parquet and outcomes.parquet.",
)
@results_option
def ship(study: str, *, into: Path, results: Path) -> None:
    """Write the answer codes, items and outcomes of STUDY: no response's and no item's text.

    With these files beside its study.yaml a study can be rescored by people who may not have,
    or may not be given, the responses themselves. Of models that were taught, provenance.json
    says how.
    """
    from clika.steps.ship import PROVENANCE
    from clika.steps.ship import ship as run
    from clika.study import load_study

    chosen = load_study(study, results)
    folder = results / chosen.name
    run(chosen, database=folder / "clika.duckdb", shards=folder / "shards", into=into)
    for path in sorted((*into.glob("*.parquet"), *into.glob(PROVENANCE))):
        click.echo(f"{path}: {path.stat().st_size / 1e3:,.1f} kB")
