"""The bootstrap by its definition: items are drawn into a list, and every metric is computed anew.

Random words are those of Philox4x64 with ten rounds, in Python's own integers. Values of metrics
are those of the metrics' twins over the list of drawn items.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from reference import metrics_twin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Answers = "Sequence[int]"
Groups = "Sequence[int] | None"

WORD = 2**64
ROUNDS = 10
MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
KEY_STEPS = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B

INTERVAL, DEGENERATE, UNDEFINED, UNDEFINED_REPLICATES, FEW_DISAGREEMENTS = range(5)


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """One block of random words."""
    a, b, c, d = counter
    first_key, second_key = key
    for _ in range(ROUNDS):
        first, second = a * MULTIPLIERS[0], c * MULTIPLIERS[1]
        a, b, c, d = (
            (second // WORD) ^ b ^ first_key,
            second % WORD,
            (first // WORD) ^ d ^ second_key,
            first % WORD,
        )
        first_key = (first_key + KEY_STEPS[0]) % WORD
        second_key = (second_key + KEY_STEPS[1]) % WORD
    return a, b, c, d


def words(seed: int, purpose: int, replicate: int) -> Iterator[int]:
    """Return all random words of one replicate."""
    block = 0
    while True:
        yield from philox((block, replicate, 0, 0), (seed, purpose))
        block += 1


class Draws(NamedTuple):
    """What is drawn and how often."""

    n_items: int
    clusters: Groups
    strata: Groups
    replicates: int
    seed: int
    purpose: int

    def clusters_by_stratum(self) -> list[list[list[int]]]:
        """Return the items of each cluster of each stratum, all in order of first appearance."""
        clusters: dict[int, list[int]] = {}
        for item in range(self.n_items):
            clusters.setdefault(self.clusters[item] if self.clusters else item, []).append(item)
        strata: dict[int, list[list[int]]] = {}
        for items in clusters.values():
            strata.setdefault(self.strata[items[0]] if self.strata else 0, []).append(items)
        return list(strata.values())

    def items(self, replicate: int) -> list[int]:
        """Return the items of one replicate, as often as they are drawn."""
        random = words(self.seed, self.purpose, replicate)
        return [
            item
            for stratum in self.clusters_by_stratum()
            for _ in stratum
            for item in stratum[next(random) * len(stratum) // WORD]
        ]

    def weights(self, replicate: int) -> list[int]:
        """Return how often each item is drawn."""
        drawn = self.items(replicate)
        return [drawn.count(item) for item in range(self.n_items)]


class Pair(NamedTuple):
    """The answers in two languages."""

    source: Answers
    target: Answers
    gold: Answers
    options: int

    def of(self, items: Sequence[int]) -> Pair:
        """Return the answers to these items, in this order and this often."""
        source, target, gold = (
            [answers[item] for item in items] for answers in (self.source, self.target, self.gold)
        )
        return Pair(source, target, gold, self.options)

    def value(self, metric: str) -> float:
        """Return a metric (of one language: of the target), NaN where it is undefined."""
        name, _, variant = metric.partition(":")
        key = name, variant or None
        if key in metrics_twin.CELL_METRICS:
            found = metrics_twin.CELL_METRICS[key](self.target, self.gold, self.options, None)
        else:
            found = metrics_twin.PAIR_METRICS[key](*self)
        return math.nan if found.value is None else found.value

    def disagreements(self, metric: str) -> int:
        """Return how many of the items that a kappa counts do not agree."""
        lowest = -1 if metric == "kappa" else 0
        both = zip(self.source, self.target, strict=True)
        counted = [(a, b) for a, b in both if min(a, b) >= lowest]
        return sum(a != b or a < 0 for a, b in counted)


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile by linear interpolation."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = min(math.floor(place), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


class Interval(NamedTuple):
    """An interval, or why there is none."""

    low: float
    high: float
    outcome: int


def interval(pair: Pair, metric: str, draws: Draws, level: float) -> Interval:
    """Return the interval of one metric of one pair."""
    observed = pair.value(metric)
    if math.isnan(observed):
        return Interval(math.nan, math.nan, UNDEFINED)
    accelerated = metric in ("kappa", "kappa_valid")
    if accelerated and pair.disagreements(metric) < 3:
        return Interval(math.nan, math.nan, FEW_DISAGREEMENTS)
    drawn = [pair.of(draws.items(replicate)).value(metric) for replicate in range(draws.replicates)]
    values = [value for value in drawn if not math.isnan(value)]
    if (len(drawn) - len(values)) * 100 > len(drawn):
        return Interval(math.nan, math.nan, UNDEFINED_REPLICATES)
    if len(set(values)) == 1:
        return Interval(math.nan, math.nan, DEGENERATE)
    shares = [(1 - level) / 2, 1 - (1 - level) / 2]
    if accelerated:
        without = _without_each_cluster(pair, metric, draws)
        shares = _accelerated(shares, observed, values, without)
    return Interval(quantile(values, shares[0]), quantile(values, shares[1]), INTERVAL)


def _without_each_cluster(pair: Pair, metric: str, draws: Draws) -> list[float]:
    found = []
    for stratum in draws.clusters_by_stratum():
        for cluster in stratum:
            others = [item for item in range(draws.n_items) if item not in cluster]
            found.append(pair.of(others).value(metric))
    return [value for value in found if not math.isnan(value)]


def _accelerated(
    shares: Sequence[float], observed: float, values: Sequence[float], without: Sequence[float]
) -> list[float]:
    normal = NormalDist()
    below = sum(value < observed for value in values)
    ties = sum(value == observed for value in values)
    place = min(max(below + ties / 2, 0.5), len(values) - 0.5)
    bias = normal.inv_cdf(place / len(values))
    mean = math.fsum(without) / len(without)
    squares = math.fsum((mean - value) ** 2 for value in without)
    cubes = math.fsum((mean - value) ** 3 for value in without)
    acceleration = cubes / (6 * squares**1.5) if squares else 0.0
    moved = []
    for share in shares:
        shifted = bias + normal.inv_cdf(share)
        slack = 1 - acceleration * shifted
        moved.append(normal.cdf(bias + shifted / slack) if slack > 0 else float(shifted > 0))
    return moved
