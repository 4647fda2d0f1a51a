"""Ship: answer codes without any text, so that a study can be rescored without its responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.errors import PrerequisiteError
from clika.store.connection import meta, open_database
from clika.store.database import export_codes
from clika.store.shards import content_key

if TYPE_CHECKING:
    from pathlib import Path

    from clika.study import Study

__all__ = ["ship"]


def ship(study: Study, *, database: Path, into: Path) -> None:
    """Write ``answers.parquet``, ``items.parquet`` and, where there are any, ``outcomes.parquet``.

    Parameters
    ----------
    study
        Whose answers.
    database
        A database that was built from responses.
    into
        Folder for the files; their columns are those of the tables of these names.

    Raises
    ------
    PrerequisiteError
        There is no database, or it was itself built from codes.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    redo = f"clika load {study.name} --from responses"
    connection = open_database(database, command=redo)
    try:
        facts = meta(connection)
        if facts.get("origin") != "responses":
            raise PrerequisiteError(f"{database} was built from codes.", command=redo)
        export_codes(connection, into, key=content_key("codes", facts["content_key"]))
    finally:
        connection.close()
