"""Merge: the shares of a study added up, and from their sums what ``clika score`` writes."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from clika.errors import PrerequisiteError
from clika.metrics.task_sums import join_shares
from clika.registry import families
from clika.report.scored import Scored
from clika.shares import Share, add_up, check_shares
from clika.steps.score import score_key
from clika.steps.score_cards import (
    answered_models,
    cards_with_intervals,
    read_study,
    score_cards,
    score_study_options,
)
from clika.steps.score_files import ScoreReport, report_scores
from clika.steps.score_share import study_header
from clika.store.connection import meta, open_database
from clika.store.references import read_references
from clika.store.scores import read_items
from clika.store.sums import read_header, read_sums
from clika.where import parse_where

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.task_sums import TaskSums
    from clika.store.connection import Connection
    from clika.study import Study

__all__ = ["merge"]


def merge(  # noqa: PLR0913 (one parameter for each argument of the command and the rule)
    study: Study,
    *,
    shards: Sequence[Path],
    database: Path,
    scores: Path | None,
    tables: Path | None,
    resampling: Resampling | None = None,
    threads: int | None = None,
) -> ScoreReport:
    """Add up the shares of a study and compute every PF and CT number from the sums.

    What it writes is, byte for byte, what :func:`clika.steps.score.score` writes.

    Parameters
    ----------
    study
        Its tasks, languages, models and references.
    shards
        The files of all shares, in any order.
    database
        The database that they were counted from; only read. Without ``resampling`` no answer is,
        but for a reference of RA that is a model.
    scores, tables
        Folders for the long files and the paper-shaped tables; ``None`` writes none.
    resampling
        What the intervals are a function of, beside the answers; ``None`` computes none. They are
        computed here, from the answers: what is resampled is items, and a share is sums.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Returns
    -------
    ScoreReport

    Raises
    ------
    BadInputError
        A share is missing, there twice, of another database, damaged, or of another version.
    PrerequisiteError
        There is no share, no database, or no answer in it.
    StaleStoreError
        The database is of another schema version.
    FileSystemError
        The disk is full or a folder is read-only.
    """
    resampling = resampling and resampling._replace(threads=threads)
    count = f"clika score {study.name} --shard i/n"
    if not shards:
        raise PrerequisiteError("There is no share to merge.", command=count)
    load = f"clika load {study.name}"
    with closing(open_database(database, command=load, threads=threads)) as connection:
        facts = meta(connection)
        models = answered_models(connection, database, command=load)
        sums = _add_up(study, connection, shards, database=database, models=models)
        means = None
        if resampling is None:
            items = {
                task.name: read_items(connection, task.name, languages=study.languages)
                for task in study.tasks
            }
            options = score_study_options(study, connection, items, models=models, threads=threads)
            cards = score_cards(sums, options)
        else:
            answers, options = read_study(
                study,
                connection,
                rules=study.rules,
                models=models,
                resampling=resampling,
                threads=threads,
            )
            cards, means = cards_with_intervals(
                study, score_cards(sums, options), answers, resampling
            )
        selection = parse_where((), study, models=models)
        return report_scores(
            connection,
            Scored(study, models, study.rules, cards, selection, means),
            scores=scores,
            tables=tables,
            resampling=resampling,
            origin=facts.get("origin", ""),
            key=score_key(study, facts.get("content_key", ""), study.rules, (), resampling),
        )


def _add_up(
    study: Study,
    connection: Connection,
    shards: Sequence[Path],
    *,
    database: Path,
    models: tuple[str, ...],
) -> dict[tuple[str, str], TaskSums]:
    """Return the sums over all items, by rule and task; the files are read one after the other."""
    headers = [(str(path), read_header(connection, path)) for path in shards]
    of = headers[0][1].share.of
    whole = study_header(study, connection, models=models, share=Share(1, 1))
    advice = (
        f"Count what is amiss again: clika score {study.name} --shard i/{of}; "
        f"or name the files of one count: clika merge {study.name} FILE..."
    )
    check_shares(headers, of=(str(database), whole), advice=advice)
    total = add_up(read_sums(connection, path) for path in shards)
    lineages = families(models)
    references = read_references(connection, study)
    joined = {}
    for block, sums in zip(whole.blocks, total.blocks, strict=True):
        task = study.task(block.task)
        joined[block.rule, block.task] = join_shares(
            sums,
            options=task.options,
            reference=references[task.name],
            languages=len(study.languages),
            families=lineages,
        )
    return joined
