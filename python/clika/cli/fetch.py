"""``clika fetch``: bring a published data set to this machine."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from clika.fetching.download import shown_url
from clika.fetching.locate import ENVIRONMENT_VARIABLE, environment_source
from clika.fetching.progress import silent
from clika.fetching.sources import DATA_SETS, find_data_set
from clika.steps.data import FETCH_INTO
from clika.steps.fetch import fetch as fetch_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clika.fetching.progress import Listener, Progress
    from clika.fetching.sources import DataSet
    from clika.steps.fetch import FetchResult

__all__ = ["fetch"]

_STAGES = {"download": "Downloading", "unpack": "Unpacking", "verify": "Checking"}
_MOST_STRAYS = 10


@click.command()
@click.argument("dataset", metavar="|".join(DATA_SETS))
@click.option(
    "--from",
    "source",
    metavar="PATH_OR_URL",
    help="An unpacked copy, an archive (.tar.gz, .tar.xz, .tar, .zip), a folder of either, or an "
    f"http(s) address. Default: what {ENVIRONMENT_VARIABLE} names where it holds the data set, "
    "else the public archive of the commit.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=FETCH_INTO,
    show_default=True,
    help="Folder that the data set's folder goes to.",
)
def fetch(dataset: str, source: str | None, into: Path) -> None:
    """Bring a published data set to this machine and check every file of it.

    `released`: the model outputs and questions that the paper's authors published.
    `bmlama`: BMLAMA-17 and BMLAMA-53, aligned factual probes.

    The files go to INTO/NAME-COMMIT, each checked against its SHA-256. A copy that has only a part
    is taken for what it has, several such copies add up, and a second run has nothing to do. A
    download that broke off goes on where it stopped when the same command is run again.
    """
    data_set = find_data_set(dataset)
    origin = source if source is not None else environment_source(data_set)
    shown = shown_url(origin or data_set.url) if not isinstance(origin, Path) else origin
    with _listening(f"Fetching {dataset} from {shown}") as listener:
        result = fetch_step(dataset, source=origin, into=into, progress=listener)
    for line in _closing_lines(data_set, result):
        click.echo(line)


@contextmanager
def _listening(title: str) -> Iterator[Listener]:
    """Yield a listener that draws bars on a terminal; anywhere else one line says what is done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        click.echo(f"{title} ...", err=True)
        yield silent
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    console.print(title, markup=False, highlight=False)
    with Bars(*columns, console=console, transient=True) as bars:
        tasks = {}

        def draw(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bars.add_task(_STAGES[progress.stage], amount="")
            amount = _amount(progress)
            bars.update(
                tasks[progress.stage],
                completed=progress.done,
                total=progress.total,
                amount=amount,
            )

        yield draw


def _amount(progress: Progress) -> str:
    if progress.stage == "download":
        of_total = f" of {decimal(progress.total)}" if progress.total is not None else ""
        return f"{decimal(progress.done)}{of_total}"
    of_total = f" of {progress.total:,}" if progress.total is not None else ""
    return f"{progress.done:,}{of_total} files"


def _closing_lines(data_set: DataSet, result: FetchResult) -> Iterator[str]:
    record = result.record
    models = f": {record.models} of {record.models_in_manifest} models" * bool(data_set.model_file)
    before = "already there, " if not result.n_new else ""
    yield (
        f"{data_set.name}: {before}{record.files:,} of {record.files_in_manifest:,} files "
        f"in {result.folder}, every checksum right{models}."
    )
    if record.partial_models:
        yield f"Models with only a part of their files: {', '.join(record.partial_models)}."
    if record.missing_models:
        yield f"Missing models: {', '.join(record.missing_models)}."
    if result.n_unlisted:
        yield f"{result.n_unlisted:,} files of the source are not in the manifest: left out."
    if result.strays:
        shown = ", ".join(result.strays[:_MOST_STRAYS])
        more = f" and {len(result.strays) - _MOST_STRAYS:,} more"
        yield f"Among its own folders: {shown}{more * (len(result.strays) > _MOST_STRAYS)}."
    if result.n_new:
        yield f"Licence of the texts: {data_set.licence}"
