"""Judge the claims of a study about conductivity, by the outcomes of its taught models."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.conductivity_contrasts import (
    MeasuredCell,
    greatest_of_cells,
    mean_of_cells,
    measure_cell,
)
from clika.metrics.contrasts import no_estimate
from clika.metrics.verdicts import Aim, judge, of_all
from clika.report.verdicts import Judged, JudgedCell, JudgedClaim, JudgedPair, JudgedPart
from clika.steps.score_conductivity import arrange_outcomes
from clika.store.outcomes import OutcomeCell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from clika.claims import Claim, Contrast, Part
    from clika.metrics.intervals.uncertainty import Resampling
    from clika.store.outcomes import OutcomeRows
    from clika.study import Study

__all__ = ["OutcomeJudge"]

_NONE_AT_ALL = "conductivity is a matter of taught models, and there are no outcomes of any"
_NO_GATE = "the gate is met nowhere"
_OTHER_QUESTIONS = "the models were not asked the same questions"


class _Place(NamedTuple):
    """A cell, and whether all models have outcomes there."""

    task: str
    language: str
    absent: tuple[str, ...]


class OutcomeJudge:
    """The outcomes of a study, and how its claims are judged by them.

    Parameters
    ----------
    study
        Its languages; the source of every cell is its pivot.
    outcomes
        Of each cell and training seed.
    resampling
        What the intervals over several training seeds are a function of.
    """

    def __init__(
        self,
        study: Study,
        outcomes: Mapping[OutcomeCell, Mapping[int, OutcomeRows]],
        resampling: Resampling,
    ) -> None:
        self._study, self._outcomes, self._resampling = study, outcomes, resampling

    def claim(self, claim: Claim) -> JudgedClaim:
        """Judge a claim whose parts are about conductivity."""
        listed = [task.name for task in self._study.tasks]
        asked = {cell.task for cell in self._outcomes}
        known = [*(name for name in listed if name in asked), *sorted(asked - {*listed})]
        tasks = tuple(name for name in known if name in (claim.tasks or known))
        pairs = (self._pair(claim, contrast, tasks) for contrast in claim.contrasts)
        return JudgedClaim(claim, tasks, tuple(pairs))

    def _pair(self, claim: Claim, contrast: Contrast, tasks: Sequence[str]) -> JudgedPair:
        if not self._outcomes:
            return JudgedPair(contrast, (), _NONE_AT_ALL)
        places = {part.name: self._places(part, contrast, tasks) for part in claim.parts}
        for part in claim.parts:
            if all(place.absent for place in places[part.name]):
                return JudgedPair(contrast, (), self._nothing(part, contrast, claim))
        parts = (self._part(claim, part, contrast, places[part.name]) for part in claim.parts)
        return JudgedPair(contrast, tuple(parts))

    def _places(self, part: Part, contrast: Contrast, tasks: Sequence[str]) -> list[_Place]:
        """Return the cells in which some model of the pair was asked."""
        study = self._study
        languages = contrast.languages(part, known=study.languages, pivot=study.pivot)
        found = []
        for task in tasks:
            for language in languages:
                absent = tuple(
                    model
                    for model in contrast.models
                    if OutcomeCell(task, model, study.pivot, language) not in self._outcomes
                )
                if len(absent) < len(contrast.models):
                    found.append(_Place(task, language, absent))
        return found

    def _nothing(self, part: Part, contrast: Contrast, claim: Claim) -> str:
        """Say whose outcomes a part lacks."""
        where = f" in {', '.join(claim.tasks)}" * bool(claim.tasks)
        chosen = [cell for cell in self._outcomes if not claim.tasks or cell.task in claim.tasks]
        absent = sorted({*contrast.models} - {cell.model for cell in chosen})
        if absent:
            return f"no outcomes of {', '.join(absent)}{where}"
        models = " and ".join(contrast.models)
        return f"no language of {part.name} with outcomes of {models}{where}"

    def _part(
        self, claim: Claim, part: Part, contrast: Contrast, places: Sequence[_Place]
    ) -> JudgedPart:
        aim = Aim(part.side, claim.margin if part.bound is None else part.bound)
        measured = [self._measured(place, contrast, part.metric) for place in places]
        counting = [cell for cell in measured if cell.missed is None]
        if counting:
            whole = self._overall(counting, aim)
            unflagged = self._overall([cell for cell in counting if not cell.flags], aim)
        else:
            whole = unflagged = Judged(no_estimate(0, _NO_GATE), "undecided")
        return JudgedPart(
            part=part,
            languages=tuple(dict.fromkeys(place.language for place in places)),
            whole=whole,
            unflagged=unflagged,
            tasks={},
            cells=tuple(self._cell(cell, aim) for cell in measured),
        )

    def _cell(self, cell: MeasuredCell, aim: Aim) -> JudgedCell:
        if cell.missed is not None:
            judged = Judged(no_estimate(0, cell.missed), "not judged")
        else:
            judged = self._mean([cell], aim)
        return JudgedCell(cell.task, cell.language, judged, cell.flags)

    def _overall(self, cells: Sequence[MeasuredCell], aim: Aim) -> Judged:
        """Judge cells together: below a bound each of them has to lie, else their mean counts."""
        if aim.side != "below":
            return self._mean(cells, aim)
        each = [self._mean([cell], aim) for cell in cells]
        verdict = of_all(judged.verdict for judged in each)
        # What one cell contradicts, no undefined one can save.
        deciding = [
            judged.estimate
            for judged in each
            if verdict != "contradicted" or judged.estimate.reason is None
        ]
        found = greatest_of_cells(deciding)
        return Judged(found, verdict if deciding else "undecided")

    def _mean(self, cells: Sequence[MeasuredCell], aim: Aim) -> Judged:
        estimate = mean_of_cells(cells, self._resampling)
        return Judged(estimate, judge(estimate, aim))

    def _measured(self, place: _Place, contrast: Contrast, metric: str) -> MeasuredCell:
        task, language, absent = place
        if absent:
            missed = f"no outcomes of {', '.join(absent)}"
            return MeasuredCell(task, language, missed=missed)
        rows = {
            model: self._outcomes[OutcomeCell(task, model, self._study.pivot, language)]
            for model in contrast.models
        }
        if not _same_questions([*rows.values()]):
            return MeasuredCell(task, language, unknown=_OTHER_QUESTIONS)
        continents = self._continents(task)
        models = {
            model: {seed: arrange_outcomes(found, continents) for seed, found in seeds.items()}
            for model, seeds in rows.items()
        }
        return measure_cell(task, language, models, metric)

    def _continents(self, task: str) -> NDArray[np.int64]:
        """Return the codes of a task's continents: one numbering for all its cells."""
        codes = [
            rows.cluster
            for cell, seeds in self._outcomes.items()
            if cell.task == task
            for rows in seeds.values()
        ]
        return np.unique(np.concatenate(codes))


def _same_questions(models: Sequence[Mapping[int, OutcomeRows]]) -> bool:
    """Say whether two models were asked the same in each training seed that both have."""
    first, *others = models
    return all(
        np.array_equal(getattr(first[seed], name), getattr(other[seed], name))
        for other in others
        for seed in first.keys() & other.keys()
        for name in ("question_set", "item", "cluster", "is_identical")
    )
