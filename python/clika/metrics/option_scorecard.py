"""What option scores say of every pair of languages: RankC, RankC* and CAPA of all models."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.intervals.probabilities_bootstrap import capa_interval
from clika.metrics.intervals.ranking_bootstrap import mean_intervals
from clika.metrics.intervals.uncertainty import NO_VALUE, no_interval
from clika.metrics.measure import Interval, Measure
from clika.metrics.probabilities import capa, option_probabilities, sum_capa
from clika.metrics.ranking import (
    WEIGHTINGS,
    corrected_rank_consistency,
    count_ranks,
    item_consistency,
    rank_consistency,
)
from clika.metrics.scorecard import Score

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from clika.metrics.intervals.resampling import Draws
    from clika.metrics.measure import Floats, Ints
    from clika.metrics.ranking import Weighting

__all__ = ["RankedOptions", "option_scores"]

_NO_SCORES = "the model has no option scores"


class RankedOptions(NamedTuple):
    """Scores and ranks of the options of one task, by one model.

    Attributes
    ----------
    options
        uint8 ``(n_items,)``: number of options (k) of each item.
    gold
        int8 ``(n_items,)``: the right option.
    scores
        float64 ``(n_items, n_languages, max_options)``: log-scores; NaN beyond an item's options,
        and throughout where it was not asked.
    ranks
        uint8 of the same shape: 1 = the highest score, 0 where there is none.
    draws
        What is drawn for the intervals; ``None`` computes none.
    """

    options: NDArray[np.uint8]
    gold: NDArray[np.int8]
    scores: Floats
    ranks: NDArray[np.uint8]
    draws: Draws | None = None


def option_scores(
    models: Iterable[RankedOptions | None], *, n_languages: int, threads: int | None = None
) -> list[Score]:
    """Return RankC, RankC* and CAPA of a task, for all models and pairs of languages.

    Parameters
    ----------
    models
        What each model's options scored, one after the other; ``None`` for a model without scores,
        of which every value is undefined.
    n_languages
        Number of languages.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Returns
    -------
    list of Score
        Values of shape ``(n_models, n_languages, n_languages)``; empty where no model has scores.
    """
    found = [None if options is None else _values(options, threads=threads) for options in models]
    first = next((values for values in found if values is not None), None)
    if first is None:
        return []
    shape = (n_languages, n_languages)
    nothing = Measure(np.full(shape, np.nan), np.full(shape, _NO_SCORES, dtype=object))
    missing = (nothing, np.zeros(shape, dtype=np.int64))
    scores = []
    for metric, variant in first:
        of_models = [missing if v is None else v[metric, variant] for v in found]
        value = np.stack([measure.value for measure, _ in of_models])
        reason = np.stack([measure.reason for measure, _ in of_models])
        n = np.stack([n for _, n in of_models])
        interval = _stacked([measure for measure, _ in of_models])
        scores.append(Score(metric, variant, Measure(value, reason, interval), n, {}))
    return scores


def _stacked(measures: Sequence[Measure]) -> Interval | None:
    """Return the intervals of all models; ``None`` where no model has any."""
    if all(measure.interval is None for measure in measures):
        return None
    parts = [measure.interval or no_interval(measure, NO_VALUE) for measure in measures]
    return Interval(*(np.stack(ends) for ends in zip(*parts, strict=True)))


def _values(
    options: RankedOptions, *, threads: int | None
) -> dict[tuple[str, str | None], tuple[Measure, Ints]]:
    counts = count_ranks(options.ranks, options.options, threads=threads)
    probabilities = option_probabilities(options.scores, options.options)
    sums = sum_capa(probabilities, options.options, options.gold, threads=threads)
    values: dict[tuple[str, str | None], tuple[Measure, Ints]] = {}
    for metric, of_pairs in (
        ("rankc", rank_consistency),
        ("rankc_star", corrected_rank_consistency),
    ):
        for weighting in WEIGHTINGS:
            measure = of_pairs(counts, weighting)
            if options.draws is not None:
                corrected = metric == "rankc_star"
                interval = _interval(options, weighting, corrected=corrected, threads=threads)
                measure = measure._replace(interval=interval)
            values[metric, weighting] = measure, counts.n
    measure = capa(sums)
    if options.draws is not None:
        interval = capa_interval(
            probabilities, options.options, options.gold, draws=options.draws, threads=threads
        )
        why = np.where(np.isnan(measure.value), NO_VALUE, interval.reason)
        measure = measure._replace(interval=interval._replace(reason=why))
    values["capa", None] = measure, sums.n
    return values


def _interval(
    options: RankedOptions, weighting: Weighting, *, corrected: bool, threads: int | None
) -> Interval | None:
    languages = options.ranks.shape[1]
    source, target = np.triu_indices(languages)
    values = np.stack(
        [
            item_consistency(
                options.ranks[:, one],
                options.ranks[:, other],
                options.options,
                weighting,
                corrected=corrected,
            )
            for one, other in zip(source.tolist(), target.tolist(), strict=True)
        ]
    )
    found = mean_intervals(values, draws=options.draws, threads=threads).interval
    place = np.empty((languages, languages), dtype=np.int64)
    place[source, target] = place[target, source] = np.arange(len(source))
    return found and found.at(place)
