"""The scorecards of a study: its answers out of the database, and every number from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.errors import PrerequisiteError
from clika.metrics.intervals.scorecards import with_intervals
from clika.metrics.intervals.uncertainty import purpose_of
from clika.metrics.scorecard import score_sums
from clika.metrics.task_answers import TaskAnswers
from clika.registry import families
from clika.report.means import table_means
from clika.report.paper import row_order
from clika.steps.score_options import score_options
from clika.store.references import read_references
from clika.store.scores import present_models, read_answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.performance import ReferenceAccuracy
    from clika.metrics.scorecard import Score, Scorecard
    from clika.metrics.task_sums import TaskSums
    from clika.report.means import MeanIntervals
    from clika.store.connection import Connection
    from clika.store.scores import AnswerMatrices, TaskItems
    from clika.study import Study, Task

__all__ = [
    "StudyAnswers",
    "answered_models",
    "cards_with_intervals",
    "read_study",
    "score_cards",
    "score_study_options",
    "task_answers",
]


class StudyAnswers(NamedTuple):
    """What the scores of a study are computed from.

    Attributes
    ----------
    answers
        By rule and task.
    of_options
        The scores that rest on option scores, by task: the same by every rule.
    """

    answers: dict[tuple[str, str], TaskAnswers]
    of_options: dict[str, tuple[Score, ...]]


def answered_models(connection: Connection, database: Path, *, command: str) -> tuple[str, ...]:
    """Return the models with answers, in the order of the tables.

    Raises
    ------
    PrerequisiteError
        There is none; ``command`` makes the database.
    """
    models = row_order(present_models(connection))
    if not models:
        raise PrerequisiteError(f"{database} holds no answers.", command=command)
    return models


def read_study(
    study: Study,
    connection: Connection,
    *,
    rules: Sequence[str],
    models: Sequence[str],
    resampling: Resampling | None = None,
    threads: int | None = None,
) -> StudyAnswers:
    """Read a study's answers and score its option scores.

    Parameters
    ----------
    study
        Its tasks and languages.
    connection
        To its database.
    rules, models
        What to read.
    resampling
        What the intervals of option scores are a function of; ``None`` computes none.
    threads
        ``None`` = as many as the process may run on. No number depends on it.
    """
    matrices = read_answers(
        connection,
        tasks=[task.name for task in study.tasks],
        rules=rules,
        models=models,
        languages=study.languages,
    )
    lineages = families(models)
    references = read_references(connection, study)
    answers = {}
    for rule in rules:
        for task in study.tasks:
            answers[rule, task.name] = task_answers(
                task,
                matrices[rule, task.name],
                families=lineages,
                reference=references[task.name],
            )
    items = {task.name: matrices[rules[0], task.name].of_items() for task in study.tasks}
    of_options = score_study_options(
        study, connection, items, models=models, resampling=resampling, threads=threads
    )
    return StudyAnswers(answers, of_options)


def score_study_options(
    study: Study,
    connection: Connection,
    items: Mapping[str, TaskItems],
    *,
    models: Sequence[str],
    resampling: Resampling | None = None,
    threads: int | None = None,
) -> dict[str, tuple[Score, ...]]:
    """Return the scores that rest on option scores, by task.

    Parameters
    ----------
    items
        Of each task.
    study, connection, models, resampling, threads
        As of :func:`read_study`.
    """
    return {
        task.name: score_options(
            connection,
            task.name,
            items=items[task.name],
            models=models,
            languages=study.languages,
            resampling=resampling,
            threads=threads,
        )
        for task in study.tasks
    }


def task_answers(
    task: Task,
    found: AnswerMatrices,
    *,
    families: tuple[str, ...],
    reference: ReferenceAccuracy,
) -> TaskAnswers:
    """Return the answers of a task as its scores are computed from them."""
    return TaskAnswers(
        found.codes,
        found.gold,
        task.options,
        reference,
        clusters=found.clusters,
        strata=found.strata,
        families=families,
        purpose=purpose_of(task.name),
    )


def score_cards(
    sums: Mapping[tuple[str, str], TaskSums], of_options: Mapping[str, tuple[Score, ...]]
) -> dict[tuple[str, str], Scorecard]:
    """Compute every number of a study, without intervals.

    Parameters
    ----------
    sums
        What they are computed from, by rule and task.
    of_options
        As of :class:`StudyAnswers`.

    Returns
    -------
    dict
        By rule and task.
    """
    cards: dict[tuple[str, str], Scorecard] = {}
    for rule in dict.fromkeys(rule for rule, _ in sums):
        of_rule = {key: task for key, task in sums.items() if key[0] == rule}
        # The tests of a rule are adjusted together.
        for key, card in zip(of_rule, score_sums([*of_rule.values()]), strict=True):
            cards[key] = card._replace(pairs=(*card.pairs, *of_options[key[1]]))
    return cards


def cards_with_intervals(
    study: Study,
    cards: Mapping[tuple[str, str], Scorecard],
    answers: Mapping[tuple[str, str], TaskAnswers],
    resampling: Resampling,
) -> tuple[dict[tuple[str, str], Scorecard], MeanIntervals]:
    """Return the numbers of a study with their intervals, and those of the tables' means.

    Parameters
    ----------
    study
        Its tasks.
    cards
        From :func:`score_cards`.
    answers
        What they were computed from, by rule and task; the first rule is the headline.
    resampling
        What the intervals are a function of, beside the answers.
    """
    measured: dict[tuple[str, str], Scorecard] = {}
    for name in dict.fromkeys(name for _, name in answers):
        of_task = [key for key in answers if key[1] == name]
        found = with_intervals(
            [cards[key] for key in of_task], [answers[key] for key in of_task], resampling
        )
        measured |= zip(of_task, found, strict=True)
    rule, _ = next(iter(answers))
    headline = {task.name: answers[rule, task.name] for task in study.tasks}
    return measured, table_means(study, headline, resampling)
