"""Every comparison of two models on one task: values, intervals of differences, tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.comparison.differences import Interval, difference_interval
from clika.metrics.comparison.paired import (
    EXACTLY_TESTED,
    RATIO_METRICS,
    mcnemar_p,
    purpose_of,
    ratio_parts,
    swap_test,
)
from clika.metrics.counts import count_pairs, stack_counts
from clika.metrics.intervals.resampling import REPLICATES, SEED, Draws
from clika.metrics.intervals.resampling import replicates as bootstrap
from clika.metrics.measure import Measure
from clika.metrics.performance import rescaled_accuracy
from clika.metrics.scorecard import cell_scores, pair_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from clika.metrics.comparison.paired import PairedAnswers, RatioParts, SwapTest
    from clika.metrics.measure import Bools, Floats, Ints
    from clika.metrics.performance import ReferenceAccuracy
    from clika.metrics.scorecard import Score

__all__ = ["COMPARABLE", "Comparison", "PairedTask", "PairedTest", "Sampling", "compare_models"]

#: Metrics of one language, then of pairs, by their ids with the variant.
OF_ONE_LANGUAGE = ("acc", "ra", "bias")
COMPARABLE = (
    *OF_ONE_LANGUAGE,
    *("co:union", "co:source", "co:min", "co_star:gold-letter", "co_star:marginal"),
    *("co_star_max:gold-letter", "co_star_max:marginal", "log_or", "ag", "ag_wrong"),
    *("kappa", "kappa_valid"),
)


class Sampling(NamedTuple):
    """How much is drawn, and from which random sequence.

    Attributes
    ----------
    replicates
        Bootstrap replicates, and random swaps.
    seed
        Of all of them.
    threads
        ``None`` = as many as the process may run on. No number depends on it.
    """

    replicates: int = REPLICATES
    seed: int = SEED
    threads: int | None = None


class PairedTask(NamedTuple):
    """One task as two models answered it.

    Attributes
    ----------
    name
        Its name: random numbers of tasks of different names are independent.
    answers
        Of both models.
    strata
        int32 ``(n_items,)``: items are resampled within those of an equal code.
    options
        Number of options (k).
    reference
        The accuracy at which RA is 1, or why there is none.
    at_chance
        bool ``(2, n_languages)``: cells that are not above chance.
    """

    name: str
    answers: PairedAnswers
    strata: NDArray[np.int32]
    options: int
    reference: ReferenceAccuracy
    at_chance: Bools


class PairedTest(NamedTuple):
    """The test of one metric of two models, in some cells of one task.

    Attributes
    ----------
    p
        float64 ``(n_cells,)``: two-sided, not adjusted; NaN where a value is undefined.
    exact
        Whether these are McNemar's exact ones, and not those of the swaps.
    only_first, only_second
        int64 ``(n_cells,)``: discordant counts, items that the numerator has for one model alone.
    swaps
        The swap test, which the adjustment over a family rests on.
    """

    p: Floats
    exact: bool
    only_first: Ints
    only_second: Ints
    swaps: SwapTest


class Comparison(NamedTuple):
    """One metric of two models, in some cells of one task.

    Every array has the cells last; differences are the second model's value minus the first's.

    Attributes
    ----------
    value
        float64 ``(2, n_cells)``; NaN where undefined, ``reason`` says why.
    reason
        object ``(2, n_cells)``.
    n
        int64 ``(2, n_cells)``: items that each value rests on.
    flags
        Flag name with where it holds, ``(2, n_cells)``.
    difference
        float64 ``(n_cells,)``; NaN where one of the values is undefined.
    interval
        Of the difference.
    test
        ``None`` for a metric that is no ratio of sums over items.
    """

    value: Floats
    reason: NDArray[np.object_]
    n: Ints
    flags: dict[str, Bools]
    difference: Floats
    interval: Interval
    test: PairedTest | None


class _Cells(NamedTuple):
    """Languages of each cell: columns of the codes."""

    sources: Ints
    targets: Ints


def compare_models(
    task: PairedTask,
    metrics: Sequence[str],
    *,
    sources: Sequence[int],
    sampling: Sampling | None = None,
) -> dict[str, Comparison]:
    """Compare two models by some metrics on one task.

    Parameters
    ----------
    task
        Their answers.
    metrics
        Of :data:`COMPARABLE`.
    sources
        Rows of the language matrices, as columns of the codes; the cells of a pair metric are these
        with each other language, row by row. A metric of one language has a cell for each.
    sampling
        ``None`` for the defaults.

    Returns
    -------
    dict
        By metric.
    """
    sampling = sampling or Sampling()
    task = task._replace(answers=task.answers.asked_of_both())
    scores = _scores(task, threads=sampling.threads)
    own, pairs = _cells(task.answers.codes.shape[2], sources)
    drawn = _replicates(task, metrics, sources, sampling)
    return {
        metric: _compare(
            task,
            metric,
            scores[metric],
            cells=own if metric in OF_ONE_LANGUAGE else pairs,
            replicates=drawn[metric],
            sampling=sampling,
        )
        for metric in metrics
    }


def _cells(width: int, sources: Sequence[int]) -> tuple[_Cells, _Cells]:
    """Return the cells of a metric of one language and of a pair metric."""
    pairs = [(row, column) for row in sources for column in range(width) if row != column]
    languages = np.arange(width)
    return _Cells(languages, languages), _Cells(*np.array(pairs, np.int64).reshape(-1, 2).T)


def _scores(task: PairedTask, *, threads: int | None) -> dict[str, Score]:
    codes, gold, _ = task.answers
    counts = stack_counts(
        [count_pairs(each, gold, options=task.options, threads=threads) for each in codes]
    )
    cells = cell_scores(
        counts, options=task.options, reference=task.reference, at_chance=task.at_chance
    )
    pairs = pair_scores(counts, options=task.options, at_chance=task.at_chance)
    return {
        score.metric if score.variant is None else f"{score.metric}:{score.variant}": score
        for score in (*cells, *pairs)
    }


def _replicates(
    task: PairedTask, metrics: Sequence[str], sources: Sequence[int], sampling: Sampling
) -> dict[str, Floats]:
    """Return both models' values in the same bootstrap replicates, ``(2, replicates, n_cells)``."""
    draws = Draws(
        clusters=task.answers.clusters,
        strata=task.strata,
        replicates=sampling.replicates,
        seed=sampling.seed,
        purpose=purpose_of("bootstrap", task.name),
    )

    def row(wanted: Sequence[str], source: int) -> Floats:
        return bootstrap(
            task.answers.codes,
            task.answers.gold,
            options=task.options,
            metrics=wanted,
            source=source,
            draws=draws,
            threads=sampling.threads,
        )

    # RA is accuracy on another scale.
    own = ["acc" if metric == "ra" else metric for metric in metrics if metric in OF_ONE_LANGUAGE]
    own = list(dict.fromkeys(own))
    pairs = [metric for metric in metrics if metric not in OF_ONE_LANGUAGE]
    # A metric of one language is the same in every row.
    drawn = dict(zip(own, row(own, 0), strict=True)) if own else {}
    if pairs and sources:
        rows = [np.delete(row(pairs, source), source, axis=-1) for source in sources]
        drawn |= dict(zip(pairs, np.concatenate(rows, axis=-1), strict=True))
    elif pairs:
        drawn |= dict.fromkeys(pairs, np.empty((2, sampling.replicates, 0)))
    if "ra" in metrics:
        acc = Measure(drawn["acc"], np.full(drawn["acc"].shape, None, object))
        ra = rescaled_accuracy(acc, options=task.options, reference=task.reference)
        drawn["ra"] = ra.value
    return drawn


