"""Accuracy and CO of each training seed alone, where the items of a task are of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.counts import count_pairs, stack_counts
from clika.metrics.scorecard import cell_scores, pair_scores
from clika.regimes import ITEMS_TO_A_SEED
from clika.report.seeds import SeedValues
from clika.store.scores import read_answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clika.store.connection import Connection
    from clika.store.scores import AnswerMatrices
    from clika.study import Study

__all__ = ["seed_values"]


def seed_values(
    study: Study,
    connection: Connection,
    *,
    rule: str,
    models: Sequence[str],
    threads: int | None = None,
) -> dict[str, SeedValues]:
    """Return each task with items of several seeds, of a study that trains its models; else none.

    Parameters
    ----------
    study
        Its tasks and languages.
    connection
        To its database.
    rule
        By which the answers were read.
    models
        The axis of the values.
    threads
        ``None`` = as many as the process may run on. No number depends on it.
    """
    if study.training is None:
        return {}
    matrices = read_answers(
        connection,
        tasks=[task.name for task in study.tasks],
        rules=[rule],
        models=models,
        languages=study.languages,
    )
    found = {}
    for task in study.tasks:
        answers = matrices[rule, task.name]
        of_seed = answers.items // ITEMS_TO_A_SEED
        seeds = np.unique(of_seed)
        if len(seeds) > 1:
            pivot = study.languages.index(study.pivot)
            parts = [
                _values(answers, np.flatnonzero(of_seed == seed), task.options, pivot, threads)
                for seed in seeds
            ]
            accuracy, overlap = (np.stack(arrays) for arrays in zip(*parts, strict=True))
            found[task.name] = SeedValues(tuple(seeds.tolist()), accuracy, overlap)
    return found


def _values(
    answers: AnswerMatrices,
    places: np.ndarray,
    options: int,
    pivot: int,
    threads: int | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return accuracies and the pivot's row of CO over the items in those places."""
    counts = stack_counts(
        [
            count_pairs(
                np.ascontiguousarray(codes[places]),
                answers.gold[places],
                options=options,
                threads=threads,
            )
            for codes in answers.codes
        ]
    )
    # Flags are of the study's cells, not of a seed's.
    unflagged = np.zeros(counts.n.shape[:2], np.bool_)
    scores = {
        (score.metric, score.variant): score.measure.value
        for score in (
            *cell_scores(counts, options=options, reference=None, at_chance=unflagged),
            *pair_scores(counts, options=options, at_chance=unflagged),
        )
    }
    return scores["acc", None], scores["co", "union"][:, pivot]
