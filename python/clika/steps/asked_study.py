"""A study whose items models are asked: it begins with items and grows by a model at a time."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from clika.errors import ConfigError, PrerequisiteError, StaleStoreError
from clika.files import exclusive
from clika.registry import normalise_model
from clika.schema import SCHEMA_VERSION
from clika.steps.infer_cells import Asking
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
from clika.store.shards import read_facts, read_stamp
from clika.study import load_study, packaged_studies, save_study

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.steps.inventory import Inventory
    from clika.store.connection import Connection
    from clika.study import Asked, Study
    from clika.tasks.item import Item

__all__ = [
    "ASKED",
    "add_cell",
    "asking_place",
    "begin_study",
    "forget_lost_answers",
    "items_key",
    "items_to_ask",
    "left_to_ask",
    "spelling_in",
]

#: Where the workflow notes, within a study's folder of shards, which models were asked: NAME.done.
ASKED = "asked"


def begin_study(study: Study, items: Sequence[Item], *, shards: Path, command: str) -> Path:
    """Write the items shard of a study, the study, and the inventory that answers are added to.

    What models answered to the same items before stays, and so does which models are to be asked.

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
        begun = earlier.get("responses") or (shards.parent / "study.yaml").is_file()
        known = load_study(study.name, shards.parents[1]) if begun else study
        study = replace(study, asked=known.asked)
        if earlier.get("responses"):
            if earlier["items"]["content_key"] != arranged.key:
                raise ConfigError(
                    f"{shards} holds answers of models to other items. Choose another folder with "
                    "--results, or remove that one."
                )
            study = replace(study, models=known.models)
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


def items_key(study: Study, shards: Path) -> str:
    """Return the content key of the items of a study; empty where there are none yet."""
    if not (shards / INVENTORY).is_file():
        return ""
    inventory = present_entries(shards, command=f"clika ingest {study.name}")
    return str(inventory["items"]["content_key"])


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
    """Return a model's name as the study, where only capitals differ, or the registry spells it."""
    name = normalise_model(model)
    folded = {known.casefold(): known for known in study.models}
    return folded.get(name.casefold(), name)


def asking_place(asked: Asked) -> str:
    """Return where the workflow has a model run: the end of the context of its answers."""
    return f"{asked.device}; {asked.threads} threads"


def left_to_ask(study: Study, inventory: Inventory | None) -> dict[str, tuple[str, ...]]:
    """Return the tasks that the workflow's models are still to be asked.

    Parameters
    ----------
    study
        The study.
    inventory
        What is there; ``None`` for nothing.

    Returns
    -------
    dict
        By model, as the study spells it under ``asked``; those that were asked everything are left
        out. A shard counts that the inventory lists and that says of itself that it was asked as
        the study now says, on that device and with those threads. That a model's files, or the
        versions of packages, are still the same is not looked at: the workflow does.
    """
    return _left(study, () if inventory is None else inventory.responses)


def forget_lost_answers(study: Study, shards: Path) -> None:
    """Have the workflow ask once more whom it asked, where the answers are gone or others.

    They are where somebody removed the shard, or asked under the same name by hand.

    Parameters
    ----------
    study
        The study.
    shards
        Its folder of shards.

    Raises
    ------
    StaleStoreError
        The inventory is not what an ingest writes.
    """
    if study.asked and (shards / INVENTORY).is_file():
        inventory = present_entries(shards, command=f"clika ingest {study.name}")
        for model in _left(study, [shards / entry["path"] for entry in inventory["responses"]]):
            (shards / ASKED / f"{model}.done").unlink(missing_ok=True)


def _left(study: Study, responses: Sequence[Path]) -> dict[str, tuple[str, ...]]:
    found = {}
    with closing(in_memory()) as connection:
        for model, asked in study.asked.items():
            name = spelling_in(study, model)
            there = {path.parent.name: path for path in responses if path.stem == name}
            wanted = asked.tasks or tuple(task.name for task in study.tasks)
            left = tuple(
                task
                for task in wanted
                if task not in there or not _as_said(connection, there[task], asked)
            )
            if left:
                found[model] = left
    return found


def _as_said(connection: Connection, shard: Path, asked: Asked) -> bool:
    """Return whether a shard was asked as the workflow would ask it."""
    facts = read_facts(connection, shard)
    wanted = Asking("", "", "", asked.prompt, asked.longest).facts
    same = all(facts.get(name) == wanted[name] for name in ("prompt", "decoding"))
    same &= facts.get("source_file") == Path(asked.source).name
    same &= ("model_code_sha256" in facts) == asked.model_code
    return same and facts.get("context", "").endswith(f"; {asking_place(asked)}")


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
