"""Two models' answers out of their databases, joined by item."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.errors import ConfigError, PrerequisiteError, UnknownNameError
from clika.metrics.comparison.paired import PairedAnswers
from clika.metrics.comparison.paired_card import PairedTask
from clika.metrics.scorecard import scorecards
from clika.metrics.task_answers import TaskAnswers
from clika.report.paper import row_order
from clika.schema import NOT_ASKED
from clika.store import view_queries
from clika.store.connection import open_database
from clika.store.references import read_references
from clika.store.scores import present_models, read_answers
from clika.views.compare.model import ComparedTask, Flips
from clika.where import known_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from clika.metrics.measure import Bools, Ints
    from clika.metrics.performance import ReferenceAccuracy
    from clika.store.connection import Connection
    from clika.store.scores import AnswerMatrices
    from clika.study import Study, Task
    from clika.views.compare.model import Side

__all__ = ["SideAnswers", "TaskOfSide", "join_task", "read_sides"]


class TaskOfSide(NamedTuple):
    """One model's answers to one task.

    Attributes
    ----------
    options
        Number of options (k).
    codes
        int8 ``(n_items, n_languages)``: option, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``.
    items
        int64 ``(n_items,)``: ids, ascending.
    clusters, strata
        int32 ``(n_items,)``.
    at_chance
        bool ``(n_languages,)``: cells that are flagged ``not-above-chance`` in the model's study.
    reference
        The accuracy at which RA is 1 in the model's study, or why there is none.
    """

    options: int
    codes: NDArray[np.int8]
    gold: NDArray[np.int8]
    items: Ints
    clusters: NDArray[np.int32]
    strata: NDArray[np.int32]
    at_chance: Bools
    reference: ReferenceAccuracy

    @property
    def asked(self) -> set[int]:
        """Ids of the items that the model was asked in some language."""
        asked: Bools = (self.codes != NOT_ASKED).any(axis=1)
        return set(self.items[asked].tolist())


class SideAnswers(NamedTuple):
    """One model: its name as stored, and its answers by task."""

    model: str
    tasks: Mapping[str, TaskOfSide]


class StudyAnswers(NamedTuple):
    """All models of a study, and each task with its answers and the cells that are at chance.

    ``references`` are those of RA, by task.
    """

    study: Study
    models: tuple[str, ...]
    tasks: list[tuple[Task, AnswerMatrices, Bools]]
    references: Mapping[str, ReferenceAccuracy]


def read_sides(
    sides: tuple[Side, Side], rule: str, languages: Sequence[str], *, threads: int | None
) -> tuple[SideAnswers, SideAnswers]:
    """Return both models' answers, read by one rule, in some of their studies' languages.

    Raises
    ------
    PrerequisiteError
        There is no database, or no answer in it.
    UnknownNameError
        A model is not known, or the rule was not applied.
    ConfigError
        A model has no answers.
    """
    one, other = sides
    first = _read(one, rule, threads=threads)
    shared = (one.study, one.database) == (other.study, other.database)
    second = first if shared else _read(other, rule, threads=threads)
    return _of_model(first, one.model, languages), _of_model(second, other.model, languages)


def _read(side: Side, rule: str, *, threads: int | None) -> StudyAnswers:
    study = side.study
    command = f"clika load {study.name}"
    with closing(open_database(side.database, command=command, threads=threads)) as connection:
        there = row_order(present_models(connection))
        if not there:
            raise PrerequisiteError(f"{side.database} holds no answers.", command=command)
        applied = view_queries.rules(connection)
        if rule not in applied:
            raise UnknownNameError(f"rule of study {study.name}", rule, applied)
        tasks = _score(connection, study, rule=rule, models=there, threads=threads)
        references = read_references(connection, study)
    return StudyAnswers(study, there, tasks, references)


def _of_model(read: StudyAnswers, name: str, languages: Sequence[str]) -> SideAnswers:
    model = _model(name, read.study, read.models)
    row = read.models.index(model)
    columns = [read.study.languages.index(code) for code in languages]
    return SideAnswers(
        model,
        {
            task.name: TaskOfSide(
                options=task.options,
                codes=answers.codes[row][:, columns],
                gold=answers.gold,
                items=answers.items,
                clusters=answers.clusters,
                strata=answers.strata,
                at_chance=at_chance[row, columns],
                reference=read.references[task.name],
            )
            for task, answers, at_chance in read.tasks
        },
    )


def _score(
    connection: Connection,
    study: Study,
    *,
    rule: str,
    models: Sequence[str],
    threads: int | None,
) -> list[tuple[Task, AnswerMatrices, Bools]]:
    """Return each task's answers, and which cells are not above chance: that rests on all cells."""
    matrices = read_answers(
        connection,
        tasks=[task.name for task in study.tasks],
        rules=[rule],
        models=models,
        languages=study.languages,
    )
    found = [matrices[rule, task.name] for task in study.tasks]
    inputs = [
        TaskAnswers(answers.codes, answers.gold, task.options, None)
        for task, answers in zip(study.tasks, found, strict=True)
    ]
    flags = [
        card.cells[0].flags["not-above-chance"] for card in scorecards(inputs, threads=threads)
    ]
    return list(zip(study.tasks, found, flags, strict=True))


