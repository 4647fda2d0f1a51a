"""Intervals of means over languages and tasks: the same draws for all languages of a task."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.intervals import resampling as bootstrap
from clika.metrics.intervals.scorecards import draws_of
from clika.metrics.intervals.uncertainty import percentile_interval
from clika.metrics.measure import Interval, Measure
from clika.metrics.performance import rescaled_accuracy
from clika.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.measure import Floats
    from clika.metrics.task_answers import TaskAnswers

__all__ = ["Mean", "mean_intervals"]

#: Models whose replicates are in memory at a time.
_MODELS = 16

_Key = tuple[str, str | None]


class Mean(NamedTuple):
    """A mean over some languages of some tasks, each a place in a sequence; of none undefined."""

    tasks: tuple[int, ...]
    languages: tuple[int, ...]


def mean_intervals(
    tasks: Sequence[TaskAnswers], means: Sequence[Mean], *, pivot: int, resampling: Resampling
) -> dict[_Key, Interval]:
    """Return percentile intervals of means of accuracy, RA and the pivot's row of CO.

    Parameters
    ----------
    tasks
        Answers of the same models in the same languages, each task with its own ``purpose``: tasks
        are resampled independently of each other, the languages of a task jointly.
    means
        What is averaged.
    pivot
        Place of the language whose pairs CO is of.
    resampling
        Replicates, seed and threads.

    Returns
    -------
    dict
        By metric and variant an interval ``(n_models, n_means)``. A replicate of a mean is the mean
        of its members' replicates, undefined where a member is.

    Notes
    -----
    Memory: 4 kB for each task and replicate, with ten languages.
    """
    models = len(tasks[0].codes)
    blocks = [
        _block([task._replace(codes=task.codes[rows]) for task in tasks], means, pivot, resampling)
        for rows in (slice(start, start + _MODELS) for start in range(0, models, _MODELS))
    ]
    return {
        key: Interval(*map(np.concatenate, zip(*(block[key] for block in blocks), strict=True)))
        for key in blocks[0]
    }


def _block(
    tasks: Sequence[TaskAnswers], means: Sequence[Mean], pivot: int, resampling: Resampling
) -> dict[_Key, Interval]:
    drawn = [_replicates(task, pivot, resampling) for task in tasks]
    found = {}
    # NumPy releases the interpreter's lock while it adds and sorts.
    with ThreadPoolExecutor(thread_count(resampling.threads)) as pool:
        for key in drawn[0]:
            values = [replicates[key] for replicates in drawn]
            ends = pool.map(lambda mean, of=values: percentile_interval(_mean(of, mean)), means)
            found[key] = Interval(*(np.stack(parts, axis=-1) for parts in zip(*ends, strict=True)))
    return found


def _replicates(task: TaskAnswers, pivot: int, resampling: Resampling) -> dict[_Key, Floats]:
    """Return replicates ``(n_models, n_replicates, n_languages)`` of each metric."""
    accuracy, overlap = bootstrap.replicates(
        task.codes,
        task.gold,
        options=task.options,
        metrics=["acc", "co:union"],
        source=pivot,
        draws=draws_of(task, resampling),
        threads=resampling.threads,
    )
    without_reason = np.broadcast_to(np.array(None, dtype=object), accuracy.shape)
    rescaled = rescaled_accuracy(
        Measure(accuracy, without_reason), options=task.options, reference=task.reference
    )
    return {("acc", None): accuracy, ("ra", None): rescaled.value, ("co", "union"): overlap}


def _mean(values: Sequence[Floats], mean: Mean) -> Floats:
    members = [values[task][..., place] for task, place in product(mean.tasks, mean.languages)]
    if not members:
        return np.full(values[0].shape[:-1], np.nan)
    # Added one by one, so that the sum is rounded alike on every machine.
    total = members[0].copy()
    for member in members[1:]:
        total += member
    return total / len(members)
