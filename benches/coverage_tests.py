"""How often the tests of `clika compare` reject although two models do not differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from coverage_rows import Design, Size
from simulated import LAWS, OPTIONS, Items, Law, simulate

from clika.metrics.comparison.paired import PairedAnswers, ratio_parts
from clika.metrics.comparison.paired_card import (
    OF_ONE_LANGUAGE,
    PairedTask,
    Sampling,
    compare_models,
)
from clika.views.compare.families import Axes, build_family
from clika.where import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["METRICS", "SWAPS", "run"]

#: Tested by swaps or McNemar, and two that have the interval of the difference alone.
METRICS = ("acc", "co:union", "ag", "ag_wrong", "co_star:gold-letter", "kappa")
SETS, SETS_AT_ONCE = 1_000, 50
SWAPS = 499
LEVEL = 0.05

LANGUAGES = ("pivot", "first", "second")
_PAIRS = np.zeros(2, np.int64), np.arange(1, 3)
_CELLS = np.arange(3), np.arange(3)
_AXES = Axes(LANGUAGES, LANGUAGES[:1], Selection((), ("task",), LANGUAGES, LANGUAGES))

#: Accuracies of a model that is as consistent as the middle one and knows much less.
UNLIKE = (0.20, 0.17, 0.17)
ALIKE_DESIGNS = (("middle", 200, 1), ("near 0", 200, 1), ("near 1", 200, 1))
ALIKE_CLUSTERED = (("middle", 180, 2), ("middle", 180, 10))
UNLIKE_DESIGNS = ((200, 1), (1_000, 1), (180, 10))


class Outcome(NamedTuple):
    """What one data set says of one metric; NaN or ``None`` where there is no test."""

    p: Floats
    plain: Floats
    family: float
    outside: Floats
    exact: bool | None


def run() -> Iterator[Size]:
    """Yield the size of every test in every design."""
    for answers, n, per_cluster in (*ALIKE_DESIGNS, *ALIKE_CLUSTERED):
        laws = (LAWS[answers],) * 2
        yield from _sizes(f"alike, {answers}", laws, Items(n, per_cluster), METRICS)
    laws = LAWS["middle"], as_consistent(LAWS["middle"], UNLIKE)
    for n, per_cluster in UNLIKE_DESIGNS:
        yield from _sizes("equal CO, unlike accuracies", laws, Items(n, per_cluster), ("co:union",))


def as_consistent(law: Law, accuracies: tuple[float, ...]) -> Law:
    """Return a law of those accuracies whose CO with the pivot is that of another law.

    Found by halving on the share of the variance that the languages share, on the same random
    numbers.
    """

    def overlap(candidate: Law) -> float:
        simulated = simulate((candidate,), Items(200_000), 2, np.random.default_rng(3))
        right = simulated.codes[:, 0] == simulated.gold[:, None]
        first, second = right[..., 0], right[..., 1]
        return float((first & second).sum() / (first | second).sum())

    wanted, low, high = overlap(law), 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        too_low = overlap(Law(accuracies, middle)) < wanted
        low, high = (middle, high) if too_low else (low, middle)
    return Law(accuracies, (low + high) / 2)


def _sizes(
    answers: str, laws: tuple[Law, Law], items: Items, metrics: tuple[str, ...]
) -> Iterator[Size]:
    found: dict[str, list[Outcome]] = {metric: [] for metric in metrics}
    generator = np.random.default_rng([items.n, items.per_cluster])
    for block in range(SETS // SETS_AT_ONCE):
        simulated = simulate(laws, items, SETS_AT_ONCE, generator)
        for place, codes in enumerate(simulated.codes):
            paired = PairedAnswers(codes, simulated.gold, items.clusters)
            seed = block * SETS_AT_ONCE + place
            for metric, outcome in _outcomes(paired, metrics, seed):
                found[metric].append(outcome)
    design = Design(answers, items.n, items.per_cluster)
    for metric, outcomes in found.items():
        exact = outcomes[0].exact
        test = {None: "none", True: "McNemar, exact", False: "studentised swaps"}[exact]
        yield Size(
            metric,
            test,
            design,
            sets=len(outcomes),
            size=_rejected([each.p for each in outcomes]),
            unstudentised=_rejected([each.plain for each in outcomes]),
            family=_rejected([np.array([each.family]) for each in outcomes]),
            interval=float(np.nanmean([each.outside for each in outcomes])),
        )


def _rejected(p: list[Floats]) -> float:
    """Return the share of p-values at most the level, NaN where there is none."""
    known = np.concatenate(p)
    known = known[~np.isnan(known)]
    return float((known <= LEVEL).mean()) if len(known) else np.nan


def _outcomes(
    paired: PairedAnswers, metrics: tuple[str, ...], seed: int
) -> Iterator[tuple[str, Outcome]]:
    task = PairedTask(
        "task",
        paired,
        strata=np.zeros(len(paired.gold), np.int32),
        options=OPTIONS,
        reference=None,
        at_chance=np.zeros((2, len(LANGUAGES)), np.bool_),
    )
    compared = compare_models(task, metrics, sources=(0,), sampling=Sampling(SWAPS, seed))
    for metric, found in compared.items():
        low, high = found.interval.low, found.interval.high
        outside = np.where(np.isnan(low), np.nan, (low > 0) | (high < 0))
        if found.test is None:
            nothing = np.full(low.shape, np.nan)
            yield metric, Outcome(nothing, nothing, np.nan, outside, None)
            continue
        family = build_family(metric, {"task": found}, _AXES, adjustment="max-t", replicates=SWAPS)
        adjusted = [row.p_adjusted for row in family.rows if row.p_adjusted is not None]
        plain = _plain_swaps(metric, paired, seed)
        exact = found.test.exact
        yield metric, Outcome(found.test.p, plain, min(adjusted, default=1.0), outside, exact)


def _plain_swaps(metric: str, paired: PairedAnswers, seed: int) -> Floats:
    """Return p-values of swaps of the difference itself, which is not divided by its error."""
    cells = _CELLS if metric in OF_ONE_LANGUAGE else _PAIRS
    parts = ratio_parts(metric, paired, *cells)
    starts = np.flatnonzero(np.diff(paired.clusters, prepend=-1))
    numerator, denominator = (
        np.add.reduceat(part, starts, axis=1, dtype=np.int64).astype(float) for part in parts
    )
    coins = np.random.default_rng(seed).integers(0, 2, (SWAPS, len(starts))).astype(float)
    moved = [coins @ (part[1] - part[0]) for part in (numerator, denominator)]
    first = [part[0].sum(axis=0) for part in (numerator, denominator)]
    second = [part[1].sum(axis=0) for part in (numerator, denominator)]
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.abs(first[0] / first[1] - second[0] / second[1])
        swapped = np.abs(
            (first[0] + moved[0]) / (first[1] + moved[1])
            - (second[0] - moved[0]) / (second[1] - moved[1])
        )
    reached = (np.nan_to_num(swapped) >= observed * (1 - 1e-9)).sum(axis=0)
    return np.where(np.isnan(observed), np.nan, (1 + reached) / (1 + SWAPS))
