"""Intervals by linearisation: of the numbers by origin where items are clustered, and of excess."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.intervals.influence import (
    accuracy_spread,
    advantage_spread,
    excess_spread,
    overlap_spread,
)
from clika.metrics.intervals.linearised import Resampled
from clika.metrics.intervals.resampling import LEVEL
from clika.metrics.intervals.uncertainty import DEGENERATE, NO_VALUE, where_defined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clika.metrics.intervals.linearised import Spread
    from clika.metrics.measure import Interval, Measure
    from clika.metrics.origins import Part
    from clika.metrics.scorecard import Score, Scorecard
    from clika.metrics.task_answers import TaskAnswers

__all__ = ["excess_intervals", "linearised_intervals"]

#: Below it an error is the rounding of 0.
_ROUNDING = 1e-12


def linearised_intervals(
    scores: Iterable[Score], task: TaskAnswers
) -> dict[tuple[str, str | None], Interval]:
    """Return t intervals of numbers by origin.

    Parameters
    ----------
    scores
        Of the metrics ``acc_origin`` and ``co_origin``.
    task
        What they were computed from, with strata.

    Returns
    -------
    dict
        By metric and variant. Shares are cut to [0, 1]; there is no interval ("degenerate") where
        no item moves the value.
    """
    resampled = _resampled(task)
    found = {}
    for score in scores:
        spread = _by_origin(score, task, resampled)
        share = score.variant != "advantage"
        bounds = (0.0, 1.0) if share else (-np.inf, np.inf)
        found[score.metric, score.variant] = _interval(score.measure, spread, bounds)
    return found


def _by_origin(score: Score, task: TaskAnswers, resampled: Resampled) -> Spread:
    data = task.codes, task.gold, task.origins()
    if score.variant == "advantage":
        return advantage_spread(*data, resampled=resampled)
    spread = accuracy_spread if score.metric == "acc_origin" else overlap_spread
    part: Part = "own" if score.variant == "own" else "other"
    return spread(*data, part=part, resampled=resampled)


def excess_intervals(card: Scorecard, task: TaskAnswers) -> Interval:
    """Return t intervals of ``excess``, ``(n_models, n_languages, n_languages)``.

    They generalise to new items; the models that a model is compared with stay the same, although
    other items might have chosen others.

    Parameters
    ----------
    card, task
        The scores by one extraction rule, with ``excess``, and what they were computed from.

    Raises
    ------
    ValueError
        The scorecard was made without ``excess``.
    """
    if card.compared is None:
        message = "the scorecard has no baseline: its models were not compared with each other"
        raise ValueError(message)
    spread = excess_spread(
        task.codes, task.gold, own=card.counts, baseline=card.compared, resampled=_resampled(task)
    )
    excess = next(score for score in card.pairs if score.metric == "excess")
    return _interval(excess.measure, spread, (-np.inf, np.inf))


def _resampled(task: TaskAnswers) -> Resampled:
    return Resampled(len(task.gold), task.clusters, task.strata)


def _interval(measure: Measure, spread: Spread, bounds: tuple[float, float]) -> Interval:
    half = spread.half_width(LEVEL)
    low, high = (np.clip(end, *bounds) for end in (measure.value - half, measure.value + half))
    absent = np.isnan(measure.value)
    return where_defined(low, high, (absent, NO_VALUE), (spread.error < _ROUNDING, DEGENERATE))