def _compare(
    task: PairedTask,
    metric: str,
    score: Score,
    *,
    cells: _Cells,
    replicates: Floats,
    sampling: Sampling,
) -> Comparison:
    place = (slice(None), *(cells if metric not in OF_ONE_LANGUAGE else cells[:1]))
    value, reason = score.measure.value[place], score.measure.reason[place]
    interval = difference_interval(replicates)
    no_value = np.where(reason[0] == None, reason[1], reason[0])  # noqa: E711 (elementwise)
    absent = np.isnan(value).any(axis=0)
    interval = Interval(
        np.where(absent, np.nan, interval.low),
        np.where(absent, np.nan, interval.high),
        np.where(absent, no_value, interval.reason),
    )
    plain = Comparison(
        value=value,
        reason=reason,
        n=score.n[place],
        flags={name: held[place] for name, held in score.flags.items()},
        difference=value[1] - value[0],
        interval=interval,
        test=None,
    )
    if metric not in RATIO_METRICS:
        return plain
    parts = ratio_parts(metric, task.answers, *cells)
    return plain._replace(test=_test(task, metric, parts, absent=absent, sampling=sampling))


def _test(
    task: PairedTask, metric: str, parts: RatioParts, *, absent: Bools, sampling: Sampling
) -> PairedTest:
    first, second = parts.numerator
    only_first, only_second = (first & ~second).sum(axis=0), (second & ~first).sum(axis=0)
    swaps = swap_test(
        parts,
        task.answers.clusters,
        replicates=sampling.replicates,
        seed=sampling.seed,
        purpose=purpose_of("swap", task.name),
        threads=sampling.threads,
    )
    exact = metric in EXACTLY_TESTED and not task.answers.clustered
    p = swaps.p
    if exact:
        counts = zip(only_first.tolist(), only_second.tolist(), strict=True)
        p = np.array([mcnemar_p(*discordant) for discordant in counts])
    return PairedTest(
        p=np.where(absent, np.nan, p),
        exact=exact,
        only_first=only_first,
        only_second=only_second,
        swaps=swaps,
    )
