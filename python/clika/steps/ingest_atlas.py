"""Ingest the atlas: its items become an items shard, with a data card beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.files import exclusive, write_text
from clika.store.connection import in_memory
from clika.store.ingest import write_items
from clika.tasks.atlas.build import build_atlas, task_name
from clika.tasks.atlas.card import atlas_card
from clika.tasks.atlas.facts import RELATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from clika.tasks.atlas.choices import AtlasChoices

__all__ = ["AtlasReport", "ingest_atlas"]


class AtlasReport(NamedTuple):
    """What an ingest of the atlas did.

    Attributes
    ----------
    items
        How many items each task has.
    languages
        How many languages each item is in.
    path, card
        The items shard and the data card.
    """

    items: dict[str, int]
    languages: int
    path: Path
    card: Path


def ingest_atlas(choices: AtlasChoices, *, shards: Path) -> AtlasReport:
    """Build the atlas into an items shard.

    Parameters
    ----------
    choices
        What is chosen of it.
    shards
        Folder that ``items.parquet`` is written to; ``card.md`` goes into the folder above.

    Returns
    -------
    AtlasReport

    Raises
    ------
    UnknownNameError
        A language is not in CLDR, or not translated there.
    ConfigError
        A task has no item that all languages can ask.
    PrerequisiteError
        Babel is not installed.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    atlas = build_atlas(choices)
    path, card = shards / "items.parquet", shards.parent / "card.md"
    with exclusive(shards.parent / "spool" / "ingest.lock", wait=True):
        connection = in_memory()
        try:
            write_items(connection, atlas.items, path)
        finally:
            connection.close()
        write_text(card, atlas_card(atlas))
    first = choices.languages[0]
    counts = {
        task: sum((item.task, item.language) == (task, first) for item in atlas.items)
        for task in map(task_name, RELATIONS)
    }
    return AtlasReport(counts, len(choices.languages), path, card)
