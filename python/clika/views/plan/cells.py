"""The cells of a study: how many there are, and which have answers or outcomes already."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.errors import PrerequisiteError, StaleStoreError
from clika.steps.asked_study import spelling_in
from clika.steps.load import shipped_codes
from clika.steps.score_conductivity import expected_cells
from clika.steps.training.parts import current_parts
from clika.store import view_queries
from clika.store.connection import open_database
from clika.store.shard_queries import answer_cells, outcome_cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.steps.inventory import Inventory
    from clika.store.shard_queries import TextSize
    from clika.store.view_queries import CellCoverage
    from clika.study import Study
    from clika.views.stages import Database

__all__ = ["Cells", "Found", "count_cells", "look_for_cells"]

Source = Literal["shards", "database", "shipped", "nothing"]


class Found(NamedTuple):
    """What has answers or outcomes.

    Attributes
    ----------
    source
        Where that was looked up: shards, else a database, else what ships with clika.
    answers
        Cells with answers.
    outcomes
        Cells of conductivity, a seed of each.
    """

    source: Source
    answers: Sequence[CellCoverage]
    outcomes: int


class Cells(NamedTuple):
    """How many cells a study has.

    Attributes
    ----------
    models, tasks, languages
        How many; a study of outcomes alone has no cells of answers.
    wanted
        Cells (model x task x language) that it is to have answers for.
    there
        Those of them with answers, to some items or to all.
    partial
        Those of them with answers to some items alone.
    conductivity
        Cells of conductivity (model x pair x task, for each seed) that it is to have; ``None``
        where it does not say.
    outcomes
        Those that have outcomes.
    source
        Where answers and outcomes were looked up.
    """

    models: int
    tasks: int
    languages: int
    wanted: int
    there: int
    partial: int
    conductivity: int | None
    outcomes: int
    source: Source


def look_for_cells(
    study: Study, shards: Path, inventory: Inventory | None, database: Database
) -> Found:
    """Return which cells have answers or outcomes: by the record, or what stands in for it."""
    if inventory is not None:
        outcomes = len(outcome_cells(inventory.outcomes))
        return Found("shards", answer_cells(inventory.responses), outcomes)
    trained = _trained(study, shards)
    if trained is not None:
        return trained
    if database.facts is not None:
        command = f"clika load {study.name}"
        with closing(open_database(database.path, command=command)) as connection:
            answers = view_queries.coverage(connection)
        return Found("database", answers, _shipped(study).outcomes)
    return _shipped(study)


def _trained(study: Study, shards: Path) -> Found | None:
    """Return what the trainings of a study made before they are gathered; ``None`` for nothing."""
    if study.training is None:
        return None
    responses: list[Path] = []
    outcomes: list[Path] = []
    for seed in study.training.seeds:
        for part in current_parts(study.training, seed, shards).values():
            responses += [shards / name for name in part.responses]
            outcomes += [shards / name for name in part.outcomes]
    there = [path for path in responses if path.is_file()]
    if not there:
        return None
    taught = [path for path in outcomes if path.is_file()]
    return Found("shards", answer_cells(there), len(outcome_cells(taught)))


def _shipped(study: Study) -> Found:
    try:
        with shipped_codes(study) as codes:
            if codes is None:
                return Found("nothing", (), 0)
            outcomes = [] if codes.outcomes is None else [codes.outcomes]
            return Found("shipped", answer_cells([codes.answers]), len(outcome_cells(outcomes)))
    except (PrerequisiteError, StaleStoreError):
        return Found("nothing", (), 0)


def count_cells(
    study: Study, found: Found, sizes: Mapping[str, int], texts: Sequence[TextSize]
) -> Cells:
    """Return how many cells a study has, and how many of them are there.

    Parameters
    ----------
    study
        The study.
    found
        What is there.
    sizes
        Items of each task, as far as anyone says.
    texts
        What there is to ask in each language; of a study whose models are asked it knows better.
    """
    askable = {}
    if study.kind == "asked":
        askable = {(text.task, text.language): text.n_items for text in texts}
    wanted = _wanted(study)
    asked = {(cell.model, cell.task, cell.language): cell.n_items for cell in found.answers}
    there = {cell: asked[cell] for cell in wanted if cell in asked}
    seeds = len(study.training.seeds) if study.training else 0
    return Cells(
        models=len({model for model, _, _ in wanted} or study.models),
        tasks=len(study.tasks),
        languages=len(study.languages),
        wanted=len(wanted),
        there=len(there),
        partial=sum(
            n < askable.get((task, language), sizes.get(task, n))
            for (_, task, language), n in there.items()
        ),
        conductivity=len(expected_cells(study)) * seeds if seeds else None,
        outcomes=found.outcomes,
        source=found.source,
    )


def _wanted(study: Study) -> set[tuple[str, str, str]]:
    """Return the cells that a study is to have answers for."""
    if study.kind == "taught":
        return set()
    every = [task.name for task in study.tasks]
    tasks = dict.fromkeys(study.models, every)
    for model, asked in study.asked.items():
        # A model that was asked more than the workflow would ask keeps what it has.
        tasks.setdefault(spelling_in(study, model), [*asked.tasks] or every)
    return {
        (model, task, language)
        for model, named in tasks.items()
        for task in named
        for language in study.languages
    }