def _model(name: str, study: Study, there: Sequence[str]) -> str:
    model = known_model(name, row_order({*there, *study.models}))
    if model not in there:
        raise ConfigError(
            f"There are no answers of {model}: `clika status {study.name}` lists what is there."
        )
    return model


def join_task(
    task: Task, first: TaskOfSide, second: TaskOfSide, languages: Sequence[str]
) -> tuple[PairedTask, ComparedTask] | None:
    """Return one task as both models answered it, over the items that both were asked.

    Parameters
    ----------
    task
        The task, as the first study has it.
    first, second
        The answers of both models; the reference of RA is that of the first one's study.
    languages
        Columns of the codes.

    Returns
    -------
    tuple or None
        The answers, and what was compared; ``None`` without an item in common.

    Raises
    ------
    ConfigError
        The two have other options or other right options: their items are not the same questions.
    """
    shared = sorted(first.asked & second.asked)
    if not shared:
        return None
    places = [np.searchsorted(side.items, shared) for side in (first, second)]
    golds = [side.gold[rows] for side, rows in zip((first, second), places, strict=True)]
    n_other = int((golds[0] != golds[1]).sum())
    if first.options != second.options or n_other:
        raise ConfigError(
            f"{task.name} is not the same task in both: {first.options} and {second.options} "
            f"options, {n_other} of {len(shared)} items with another right option."
        )
    answers = PairedAnswers(
        codes=np.stack([first.codes[places[0]], second.codes[places[1]]]),
        gold=golds[0],
        clusters=first.clusters[places[0]],
    ).asked_of_both()
    paired = PairedTask(
        name=task.name,
        answers=answers,
        strata=first.strata[places[0]],
        options=task.options,
        reference=first.reference,
        at_chance=np.stack([first.at_chance, second.at_chance]),
    )
    compared = ComparedTask(
        task=task,
        n_shared=len(shared),
        n_only_first=len(first.asked - second.asked),
        n_only_second=len(second.asked - first.asked),
        n_clusters=len(np.unique(answers.clusters)),
        flips=_flips(answers, shared, languages),
    )
    return paired, compared


def _flips(
    answers: PairedAnswers, items: Sequence[int], languages: Sequence[str]
) -> tuple[Flips, ...]:
    first, second = answers.codes == answers.gold[:, None]
    ids = np.array(items)

    def listed(only: Bools) -> tuple[int, ...]:
        return tuple(ids[only].tolist())

    return tuple(
        Flips(language, listed(a & ~b), listed(b & ~a))
        for language, a, b in zip(languages, first.T, second.T, strict=True)
    )
