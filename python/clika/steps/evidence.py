"""What the claims of a study are judged by: its answers and its outcomes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clika import __version__
from clika.registry import families
from clika.report.paper import row_order
from clika.steps.score_cards import task_answers
from clika.store.outcomes import read_outcomes
from clika.store.references import read_references
from clika.store.scores import present_models, read_answers
from clika.store.shards import content_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.task_answers import TaskAnswers
    from clika.store.connection import Connection
    from clika.store.outcomes import OutcomeCell, OutcomeRows
    from clika.study import Study

__all__ = ["Evidence", "claims_key", "read_evidence", "verdicts_key"]


class Evidence(NamedTuple):
    """What the claims of a study are judged by.

    Attributes
    ----------
    models
        Those that answered, in the order of the answers' rows.
    answers
        By the headline rule, of each task in the order of the study; empty without any.
    outcomes
        Of each cell and training seed; empty without any.
    """

    models: tuple[str, ...]
    answers: dict[str, TaskAnswers]
    outcomes: dict[OutcomeCell, dict[int, OutcomeRows]]


def read_evidence(study: Study, connection: Connection) -> Evidence:
    """Read the answers and outcomes of a study from its database."""
    models = row_order(present_models(connection))
    answers = _answers(study, connection, models) if models else {}
    return Evidence(models, answers, read_outcomes(connection))


def _answers(
    study: Study, connection: Connection, models: tuple[str, ...]
) -> dict[str, TaskAnswers]:
    matrices = read_answers(
        connection,
        tasks=[task.name for task in study.tasks],
        rules=[study.rule],
        models=models,
        languages=study.languages,
    )
    lineages = families(models)
    references = read_references(connection, study)
    return {
        task.name: task_answers(
            task,
            matrices[study.rule, task.name],
            families=lineages,
            reference=references[task.name],
        )
        for task in study.tasks
    }


def claims_key(study: Study) -> str:
    """Return the content key of the claims of a study and of what else it chooses about them."""
    tasks = [[task.name, task.options, str(task.reference)] for task in study.tasks]
    chosen = [study.languages, study.pivot, study.rule, tasks, msgspec.to_builtins(study.claims)]
    return content_key("claims", __version__, chosen)


def verdicts_key(study: Study, evidence: Evidence, resampling: Resampling) -> str:
    """Return the content key of the verdicts on the claims of a study.

    It is of what was answered, not of the files that it came in: shipped codes and responses that
    hold the same answers give the same verdicts, and the same key.
    """
    digest = hashlib.sha256()
    for part in _parts(evidence):
        digest.update(part)
    drawn = [resampling.replicates, resampling.seed]
    return content_key("verdicts", claims_key(study), drawn, digest.hexdigest())


def _parts(evidence: Evidence) -> Iterator[bytes]:
    yield repr(evidence.models).encode()
    for name, task in evidence.answers.items():
        yield repr((name, task.codes.shape, task.families)).encode()
        for matrix in (task.codes, task.gold, task.clusters, task.strata):
            yield b"" if matrix is None else matrix.tobytes()
    for cell, seeds in evidence.outcomes.items():
        for seed, rows in seeds.items():
            yield repr((tuple(cell), seed, rows.question_set.tolist())).encode()
            for column in rows[1:]:
                yield column.tobytes()
