"""Judge the claims of a study by its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.claims import ANSWER_METRICS
from clika.metrics.contrasts import Rows, estimate_contrast, metric_cells
from clika.metrics.verdicts import Aim, judge
from clika.report.verdicts import Judged, JudgedClaim, JudgedPair, JudgedPart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.claims import Claim, Contrast, Part
    from clika.metrics.contrasts import Cells, Estimate
    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.task_answers import TaskAnswers
    from clika.study import Study

__all__ = ["judge_claims"]

_NO_OUTCOMES = "conductivity is a matter of taught models, and only answers are judged here"


def judge_claims(
    study: Study,
    answers: Mapping[str, TaskAnswers],
    *,
    models: Sequence[str],
    resampling: Resampling,
) -> tuple[JudgedClaim, ...]:
    """Judge every claim of a study.

    Parameters
    ----------
    study
        Its claims, tasks and languages.
    answers
        Of each task, in the order of the study.
    models
        Those that answered, in the order of the answers' rows. A pair that names another is not
        judged.
    resampling
        What the intervals are a function of.

    Returns
    -------
    tuple of JudgedClaim
        In the order of the study.
    """
    wanted = dict.fromkeys(part.metric for claim in study.claims for part in claim.parts)
    judge_of = _Judge(
        study,
        models,
        metric_cells(
            answers,
            [metric for metric in wanted if metric in ANSWER_METRICS],
            languages=study.languages,
            pivot=study.pivot,
            resampling=resampling,
        ),
    )
    return tuple(judge_of.claim(claim) for claim in study.claims)


class _Judge:
    """The numbers of a study, and how its claims are judged by them."""

    def __init__(self, study: Study, models: Sequence[str], cells: Mapping[str, Cells]) -> None:
        self._study, self._models, self._cells = study, models, cells

    def claim(self, claim: Claim) -> JudgedClaim:
        names = tuple(task.name for task in self._study.tasks)
        tasks = tuple(name for name in names if name in (claim.tasks or names))
        pairs = (self._pair(claim, contrast, tasks) for contrast in claim.contrasts)
        return JudgedClaim(claim, tasks, tuple(pairs))

    def _pair(self, claim: Claim, contrast: Contrast, tasks: Sequence[str]) -> JudgedPair:
        reason = self._obstacle(claim, contrast)
        if reason is not None:
            return JudgedPair(contrast, (), reason)
        parts = (self._part(claim, part, contrast, tasks) for part in claim.parts)
        return JudgedPair(contrast, tuple(parts))

    def _obstacle(self, claim: Claim, contrast: Contrast) -> str | None:
        """Return why a pair cannot be judged, ``None`` where it can."""
        if any(part.metric not in ANSWER_METRICS for part in claim.parts):
            return _NO_OUTCOMES
        absent = [name for name in contrast.models if name not in self._models]
        return f"no answers of {', '.join(absent)}" if absent else None

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
