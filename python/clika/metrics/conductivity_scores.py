"""Every CD number of one cell: a model, a world, a source and a target language, over its seeds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from clika.metrics.conductivity import (
    STRATA,
    accuracy,
    conduction,
    conduction_sums,
    gate,
    gate_figure,
    ratio,
    ratio_sums,
    share_estimate,
)
from clika.metrics.intervals.clustered import (
    Estimate,
    Sums,
    mean_over_seeds,
    seed_deviation,
    undefined,
)
from clika.metrics.intervals.resampling import REPLICATES, SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clika.metrics.conductivity import End, Figure, Outcomes, Stratum

__all__ = ["CellNumber", "GateOfSeeds", "cell_numbers", "gate_of_seeds"]

_ENDS: dict[str, End] = {"a_s1": "source", "a_t1": "target"}


class CellNumber(NamedTuple):
    """One number of a cell.

    Attributes
    ----------
    metric, variant
        As in :data:`clika.schema.CONDUCTIVITY_METRICS`.
    estimate
        The number.
    flags
        Names of :data:`clika.schema.FLAGS`.
    """

    metric: str
    variant: str | None
    estimate: Estimate
    flags: tuple[str, ...] = ()


class GateOfSeeds(NamedTuple):
    """Which training seeds of a cell met the gate.

    Attributes
    ----------
    figures
        In the order of :data:`~clika.metrics.conductivity.FIGURES`, pooled over the seeds.
    met
        For each seed.
    reason
        Why there is no ratio; ``None`` where a seed met the gate.
    """

    figures: tuple[Figure, ...]
    met: tuple[bool, ...]
    reason: str | None

    @property
    def is_partly_met(self) -> bool:
        """Whether some seeds met it and others missed it."""
        return any(self.met) and not all(self.met)


def gate_of_seeds(seeds: Sequence[Outcomes]) -> GateOfSeeds:
    """Return the gate of a cell from the outcomes of each training seed, at least one."""
    gates = [gate(outcomes) for outcomes in seeds]
    figures = tuple(
        gate_figure(of_seeds[0].name, _pooled([figure.share for figure in of_seeds]))
        for of_seeds in zip(*(found.figures for found in gates), strict=True)
    )
    met = tuple(found.met for found in gates)
    missed = gates[0].reason if len(gates) == 1 else f"no seed of {len(gates)} met the gate"
    return GateOfSeeds(figures, met, None if any(met) else missed)


class _Ratio(NamedTuple):
    """How a ratio is made of one seed's outcomes, and of the sums of several."""

    estimate: Callable[[Outcomes, Stratum], Estimate]
    sums: Callable[[Outcomes, Stratum], Sums | Estimate]


_RATIOS: dict[str, _Ratio] = {
    "xrr": _Ratio(ratio, ratio_sums),
    "xrr_raw": _Ratio(partial(ratio, chance="none"), partial(ratio_sums, chance="none")),
    "xrr_output": _Ratio(partial(ratio, chance="output"), partial(ratio_sums, chance="output")),
    "xrr_c": _Ratio(conduction, conduction_sums),
    "xrr_c_clustered": _Ratio(partial(conduction, clustered=True), conduction_sums),
}
#: Ratios whose deviation between seeds is given.
_DEVIATIONS = {"xrr": "xrr_sd", "xrr_c": "xrr_c_sd"}


def cell_numbers(
    seeds: Sequence[Outcomes], *, replicates: int = REPLICATES, seed: int = SEED
) -> list[CellNumber]:
    """Return every number of a cell.

    Parameters
    ----------
    seeds
        Outcomes of each training seed, at least one.
    replicates, seed
        Of the intervals over several training seeds.

    Returns
    -------
    list of CellNumber
        Gate figures and accuracies pool the seeds. The ratios are means over the seeds that met the
        gate, flagged ``gate-partly`` where others missed it, and undefined where none met it. With
        one such seed an interval speaks of other items only.
    """
    found = gate_of_seeds(seeds)
    passing = [outcomes for outcomes, met in zip(seeds, found.met, strict=True) if met]
    met = Estimate(float(len(passing)), None, None, len(seeds), "a count of seeds")
    numbers = [*map(_gate_number, found.figures), CellNumber("seeds", None, met)]
    for metric, end in _ENDS.items():
        numbers += [
            CellNumber(metric, stratum, _pooled([accuracy(one, end, stratum) for one in seeds]))
            for stratum in STRATA
        ]
    flags = ("gate-partly",) * found.is_partly_met
    # Strata of the same items have the same sums, and so has a ratio by another interval.
    means: dict[tuple[object, ...], Estimate] = {}

    def several(sums: Sequence[Sums], n: int) -> Estimate:
        key = (n, *(array.tobytes() for held in sums for array in held))
        if key not in means:
            means[key] = mean_over_seeds(sums, n=n, replicates=replicates, seed=seed)
        return means[key]

    for metric, made in _RATIOS.items():
        for stratum in STRATA:
            estimates = [made.estimate(one, stratum) for one in passing]
            sums = [made.sums(one, stratum) for one in passing]
            n = sum(e.n for e in estimates)
            defined = [held for held in sums if isinstance(held, Sums)]
            unknown = found.reason or next((e.reason for e in estimates if e.value is None), None)
            if unknown is not None:
                estimate = deviation = undefined(n, unknown)
            else:
                one_seed = len(estimates) == 1
                estimate = estimates[0] if one_seed else several(defined, n)
                deviation = seed_deviation(defined)
            numbers.append(CellNumber(metric, stratum, estimate, flags))
            if metric in _DEVIATIONS:
                numbers.append(CellNumber(_DEVIATIONS[metric], stratum, deviation, flags))
    return numbers


def _gate_number(figure: Figure) -> CellNumber:
    return CellNumber("gate", figure.name, figure.share, ("borderline",) * figure.borderline)


def _pooled(shares: Sequence[Estimate]) -> Estimate:
    right = sum(round((share.value or 0) * share.n) for share in shares)
    return share_estimate(right, sum(share.n for share in shares))
