"""``clika compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clika.cli.options import draws_options, results_option, rule_option, threads_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.text import Text

    from clika.views.compare.flips import FlippedItems
    from clika.views.compare.model import CompareView

__all__ = ["compare"]


@click.command()
@click.argument("first")
@click.argument("second")
@click.option("--study", default="paper-released", show_default=True, help="The models' study.")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="METRIC[:VARIANT]",
    help="Compare by this metric; by default acc and co. Repeat for more.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="KEY=V[,V...]",
    help="Show a part: task, language (both of a pair), source, target. Tests stay whole; source= "
    "also chooses the rows of the matrices, by default the pivot's. Repeat to narrow.",
)
@rule_option
@click.option(
    "--adjust",
    "adjustment",
    type=click.Choice(["max-t", "holm"]),
    default="max-t",
    show_default=True,
    help="How p-values are adjusted over languages and tasks.",
)
@draws_options(
    replicates="Bootstrap replicates, and random swaps.", seed="Seed of all of them.", fewest=1
)
@click.option(
    "--items",
    is_flag=True,
    help="List the items that one model has right alone; of one task and language (--where) with "
    "both answers.",
)
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="FILE",
    help="Write what is shown, all columns, as FILE: .parquet or .csv.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "latex", "markdown"]),
    default="table",
    show_default=True,
    help="How the comparison is printed.",
)
@results_option
@threads_option
def compare(
    first: str,
    second: str,
    *,
    study: str,
    metrics: tuple[str, ...],
    where: tuple[str, ...],
    rule: str | None,
    adjustment: str,
    replicates: int,
    seed: int,
    items: bool,
    write: Path | None,
    form: str,
    results: Path,
    threads: int | None,
) -> None:
    """Compare two models on the items that both were asked: what was lost, what was gained.

    FIRST and SECOND are models of the study, or STUDY/MODEL each, so that two runs of one model can
    be compared. A difference is the second's value minus the first's; its interval is a joint
    bootstrap over items. p is two-sided: McNemar's exact test, or random swaps of the two models'
    answers; p adj is adjusted over all languages and tasks.
    """
    from clika.metrics.comparison.paired_card import Sampling
    from clika.views.compare import compare as run
    from clika.views.compare import find_side
    from clika.views.compare.data import check_ending, comparison_data, render, write_comparison
    from clika.views.compare.flips import flipped_items
    from clika.views.compare.model import DEFAULT_METRICS, Question
    from clika.views.terminal_text import json_text

    if items and form not in {"table", "json"}:
        raise click.UsageError(f"--items goes with --format table or json, not {form}.")
    if write is not None:
        check_ending(write)
    question = Question(
        metrics=metrics or DEFAULT_METRICS,
        rule=rule,
        where=where,
        adjustment="holm" if adjustment == "holm" else "max-t",
        sampling=Sampling(replicates, seed, threads),
    )
    one, other = (find_side(name, study=study, results=results) for name in (first, second))
    view = run(one, other, question)
    flipped = flipped_items(one, other, view) if items else None
    if write is not None:
        write_comparison(view, write)
    if form == "table":
        _print(view, flipped, items=items)
    elif form == "json":
        click.echo(json_text(comparison_data(view, flipped)))
    else:
        click.echo(render(view, form=form))


def _print(view: CompareView, flipped: FlippedItems | None, *, items: bool) -> None:
    from clika.cli.page import print_lines
    from clika.views.compare.flips_rendering import flip_lines, flipped_lines
    from clika.views.compare.rendering import compare_lines

    def lines(console: Console, width: int) -> Iterator[Text]:
        yield from compare_lines(view, width=width)
        if flipped is not None:
            yield from flipped_lines(flipped, console, width=width)
        elif items:
            yield from flip_lines(view, width=width)

    print_lines(lines)
