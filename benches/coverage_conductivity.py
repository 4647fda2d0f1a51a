"""How often the intervals of conductivity contain the true value.

A world has 20 continents with 10 places of type 1 in each. What a model conducts is drawn for each
place, with a probability that is drawn for each continent: beta-distributed, so that what is
conducted has a given intraclass correlation within continents. A place that the model knows, can
name and conducts is right in the target; any other is right by chance.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from coverage_rows import Covered, Design, covered

from clika.metrics.conductivity import (
    Outcomes,
    accuracy,
    conduction,
    conduction_sums,
    ratio,
    ratio_sums,
)
from clika.metrics.intervals.clustered import Estimate, Sums, mean_over_seeds
from clika.metrics.intervals.resampling import Draws, weights
from clika.metrics.intervals.uncertainty import percentile_interval
from clika.metrics.measure import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["BETWEEN_SEEDS", "CONTINENTS", "CORRELATIONS", "PLACES", "World", "answer", "run"]

CONTINENTS, PLACES = 20, 10
CHANCE = 1 / CONTINENTS
#: Shares that the model knows in the source, and names of places and continents that it knows.
KNOWN, PLACE_NAMED, CONTINENT_NAMED = 0.97, 0.95, 0.99
CONDUCTED = (0.05, 0.5, 0.9)
CORRELATIONS = (0.0, 0.3)
#: Standard deviation between seeds of what is conducted.
BETWEEN_SEEDS = 0.05
SETS, SETS_OF_SEEDS, SEEDS = 1_000, 500, 3
REPLICATES = 1_000


class World(NamedTuple):
    """What one model conducts.

    Attributes
    ----------
    conducted
        Mean share of places.
    correlation
        Intraclass correlation within continents, in [0, 1).
    """

    conducted: float
    correlation: float

    def effects(self, generator: np.random.Generator) -> Floats:
        """Return the share that is conducted in each continent."""
        if self.correlation == 0 or self.conducted == 0:
            return np.full(CONTINENTS, self.conducted)
        size = 1 / self.correlation - 1
        return generator.beta(self.conducted * size, (1 - self.conducted) * size, CONTINENTS)

    @property
    def truths(self) -> dict[str, float]:
        """The true value of each number."""
        conducting = KNOWN * PLACE_NAMED * CONTINENT_NAMED * self.conducted
        target = conducting + (1 - conducting) * CHANCE
        return {
            "a_t1": target,
            "xrr": (target - CHANCE) / (KNOWN - CHANCE),
            "xrr_c": self.conducted,
        }

    def design(self, what: str) -> Design:
        """Return what is simulated."""
        answers = f"{what}, conducts {self.conducted:.0%}, correlation {self.correlation}"
        return Design(answers, CONTINENTS * PLACES, PLACES)


def run() -> Iterator[Covered]:
    """Yield the coverage of every number in every world."""
    for world in map(World, *zip(*product(CONDUCTED, CORRELATIONS), strict=True)):
        yield from _one_seed(world)
    for correlation in CORRELATIONS:
        for same in (False, True):
            yield from _several_seeds(World(0.5, correlation), same_continents=same)


def answer(effects: Floats, generator: np.random.Generator) -> Outcomes:
    """Return what a model answers that conducts these shares; every place is of type 1."""
    continent = np.repeat(np.arange(CONTINENTS), PLACES)
    n = len(continent)

    def draw() -> Floats:
        return generator.random(n)

    source, place_named = draw() < KNOWN, draw() < PLACE_NAMED
    continent_named = generator.random(CONTINENTS) < CONTINENT_NAMED
    conducted = draw() < effects[continent]
    right = source & place_named & continent_named[continent] & conducted
    target = right | (draw() < CHANCE)
    return Outcomes(
        continent=continent,
        kind=np.ones(n, np.int64),
        source=source.astype(np.int8),
        target=target.astype(np.int8),
        place_named=place_named.astype(np.int8),
        continent_named=continent_named.astype(np.int8),
        identical=np.zeros(CONTINENTS, np.bool_),
        ambiguous=np.zeros(n, np.bool_),
    )


def _one_seed(world: World) -> Iterator[Covered]:
    generator = np.random.default_rng([1, *_key(world)])
    drawn = weights(CONTINENTS * PLACES, Draws(replicates=REPLICATES)).astype(np.float64)
    found: dict[tuple[str, str], list[Estimate]] = {}
    for _ in range(SETS):
        outcomes = answer(world.effects(generator), generator)
        for name, estimate in {
            ("a_t1", "wilson"): accuracy(outcomes, "target"),
            ("xrr", "linearised, continents"): ratio(outcomes),
            ("xrr", "percentile, items (not used)"): _by_items(outcomes, drawn),
            ("xrr_c", "wilson"): conduction(outcomes),
            ("xrr_c", "linearised, continents"): conduction(outcomes, clustered=True),
        }.items():
            found.setdefault(name, []).append(estimate)
    yield from _covered(found, world, "one seed")


def _by_items(outcomes: Outcomes, drawn: Floats) -> Estimate:
    """Return XRR with the percentile interval that takes the items as independent."""
    above_chance = [
        drawn @ right - CHANCE * len(right) for right in (outcomes.target, outcomes.source)
    ]
    interval = percentile_interval(np.divide(*above_chance)[None])
    return ratio(outcomes)._replace(low=float(interval.low[0]), high=float(interval.high[0]))


def _several_seeds(world: World, *, same_continents: bool) -> Iterator[Covered]:
    """Yield the coverage of means over training seeds.

    A continent that is easy for one seed is easy for the others too, or each seed has its own.
    """
    generator = np.random.default_rng([SEEDS, same_continents, *_key(world)])
    found: dict[tuple[str, str], list[Estimate]] = {}
    for _ in range(SETS_OF_SEEDS):
        trained = _train(world, generator, same_continents=same_continents)
        for number, sums_of in (("xrr", ratio_sums), ("xrr_c", conduction_sums)):
            sums = [each for each in map(sums_of, trained) if isinstance(each, Sums)]
            estimate = mean_over_seeds(sums, n=CONTINENTS * PLACES, replicates=REPLICATES)
            found.setdefault((number, "percentile, seeds and continents"), []).append(estimate)
    shared = "the same continents easy" if same_continents else "each its own easy continents"
    yield from _covered(found, world, f"{SEEDS} seeds, {shared}")


def _train(
    world: World, generator: np.random.Generator, *, same_continents: bool
) -> list[Outcomes]:
    """Return what the model answers after each training."""
    effects = [world.effects(generator) for _ in range(SEEDS)]
    if same_continents:
        effects = effects[:1] * SEEDS
    return [
        answer(np.clip(own + BETWEEN_SEEDS * generator.standard_normal(), 0, 1), generator)
        for own in effects
    ]


def _key(world: World) -> tuple[int, int]:
    return round(100 * world.conducted), round(100 * world.correlation)


def _covered(
    found: dict[tuple[str, str], list[Estimate]], world: World, what: str
) -> Iterator[Covered]:
    for (number, method), estimates in found.items():
        truth = np.array([world.truths[number]])
        yield covered((number, method, "all"), world.design(what), _interval(estimates), truth)


def _interval(estimates: Sequence[Estimate]) -> Interval:
    """Return intervals ``(n_sets, 1)``."""
    ends = np.array([[each.low, each.high] for each in estimates], np.float64)
    return Interval(ends[:, :1], ends[:, 1:], np.array([[e.reason] for e in estimates], object))
