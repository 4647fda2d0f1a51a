"""Score: from stored answers to long tables of numbers and the paper-shaped tables."""

from __future__ import annotations

from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from clika.answers import check_rule
from clika.errors import PrerequisiteError
from clika.files import exclusive, write_text
from clika.metrics.scorecard import TaskAnswers, scorecards
from clika.registry import families
from clika.report.cells import cells_csv
from clika.report.long import consistency_columns, performance_columns
from clika.report.paper import paper_tables, row_order
from clika.report.render import table_csv
from clika.report.scored import Scored
from clika.steps.score_options import score_options
from clika.store.connection import meta, open_database
from clika.store.scores import present_models, read_answers, write_scores
from clika.store.shards import content_key
from clika.where import parse_where

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.metrics.scorecard import Scorecard
    from clika.report.tables import PaperTable
    from clika.store.connection import Connection
    from clika.study import Study

__all__ = ["ScoreReport", "score", "score_key"]


class ScoreReport(NamedTuple):
    """What was scored.

    Attributes
    ----------
    tables
        The paper-shaped tables of the headline rule.
    origin
        What the answers were read from: ``responses`` or ``codes``.
    models
        Models with answers, in the order of the tables.
    missing
        Models of the study without any.
    """

    tables: tuple[PaperTable, ...]
    origin: str
    models: tuple[str, ...]
    missing: tuple[str, ...]


def score(  # noqa: PLR0913 (one parameter for each argument of the command and the rule)
    study: Study,
    *,
    database: Path,
    scores: Path | None,
    tables: Path | None,
    rules: Sequence[str] = (),
    where: Sequence[str] = (),
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
    FileSystemError
        The disk is full or a folder is read-only.
    """
    asked = tuple(check_rule(rule) for rule in rules) or study.rules
    load = f"clika load {study.name}"
    with closing(open_database(database, command=load, threads=threads)) as connection:
        facts = meta(connection)
        models = row_order(present_models(connection))
        if not models:
            raise PrerequisiteError(f"{database} holds no answers.", command=load)
        selection = parse_where(where, study, models=models)
        cards = _score_rules(study, connection, rules=asked, models=models, threads=threads)
        scored = Scored(study, models, asked, cards, selection)
        shown = tuple(paper_tables(scored))
        written = scores or tables
        lock = exclusive(written.parent / "spool" / "score.lock", wait=True) if written else None
        with lock or nullcontext():
            if scores is not None:
                key = score_key(study, facts.get("content_key", ""), asked, where)
                for name, columns in (
                    ("performance", performance_columns(scored)),
                    ("consistency", consistency_columns(scored)),
                ):
                    write_scores(connection, scores / f"{name}.parquet", columns, key=key)
            if tables is not None:
                for table in shown:
                    write_text(tables / f"{table.name}.csv", table_csv(table))
                write_text(tables / "cells.csv", cells_csv(scored))
    return ScoreReport(
        tables=shown,
        origin=facts.get("origin", ""),
        models=models,
        missing=tuple(model for model in study.models if model not in models),
    )


def score_key(study: Study, database_key: str, rules: Sequence[str], where: Sequence[str]) -> str:
    """Return the content key of the scores of a study made from that database."""
    tasks = [
        [task.name, task.options, task.reference and str(task.reference.accuracy)]
        for task in study.tasks
    ]
    chosen = [study.languages, study.pivot, tasks]
    return content_key("scores", database_key, list(rules), list(where), chosen)


def _score_rules(
    study: Study,
    connection: Connection,
    *,
    rules: Sequence[str],
    models: Sequence[str],
    threads: int | None,
) -> dict[tuple[str, str], Scorecard]:
    answers = read_answers(
        connection,
        tasks=[task.name for task in study.tasks],
        rules=rules,
        models=models,
        languages=study.languages,
    )
    lineages = families(models)
    of_options = {
        task.name: score_options(
            connection,
            task.name,
            answers=answers[rules[0], task.name],
            models=models,
            languages=study.languages,
            threads=threads,
        )
        for task in study.tasks
    }
    cards = {}
    for rule in rules:
        inputs = []
        for task in study.tasks:
            found = answers[rule, task.name]
            reference = task.reference.accuracy if task.reference else None
            inputs.append(
                TaskAnswers(
                    found.codes,
                    found.gold,
                    task.options,
                    reference,
                    clusters=found.clusters,
                    strata=found.strata,
                    families=lineages,
                )
            )
        for task, card in zip(study.tasks, scorecards(inputs, threads=threads), strict=True):
            pairs = (*card.pairs, *of_options[task.name])
            cards[rule, task.name] = card._replace(pairs=pairs)
    return cards
