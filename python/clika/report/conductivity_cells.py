"""The cells of conductivity as its tables read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.regimes import POSITIVE, dose_task
from clika.report.paper import row_order
from clika.report.tables import NumberStyle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from clika.metrics.conductivity_scores import CellNumber
    from clika.metrics.intervals.clustered import Estimate
    from clika.report.scored import Scored
    from clika.store.outcomes import OutcomeCell
    from clika.study import Study

__all__ = [
    "FIGURE",
    "GATE_NOT_MET",
    "NUMBER_COLUMNS",
    "RATIO",
    "CellFigures",
    "dose_share",
    "file_cells",
    "is_control",
    "missed_text",
    "ordered",
    "selected_cells",
]

#: How ratios and accuracies are printed, and how figures of the gate.
RATIO = NumberStyle(scale=1, decimals=2)
FIGURE = NumberStyle(scale=1, decimals=3)
#: In the place of a number whose gate is not met.
GATE_NOT_MET = "gate not met"
#: Ends of the names of the columns that a file has of each number.
NUMBER_COLUMNS = ("", "_low", "_high", "_sd", "_seeds", "_stratum", "_flags", "_reason")
_HEADLINE, _ALL = "non-identical", "all"
_DOSE = dose_task(0).removesuffix("0.00")


class CellFigures(NamedTuple):
    """Every number of one cell of conductivity.

    Attributes
    ----------
    numbers
        By metric and variant, those of :data:`clika.schema.CONDUCTIVITY_METRICS`.
    chance
        How often an answer is right that knows nothing of the place; ``None``: nothing was tested.
    """

    numbers: Mapping[tuple[str, str | None], CellNumber]
    chance: float | None

    @property
    def stratum(self) -> str:
        """The items that the tables are about.

        Those whose continent has two names; all, where it has but one everywhere.
        """
        return _HEADLINE if self.numbers["a_t1", _HEADLINE].estimate.n else _ALL

    def estimate(self, metric: str) -> Estimate:
        """Return a number over the items of the tables."""
        return self.numbers[metric, self.stratum].estimate

    @property
    def seeds(self) -> tuple[int, int]:
        """Training seeds that met the gate, and all."""
        found = self.numbers["seeds", None].estimate
        return round(found.value or 0), found.n

    @property
    def gate(self) -> tuple[CellNumber, ...]:
        """The figures of the gate, pooled over the seeds."""
        return tuple(number for (metric, _), number in self.numbers.items() if metric == "gate")

    @property
    def missed(self) -> str | None:
        """The figures of a gate that is not met; ``None`` where a seed met it.

        Of one seed those that missed it; of several all, since each seed may miss another.
        """
        met, seeds = self.seeds
        if met:
            return None
        figures = {str(number.variant): number.estimate.value for number in self.gate}
        return missed_text(figures, self.estimate("xrr").reason, seeds=seeds)

    def flags(self, metric: str) -> tuple[str, ...]:
        """Return the flags of a number."""
        return self.numbers[metric, self.stratum].flags


def missed_text(figures: Mapping[str, float | None], reason: str | None, *, seeds: int) -> str:
    """Return the figures of a gate that is not met.

    Parameters
    ----------
    figures
        By name, pooled over the seeds.
    reason
        Why there is no ratio: of one seed it has the figures that missed.
    seeds
        How many there are.
    """
    if seeds == 1:
        return (reason or "").removeprefix(f"{GATE_NOT_MET}: ")
    listed = ", ".join(f"{name} {FIGURE.render(value)}" for name, value in figures.items())
    return f"by none of {seeds} seeds, which together have {listed}"


def file_cells(figures: CellFigures, metric: str) -> tuple[str, ...]:
    """Return what a file has of a number: the columns of :data:`NUMBER_COLUMNS`."""
    estimate, missed = figures.estimate(metric), figures.missed
    value, low, high = (RATIO.render(number) for number in estimate[:3])
    met, seeds = figures.seeds
    return (
        value if missed is None else GATE_NOT_MET,
        low,
        high,
        RATIO.render(figures.estimate(f"{metric}_sd").value),
        f"{met} of {seeds}",
        figures.stratum,
        ",".join(figures.flags(metric)),
        (estimate.reason or "") if missed is None else f"{GATE_NOT_MET}: {missed}",
    )


def dose_share(task: str) -> float | None:
    """Return the share of names that a point of the dose curve shares; ``None`` for other tasks.

    Examples
    --------
    >>> dose_share("dose-0.25"), dose_share("taught")
    (0.25, None)
    """
    text = task.removeprefix(_DOSE)
    try:
        share = float(text)
    except ValueError:
        return None
    return share if dose_task(share) == task else None


def is_control(task: str) -> bool:
    """Say whether a task is a control, whose conductivity is known beforehand, or in between."""
    return task == POSITIVE or dose_share(task) is not None


def ordered(study: Study, cells: Iterable[OutcomeCell]) -> tuple[OutcomeCell, ...]:
    """Return cells in the order of the tables: controls last, models and languages as elsewhere."""
    found = set(cells)
    models = row_order({cell.model for cell in found})
    codes = {code for cell in found for code in (cell.source_language, cell.target_language)}
    languages = [*study.languages, *sorted(codes - {*study.languages})]

    def place(cell: OutcomeCell) -> tuple[bool, bool, float, str, int, int, int]:
        share = dose_share(cell.task)
        return (
            is_control(cell.task),
            share is None,
            share or 0,
            cell.task,
            languages.index(cell.source_language),
            models.index(cell.model),
            languages.index(cell.target_language),
        )

    return tuple(sorted(found, key=place))


def selected_cells(scored: Scored, cells: Iterable[OutcomeCell]) -> tuple[OutcomeCell, ...]:
    """Return the cells that are asked for, in the order of the tables.

    What is taught is no task of the study's list: who asks for some of its tasks asks for no
    conductivity.
    """
    study, selection = scored.study, scored.selection
    if selection.tasks != tuple(task.name for task in study.tasks):
        return ()

    def passes(name: str, chosen: Sequence[str], everything: Sequence[str]) -> bool:
        # Without a condition also what has outcomes and no answers.
        return name in chosen or tuple(chosen) == tuple(everything)

    return ordered(
        study,
        (
            cell
            for cell in cells
            if passes(cell.model, selection.models, scored.models)
            and passes(cell.source_language, selection.sources, study.languages)
            and passes(cell.target_language, selection.targets, study.languages)
        ),
    )
