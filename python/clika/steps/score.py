"""Score: from stored answers to long tables of numbers and the paper-shaped tables."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from msgspec.structs import replace

from clika.answers import check_rule
from clika.errors import ConfigError
from clika.metrics.task_sums import sum_task
from clika.report.scored import Scored
from clika.schema import SCORE_COLUMNS
from clika.steps.score_cards import (
    answered_models,
    cards_with_intervals,
    read_study,
    score_cards,
)
from clika.steps.score_files import ScoreReport, report_scores
from clika.store.connection import meta, open_database
from clika.store.shards import content_key
from clika.where import parse_where

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.study import Study

__all__ = ["ScoreReport", "score", "score_key"]


def score(  # noqa: PLR0913 (one parameter for each argument of the command and the rule)
    study: Study,
    *,
    database: Path,
    scores: Path | None,
    tables: Path | None,
    rules: Sequence[str] = (),
    where: Sequence[str] = (),
    resampling: Resampling | None = None,
    threads: int | None = None,
) -> ScoreReport:
    """Compute every PF and CT number of a study.

    Parameters
    ----------
    study
        Its tasks, languages, models and references.
    database
        The database that ``clika load`` built; only read.
    scores, tables
        Folders for the long files and the paper-shaped tables; ``None`` writes none.
    rules
        Extraction rules to score by; the first is the headline. Empty: the study's.
    where
        ``KEY=V[,V...]`` conditions on what is written and shown. Flags, tests and means always rest
        on the whole study.
    resampling
        What the intervals are a function of, beside the answers (its threads are ``threads``);
        ``None`` computes none.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Returns
    -------
    ScoreReport

    Raises
    ------
    PrerequisiteError
        There is no database, or no answer in it.
    StaleStoreError
        It is of another schema version.
    UnknownNameError
        A rule, or a name in ``where``, is not known.
    ConfigError
        A rule is asked for of a study that has no answers, or the conditions exclude one another.
    FileSystemError
        The disk is full or a folder is read-only.
    """
    resampling = resampling and resampling._replace(threads=threads)
    if study.kind == "taught" and rules:
        raise ConfigError(
            f"Study {study.name} has outcomes of conductivity and no answers that a rule could "
            "read: leave out --rule."
        )
    asked = tuple(check_rule(rule) for rule in rules) or study.rules
    load = f"clika load {study.name}"
    with closing(open_database(database, command=load, threads=threads)) as connection:
        facts = meta(connection)
        origin, made_from = facts.get("origin", ""), facts.get("content_key", "")
        if study.kind == "taught":
            # None of its tasks has answers, whatever part is asked for.
            selection = parse_where(where, study, models=study.models)._replace(tasks=())
            return report_scores(
                connection,
                Scored(replace(study, tasks=()), study.models, asked, {}, selection),
                scores=scores,
                tables=tables,
                resampling=resampling,
                origin=origin,
                key=score_key(study, made_from, asked, where, resampling),
            )
        models = answered_models(connection, database, command=load)
        selection = parse_where(where, study, models=models)
        answers, of_options = read_study(
            study, connection, rules=asked, models=models, resampling=resampling, threads=threads
        )
        sums = {key: sum_task(task, threads=threads) for key, task in answers.items()}
        cards = score_cards(sums, of_options)
        means = None
        if resampling is not None:
            cards, means = cards_with_intervals(study, cards, answers, resampling)
        return report_scores(
            connection,
            Scored(study, models, asked, cards, selection, means),
            scores=scores,
            tables=tables,
            resampling=resampling,
            origin=origin,
            key=score_key(study, made_from, asked, where, resampling),
        )


def score_key(
    study: Study,
    database_key: str,
    rules: Sequence[str],
    where: Sequence[str],
    resampling: Resampling | None = None,
) -> str:
    """Return the content key of the scores of a study made from that database."""
    tasks = [
        [task.name, task.options, task.reference and str(task.reference)] for task in study.tasks
    ]
    intervals = resampling and [resampling.replicates, resampling.seed]
    columns = [column.name for column in SCORE_COLUMNS]
    chosen = [study.languages, study.pivot, tasks, intervals, columns]
    return content_key("scores", database_key, list(rules), list(where), chosen)
