"""The inventory of a study: the shards that make up its record, complete once it is there."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.errors import StaleStoreError
from clika.files import write_text
from clika.schema import SCHEMA_VERSION
from clika.store.connection import in_memory
from clika.store.shards import read_stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "INVENTORY",
    "SHARDS",
    "Inventory",
    "listed",
    "merged",
    "present_entries",
    "read_inventory",
    "write_inventory",
]

#: The last file that an ingest writes; what it lists is complete.
INVENTORY = "ingest.json"
#: The lists of shards; the folders of shards are called so too. Only the first is in every
#: inventory that an earlier clika wrote.
SHARDS = ("responses", "option_scores", "outcomes")
#: What is said about them, a line each.
_NOTES = ("missing_models", "missing_cells", "strays", "notes")


class Inventory(NamedTuple):
    """What an ingest left in a folder of shards.

    Attributes
    ----------
    items
        The items shard.
    responses
        The response shards.
    option_scores, outcomes
        The shards of option scores, and of outcomes of conductivity.
    content_keys
        Content key of each, the items first.
    missing_models, missing_cells, strays
        As in :class:`clika.steps.ingest.IngestReport`.
    made
        Whence shards of outcomes come, by their path; only those that say it.
    """

    items: Path
    responses: tuple[Path, ...]
    option_scores: tuple[Path, ...]
    outcomes: tuple[Path, ...]
    content_keys: tuple[str, ...]
    missing_models: tuple[str, ...]
    missing_cells: tuple[str, ...]
    strays: tuple[str, ...]
    made: Mapping[str, Mapping[str, object]]


def read_inventory(shards: Path, *, command: str = "clika ingest released") -> Inventory | None:
    """Return what an ingest left in a folder; ``None`` where none has finished there.

    Parameters
    ----------
    shards
        The folder.
    command
        The command that makes it, named in the errors where the inventory itself names none.

    Raises
    ------
    StaleStoreError
        The shards are of another schema version, or a listed shard is missing or another one.
    """
    path = shards / INVENTORY
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_bytes())
        command = str(content.get("command", command))
        groups = [content["responses"], *(content.get(kind, []) for kind in SHARDS[1:])]
        listed = [content["items"], *(entry for group in groups for entry in group)]
        version = content["schema_version"]
        paths = [shards / entry["path"] for entry in listed]
        keys = tuple(str(entry["content_key"]) for entry in listed)
        noted = [tuple(content[k]) for k in ("missing_models", "missing_cells", "strays")]
        made = {entry["path"]: dict(entry["made"]) for entry in groups[-1] if "made" in entry}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StaleStoreError(f"{path} is not what an ingest writes.", command=command) from error
    if version != SCHEMA_VERSION:
        raise StaleStoreError(
            f"{path} has schema version {version}, this clika reads {SCHEMA_VERSION}.",
            command=command,
        )
    connection = in_memory()
    try:
        for shard, key in zip(paths, keys, strict=True):
            stamp = read_stamp(connection, shard)
            if stamp is None or stamp != (SCHEMA_VERSION, key):
                state = "is missing" if not shard.exists() else "is not the one that was ingested"
                raise StaleStoreError(f"{shard} {state}.", command=command)
    finally:
        connection.close()
    rest = iter(paths[1:])
    responses, scored, outcomes = (tuple(islice(rest, len(group))) for group in groups)
    missing_models, missing_cells, strays = noted
    return Inventory(
        items=paths[0],
        responses=responses,
        option_scores=scored,
        outcomes=outcomes,
        content_keys=keys,
        missing_models=missing_models,
        missing_cells=missing_cells,
        strays=strays,
        made=made,
    )


def listed(keys: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the entries of shards, given content key by path within the folder of shards."""
    return [{"path": path, "content_key": key} for path, key in keys.items()]


def merged(
    entries: Iterable[Mapping[str, Any]], added: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return entries with others added, one for each path, by path; an added one replaces."""
    by_path = {entry["path"]: entry for entry in (*entries, *added)}
    return [by_path[path] for path in sorted(by_path)]


def write_inventory(
    shards: Path,
    *,
    study: str,
    items_key: str,
    command: str = "",
    lists: Mapping[str, Iterable[object]],
) -> None:
    """Write what a folder of shards holds, once all of it is there.

    Parameters
    ----------
    shards
        The folder; the items are in its ``items.parquet``.
    study
        Name of the study.
    items_key
        Content key of the items.
    command
        What makes the shards again; empty for what the study's kind says.
    lists
        By name, the entries of each of :data:`SHARDS`, and the lines ``missing_models``,
        ``missing_cells``, ``strays`` and ``notes``. What is not given is empty.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    inventory = {
        "schema_version": SCHEMA_VERSION,
        "study": study,
        **({"command": command} if command else {}),
        "items": {"path": "items.parquet", "content_key": items_key},
        **{name: [*lists.get(name, ())] for name in (*SHARDS, *_NOTES)},
    }
    write_text(shards / INVENTORY, json.dumps(inventory, indent=1, ensure_ascii=False) + "\n")


def present_entries(shards: Path, *, command: str) -> dict[str, Any]:
    """Return an inventory as it was written, without the shards that were removed since.

    Parameters
    ----------
    shards
        The folder.
    command
        What makes it again, for the error.

    Raises
    ------
    StaleStoreError
        It is not there, or not what an ingest writes.
    """
    path = shards / INVENTORY
    try:
        found = json.loads(path.read_bytes())
        _ = found["items"]["path"], found["items"]["content_key"]
        present = {
            kind: [entry for entry in found.get(kind, []) if (shards / entry["path"]).is_file()]
            for kind in SHARDS
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StaleStoreError(f"{path} is not what an ingest writes.", command=command) from error
    return {**found, **present}
