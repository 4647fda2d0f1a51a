"""A study whose items models are asked: it begins with items and grows by a model at a time."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from msgspec.structs import replace

from clika.errors import ConfigError, PrerequisiteError, StaleStoreError
from clika.files import exclusive
from clika.schema import SCHEMA_VERSION
from clika.steps.inventory import (
    INVENTORY,
    SHARDS,
    listed,
    merged,
    present_entries,
    write_inventory,
)
from clika.store.connection import in_memory
from clika.store.ingest import arrange_items, write_items
from clika.store.shards import read_stamp
from clika.study import load_study, packaged_studies, save_study

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.study import Study
    from clika.tasks.item import Item

__all__ = ["add_cell", "begin_study", "items_to_ask", "spelling_in"]


def begin_study(study: Study, items: Sequence[Item], *, shards: Path, command: str) -> Path:
    """Write the items shard of a study, the study, and the inventory that answers are added to.

    What models answered to the same items before stays.

    Parameters
    ----------
    study
        The study, without models.
    items
        Its items.
    shards
        Folder that ``items.parquet`` is written to; ``study.yaml`` goes into the folder above.
    command
        The command that makes the items.

    Returns
    -------
    Path
        The items shard.

    Raises
    ------
    ConfigError
        There are answers to other items; nothing is written.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    path, arranged = shards / "items.parquet", arrange_items(items)
    with exclusive(shards.parent / "spool" / "ingest.lock", wait=True):
        earlier = present_entries(shards, command=command) if (shards / INVENTORY).is_file() else {}
        if earlier.get("responses"):
            if earlier["items"]["content_key"] != arranged.key:
                raise ConfigError(
                    f"{shards} holds answers of models to other items. Choose another folder with "
                    "--results, or remove that one."
                )
            study = replace(study, models=load_study(study.name, shards.parents[1]).models)
        with closing(in_memory()) as connection:
            write_items(connection, arranged, path)
        write_inventory(
            shards,
            study=study.name,
            items_key=arranged.key,
            command=command,
            lists={kind: earlier.get(kind, []) for kind in SHARDS},
        )
        save_study(study, shards.parent / "study.yaml")
    return path


def items_to_ask(study: Study, shards: Path) -> tuple[Path, str]:
    """Return the items shard of a study and its content key.

    Raises
    ------
    PrerequisiteError
        There are none.
    StaleStoreError
        They are not those of the inventory, or of another schema version.
    """
    command = f"clika ingest {study.name}"
    if not (shards / INVENTORY).is_file():
        raise PrerequisiteError(f"There are no items in {shards}.", command=command)
    inventory = present_entries(shards, command=command)
    entry = inventory["items"]
    path, key = shards / entry["path"], str(entry["content_key"])
    with closing(in_memory()) as connection:
        if read_stamp(connection, path) != (SCHEMA_VERSION, key):
            command = str(inventory.get("command", command))
            raise StaleStoreError(f"{path} is not the one that was ingested.", command=command)
    return path, key


def spelling_in(study: Study, model: str) -> str:
    """Return a model's name as the study spells it already, where only capitals differ."""
    folded = {name.casefold(): name for name in study.models}
    return folded.get(model.casefold(), model)


def add_cell(study: Study, *, model: str, keys: Mapping[Path, str], results: Path) -> None:
    """Enter the shards of one model and task in the inventory, and the model in the study.

    Parameters
    ----------
    study
        The study.
    model
        The model.
    keys
        Content key of each shard, which lies in the study's folder of shards.
    results
        Folder of results.

    Raises
    ------
    StaleStoreError
        The inventory is not what an ingest writes.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    shards = results / study.name / "shards"
    with exclusive(shards.parent / "spool" / "ingest.lock", wait=True):
        inventory = present_entries(shards, command=f"clika ingest {study.name}")
        for kind in SHARDS:
            added = {
                path.relative_to(shards).as_posix(): key
                for path, key in keys.items()
                if path.is_relative_to(shards / kind)
            }
            inventory[kind] = merged(inventory[kind], listed(added))
        if study.name not in packaged_studies():
            # Another process may have added a model since.
            current = load_study(study.name, results)
            if model not in current.models:
                grown = replace(current, models=(*current.models, model))
                save_study(grown, results / study.name / "study.yaml")
        write_inventory(
            shards,
            study=study.name,
            items_key=inventory["items"]["content_key"],
            command=inventory.get("command", ""),
            lists=inventory,
        )
