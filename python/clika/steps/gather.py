"""Gather: what the trainings of a study made becomes its record."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import PrerequisiteError
from clika.files import exclusive
from clika.steps.inventory import SHARDS, listed, write_inventory
from clika.steps.train import training_of
from clika.steps.training.parts import PARTS, current_parts
from clika.steps.training.seed_worlds import make_worlds, seed_items
from clika.store.connection import in_memory
from clika.store.ingest import arrange_items, write_items

if TYPE_CHECKING:
    from pathlib import Path

    from clika.regimes import Training
    from clika.study import Study

__all__ = ["GatherReport", "gather"]

_PART = re.compile(r"^seed-(?P<seed>\d+)-")


class GatherReport(NamedTuple):
    """What was gathered.

    Attributes
    ----------
    seeds
        Whose answers and outcomes the record holds.
    shards
        How many shards, the items' left out.
    left_out
        Seeds that were trained otherwise than the study now says, or not to the end.
    """

    seeds: tuple[int, ...]
    shards: int
    left_out: tuple[int, ...]


def gather(study: Study, *, results: Path) -> GatherReport:
    """Write the items of every seed and the inventory of all shards.

    Parameters
    ----------
    study
        A study of kind ``trained``.
    results
        Folder of results.

    Returns
    -------
    GatherReport
        Seeds beyond the study's are taken up where all of their trainings are there.

    Raises
    ------
    ConfigError
        The study trains nothing.
    PrerequisiteError
        A training of one of the study's seeds has not ended, or is of another recipe.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    training = training_of(study)
    shards = results / study.name / "shards"
    with exclusive(shards.parent / "spool" / "gather.lock", wait=True):
        parts = {seed: current_parts(training, seed, shards) for seed in _seeds(training, shards)}
        for seed in training.seeds:
            absent = [base for base in training.bases if base not in parts[seed]]
            if absent:
                raise PrerequisiteError(
                    f"Seed {seed} is not trained, or otherwise than the study now says.",
                    command=f"clika train {study.name} --seed {seed} --base {absent[0]}",
                )
        whole = {seed: found for seed, found in parts.items() if len(found) == len(training.bases)}
        items = [
            item
            for seed in whole
            for task in study.tasks
            for item in seed_items(
                make_worlds(study, training, seed), training, task=task.name, options=task.options
            )
        ]
        arranged = arrange_items(items)
        with closing(in_memory()) as connection:
            write_items(connection, arranged, shards / "items.parquet")
        lists = {
            kind: [
                entry
                for found in whole.values()
                for part in found.values()
                for entry in listed(getattr(part, kind))
            ]
            for kind in SHARDS
        }
        write_inventory(
            shards,
            study=study.name,
            items_key=arranged.key,
            command=f"clika reproduce {study.name}",
            lists=lists,
        )
    left_out = tuple(seed for seed in parts if seed not in whole)
    return GatherReport(tuple(whole), sum(map(len, lists.values())), left_out)


def _seeds(training: Training, shards: Path) -> list[int]:
    """Return the study's seeds, then others that something was trained of, ascending."""
    names = (_PART.match(path.name) for path in (shards / PARTS).glob("seed-*.json"))
    others = {int(match["seed"]) for match in names if match} - set(training.seeds)
    return [*training.seeds, *sorted(others)]
