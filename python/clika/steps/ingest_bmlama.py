"""Ingest BMLAMA: its probes become an items shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.answers import CHOICE
from clika.errors import PrerequisiteError
from clika.fetching.locate import find_fetched
from clika.fetching.sources import find_data_set
from clika.steps.asked_study import begin_study
from clika.steps.data import FETCH_INTO
from clika.study import Study, Task
from clika.tasks.bmlama import SETS, read_bmlama

if TYPE_CHECKING:
    from pathlib import Path

    from clika.tasks.bmlama import SetName

__all__ = ["BmlamaReport", "ingest_bmlama"]

_COMMAND = "clika fetch bmlama"


class BmlamaReport(NamedTuple):
    """What an ingest of BMLAMA did.

    Attributes
    ----------
    task
        Name of the task.
    items, languages
        How many items it has, and languages.
    single
        Items with one candidate, which no ranking can be made of: metrics leave them out.
    path
        The items shard.
    """

    task: str
    items: int
    languages: int
    single: int
    path: Path


def ingest_bmlama(name: SetName, *, data: Path | None, shards: Path) -> BmlamaReport:
    """Read one of the two sets of BMLAMA into an items shard.

    Parameters
    ----------
    name
        Which set.
    data
        The folder that holds ``BMLAMA17`` and ``BMLAMA53``; ``None`` takes what
        ``clika fetch bmlama`` brought.
    shards
        Folder that ``items.parquet`` is written to; ``study.yaml`` goes into the folder above.

    Returns
    -------
    BmlamaReport

    Raises
    ------
    PrerequisiteError
        The data is not there.
    BadInputError
        A file is missing or has bad rows; nothing is written.
    ConfigError
        Models have answered other items here.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    chosen = SETS[name]
    folder = data or find_fetched(FETCH_INTO, find_data_set("bmlama"))
    if folder is None or not (folder / chosen.folder).is_dir():
        where = folder or FETCH_INTO / find_data_set("bmlama").folder_name
        raise PrerequisiteError(f"There is no {chosen.folder} in {where}.", command=_COMMAND)
    items = read_bmlama(folder, name)
    of_one_language = [item for item in items if item.language == chosen.languages[0]]
    single = sum(len(item.options) == 1 for item in of_one_language)
    task = Task(
        name=chosen.task,
        options=max(len(item.options) for item in of_one_language),
        items=len(of_one_language),
    )
    study = Study(
        name=chosen.task,
        title=f"BMLAMA-{name}",
        kind="asked",
        languages=chosen.languages,
        pivot="en",
        rules=(CHOICE, "robust"),
        tasks=(task,),
        models=(),
    )
    command = f"clika ingest bmlama --set {name}"
    path = begin_study(study, items, shards=shards, command=command)
    return BmlamaReport(chosen.task, len(of_one_language), len(chosen.languages), single, path)
