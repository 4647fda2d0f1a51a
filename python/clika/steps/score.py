"""Score: from stored answers to long tables of numbers and the paper-shaped tables."""

from __future__ import annotations

from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from clika.answers import check_rule
from clika.errors import PrerequisiteError
from clika.files import exclusive, write_text
from clika.report.cells import cells_csv
from clika.report.long import consistency_columns, performance_columns
from clika.report.means import table_means
from clika.report.names import CELLS, INTERVALS
from clika.report.paper import paper_tables, row_order
from clika.report.render import intervals_csv, table_csv
from clika.report.scored import Scored
from clika.schema import SCORE_COLUMNS
from clika.steps.score_cards import read_study, score_cards
from clika.steps.score_conductivity import write_conductivity
from clika.store.connection import meta, open_database
from clika.store.scores import present_models, write_scores
from clika.store.shards import content_key
from clika.where import parse_where

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.metrics.uncertainty import Resampling
    from clika.report.tables import PaperTable
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
    FileSystemError
        The disk is full or a folder is read-only.
    """
    resampling = resampling and resampling._replace(threads=threads)
    asked = tuple(check_rule(rule) for rule in rules) or study.rules
    load = f"clika load {study.name}"
    with closing(open_database(database, command=load, threads=threads)) as connection:
        facts = meta(connection)
        models = row_order(present_models(connection))
        if not models:
            raise PrerequisiteError(f"{database} holds no answers.", command=load)
        selection = parse_where(where, study, models=models)
        answers, of_options = read_study(
            study, connection, rules=asked, models=models, resampling=resampling, threads=threads
        )
        cards = score_cards(answers, of_options, resampling, threads=threads)
        headline = {task.name: answers[asked[0], task.name] for task in study.tasks}
        means = table_means(study, headline, resampling) if resampling else None
        scored = Scored(study, models, asked, cards, selection, means)
        shown = tuple(paper_tables(scored))
        written = scores or tables
        lock = exclusive(written.parent / "spool" / "score.lock", wait=True) if written else None
        with lock or nullcontext():
            if scores is not None:
                key = score_key(study, facts.get("content_key", ""), asked, where, resampling)
                for name, columns in (
                    ("performance", performance_columns(scored)),
                    ("consistency", consistency_columns(scored)),
                ):
                    write_scores(connection, scores / f"{name}.parquet", columns, key=key)
                write_conductivity(connection, study, scores, resampling, key=key)
            if tables is not None:
                for table in shown:
                    write_text(tables / f"{table.name}.csv", table_csv(table))
                write_text(tables / f"{CELLS}.csv", cells_csv(scored))
                intervals = tables / f"{INTERVALS}.csv"
                if resampling is None:
                    # Those of an earlier run belong to other scores.
                    intervals.unlink(missing_ok=True)
                else:
                    write_text(intervals, intervals_csv(shown))
    return ScoreReport(
        tables=shown,
        origin=facts.get("origin", ""),
        models=models,
        missing=tuple(model for model in study.models if model not in models),
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
        [task.name, task.options, task.reference and str(task.reference.accuracy)]
        for task in study.tasks
    ]
    intervals = resampling and [resampling.replicates, resampling.seed]
    columns = [column.name for column in SCORE_COLUMNS]
    chosen = [study.languages, study.pivot, tasks, intervals, columns]
    return content_key("scores", database_key, list(rules), list(where), chosen)
