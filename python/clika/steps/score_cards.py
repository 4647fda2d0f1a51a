"""The scorecards of a study: its answers out of the database, and every number from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.metrics.intervals import with_intervals
from clika.metrics.scorecard import TaskAnswers, scorecards
from clika.metrics.uncertainty import purpose_of
from clika.registry import families
from clika.steps.score_options import score_options
from clika.store.scores import read_answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.metrics.scorecard import Score, Scorecard
    from clika.metrics.uncertainty import Resampling
    from clika.store.connection import Connection
    from clika.study import Study

__all__ = ["StudyAnswers", "read_study", "score_cards"]


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
    answers = {}
    for rule in rules:
        for task in study.tasks:
            found = matrices[rule, task.name]
            answers[rule, task.name] = TaskAnswers(
                found.codes,
                found.gold,
                task.options,
                task.reference.accuracy if task.reference else None,
                clusters=found.clusters,
                strata=found.strata,
                families=lineages,
                purpose=purpose_of(task.name),
            )
    of_options = {
        task.name: score_options(
            connection,
            task.name,
            answers=matrices[rules[0], task.name],
            models=models,
            languages=study.languages,
            resampling=resampling,
            threads=threads,
        )
        for task in study.tasks
    }
    return StudyAnswers(answers, of_options)


def score_cards(
    answers: Mapping[tuple[str, str], TaskAnswers],
    of_options: Mapping[str, tuple[Score, ...]],
    resampling: Resampling | None,
    *,
    threads: int | None = None,
) -> dict[tuple[str, str], Scorecard]:
    """Compute every number of a study.

    Parameters
    ----------
    answers, of_options
        What :func:`read_study` returns.
    resampling
        What the intervals are a function of, beside the answers; ``None`` computes none.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Returns
    -------
    dict
        By rule and task.
    """
    cards: dict[tuple[str, str], Scorecard] = {}
    for rule in dict.fromkeys(rule for rule, _ in answers):
        of_rule = {key: task for key, task in answers.items() if key[0] == rule}
        # The tests of a rule are adjusted together.
        made = scorecards([*of_rule.values()], threads=threads)
        for key, card in zip(of_rule, made, strict=True):
            cards[key] = card._replace(pairs=(*card.pairs, *of_options[key[1]]))
    if resampling is not None:
        for name in dict.fromkeys(name for _, name in answers):
            of_task = [key for key in answers if key[1] == name]
            measured = with_intervals(
                [cards[key] for key in of_task], [answers[key] for key in of_task], resampling
            )
            cards |= zip(of_task, measured, strict=True)
    return cards
