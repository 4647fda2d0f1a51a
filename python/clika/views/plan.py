"""Plan: what a study is, what a run of it would do now, and how small a difference it can show."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.comparison.power import discordant_share, minimum_detectable_difference
from clika.metrics.counts import count_pairs
from clika.report.paper import row_order
from clika.steps.inventory import INVENTORY
from clika.steps.origin import study_origin
from clika.steps.training.parts import PARTS, part_name
from clika.store.connection import open_database
from clika.store.scores import present_models, read_answers
from clika.views.stages import (
    look_at_data,
    look_at_database,
    look_at_scores,
    look_at_shards,
    look_at_tables,
    look_at_verdicts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clika.regimes import Training
    from clika.store.scores import AnswerMatrices
    from clika.study import Study, Task
    from clika.views.stages import Database, Stage

__all__ = ["DISCORDANT", "Measured", "Plan", "Step", "TaskPlan", "plan"]

#: Discordant shares that the minimum detectable difference is given for.
DISCORDANT = (0.1, 0.2, 0.3)

_MADE_AGAIN = "the database is made again"


class Step(NamedTuple):
    """A step of ``clika reproduce``.

    Attributes
    ----------
    name
        The verb.
    runs
        Whether it would run now.
    why
        What is missing or stale; empty for a step that would not run.
    """

    name: str
    runs: bool
    why: str


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


class Plan(NamedTuple):
    """What a study is, what a run would do, and what it can show.

    Attributes
    ----------
    study
        The study.
    folder
        Its folder of results, there or not.
    steps
        In the order in which they run.
    tasks
        In the order of the study; none of a study that has no answers.
    """

    study: Study
    folder: Path
    steps: tuple[Step, ...]
    tasks: tuple[TaskPlan, ...]


def plan(study: Study, *, results: Path) -> Plan:
    """Return what a study is, which steps would run now, and what its tasks can show.

    Parameters
    ----------
    study
        The study.
    results
        The folder of results; it need not exist. Nothing is written.

    Returns
    -------
    Plan

    Raises
    ------
    PrerequisiteError
        ``CLIKA_DATA`` is set and leads to no released data.
    FileSystemError
        A folder that must be looked at cannot be read.
    """
    folder = results / study.name
    data = look_at_data(study)
    shards = look_at_shards(study, folder / "shards", data)
    database = look_at_database(study, folder / "clika.duckdb", shards, data)
    scored = (
        look_at_scores(study, folder / "scores", database),
        look_at_tables(study, folder / "tables", database),
    )
    steps = [*_steps(study, folder, shards.stage, database.stage, scored)]
    if study.claims:
        verdicts = look_at_verdicts(study, folder / "verdicts.json", database)
        loads = next(step for step in steps if step.name == "load")
        why = _lack(verdicts) or (loads.why and _MADE_AGAIN)
        steps.append(Step("verify", bool(why), why))
    return Plan(study, folder, tuple(steps), _tasks(study, database))


def _steps(
    study: Study, folder: Path, shards: Stage, database: Stage, scored: tuple[Stage, ...]
) -> Iterator[Step]:
    """Yield the steps of a run; a step runs where its own outputs or those before it need it."""
    origin = study_origin(study, folder / "shards" / INVENTORY)
    needs_shards = origin.kind == "responses"
    why = ""
    if study.training is not None and needs_shards:
        why = _untrained(study.training, folder / "shards" / PARTS)
        yield Step("train", bool(why), why)
        why = why or _lack(shards)
        yield Step("gather", bool(why), why)
    elif study.kind == "released":
        if origin.source is not None:
            why = f"released data lies at {origin.source}"
            yield Step("fetch", runs=True, why=why)
        if needs_shards and origin.data is not None:
            why = why or _lack(shards)
            yield Step("ingest", bool(why), why and (_lack(shards) or why))
    elif needs_shards and shards.state != "there":
        yield Step("ingest", runs=False, why=f"{_lack(shards)}; first run: {shards.command}")
    why = _lack(database) or (why and "the shards are made again")
    yield Step("load", bool(why), why)
    lacking = [_lack(stage) for stage in scored if stage.state != "there"]
    why = "; ".join(lacking) or (why and _MADE_AGAIN)
    yield Step("score", bool(why), why)


def _untrained(training: Training, parts: Path) -> str:
    """Return how many jobs of training are still to be done; empty for none."""
    jobs = [part_name(seed, base) for seed in training.seeds for base in training.bases]
    missing = sum(not (parts / name).is_file() for name in jobs)
    return f"{missing} of {len(jobs)} jobs are not done" if missing else ""


def _lack(stage: Stage) -> str:
    return "" if stage.state == "there" else f"{stage.name} {stage.state}: {stage.detail}"


def _tasks(study: Study, database: Database) -> tuple[TaskPlan, ...]:
    if not study.reading_rules:
        return ()
    if database.facts is None:
        return tuple(_task_plan(task, None) for task in study.tasks)
    command = f"clika load {study.name}"
    with closing(open_database(database.path, command=command)) as connection:
        answers = read_answers(
            connection,
            tasks=[task.name for task in study.tasks],
            rules=[study.rule],
            models=row_order(present_models(connection)),
            languages=study.languages,
        )
    return tuple(_task_plan(task, answers[study.rule, task.name]) for task in study.tasks)


def _task_plan(task: Task, answers: AnswerMatrices | None) -> TaskPlan:
    items, clusters, measured = task.items, None, None
    if answers is not None and len(answers.items):
        items = len(answers.items)
        clusters = len(np.unique(answers.clusters))
        measured = _measured(answers, options=task.options)
    differences = tuple(_detectable(items, share) for share in DISCORDANT)
    return TaskPlan(task, items, clusters, differences, measured)


def _detectable(items: int | None, discordant: float) -> float | None:
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
    return Measured(discordant, _detectable(int(np.median(n)), discordant), len(shares))
