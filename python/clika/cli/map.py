"""``clika map``."""

from __future__ import annotations

from pathlib import Path

import click

from clika.cli.options import results_option, rule_option

__all__ = ["map"]


@click.command()
@click.argument("model")
@click.option("--task", required=True, help="Task.")
@click.option("--study", default="paper-released", show_default=True, help="The study.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print all of it as JSON, the tree as Newick."
)
@rule_option
@click.option("--database", type=click.Path(path_type=Path), default=None, help="The database.")
@results_option
def map(  # noqa: A001 (the command's name)
    model: str,
    *,
    task: str,
    study: str,
    as_json: bool,
    rule: str | None,
    database: Path | None,
    results: Path,
) -> None:
    """Set the languages of MODEL side by side, and draw them by how much their answers agree.

    Accuracy of each language, on items from it and on others where the task says where they are
    from, and the range of accuracy with the items of one origin left out. Then points in a plane
    and a tree by 1 - kappa, only where its split-half reliability is at least 0.8; else a sentence
    says how far it falls short. The tree needs SciPy: pip install 'clika[maps]'.
    """
    from clika.cli.page import print_lines
    from clika.study import load_study
    from clika.views.map import map_languages
    from clika.views.map_rendering import map_data, map_lines
    from clika.views.terminal_text import json_text

    chosen = load_study(study, results)
    database = database or results / chosen.name / "clika.duckdb"
    found = map_languages(chosen, model, task=task, rule=rule, database=database)
    if as_json:
        click.echo(json_text(map_data(found)))
    else:
        print_lines(lambda _console, _width: map_lines(found))
