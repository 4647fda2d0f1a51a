"""The scores that rest on option scores: read from a database, for every model of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.intervals.resampling import Draws
from clika.metrics.intervals.uncertainty import purpose_of
from clika.metrics.option_scorecard import RankedOptions, option_scores
from clika.store.option_scores import models_with_option_scores, read_option_scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.scorecard import Score
    from clika.store.connection import Connection
    from clika.store.scores import TaskItems

__all__ = ["score_options"]


def score_options(  # noqa: PLR0913 (what to read, and how to score it)
    connection: Connection,
    task: str,
    *,
    items: TaskItems,
    models: Sequence[str],
    languages: Sequence[str],
    resampling: Resampling | None = None,
    threads: int | None = None,
) -> tuple[Score, ...]:
    """Return RankC, RankC* and CAPA of a task; nothing where the database has no option scores.

    Parameters
    ----------
    connection
        To a database.
    task
        Which task.
    items
        Its items.
    models, languages
        The axes of the scores.
    resampling
        What the intervals of RankC are a function of, beside the scores; ``None`` computes none.
    threads
        ``None`` = as many as the process may run on. No number depends on it.
    """
    scored = models_with_option_scores(connection, task)

    def ranked() -> Iterator[RankedOptions | None]:
        for model in models:
            if model not in scored:
                yield None
                continue
            scores, ranks = read_option_scores(
                connection, model=model, task=task, languages=languages
            )
            at = np.searchsorted(items.items, scores.items)
            draws = resampling and Draws(
                items.clusters[at],
                items.strata[at],
                resampling.replicates,
                resampling.seed,
                purpose_of(task),
            )
            yield RankedOptions(scores.options, items.gold[at], scores.scores, ranks, draws)

    return tuple(option_scores(ranked(), n_languages=len(languages), threads=threads))
