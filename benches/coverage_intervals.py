"""How often the 95 % intervals of `clika score --ci` contain the true value.

Each data set is scored as a model of its own. Blocks of them share gold options and bootstrap
weights, so that neither is the same throughout.
"""

from __future__ import annotations

from functools import cache, partial
from itertools import chain, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from coverage_rows import Covered, Design, covered
from simulated import LAWS, OPTIONS, Items, simulate

from clika.metrics.intervals import resampling
from clika.metrics.intervals.linearised_intervals import excess_intervals
from clika.metrics.intervals.means import Mean
from clika.metrics.intervals.means import mean_intervals as intervals_of_means
from clika.metrics.intervals.ranking_bootstrap import mean_intervals as intervals_of_ranks
from clika.metrics.intervals.resampling import Draws
from clika.metrics.intervals.scorecards import with_intervals
from clika.metrics.intervals.uncertainty import METHODS, Resampling
from clika.metrics.measure import Interval
from clika.metrics.ranking import WEIGHTINGS, count_ranks, item_consistency, rank_consistency
from clika.metrics.scorecard import scorecards
from clika.metrics.task_answers import TaskAnswers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray
    from simulated import Law, Simulated

    from clika.metrics.measure import Bools, Floats
    from clika.metrics.scorecard import Score, Scorecard

    Key = tuple[str, str | None]

__all__ = ["CLUSTERS", "NOT_USED", "REPLICATES", "SETS", "SIZES", "run"]

SIZES = (180, 200, 500, 1_000)
CLUSTERS = (1, 2, 10)
#: Sizes of the released tasks whose items come from languages, with the items in each cluster.
WITH_ORIGINS = ((200, 1), (180, 2))
#: Models that stand beside each other where excess is simulated.
COMPARED = 4

SETS, SETS_AT_ONCE = 1_000, 100
REPLICATES = 1_000
#: The method of intervals that are there for comparison.
NOT_USED = "percentile (not used)"
_TRUTH_SETS, _TRUTH_ITEMS = 5, 200_000
#: Means over the two languages that are not the pivot.
_OTHERS = Mean((0,), (1, 2))


class Found(NamedTuple):
    """Intervals of one number, ``(n_sets, ...)``, and where they are compared with a truth."""

    key: Key
    interval: Interval


def run() -> Iterator[Covered]:
    """Yield the coverage of every number in every design."""
    for answers, n, per_cluster in product(LAWS, SIZES, CLUSTERS):
        items = Items(n, per_cluster)
        yield from _coverage(answers, items, _scored, _truths(LAWS[answers]))
    for n, per_cluster in WITH_ORIGINS:
        items = Items(n, per_cluster, origins=True)
        truth = _truths(LAWS["middle"], origins=True)
        kept = {key: value for key, value in truth.items() if key[0].endswith("_origin")}
        yield from _coverage("middle, with origins", items, _scored, kept)
    for n, per_cluster in product((200, 1_000), (1, 10)):
        items = Items(n, per_cluster)
        yield from _coverage("middle", items, _ranked, _truths_of_ranks(LAWS["middle"]))
    for answers, n in product(LAWS, (180, 1_000)):
        yield from _coverage(
            answers, Items(n), _by_percentile, _truths(LAWS[answers]), method=NOT_USED
        )
    for n in (200, 1_000):
        together = partial(_beside_each_other, models=COMPARED)
        truth = _truths_of_excess(LAWS["middle"])
        yield from _coverage("middle, four models", Items(n), together, truth)


