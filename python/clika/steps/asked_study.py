"""A study whose items models are asked: it begins with items and grows by a model at a time."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from clika.errors import ConfigError, PrerequisiteError, StaleStoreError
from clika.files import exclusive, write_text
from clika.schema import SCHEMA_VERSION
from clika.steps.ingest import INVENTORY
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

#: Inventory lists that a cell may have a shard in.
_KINDS = ("responses", "option_scores")


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
        earlier = _read(shards, command=command) if (shards / INVENTORY).is_file() else {}
        if earlier.get("responses"):
            if earlier["items"]["content_key"] != arranged.key:
                raise ConfigError(
                    f"{shards} holds answers of models to other items. Choose another folder with "
                    "--results, or remove that one."
                )
            study = replace(study, models=load_study(study.name, shards.parents[1]).models)
        with closing(in_memory()) as connection:
            write_items(connection, arranged, path)
        inventory = {
            "schema_version": SCHEMA_VERSION,
            "study": study.name,
            "command": command,
            "items": {"path": path.name, "content_key": arranged.key},
            **{kind: earlier.get(kind, []) for kind in _KINDS},
            **{kind: [] for kind in ("missing_models", "missing_cells", "strays", "notes")},
        }
        _write(shards, inventory)
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
    inventory = _read(shards, command=command)
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
        inventory = _read(shards, command=f"clika ingest {study.name}")
        for kind in _KINDS:
            entries = {entry["path"]: entry for entry in inventory[kind]}
            for path, key in keys.items():
                name = path.relative_to(shards).as_posix()
                if name.startswith(f"{kind}/"):
                    entries[name] = {"path": name, "content_key": key}
            inventory[kind] = [entries[name] for name in sorted(entries)]
        if study.name not in packaged_studies():
            # Another process may have added a model since.
            current = load_study(study.name, results)
            if model not in current.models:
                grown = replace(current, models=(*current.models, model))
                save_study(grown, results / study.name / "study.yaml")
        _write(shards, inventory)


def _read(shards: Path, *, command: str) -> dict[str, Any]:
    """Return the inventory, without shards that were removed since."""
    path = shards / INVENTORY
    try:
        found = json.loads(path.read_bytes())
        _ = found["items"]["path"], found["items"]["content_key"]
        present = {
            kind: [entry for entry in found.get(kind, []) if (shards / entry["path"]).is_file()]
            for kind in _KINDS
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StaleStoreError(f"{path} is not what an ingest writes.", command=command) from error
    return {**found, **present}


def _write(shards: Path, inventory: Mapping[str, Any]) -> None:
    write_text(shards / INVENTORY, json.dumps(inventory, indent=1, ensure_ascii=False) + "\n")
