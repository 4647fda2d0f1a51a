"""How small a difference between two models the tasks of a study show, whole or smaller."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.comparison.power import discordant_share, minimum_detectable_difference
from clika.metrics.counts import count_pairs
from clika.report.paper import row_order
from clika.store.connection import open_database
from clika.store.scores import present_models, read_answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.store.scores import AnswerMatrices
    from clika.study import Study, Task
    from clika.views.stages import Database

__all__ = [
    "DISCORDANT",
    "Measured",
    "Part",
    "TaskPlan",
    "detectable",
    "differences_of",
    "parts_by_items",
    "parts_by_seeds",
]

#: Discordant shares that the minimum detectable difference is given for.
DISCORDANT = (0.1, 0.2, 0.3)

#: Smaller studies, by the name of their column: what the items, or the seeds, are divided by.
_PORTIONS = {"all": 1, "a half": 2, "a quarter": 4}


class Measured(NamedTuple):
    """How the stored answers of the models of a study differ on a task.

    Attributes
    ----------
    discordant
        Median over languages and pairs of models of the share of items that one of the two has
        right and the other has not.
    difference
        The minimum detectable difference at that share; ``None`` where it is undefined.
    pairs
        How many medians' members: pairs of models, in each language that both were asked in.
    """

    discordant: float
    difference: float | None
    pairs: int


class TaskPlan(NamedTuple):
    """A task, and how small a difference between two models it can show.

    Attributes
    ----------
    task
        The task.
    items
        Items; ``None`` where neither the study nor a database says.
    clusters
        Clusters of items that rise and fall together; ``None`` where no database says. Where they
        are fewer than the items, the task shows less than the numbers here say.
    differences
        Minimum detectable difference for each share in :data:`DISCORDANT`, as a share; ``None``
        where it is undefined.
    measured
        The same from stored answers; ``None`` where fewer than two models have some.
    """

    task: Task
    items: int | None
    clusters: int | None
    differences: tuple[float | None, ...]
    measured: Measured | None

    @property
    def discordant(self) -> float:
        """The share measured here where it is above 0, else the middle one of the three."""
        measured = self.measured.discordant if self.measured else 0.0
        return measured or DISCORDANT[1]


class Part(NamedTuple):
    """A study of fewer items, or of fewer seeds, and what it would still show.

    Attributes
    ----------
    name
        As a column is headed.
    share
        Of the prompts, or of the trainings, that it takes; ``None`` where nobody says how many
        items there are.
    items
        Of each task.
    differences
        The minimum detectable difference of each task, at :attr:`TaskPlan.discordant`; ``None``
        where it is undefined.
    """

    name: str
    share: float | None
    items: tuple[int | None, ...]
    differences: tuple[float | None, ...]


def differences_of(
    study: Study, database: Database, sizes: Mapping[str, int]
) -> tuple[TaskPlan, ...]:
    """Return what the tasks of a study can show, in its order; none of one without answers.

    Parameters
    ----------
    study
        The study.
    database
        Its database, there or not.
    sizes
        Items of each task, as far as anyone says; a database that has a task knows better.
    """
    if not study.reading_rules:
        return ()
    if database.facts is None:
        return tuple(_task_plan(task, None, sizes) for task in study.tasks)
    command = f"clika load {study.name}"
    with closing(open_database(database.path, command=command)) as connection:
        answers = read_answers(
            connection,
            tasks=[task.name for task in study.tasks],
            rules=[study.rule],
            models=row_order(present_models(connection)),
            languages=study.languages,
        )
    return tuple(_task_plan(task, answers[study.rule, task.name], sizes) for task in study.tasks)


def parts_by_items(
    tasks: Sequence[TaskPlan], prompts: Mapping[str, int | None]
) -> tuple[Part, ...]:
    """Return a study with all, a half and a quarter of the items of each task, rounded down.

    Parameters
    ----------
    tasks
        The tasks.
    prompts
        What one model is asked of each: all items in all languages.
    """
    parts = []
    for name, divisor in _PORTIONS.items():
        items = tuple(None if task.items is None else task.items // divisor for task in tasks)
        share = _share_of_prompts(tasks, items, prompts)
        parts.append(Part(name, share, items, _at(tasks, items)))
    return tuple(parts)


def parts_by_seeds(tasks: Sequence[TaskPlan], seeds: int) -> tuple[Part, ...]:
    """Return a study that trains with all, a half and a quarter of its seeds, rounded down.

    That models of different seeds differ is left out: these are differences over items.
    """
    parts = []
    for count in dict.fromkeys(max(1, seeds // divisor) for divisor in _PORTIONS.values()):
        items = tuple(None if task.items is None else task.items * count // seeds for task in tasks)
        name = f"{count} seed{'s' * (count > 1)}"
        parts.append(Part(name, count / seeds, items, _at(tasks, items)))
    return tuple(parts)


def _at(tasks: Sequence[TaskPlan], items: Sequence[int | None]) -> tuple[float | None, ...]:
    return tuple(
        detectable(count, task.discordant) for task, count in zip(tasks, items, strict=True)
    )


def _share_of_prompts(
    tasks: Sequence[TaskPlan], items: Sequence[int | None], prompts: Mapping[str, int | None]
) -> float | None:
    kept = whole = 0.0
    for task, count in zip(tasks, items, strict=True):
        of_task = prompts[task.task.name]
        if not task.items or count is None or of_task is None:
            return None
        whole += of_task
        kept += of_task * count / task.items
    return kept / whole if whole else None


def _task_plan(task: Task, answers: AnswerMatrices | None, sizes: Mapping[str, int]) -> TaskPlan:
    items, clusters, measured = sizes.get(task.name), None, None
    if answers is not None and len(answers.items):
        items = len(answers.items)
        clusters = len(np.unique(answers.clusters))
        measured = _measured(answers, options=task.options)
    differences = tuple(detectable(items, share) for share in DISCORDANT)
    return TaskPlan(task, items, clusters, differences, measured)


def detectable(items: int | None, discordant: float) -> float | None:
    """Return a minimum detectable difference as a share; ``None`` where it is undefined."""
    if items is None:
        return None
    found = minimum_detectable_difference(np.array(items), np.array(discordant)).value
    return None if np.isnan(found) else float(found)


def _measured(answers: AnswerMatrices, *, options: int) -> Measured | None:
    found, asked = [], []
    upper = np.triu_indices(len(answers.codes), k=1)
    for language in range(answers.codes.shape[-1]):
        respondents = np.ascontiguousarray(answers.codes[:, :, language].T)
        counts = count_pairs(respondents, answers.gold, options=options)
        found.append(discordant_share(counts).value[upper])
        asked.append(counts.n[upper])
    shares, n = np.concatenate(found), np.concatenate(asked)
    shares, n = shares[n > 0], n[n > 0]
    if not len(shares):
        return None
    discordant = float(np.median(shares))
    return Measured(discordant, detectable(int(np.median(n)), discordant), len(shares))
