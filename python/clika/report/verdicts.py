"""Judged claims: what was judged, by which numbers, and the data of ``verdicts.json``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clika.metrics.verdicts import VERDICTS, agreed, of_all
from clika.registry import families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clika.claims import Change, Claim, Contrast, Part
    from clika.metrics.contrasts import Estimate
    from clika.metrics.intervals.uncertainty import Resampling
    from clika.metrics.verdicts import Verdict

__all__ = [
    "Judged",
    "JudgedCell",
    "JudgedClaim",
    "JudgedPair",
    "JudgedPart",
    "JudgedStudy",
    "pinned",
    "verdicts_data",
]

#: Digits of a number in ``verdicts.json``.
_DIGITS = 6


class Judged(NamedTuple):
    """One number and the verdict on it."""

    estimate: Estimate
    verdict: Verdict


class JudgedCell(NamedTuple):
    """One cell of conductivity, for one pair of models.

    Attributes
    ----------
    task, language
        The task, and the target language.
    judged
        The number and its verdict; ``not judged`` where the cell counts for nothing, for the reason
        that the number gives.
    flags
        Names of :data:`clika.schema.FLAGS`.
    """

    task: str
    language: str
    judged: Judged
    flags: tuple[str, ...]

    @property
    def left_out(self) -> str | None:
        """Why the cell counts for nothing; ``None`` where it counts."""
        return self.judged.estimate.reason if self.judged.verdict == "not judged" else None


class JudgedPart(NamedTuple):
    """One part of a claim, for one pair.

    Attributes
    ----------
    part
        What is claimed.
    languages
        What the mean is over.
    whole, unflagged
        The mean over the claim's tasks, over all cells and over those without a flag.
    tasks
        The mean in each task; none of a part about conductivity.
    cells
        Each cell of a part about conductivity; none of another.
    """

    part: Part
    languages: tuple[str, ...]
    whole: Judged
    unflagged: Judged
    tasks: Mapping[str, Judged]
    cells: tuple[JudgedCell, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict on the mean over tasks, undecided where flagged cells make a difference."""
        return agreed(self.whole.verdict, self.unflagged.verdict)


class JudgedPair(NamedTuple):
    """One pair of models, or a pair against another.

    Attributes
    ----------
    contrast
        The models.
    parts
        Empty where it was not judged.
    reason
        Why it was not judged, else ``None``.
    """

    contrast: Contrast
    parts: tuple[JudgedPart, ...]
    reason: str | None = None

    @property
    def verdict(self) -> Verdict:
        """Every part that decides must hold."""
        return of_all(judged.verdict for judged in self.parts if judged.part.decides)

    @property
    def lineages(self) -> tuple[str, ...]:
        """The families of the models, once each."""
        return tuple(dict.fromkeys(families(self.contrast.models)))


class JudgedClaim(NamedTuple):
    """A claim with its pairs."""

    claim: Claim
    tasks: tuple[str, ...]
    pairs: tuple[JudgedPair, ...]

    @property
    def deciding(self) -> tuple[JudgedPair, ...]:
        """The pairs that the verdict rests on."""
        return tuple(pair for pair in self.pairs if pair.contrast.decides)

    @property
    def verdict(self) -> Verdict:
        """Every pair that decides and was judged must hold."""
        return of_all(pair.verdict for pair in self.deciding)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many of the deciding pairs have each verdict."""
        found = Counter(pair.verdict for pair in self.deciding)
        return {verdict: found[verdict] for verdict in VERDICTS}

    @property
    def lineages(self) -> tuple[str, ...]:
        """The families of the models of deciding pairs that were judged, once each."""
        judged = [pair for pair in self.deciding if pair.reason is None]
        return tuple(dict.fromkeys(name for pair in judged for name in pair.lineages))


class JudgedStudy(NamedTuple):
    """Every claim of a study, the rule that the answers were read by, and what was drawn."""

    study: str
    rule: str
    resampling: Resampling
    claims: tuple[JudgedClaim, ...]


def verdicts_data(judged: JudgedStudy) -> dict[str, Any]:
    """Return the data of ``verdicts.json``; an undefined number is null."""
    return {
        "study": judged.study,
        "rule": judged.rule,
        "replicates": judged.resampling.replicates,
        "seed": judged.resampling.seed,
        "claims": [_claim_data(claim) for claim in judged.claims],
    }


def pinned(judged: JudgedStudy) -> dict[str, Any]:
    """Return the verdicts alone: of each claim, of its pairs and of their deciding parts."""
    return {
        claim.claim.name: {
            "verdict": claim.verdict,
            "pairs": {
                pair.contrast.name: {
                    "verdict": pair.verdict,
                    "parts": {p.part.name: p.verdict for p in pair.parts if p.part.decides},
                }
                for pair in claim.pairs
            },
        }
        for claim in judged.claims
    }


def _claim_data(judged: JudgedClaim) -> dict[str, Any]:
    return {
        "name": judged.claim.name,
        "title": judged.claim.title,
        "verdict": judged.verdict,
        "pairs_by_verdict": judged.counts,
        "lineages": judged.lineages,
        "margin": judged.claim.margin,
        "tasks": judged.tasks,
        "pairs": [_pair_data(pair) for pair in judged.pairs],
    }


def _pair_data(judged: JudgedPair) -> dict[str, Any]:
    contrast = judged.contrast
    return {
        "name": contrast.name,
        "change": _change_data(contrast.change),
        "against": contrast.against and _change_data(contrast.against),
        "decides": contrast.decides,
        "lineages": judged.lineages,
        "verdict": judged.verdict,
        "reason": judged.reason,
        "parts": [_part_data(part) for part in judged.parts],
    }


def _change_data(change: Change) -> dict[str, Any]:
    return {"before": change.before, "after": change.after, "targets": change.targets}


def _part_data(judged: JudgedPart) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(judged.part),
        "decides": judged.part.decides,
        "languages": judged.languages,
        "verdict": judged.verdict,
        "all_cells": _judged_data(judged.whole),
        "without_flagged": _judged_data(judged.unflagged),
        "tasks": {name: _judged_data(each) for name, each in judged.tasks.items()},
        "cells": [_cell_data(cell) for cell in judged.cells],
    }


def _cell_data(cell: JudgedCell) -> dict[str, Any]:
    data = _judged_data(cell.judged)
    del data["n_cells"]
    return {"task": cell.task, "target_language": cell.language, "flags": cell.flags, **data}


def _judged_data(judged: Judged) -> dict[str, Any]:
    value, wide, narrow, n_cells, reason = judged.estimate
    return {
        "value": _number(value),
        "interval_95": [_number(end) for end in wide],
        "interval_90": [_number(end) for end in narrow],
        "n_cells": n_cells,
        "verdict": judged.verdict,
        "reason": reason,
    }


def _number(value: float) -> float | None:
    # A number that is rounded to nothing has no sign.
    return None if value != value else round(value, _DIGITS) + 0.0  # noqa: PLR0124 (NaN)
