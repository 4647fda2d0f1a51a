"""Intervals of every score of a task, each by the method that METHODS names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.counts import joined_counts
from clika.metrics.intervals import resampling as bootstrap
from clika.metrics.intervals.all_languages_bootstrap import OVERALL, overall_intervals
from clika.metrics.intervals.equal_accuracy import maybe_equal
from clika.metrics.intervals.jeffreys import jeffreys
from clika.metrics.intervals.linearised_intervals import excess_intervals, linearised_intervals
from clika.metrics.intervals.uncertainty import (
    DEGENERATE,
    METHODS,
    NO_METHOD,
    NO_VALUE,
    no_interval,
    where_defined,
    wilson,
)
from clika.metrics.measure import Interval, Measure
from clika.metrics.performance import rescaled_accuracy
from clika.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from clika.metrics.counts import PairCounts
    from clika.metrics.intervals.uncertainty import Method, Resampling
    from clika.metrics.measure import Bools, Ints
    from clika.metrics.scorecard import Score, Scorecard
    from clika.metrics.task_answers import TaskAnswers

__all__ = ["bootstrap_id", "draws_of", "is_clustered", "with_intervals"]

_Key = tuple[str, str | None]
_Intervals = dict[_Key, Interval]
_Wanted = dict["Method", list["Score"]]

#: The metric with a corner where two accuracies are equal.
_CEILING = "co_star_max"
_NO_METHOD = "no method for this metric and these items"
#: What a language has with itself by construction, whatever it knows.
_CERTAIN_WITH_ITSELF = ("co", "co_origin", "co_star", "co_star_max", "log_or")


def bootstrap_id(metric: str, variant: str | None) -> str:
    """Return the name that the bootstrap knows a metric by.

    Examples
    --------
    >>> bootstrap_id("co", "union"), bootstrap_id("kappa", None)
    ('co:union', 'kappa')
    """
    return metric if variant is None else f"{metric}:{variant}"


def is_clustered(clusters: NDArray[np.int32] | None) -> bool:
    """Say whether some items share a cluster."""
    return clusters is not None and len(np.unique(clusters)) < len(clusters)


def draws_of(task: TaskAnswers, resampling: Resampling) -> bootstrap.Draws:
    """Return what is drawn in the bootstrap of a task: its clusters within its strata."""
    return bootstrap.Draws(
        task.clusters, task.strata, resampling.replicates, resampling.seed, task.purpose
    )


def with_intervals(
    cards: Sequence[Scorecard], answers: Sequence[TaskAnswers], resampling: Resampling
) -> list[Scorecard]:
    """Return scorecards of one task with intervals.

    Parameters
    ----------
    cards
        The scores of one task, by one extraction rule or by several: a model whose answers are the
        same by two rules is resampled once.
    answers
        What they were computed from: the same items, golds, clusters, strata and number of models
        in each, items in ascending order of their ids.
    resampling
        Replicates, seed and threads.

    Returns
    -------
    list of Scorecard
        In their order. Closed forms where every item is its own cluster and METHODS has one;
        elsewhere clusters are resampled within the strata, jointly over models and languages. A
        score that has intervals already keeps them.

    Raises
    ------
    ValueError
        A code or a gold is out of range.
    """
    task = answers[0]._replace(codes=np.concatenate([each.codes for each in answers]))
    scores = [_joined(same) for same in zip(*map(_scores, cards), strict=True)]
    wanted = _by_method(scores, clustered=is_clustered(task.clusters))
    beside = _meanwhile(
        lambda: {
            **_by_linearisation(wanted.get("linearised", ()), task, cards, answers),
            **_of_all_languages(wanted, task, resampling),
        },
        threads=resampling.threads,
    )
    counts = joined_counts([card.counts for card in cards])
    made = {
        **_by_none(wanted.get("none", ())),
        **_by_wilson(wanted.get("wilson", ())),
        **_by_jeffreys(wanted.get("jeffreys", ()), counts, resampling),
        **_by_bootstrap(wanted, task, resampling),
        **beside(),
    }
    ceilings = [key for key in made if key[0] == _CEILING]
    if ceilings:
        equal = maybe_equal(task.codes, task.gold, task.clusters)
        made |= {key: _up_to_corner(made[key], equal) for key in ceilings}
    if ("acc", None) in made:
        made["ra", None] = _rescaled(made["acc", None], task)
    intervals = {_key(score): _completed(score, made[_key(score)]) for score in scores}
    models = len(answers[0].codes)
    finished = []
    for place, card in enumerate(cards):
        rows = slice(place * models, (place + 1) * models)
        cells, pairs, overall = (
            tuple(_with_interval(score, intervals.get(_key(score)), rows) for score in group)
            for group in (card.cells, card.pairs, card.overall)
        )
        finished.append(card._replace(cells=cells, pairs=pairs, overall=overall))
    return finished


def _scores(card: Scorecard) -> list[Score]:
    return [
        score
        for score in (*card.cells, *card.pairs, *card.overall)
        if score.measure.interval is None
    ]


def _joined(scores: Sequence[Score]) -> Score:
    """Return the same metric by several rules as one, their models one after the other."""
    value = np.concatenate([score.measure.value for score in scores])
    reason = np.concatenate([score.measure.reason for score in scores])
    n = np.concatenate([score.n for score in scores])
    return scores[0]._replace(measure=Measure(value, reason), n=n, flags={})


def _by_method(scores: Sequence[Score], *, clustered: bool) -> _Wanted:
    wanted: _Wanted = {}
    for score in scores:
        methods = METHODS[_key(score)]
        method = methods.clustered if clustered else methods.independent
        wanted.setdefault(method, []).append(score)
    return wanted


def _meanwhile(work: Callable[[], _Intervals], *, threads: int | None) -> Callable[[], _Intervals]:
    """Start work on a thread of its own, if there are several, and return how to wait for it.

    For what NumPy computes on one thread while the kernels run. They stay on the calling thread,
    the only one that Ctrl-C reaches.
    """
    if thread_count(threads) == 1:
        return work
    executor = ThreadPoolExecutor(max_workers=1)
    future = executor.submit(work)
    executor.shutdown(wait=False)
    return future.result


def _up_to_corner(interval: Interval, equal: Bools) -> Interval:
    """Return the interval of a ceiling, its end 1 where the two accuracies may be equal.

    The ceiling of equal accuracies is 1, its largest value. Of a sample, and so of nearly all
    resamples, it is less: their percentiles leave the corner out.
    """
    there = equal & ~np.isnan(interval.high)
    return interval._replace(high=np.where(there, 1.0, interval.high))


def _key(score: Score) -> _Key:
    return score.metric, score.variant


def _own(pairs: np.ndarray) -> np.ndarray:
    """Return the diagonal over languages: what concerns one language alone."""
    return np.diagonal(pairs, axis1=1, axis2=2)


def _by_none(scores: Sequence[Score]) -> _Intervals:
    return {
        _key(score): no_interval(score.measure, NO_METHOD.get(score.metric, _NO_METHOD))
        for score in scores
    }


def _by_wilson(scores: Sequence[Score]) -> _Intervals:
    # A share of n in floating point is nearer to its own count than to any other.
    return {
        _key(score): wilson(
            np.rint(np.nan_to_num(score.measure.value) * score.n).astype(np.int64), score.n
        )
        for score in scores
        if score.metric != "ra"
    }


def _by_jeffreys(scores: Sequence[Score], counts: PairCounts, resampling: Resampling) -> _Intervals:
    if not scores:
        return {}
    both = counts.both_right
    source, target = counts.right_source - both, counts.right_target - both
    tables = np.stack([both, source, target, counts.n - both - source - target], axis=-1)
    functions = [bootstrap_id(*_key(score)) for score in scores]
    limits_of_each = jeffreys(tables.reshape(-1, 4), functions, resampling)
    found: _Intervals = {}
    for score, limits in zip(scores, limits_of_each, strict=True):
        low, high = (end.reshape(counts.n.shape) for end in limits)
        value = score.measure.value
        # At the end of a range, where a count is 0, all draws lie on one side of the value.
        found[_key(score)] = where_defined(np.fmin(low, value), np.fmax(high, value))
    return found


def _by_linearisation(
    scores: Sequence[Score],
    task: TaskAnswers,
    cards: Sequence[Scorecard],
    answers: Sequence[TaskAnswers],
) -> _Intervals:
    found = linearised_intervals((score for score in scores if score.metric != "excess"), task)
    if any(score.metric == "excess" for score in scores):
        # What a model is compared with are the answers of others by the same rule.
        by_rule = map(excess_intervals, cards, answers)
        found["excess", None] = Interval(*map(np.concatenate, zip(*by_rule, strict=True)))
    return found


def _resampled_keys(wanted: _Wanted, *, overall: bool) -> list[_Key]:
    """Return what is resampled, of all languages together or not; RA follows accuracy."""
    keys = [_key(score) for method in ("percentile", "bca") for score in wanted.get(method, ())]
    return [key for key in keys if (key[0] in OVERALL) == overall and key[0] != "ra"]


def _of_all_languages(wanted: _Wanted, task: TaskAnswers, resampling: Resampling) -> _Intervals:
    keys = _resampled_keys(wanted, overall=True)
    if not keys:
        return {}
    codes, place = _distinct_models(task.codes)
    found = overall_intervals(
        codes,
        task.gold,
        options=task.options,
        draws=draws_of(task, resampling),
        threads=resampling.threads,
    )
    return {key: found[key[0]].at(place) for key in keys}


def _by_bootstrap(wanted: _Wanted, task: TaskAnswers, resampling: Resampling) -> _Intervals:
    keys = _resampled_keys(wanted, overall=False)
    if not keys:
        return {}
    codes, place = _distinct_models(task.codes)
    found = bootstrap.intervals(
        codes,
        task.gold,
        options=task.options,
        metrics=[bootstrap_id(*key) for key in keys],
        draws=draws_of(task, resampling),
        threads=resampling.threads,
    )
    made = {}
    for key, parts in zip(keys, zip(*found, strict=True), strict=True):
        interval = Interval(*parts).at(place)
        # A metric of one language stands on the diagonal.
        made[key] = Interval(*map(_own, interval)) if key == ("acc", None) else interval
    return made


def _distinct_models(codes: NDArray[np.int8]) -> tuple[NDArray[np.int8], Ints]:
    """Return the answers without repeated models, and the place of each model among them."""
    places: dict[bytes, int] = {}
    place = np.array([places.setdefault(model.tobytes(), len(places)) for model in codes])
    first = np.unique(place, return_index=True)[1]
    return np.ascontiguousarray(codes[first]), place


def _rescaled(accuracy: Interval, task: TaskAnswers) -> Interval:
    """Return the interval of RA, which is accuracy on another scale."""
    low, high = (
        rescaled_accuracy(
            Measure(end, accuracy.reason), options=task.options, reference=task.reference
        ).value
        for end in (accuracy.low, accuracy.high)
    )
    return Interval(low, high, accuracy.reason)


def _completed(score: Score, interval: Interval) -> Interval:
    """Return an interval or a reason wherever it should be: none without a value."""
    absent = np.isnan(score.measure.value)
    certain = np.zeros(absent.shape, np.bool_)
    if score.metric in _CERTAIN_WITH_ITSELF:
        certain[:] = np.eye(absent.shape[-1], dtype=np.bool_)
    reason = interval.reason.copy()
    reason[certain] = DEGENERATE
    reason[absent] = NO_VALUE
    without = reason.astype(np.bool_)
    return Interval(
        np.where(without, np.nan, interval.low), np.where(without, np.nan, interval.high), reason
    )


def _with_interval(score: Score, interval: Interval | None, models: slice) -> Score:
    if interval is None:
        return score
    return score._replace(measure=score.measure._replace(interval=interval.at(models)))
