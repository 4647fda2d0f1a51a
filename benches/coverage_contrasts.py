"""How often the intervals that claims about conductivity are judged by contain the true value.

Models, worlds and places are those of ``coverage_conductivity``, with as many places of type 0,
which every model knows. What a continent's places have in common they have in every target
language; two models have it each for itself.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from coverage_conductivity import (
    BETWEEN_SEEDS,
    CONTINENTS,
    CORRELATIONS,
    PLACES,
    World,
    answer,
)
from coverage_rows import Covered, Design, covered

from clika.metrics.conductivity_contrasts import mean_of_cells, measure_cell
from clika.metrics.contrasts import no_estimate
from clika.metrics.intervals.uncertainty import Resampling
from clika.metrics.measure import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from clika.metrics.conductivity import Outcomes
    from clika.metrics.contrasts import Estimate

    Floats = NDArray[np.float64]

__all__ = ["run"]

SETS, SETS_OF_SEEDS = 500, 200
RESAMPLING = Resampling(replicates=1_000)
#: Shares that one model, or an earlier and a later one, conduct.
MODELS = ((0.05,), (0.5,), (0.9,), (0.0, 0.0), (0.05, 0.05), (0.5, 0.5), (0.5, 0.6), (0.9, 0.9))
#: Of several training seeds: shares that a deviation between seeds keeps within [0, 1].
MODELS_OF_SEEDS = ((0.5,), (0.5, 0.5), (0.8, 0.8))


class Contrast(NamedTuple):
    """What is measured.

    Attributes
    ----------
    conducted
        Mean share of places that each model conducts.
    languages, seeds
        How many target languages and training seeds.
    correlation
        Intraclass correlation within continents.
    """

    conducted: tuple[float, ...]
    languages: int
    seeds: int
    correlation: float

    @property
    def truth(self) -> float:
        """The true value: a level, or the later model minus the earlier."""
        *earlier, later = self.conducted
        return later - sum(earlier)

    @property
    def design(self) -> Design:
        """What is simulated, in words."""
        shares = " and ".join(f"{share:.0%}" for share in self.conducted)
        counts = _counted(self.languages, "language"), _counted(self.seeds, "seed")
        words = f"conduct {shares}, {', '.join(counts)}, correlation {self.correlation}"
        return Design(words, CONTINENTS * PLACES, PLACES)


def run() -> Iterator[Covered]:
    """Yield the coverage of every contrast."""
    for correlation, languages, models in product(CORRELATIONS, (1, 3), MODELS):
        yield _covered(Contrast(models, languages, 1, correlation), SETS)
    for correlation, models in product(CORRELATIONS, MODELS_OF_SEEDS):
        yield _covered(Contrast(models, 3, 3, correlation), SETS_OF_SEEDS)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number > 1)}"


def _covered(contrast: Contrast, sets: int) -> Covered:
    key = [round(100 * share) for share in contrast.conducted]
    numbers = contrast.languages, contrast.seeds, round(100 * contrast.correlation)
    generator = np.random.default_rng([len(key), *key, *numbers])
    found = [_measured(contrast, generator) for _ in range(sets)]
    ends = np.array([each.wide for each in found])
    reasons = np.array([[each.reason] for each in found], object)
    interval = Interval(ends[:, :1], ends[:, 1:], reasons)
    kind = "xrr_c" if len(contrast.conducted) == 1 else "xrr_c, difference"
    name = (kind, "hull, items and continents", "all")
    return covered(name, contrast.design, interval, np.array([contrast.truth]))


def _measured(contrast: Contrast, generator: np.random.Generator) -> Estimate:
    effects = [
        World(share, contrast.correlation).effects(generator) for share in contrast.conducted
    ]
    cells = []
    for language in range(contrast.languages):
        models = {
            f"model {place}": {
                seed: _taught(_shifted(own, contrast, generator), generator)
                for seed in range(contrast.seeds)
            }
            for place, own in enumerate(effects)
        }
        cells.append(measure_cell("world", f"language {language}", models, "xrr_c"))
    counting = [cell for cell in cells if cell.missed is None]
    return mean_of_cells(counting, RESAMPLING) if counting else no_estimate(0, "gate not met")


def _shifted(effects: Floats, contrast: Contrast, generator: np.random.Generator) -> Floats:
    """Return the shares that one training conducts."""
    if contrast.seeds == 1:
        return effects
    shifted: Floats = np.clip(effects + BETWEEN_SEEDS * generator.standard_normal(), 0, 1)
    return shifted


def _taught(effects: Floats, generator: np.random.Generator) -> Outcomes:
    """Return what a model answers that also knows every place of type 0."""
    found = answer(effects, generator)
    known = np.ones(len(found.continent), np.int8)
    return replace(
        found,
        continent=np.tile(found.continent, 2),
        kind=np.concatenate([found.kind, np.zeros_like(found.kind)]),
        source=np.concatenate([found.source, known]),
        target=np.concatenate([found.target, known]),
        place_named=np.concatenate([found.place_named, known]),
        ambiguous=np.tile(found.ambiguous, 2),
    )
