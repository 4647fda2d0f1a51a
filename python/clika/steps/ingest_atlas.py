"""Ingest the atlas: its items become an items shard, with a data card beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.answers import CHOICE
from clika.files import write_text
from clika.steps.asked_study import begin_study
from clika.study import Study, Task
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
        Folder that ``items.parquet`` is written to; ``study.yaml`` and ``card.md`` go into the
        folder above.

    Returns
    -------
    AtlasReport

    Raises
    ------
    UnknownNameError
        A language is not in CLDR, or not translated there.
    ConfigError
        A task has no item that all languages can ask, or models have answered other items here.
    PrerequisiteError
        Babel is not installed.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    atlas = build_atlas(choices)
    first = choices.languages[0]
    counts = {
        task: sum((item.task, item.language) == (task, first) for item in atlas.items)
        for task in map(task_name, RELATIONS)
    }
    study = Study(
        name="atlas",
        title="Atlas: countries, by the Unicode CLDR",
        kind="asked",
        languages=choices.languages,
        pivot="en" if "en" in choices.languages else first,
        rules=(CHOICE, "robust"),
        tasks=tuple(
            Task(name=task, options=choices.options, stream="Factual", items=items)
            for task, items in counts.items()
        ),
        models=(),
    )
    path = begin_study(study, atlas.items, shards=shards, command="clika ingest atlas")
    card = shards.parent / "card.md"
    write_text(card, atlas_card(atlas))
    return AtlasReport(counts, len(choices.languages), path, card)