def _coverage(
    answers: str,
    items: Items,
    found: Callable[[Law, Items, int], Iterable[Found]],
    truth: Mapping[Key, Floats],
    *,
    method: str | None = None,
) -> Iterator[Covered]:
    """Yield the coverage of the numbers that have a true value and some method.

    The method is the one that clika uses, unless another is named.
    """
    law = LAWS[answers.partition(",")[0]]
    blocks: dict[Key, list[Interval]] = {}
    for block in range(SETS // SETS_AT_ONCE):
        for key, interval in found(law, items, block):
            if key in truth and _method(key, items) != "none":
                blocks.setdefault(key, []).append(interval)
    design = Design(answers, items.n, items.per_cluster)
    for key, parts in blocks.items():
        interval = Interval(*map(np.concatenate, zip(*parts, strict=True)))
        name = ":".join(filter(None, key)), method or _method(key, items)
        shape = truth[key].shape
        for cells, chosen in _cells(shape).items():
            yield covered(
                (*name, cells),
                design,
                Interval(*(part.reshape(SETS, *shape)[:, chosen] for part in interval)),
                truth[key][chosen],
            )


def _method(key: Key, items: Items) -> str:
    if key[0].startswith("mean of"):
        return "percentile"
    methods = METHODS[key]
    return methods.independent if items.per_cluster == 1 else methods.clustered


def _cells(shape: tuple[int, ...]) -> dict[str, Bools]:
    """Return which places are pooled, by name: a pair with the pivot has unequal accuracies."""
    if len(shape) < 2:
        return {"all": np.ones(shape, np.bool_)}
    with_pivot = np.zeros(shape, np.bool_)
    with_pivot[0] = with_pivot[:, 0] = True
    two = ~np.eye(shape[0], dtype=np.bool_)
    return {"unequal": with_pivot & two, "equal": ~with_pivot & two}


def _generator(items: Items, block: int) -> np.random.Generator:
    return np.random.default_rng([items.n, items.per_cluster, items.origins, block])


def _scored(law: Law, items: Items, block: int) -> Iterator[Found]:
    """Yield the intervals of a block's scores and of the tables' means."""
    simulated = simulate((law,), items, SETS_AT_ONCE, _generator(items, block))
    task = simulated.task(items, purpose=block)
    drawn = Resampling(REPLICATES)
    (card,) = with_intervals(scorecards([task]), [task], drawn)
    for score in _scores(card):
        if score.measure.interval is not None:
            yield Found((score.metric, score.variant), score.measure.interval)
    means = intervals_of_means([task], [_OTHERS], pivot=0, resampling=drawn)
    for (metric, variant), interval in means.items():
        yield Found((f"mean of {metric}", variant), interval)


def _by_percentile(law: Law, items: Items, block: int) -> Iterator[Found]:
    """Yield percentile intervals of CO* marginal, for which clika takes Jeffreys'."""
    simulated = simulate((law,), items, SETS_AT_ONCE, _generator(items, block))
    found = resampling.intervals(
        simulated.codes[:, 0],
        simulated.gold,
        options=OPTIONS,
        metrics=["co_star:marginal"],
        draws=Draws(replicates=REPLICATES, purpose=block),
    )
    yield Found(("co_star", "marginal"), Interval(*(part[0] for part in found)))


def _scores(card: Scorecard) -> Iterator[Score]:
    return chain(card.cells, card.pairs, card.overall)


@cache
def _truths(law: Law, *, origins: bool = False) -> dict[Key, Floats]:
    """Return every score, with means, of so many items that their error hardly counts."""
    found: dict[Key, Floats] = {}
    for task in _many_items(law, origins=origins):
        for score in _scores(*scorecards([task])):
            key = score.metric, score.variant
            found[key] = found.get(key, 0.0) + score.measure.value[0] / _TRUTH_SETS
    found["mean of acc", None] = found["acc", None][list(_OTHERS.languages)].mean(keepdims=True)
    overlaps = found["co", "union"][0, list(_OTHERS.languages)]
    found["mean of co", "union"] = overlaps.mean(keepdims=True)
    return {key: np.atleast_1d(value) for key, value in found.items() if not np.isnan(value).all()}


def _many_items(law: Law, *, origins: bool) -> Iterator[TaskAnswers]:
    items = Items(_TRUTH_ITEMS, origins=origins)
    for block in range(_TRUTH_SETS):
        yield simulate((law,), items, 1, _generator(items, block)).task(items)


def _ranked(law: Law, items: Items, block: int) -> Iterator[Found]:
    """Yield the intervals of a block's RankC, by every weighting, of all pairs of languages."""
    simulated = simulate((law,), items, SETS_AT_ONCE, _generator(items, block))
    draws = Draws(items.clusters, replicates=REPLICATES, purpose=block)
    ranks = _ranks(simulated)
    options = np.full(items.n, OPTIONS, np.uint8)
    languages = range(len(law.accuracies))
    for weighting in WEIGHTINGS:
        values = [
            item_consistency(each[:, source], each[:, target], options, weighting)
            for each in ranks
            for source, target in product(languages, languages)
        ]
        interval = intervals_of_ranks(np.stack(values), draws=draws).interval
        assert interval is not None
        shape = SETS_AT_ONCE, len(languages), len(languages)
        yield Found(("rankc", weighting), Interval(*(part.reshape(shape) for part in interval)))


def _ranks(simulated: Simulated) -> NDArray[np.uint8]:
    """Return 1-based ranks ``(n_sets, n_items, n_languages, options)`` of the first model."""
    order = np.argsort(-simulated.utilities[:, 0], axis=-1)
    return (np.argsort(order, axis=-1) + 1).astype(np.uint8)


@cache
def _truths_of_ranks(law: Law) -> dict[Key, Floats]:
    items = Items(_TRUTH_ITEMS)
    ranks = _ranks(simulate((law,), items, 1, _generator(items, 0)))[0]
    counts = count_ranks(ranks, np.full(items.n, OPTIONS, np.uint8))
    return {("rankc", each): rank_consistency(counts, each).value for each in WEIGHTINGS}


def _beside_each_other(law: Law, items: Items, block: int, *, models: int) -> Iterator[Found]:
    """Yield the intervals of excess of the first of several models of the same law."""
    simulated = simulate((law,) * models, items, SETS_AT_ONCE, _generator(items, block))
    found = [_excess(codes, simulated.gold) for codes in simulated.codes]
    yield Found(
        ("excess", None), Interval(*(np.stack(parts) for parts in zip(*found, strict=True)))
    )


def _excess(codes: NDArray[np.int8], gold: NDArray[np.int8]) -> Interval:
    task = TaskAnswers(codes, gold, OPTIONS, reference=None)
    (card,) = scorecards([task])
    return excess_intervals(card, task).at(0)


@cache
def _truths_of_excess(law: Law) -> dict[Key, Floats]:
    """Return excess over a model of the same law: which of them it is makes no difference."""
    items = Items(_TRUTH_ITEMS)
    simulated = simulate((law, law), items, 1, _generator(items, 0))
    task = TaskAnswers(simulated.codes[0], simulated.gold, OPTIONS, reference=None)
    (card,) = scorecards([task])
    score = next(score for score in card.pairs if score.metric == "excess")
    return {("excess", None): score.measure.value.mean(axis=0)}
