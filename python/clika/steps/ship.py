"""Ship: answer codes without any text, so that a study can be rescored without its responses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from clika.errors import PrerequisiteError
from clika.files import write_text
from clika.steps.inventory import read_inventory
from clika.store.connection import meta, open_database
from clika.store.database import export_codes
from clika.store.shards import content_key

if TYPE_CHECKING:
    from pathlib import Path

    from clika.study import Study

__all__ = ["PROVENANCE", "ship"]

#: Of each shard of outcomes, whence it comes.
PROVENANCE = "provenance.json"


def ship(study: Study, *, database: Path, shards: Path, into: Path) -> None:
    """Write ``answers.parquet``, ``items.parquet`` and, where there are any, ``outcomes.parquet``.

    Of models that were taught it also says how: :data:`PROVENANCE`.

    Parameters
    ----------
    study
        Whose answers.
    database
        A database that was built from responses.
    shards
        The folder of shards that it was built from.
    into
        Folder for the files; their columns are those of the tables of these names.

    Raises
    ------
    PrerequisiteError
        There is no database, or it was itself built from codes.
    StaleStoreError
        The shards are not those that were ingested.
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
    inventory = read_inventory(shards, command=redo)
    if inventory is not None and inventory.made:
        write_text(into / PROVENANCE, json.dumps(inventory.made, indent=1) + "\n")
