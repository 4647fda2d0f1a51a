"""``clika ingest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clika.cli.options import in_folder, results_option, threads_option
from clika.cli.wording import counted

if TYPE_CHECKING:
    from clika.tasks.atlas.questions import Form
    from clika.tasks.bmlama import SetName

__all__ = ["ingest"]


@click.group()
def ingest() -> None:
    """Turn raw outputs into shards, the record that everything derives from."""


def _infer_command(study: str, results: Path) -> str:
    return f"clika infer {study} --model NAME --from DIR{in_folder(results)}"


@ingest.command()
@click.argument("study", default="paper-released")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=None,
    help="Unpacked released data; by default what `clika fetch released` brought.",
)
@click.option("--shards", type=click.Path(path_type=Path), default=None, help="Folder of shards.")
@click.option("--keep-going", is_flag=True, help="Leave cells with bad rows out and exit 0.")
@results_option
@threads_option
def released(
    study: str,
    *,
    data: Path | None,
    shards: Path | None,
    keep_going: bool,
    results: Path,
    threads: int | None,
) -> None:
    """Read the authors' released outputs into one shard for each model and task."""
    from clika.cli.progress import progress_bar
    from clika.steps.data import released_data
    from clika.steps.ingest import ingest_released
    from clika.study import load_study

    chosen = load_study(study, results)
    with progress_bar("ingest", unit="shards") as advance:
        report = ingest_released(
            chosen,
            data=released_data(data),
            shards=shards or results / chosen.name / "shards",
            keep_going=keep_going,
            threads=threads,
            progress=advance,
        )
    made = f"{report.written} shards written ({report.rows:,} responses)"
    click.echo(f"{made}, {report.reused} there already.")
    for heading, lines in (
        ("accepted, and unusual", report.notes),
        ("left out because of bad rows", tuple(str(problem) for problem in report.problems)),
        ("missing cells", report.missing_cells),
        ("files that the layout does not name, not read", report.strays),
    ):
        if lines:
            click.echo("\n".join([f"{heading} ({len(lines)}):", *(f"  {line}" for line in lines)]))
    if report.missing_models:
        there = len(chosen.models) - len(report.missing_models)
        click.echo(f"{there} of {len(chosen.models)} models are there.")


@ingest.command()
@click.option(
    "--set",
    "name",
    type=click.Choice(["17", "53"]),
    default="17",
    show_default=True,
    help="BMLAMA-17 (6,792 items in 17 languages) or BMLAMA-53 (3,070 items in 53 languages).",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder with BMLAMA17 and BMLAMA53; by default what `clika fetch bmlama` brought.",
)
@click.option("--shards", type=click.Path(path_type=Path), default=None, help="Folder of shards.")
@results_option
def bmlama(
    name: SetName,
    *,
    data: Path | None,
    shards: Path | None,
    results: Path,
) -> None:
    """Read the probes of BMLAMA into an items shard.

    Every item has its candidates in an order of its own, the same in every language: in the files
    the right one is always the last.
    """
    from clika.steps.ingest_bmlama import ingest_bmlama

    report = ingest_bmlama(name, data=data, shards=shards or results / f"bmlama{name}" / "shards")
    click.echo(
        f"{report.task}: {report.items:,} items in {report.languages} languages in {report.path}."
    )
    if report.single:
        click.echo(f"Items with one candidate, which RankC leaves out: {report.single}.")
    click.echo(f"Now: {_infer_command(report.task, results)} --prompt full-option")


@ingest.command()
@click.option(
    "--languages",
    default=None,
    metavar="CODE[,CODE...]",
    help="Languages of the items; by default the paper's ten.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the wrong options.")
