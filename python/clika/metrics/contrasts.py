"""Contrasts between models: differences of means over tasks and languages, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.intervals.resampling import replicates as bootstrap
from clika.metrics.intervals.scorecards import draws_of
from clika.metrics.intervals.uncertainty import percentile_interval
from clika.metrics.measure import Measure
from clika.metrics.performance import rescaled_accuracy
from clika.metrics.scorecard import scorecards

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.measure import Bools, Floats, Interval
    from clika.metrics.scorecard import Score, Scorecard
    from clika.metrics.task_answers import TaskAnswers

__all__ = [
    "ALL_FLAGGED",
    "EQUIVALENCE_LEVEL",
    "Cells",
    "ContrastEstimates",
    "Ends",
    "Estimate",
    "Rows",
    "estimate_contrast",
    "metric_cells",
    "no_estimate",
]

#: Coverage of the interval that must lie within a margin for two numbers to be called equal.
EQUIVALENCE_LEVEL = 0.90
#: Why there is no number without the flagged cells.
ALL_FLAGGED = "every cell is flagged"


class Ends(NamedTuple):
    """Ends of an interval; NaN without one."""

    low: float
    high: float


class Estimate(NamedTuple):
    """One number with its intervals.

    Attributes
    ----------
    value
        NaN where undefined.
    wide, narrow
        The 95 % and the 90 % interval.
    n_cells
        Cells (task by language) that the mean is over.
    reason
        Why there is no interval, else ``None``.
    """

    value: float
    wide: Ends
    narrow: Ends
    n_cells: int
    reason: str | None


class ContrastEstimates(NamedTuple):
    """A contrast over all cells, over those without a flag, and in each task."""

    whole: Estimate
    unflagged: Estimate
    tasks: tuple[Estimate, ...]


class Cells(NamedTuple):
    """One metric of every model in every cell, an array for each task.

    Attributes
    ----------
    languages
        The last axis of the arrays.
    value
        By task float64 ``(n_models, n_languages)``; NaN where undefined.
    flagged
        bool of that shape.
    replicates
        float64 ``(n_models, n_replicates, n_languages)``: the same draws for all models and
        languages of a task, others for each task.
    """

    languages: tuple[str, ...]
    value: Mapping[str, Floats]
    flagged: Mapping[str, Bools]
    replicates: Mapping[str, Floats]


class Rows(NamedTuple):
    """Places of the models whose values are added, and of those that are subtracted."""

    added: tuple[int, ...]
    subtracted: tuple[int, ...]


#: Places of the languages that a mean is over, for each task that it is over.
_Members = dict[str, tuple[int, ...]]


def metric_cells(
    answers: Mapping[str, TaskAnswers],
    metrics: Sequence[str],
    *,
    languages: Sequence[str],
    pivot: str,
    resampling: Resampling,
) -> dict[str, Cells]:
    """Return metrics of every cell, with flags and bootstrap replicates.

    Parameters
    ----------
    answers
        By task, of the same models in the same languages. What is flagged rests on all of them.
    metrics
        Of :data:`clika.claims.ANSWER_METRICS`.
    languages
        Those of the answers, in their order.
    pivot
        The language whose pairs a metric of pairs is of.
    resampling
        Replicates, seed and threads.

    Returns
    -------
    dict
        By metric; RA is not clipped.

    Notes
    -----
    Memory: 80 kB for each model, task, language and metric, with 10,000 replicates.
    """
    source = languages.index(pivot)
    cards = scorecards(list(answers.values()), threads=resampling.threads)
    by_task = dict(zip(answers, cards, strict=True))
    drawn = {name: _replicates(task, metrics, source, resampling) for name, task in answers.items()}
    found = {}
    for metric in metrics:
        scores = {name: _score(card, metric) for name, card in by_task.items()}
        found[metric] = Cells(
            tuple(languages),
            {name: _of_source(score.measure.value, source) for name, score in scores.items()},
            {name: _flagged(score, source) for name, score in scores.items()},
            {name: of_task[metric] for name, of_task in drawn.items()},
        )
    return found


def _score(card: Scorecard, metric: str) -> Score:
    name, _, variant = metric.partition(":")
    return next(
        score
        for score in (*card.cells, *card.pairs)
        if (score.metric, score.variant) == (name, variant or None)
    )


def _of_source(values: np.ndarray, source: int) -> np.ndarray:
    """Return ``(n_models, n_languages)``: a metric of one language as it is, of pairs one row."""
    pairs = values.ndim > 2  # noqa: PLR2004 (model, language, language)
    return values[:, source] if pairs else values


def _flagged(score: Score, source: int) -> Bools:
    """Say where any flag holds, ``(n_models, n_languages)``."""
    flagged = np.zeros(score.measure.value.shape, np.bool_)
    for held in score.flags.values():
        flagged |= held
    return _of_source(flagged, source)


def _replicates(
    task: TaskAnswers, metrics: Sequence[str], source: int, resampling: Resampling
) -> dict[str, Floats]:
    # RA is accuracy on another scale.
    names = list(dict.fromkeys("acc" if metric == "ra" else metric for metric in metrics))
    values = bootstrap(
        task.codes,
        task.gold,
        options=task.options,
        metrics=names,
        source=source,
        draws=draws_of(task, resampling),
        threads=resampling.threads,
    )
    drawn = dict(zip(names, values, strict=True))
    if "ra" in metrics:
        reasons = np.broadcast_to(np.array(None, dtype=object), drawn["acc"].shape)
        accuracy = Measure(drawn["acc"], reasons)
        drawn["ra"] = rescaled_accuracy(
            accuracy, options=task.options, reference=task.reference
        ).value
    return drawn


def estimate_contrast(
    cells: Cells, rows: Rows, *, tasks: Sequence[str], languages: Sequence[str]
) -> ContrastEstimates:
    """Return the added models' mean minus the subtracted models', with intervals.

    Parameters
    ----------
    cells
        A metric of every cell.
    rows
        The models; one added and one subtracted give a difference, two of each a difference of
        differences, one added alone a level.
    tasks, languages
        The cells that the mean is over. Each task counts alike, and within it each language.

    Returns
    -------
    ContrastEstimates
        Percentile intervals of the means' replicates. A cell is left out of ``unflagged`` where it
        is flagged for any of the models; a task without any cell left is left out of the mean over
        tasks. An undefined member makes a mean undefined.
    """
    columns = tuple(cells.languages.index(code) for code in languages)
    everything: _Members = dict.fromkeys(tasks, columns)
    models = [*rows.added, *rows.subtracted]
    kept = {
        task: tuple(place for place in columns if not cells.flagged[task][models, place].any())
        for task in tasks
    }
    unflagged = {task: places for task, places in kept.items() if places}
    return ContrastEstimates(
        whole=_estimate(cells, rows, everything),
        unflagged=_estimate(cells, rows, unflagged),
        tasks=tuple(_estimate(cells, rows, {task: everything[task]}) for task in tasks),
    )


def _estimate(cells: Cells, rows: Rows, members: _Members) -> Estimate:
    n_cells = sum(map(len, members.values()))
    if not n_cells:
        return no_estimate(n_cells, ALL_FLAGGED)
    absent = _undefined(cells, rows, members)
    if absent is not None:
        return no_estimate(n_cells, f"{absent} is undefined")
    added, subtracted = (_mean(cells.value, models, members) for models in rows)
    plus, minus = (_mean(cells.replicates, models, members) for models in rows)
    drawn = (plus - minus)[None]
    wide = percentile_interval(drawn)
    narrow = percentile_interval(drawn, level=EQUIVALENCE_LEVEL)
    value = float(added - subtracted)
    return Estimate(value, _ends(wide), _ends(narrow), n_cells, wide.reason[0])


def _ends(interval: Interval) -> Ends:
    return Ends(float(interval.low[0]), float(interval.high[0]))


def no_estimate(n_cells: int, reason: str) -> Estimate:
    """Return a number that is undefined, for a reason."""
    nothing = Ends(np.nan, np.nan)
    return Estimate(np.nan, nothing, nothing, n_cells, reason)


def _undefined(cells: Cells, rows: Rows, members: _Members) -> str | None:
    """Return the first cell without a value, as task and language; ``None`` where all have one."""
    models = [*rows.added, *rows.subtracted]
    for task, places in members.items():
        for place in places:
            if np.isnan(cells.value[task][models, place]).any():
                return f"{task} {cells.languages[place]}"
    return None


def _mean(values: Mapping[str, Floats], models: Sequence[int], members: _Members) -> Floats:
    """Return the models' means over the members, added; of no model 0."""
    total = np.zeros(next(iter(values.values())).shape[1:-1])
    # Added one by one, so that the sum is rounded alike on every machine.
    for model in models:
        for task, places in members.items():
            for place in places:
                total += values[task][model, ..., place] / (len(places) * len(members))
    return total
