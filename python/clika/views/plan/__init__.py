"""Plan: what a study is, what a run of it would do now, what it takes, and what it can show."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from clika.registry import known_model
from clika.steps.asked_study import left_to_ask
from clika.steps.inventory import INVENTORY
from clika.steps.origin import study_origin
from clika.store import view_queries
from clika.store.connection import open_database
from clika.store.shard_queries import text_sizes
from clika.views.plan.access import group_by_access
from clika.views.plan.asking import DEVICES, cost_of_asking
from clika.views.plan.assumptions import Assumptions
from clika.views.plan.cells import count_cells, look_for_cells
from clika.views.plan.differences import differences_of, parts_by_items, parts_by_seeds
from clika.views.plan.prompts import read_prompts
from clika.views.plan.steps import Step, steps_of
from clika.views.plan.training import cost_of_training
from clika.views.room import look_for_room
from clika.views.stages import look_at_data, look_at_database, look_at_shards

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.steps.inventory import Inventory
    from clika.store.shard_queries import TextSize
    from clika.study import Study
    from clika.views.plan.access import AccessGroup
    from clika.views.plan.asking import AskingCost, Device
    from clika.views.plan.cells import Cells, Found
    from clika.views.plan.differences import Part, TaskPlan
    from clika.views.plan.prompts import Prompts
    from clika.views.plan.training import TrainingCost
    from clika.views.stages import Database

__all__ = ["Assumptions", "Plan", "Step", "plan"]


class Plan(NamedTuple):
    """What a study is, what a run would do, what it takes, and what it can show.

    Attributes
    ----------
    study
        The study.
    folder
        Its folder of results, there or not.
    steps
        In the order in which they run.
    cells
        How many there are, and are done.
    prompts
        What one model is asked, by task; empty for a study that trains or has outcomes alone.
    asking
        What asking takes; ``None`` where nothing is asked: for a study that makes its models.
    training
        What the trainings take; ``None`` for a study without any.
    access
        Who may have the weights; none of models that the study makes, or whose files are here.
    tasks
        In the order of the study; none of a study that has no answers.
    parts
        The study whole and smaller.
    free
        Bytes that are free where its results go; ``None`` where the filesystem does not say.
    assumed
        What the estimates rest on.
    """

    study: Study
    folder: Path
    steps: tuple[Step, ...]
    cells: Cells
    prompts: Mapping[str, Prompts]
    asking: AskingCost | None
    training: TrainingCost | None
    access: tuple[AccessGroup, ...]
    tasks: tuple[TaskPlan, ...]
    parts: tuple[Part, ...]
    free: int | None
    assumed: Assumptions

    def hours(self, share: float | None) -> dict[Device, float | None]:
        """Return the hours that a share of the study takes by device, were nothing done yet.

        Empty where the share is not known, or nothing is trained or asked; ``None`` for a device
        whose hours are not known.
        """
        if share is None:
            return {}
        if self.training is not None:
            device: Device = "gpu" if self.training.on_gpu else "processor"
            return {device: share * self.training.hours}
        if self.asking is None:
            return {}
        return {device: self.asking.whole_hours(device, share) for device in DEVICES}


def plan(study: Study, *, results: Path, assumed: Assumptions | None = None) -> Plan:
    """Return what a study is, which steps would run now, what it takes, and what it can show.

    Parameters
    ----------
    study
        The study.
    results
        The folder of results; it need not exist. Nothing is written.
    assumed
        What estimates rest on where nothing was measured; ``None`` for the defaults.

    Returns
    -------
    Plan

    Raises
    ------
    PrerequisiteError
        ``CLIKA_DATA`` is set and leads to no released data, or the list of a training that is done
        cannot be read.
    FileSystemError
        A folder that must be looked at cannot be read.
    """
    assumed = assumed or Assumptions()
    folder = results / study.name
    data = look_at_data(study)
    shards = look_at_shards(study, folder / "shards", data)
    database = look_at_database(study, folder / "clika.duckdb", shards, data)
    found = look_for_cells(study, folder / "shards", shards.inventory, database)
    training = _training(study, folder, assumed)
    items = folder / "shards" / "items.parquet"
    texts = text_sizes(items) if training is None and items.is_file() else []
    sizes = _sizes(study, texts, database, training)
    tasks = differences_of(study, database, sizes)
    left = left_to_ask(study, shards.inventory)
    asking, prompts = None, {}
    if training is None and study.kind != "taught":
        prompts = read_prompts(study, texts, sizes, assumed)
        asking = cost_of_asking(
            study,
            left,
            prompts,
            folder=folder,
            assumed=assumed,
            answer_bytes=_answer_bytes(shards.inventory, database, found, assumed),
        )
    if training is None:
        counts = {task: asked.prompts for task, asked in prompts.items()}
        parts = parts_by_items(tasks, counts) if tasks else ()
    else:
        parts = parts_by_seeds(tasks, training.seeds)
    return Plan(
        study=study,
        folder=folder,
        steps=steps_of(study, folder, shards, database, unasked=len(left)),
        cells=count_cells(study, found, sizes, texts),
        prompts=prompts,
        asking=asking,
        training=training,
        access=_access(study, asking),
        tasks=tasks,
        parts=parts,
        free=look_for_room(results).free,
        assumed=assumed,
    )


def _training(study: Study, folder: Path, assumed: Assumptions) -> TrainingCost | None:
    if study.training is None:
        return None
    is_shipped = study_origin(study, folder / "shards" / INVENTORY).kind == "codes"
    return cost_of_training(
        study, study.training, folder=folder, is_shipped=is_shipped, assumed=assumed
    )


def _sizes(
    study: Study, texts: Sequence[TextSize], database: Database, training: TrainingCost | None
) -> dict[str, int]:
    """Return the items of each task as far as study, training, items shard or database says."""
    sizes = {task.name: task.items for task in study.tasks if task.items is not None}
    if training is not None:
        sizes |= {task: items * training.seeds for task, items in training.items.items()}
    # Languages may differ in the items that they have.
    for text in sorted(texts, key=lambda text: -text.n_items):
        sizes.setdefault(text.task, text.n_items)
    if database.facts is not None:
        command = f"clika load {study.name}"
        with closing(open_database(database.path, command=command)) as connection:
            sizes |= view_queries.task_sizes(connection)
    return sizes


def _answer_bytes(
    inventory: Inventory | None, database: Database, found: Found, assumed: Assumptions
) -> float:
    """Return the bytes of an answer in shards and database, by those here or as assumed."""
    answers = sum(cell.n_items for cell in found.answers)
    if inventory is None or database.facts is None or not answers:
        return assumed.answer_bytes
    files = [*inventory.responses, *inventory.option_scores, database.path]
    return sum(file.stat().st_size for file in files) / answers


def _access(study: Study, asking: AskingCost | None) -> tuple[AccessGroup, ...]:
    if study.training is not None:
        return ()
    if asking is None:
        # What was taught is had by teaching its base.
        facts = {model: known_model(model) for model in study.models}
        bases = [known.base or model if known else model for model, known in facts.items()]
        return group_by_access([*dict.fromkeys(bases)])
    if asking.purpose == "anew":
        return group_by_access(study.models)
    return group_by_access([cost.model for cost in asking.models if not cost.is_here])
