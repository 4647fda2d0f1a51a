"""Intervals of the means that stand in the paper-shaped tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.metrics.intervals.means import Mean, mean_intervals
from clika.metrics.measure import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.task_answers import TaskAnswers
    from clika.study import Study

__all__ = ["MEAN", "MeanIntervals", "table_means"]

#: The name of a table's last column.
MEAN = "mean"

#: Metric, variant, names of the tasks, column -> the interval of each model, ``(n_models,)``.
MeanIntervals = dict[tuple[str, str | None, tuple[str, ...], str], Interval]


def table_means(
    study: Study, answers: Mapping[str, TaskAnswers], resampling: Resampling
) -> MeanIntervals:
    """Return the intervals of every mean in the tables of a study.

    Parameters
    ----------
    study
        Its tasks and streams.
    answers
        The answers of each task, by the headline rule.
    resampling
        Replicates, seed and threads.

    Returns
    -------
    dict
        The mean column of each task's table, and every column of each stream's.
    """
    languages, names = study.languages, [task.name for task in study.tasks]
    mean = tuple(place for place, code in enumerate(languages) if code != study.pivot)
    wanted: dict[tuple[tuple[str, ...], str], tuple[int, ...]] = {
        ((name,), MEAN): mean for name in names
    }
    for tasks in study.streams.values():
        stream = tuple(task.name for task in tasks)
        wanted |= {(stream, code): (place,) for place, code in enumerate(languages)}
        wanted[stream, MEAN] = mean
    means = [
        Mean(tuple(names.index(name) for name in tasks), places)
        for (tasks, _), places in wanted.items()
    ]
    found = mean_intervals(
        [answers[name] for name in names],
        means,
        pivot=languages.index(study.pivot),
        resampling=resampling,
    )
    return {
        (*metric, *which): interval.at((slice(None), place))
        for metric, interval in found.items()
        for place, which in enumerate(wanted)
    }
