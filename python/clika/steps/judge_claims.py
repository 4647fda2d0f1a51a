"""Judge the claims of a study by its answers and outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.claims import ANSWER_METRICS
from clika.metrics.contrasts import Rows, estimate_contrast, metric_cells
from clika.metrics.verdicts import Aim, judge
from clika.report.verdicts import Judged, JudgedClaim, JudgedPair, JudgedPart
from clika.steps.judge_outcomes import OutcomeJudge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.claims import Claim, Contrast, Part
    from clika.metrics.contrasts import Cells, Estimate
    from clika.metrics.intervals.uncertainty import Resampling
    from clika.steps.evidence import Evidence
    from clika.study import Study

__all__ = ["judge_claims"]


def judge_claims(
    study: Study, evidence: Evidence, *, resampling: Resampling
) -> tuple[JudgedClaim, ...]:
    """Judge every claim of a study.

    Parameters
    ----------
    study
        Its claims, tasks and languages.
    evidence
        Its answers and outcomes. A pair that names a model without any is not judged.
    resampling
        What the intervals are a function of.

    Returns
    -------
    tuple of JudgedClaim
        In the order of the study.
    """
    wanted = dict.fromkeys(part.metric for claim in study.claims for part in claim.parts)
    metrics = [metric for metric in wanted if metric in ANSWER_METRICS]
    cells: dict[str, Cells] = {}
    if evidence.models and metrics:
        cells = metric_cells(
            evidence.answers,
            metrics,
            languages=study.languages,
            pivot=study.pivot,
            resampling=resampling,
        )
    by_outcomes = OutcomeJudge(study, evidence.outcomes, resampling)
    by_answers = _AnswerJudge(study, evidence.models, cells)
    judges = ((by_outcomes if c.is_of_outcomes else by_answers, c) for c in study.claims)
    return tuple(judge_of.claim(claim) for judge_of, claim in judges)


class _AnswerJudge:
    """The numbers of a study's answers, and how its claims are judged by them."""

    def __init__(self, study: Study, models: Sequence[str], cells: Mapping[str, Cells]) -> None:
        self._study, self._models, self._cells = study, models, cells

    def claim(self, claim: Claim) -> JudgedClaim:
        names = tuple(task.name for task in self._study.tasks)
        tasks = tuple(name for name in names if name in (claim.tasks or names))
        pairs = (self._pair(claim, contrast, tasks) for contrast in claim.contrasts)
        return JudgedClaim(claim, tasks, tuple(pairs))

    def _pair(self, claim: Claim, contrast: Contrast, tasks: Sequence[str]) -> JudgedPair:
        absent = [name for name in contrast.models if name not in self._models]
        if absent:
            return JudgedPair(contrast, (), f"no answers of {', '.join(absent)}")
        parts = (self._part(claim, part, contrast, tasks) for part in claim.parts)
        return JudgedPair(contrast, tuple(parts))

    def _part(
        self, claim: Claim, part: Part, contrast: Contrast, tasks: Sequence[str]
    ) -> JudgedPart:
        study = self._study
        languages = contrast.languages(part, known=study.languages, pivot=study.pivot)
        aim = Aim(part.side, claim.margin if part.bound is None else part.bound)

        def judged(estimate: Estimate) -> Judged:
            return Judged(estimate, judge(estimate, aim))

        found = estimate_contrast(
            self._cells[part.metric],
            self._rows(contrast),
            tasks=tasks,
            languages=languages,
        )
        return JudgedPart(
            part=part,
            languages=languages,
            whole=judged(found.whole),
            unflagged=judged(found.unflagged),
            tasks=dict(zip(tasks, map(judged, found.tasks), strict=True)),
        )

    def _rows(self, contrast: Contrast) -> Rows:
        """Return the rows: after is added, before subtracted; of `against` the other way round."""
        signed: tuple[list[int], list[int]] = ([], [])
        for place, change in enumerate(contrast.changes):
            signed[place].append(self._models.index(change.after))
            if change.before is not None:
                signed[1 - place].append(self._models.index(change.before))
        return Rows(*map(tuple, signed))