@click.option(
    "--options",
    type=click.IntRange(2, 4),
    default=4,
    show_default=True,
    help="Number of options.",
)
@click.option(
    "--form",
    type=click.Choice(["sentence", "bare"]),
    default="sentence",
    show_default=True,
    help="A question in the language (the paper's ten), or the country's name alone (any).",
)
@click.option("--giveaways", is_flag=True, help="Keep items like Japan: Japanese.")
@click.option("--shards", type=click.Path(path_type=Path), default=None, help="Folder of shards.")
@results_option
def atlas(
    *,
    languages: str | None,
    seed: int,
    options: int,
    form: Form,
    giveaways: bool,
    shards: Path | None,
    results: Path,
) -> None:
    """Build factual items about countries into an items shard and a data card.

    Currency, official language and region of each country, from the Unicode CLDR: the same item,
    options and order in every language, wrong options from the same part of the world. It needs
    Babel: pip install 'clika[atlas]'.
    """
    from clika.languages import PAPER_LANGUAGES, normalise
    from clika.steps.ingest_atlas import ingest_atlas
    from clika.tasks.atlas.choices import AtlasChoices

    choices = AtlasChoices(
        languages=PAPER_LANGUAGES
        if languages is None
        else tuple(normalise(name) for name in languages.split(",")),
        seed=seed,
        options=options,
        form=form,
        giveaways=giveaways,
    )
    report = ingest_atlas(choices, shards=shards or results / "atlas" / "shards")
    for task, items in report.items.items():
        click.echo(f"{task}: {items} items in {report.languages} languages.")
    click.echo(f"Items: {report.path}. What they are, and what was left out: {report.card}.")
    click.echo(f"Now: {_infer_command('atlas', results)}")


@ingest.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--map",
    "mapping",
    required=True,
    metavar="KEY=COLUMN,...",
    help="Which column holds model, task, language, item, answer, gold, and where there are any "
    "uuid, options (a list of the options' texts), scores (a list of their log-scores) and "
    "question. A value in single quotes is the same for all rows: model='my model'.",
)
@click.option("--study", default=None, help="Name of the study; by default the file's name.")
@click.option(
    "--options",
    type=click.IntRange(2, 26),
    default=None,
    help="Number of options (k); by default what the options' texts or the highest option tell.",
)
@click.option("--pivot", default="en", show_default=True, help="The tables' first language.")
@click.option(
    "--reference",
    default=None,
    metavar="MODEL",
    help="Model whose accuracy in the pivot language makes RA = 1; RA is undefined without one.",
)
@click.option("--rule", default="first-letter", show_default=True, help="Headline extraction rule.")
@results_option
def table(
    file: Path,
    *,
    mapping: str,
    study: str | None,
    options: int | None,
    pivot: str,
    reference: str | None,
    rule: str,
    results: Path,
) -> None:
    r"""Read anyone's table into shards and a study of its own.

    FILE ends in .csv or .tsv, in .jsonl, .ndjson or .json (an object a line), .gz may follow, or in
    .parquet. A row is one answer of a model to an item of a task in a language; reading again
    replaces what was read.

    \b
    answer  a text, from which the rule reads an option; or, where every answer is an
            integer, a 0-based option (-1: none could be read). NULL, or an empty field
            of a CSV file: not asked. An empty text, "" in a CSV file: asked, INVALID.
    scores  a number for each option of the item: kept with their ranks, for RankC
            and CAPA. Where no answer is mapped, the highest one is the answer.
    gold    a letter or a 0-based integer, the same in every row of an item.
    item    an integer, or a text: texts are numbered in their sorted order.
    """
    from clika.steps.ingest_table import TableChoices, ingest_table

    choices = TableChoices(
        mapping=mapping,
        study=study,
        options=options,
        pivot=pivot,
        reference=reference,
        rule=rule,
    )
    report = ingest_table(file, choices=choices, results=results)
    made = report.study
    models, tasks = counted(len(made.models), "model"), counted(len(made.tasks), "task")
    languages = counted(len(made.languages), "language")
    click.echo(f"{counted(report.rows, 'answer')} of {models}, {tasks}, {languages}.")
    for note in report.notes:
        click.echo(f"  {note}")
    name = made.name
    folder = in_folder(results)
    click.echo(f"Now: clika load {name}{folder} && clika score {name}{folder}")
