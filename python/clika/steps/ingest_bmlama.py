"""Ingest BMLAMA: its probes become an items shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.errors import PrerequisiteError
from clika.fetching.locate import find_fetched
from clika.fetching.sources import find_data_set
from clika.files import exclusive
from clika.steps.data import FETCH_INTO
from clika.store.connection import in_memory
from clika.store.ingest import write_items
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
        Folder that ``items.parquet`` is written to.

    Returns
    -------
    BmlamaReport

    Raises
    ------
    PrerequisiteError
        The data is not there.
    BadInputError
        A file is missing or has bad rows; nothing is written.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    chosen = SETS[name]
    folder = data or find_fetched(FETCH_INTO, find_data_set("bmlama"))
    if folder is None or not (folder / chosen.folder).is_dir():
        where = folder or FETCH_INTO / find_data_set("bmlama").folder_name
        raise PrerequisiteError(f"There is no {chosen.folder} in {where}.", command=_COMMAND)
    items = read_bmlama(folder, name)
    path = shards / "items.parquet"
    with exclusive(shards.parent / "spool" / "ingest.lock", wait=True):
        connection = in_memory()
        try:
            write_items(connection, items, path)
        finally:
            connection.close()
    of_one_language = [item for item in items if item.language == chosen.languages[0]]
    single = sum(len(item.options) == 1 for item in of_one_language)
    return BmlamaReport(chosen.task, len(of_one_language), len(chosen.languages), single, path)
