"""What an audit is made of: checks, the evidence they need, and what they find."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.errors import BadInputError
from clika.store.audit_queries import cell_readings, has_responses, misfits
from clika.tasks.fictional import FictionalSets, has_fictional, read_fictional
from clika.tasks.fictional_taught import read_taught

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from clika.errors import Problem
    from clika.store.audit_queries import CellReading, Misfit
    from clika.store.connection import Connection
    from clika.study import Study
    from clika.tasks.fictional_taught import Taught

__all__ = [
    "NEEDS",
    "AuditReport",
    "Check",
    "CheckResult",
    "Evidence",
    "Finding",
    "Need",
    "Severity",
]

#: error: numbers made from it are wrong unless it is handled; warning: numbers need care;
#: note: odd, without an effect on the numbers.
Severity = Literal["error", "warning", "note"]

#: What a check may read.
Need = Literal["codes", "scores", "responses", "release", "fictional"]

#: Each need in words.
NEEDS: dict[Need, str] = {
    "codes": "answer codes",
    "scores": "scores",
    "responses": "responses",
    "release": "the released files",
    "fictional": "the fictional sets",
}


class Finding(NamedTuple):
    """One thing found at one place.

    Attributes
    ----------
    severity
        How much it matters.
    subject
        Where: ``model``, ``task``, ``language``, ``file`` and the like, most general first.
    n
        How many answers, files, places or names are affected.
    total
        Of how many; ``None`` where that has no meaning.
    meaning
        What was counted and what it means: a sentence without capital and full stop, the same for
        findings that mean the same.
    details
        What is special to this finding: a mapping, a list of names.
    """

    severity: Severity
    subject: Mapping[str, str]
    n: int
    total: int | None
    meaning: str
    details: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The subject as one text."""
        return " ".join(self.subject.values())

    @property
    def share(self) -> float | None:
        """Share affected, in [0, 1]; ``None`` where it has no meaning."""
        return self.n / self.total if self.total else None


@dataclass(frozen=True)
class Evidence:
    """What is at hand for an audit.

    Attributes
    ----------
    study
        The study that is audited.
    connection
        Its database, open for reading.
    release
        Folder of the released data; ``None`` where it is not at hand.
    lookalikes
        Letters of other scripts, with the option letters that each can stand for.
    scored
        Whether the score files are attached to the connection.
    """

    study: Study
    connection: Connection
    release: Path | None
    lookalikes: Mapping[str, str]
    scored: bool

    @cached_property
    def readings(self) -> Sequence[CellReading]:
        """How each rule of the study read each cell."""
        return cell_readings(self.connection)

    @cached_property
    def headline(self) -> Sequence[CellReading]:
        """How the study's first rule read each cell."""
        return [reading for reading in self.readings if reading.rule == self.study.rule]

    @cached_property
    def misfits(self) -> Sequence[Misfit]:
        """Responses whose text has no place among their item's options."""
        return misfits(self.connection)

    @property
    def root(self) -> Path:
        """The folder of the release, for checks that need it.

        Raises
        ------
        LookupError
            It is not at hand: the check does not name it among its needs.
        """
        if self.release is None:
            raise LookupError("a check that reads the release must name it among its needs")
        return self.release

    @cached_property
    def _fictional(self) -> FictionalSets | tuple[Problem, ...]:
        try:
            return read_fictional(self.root)
        except BadInputError as error:
            return error.problems

    @property
    def fictional_problems(self) -> tuple[Problem, ...]:
        """What is wrong with the fictional sets' files; empty where they can be read."""
        return () if isinstance(self._fictional, FictionalSets) else self._fictional

    @property
    def fictional(self) -> FictionalSets:
        """The fictional sets of the release, for checks that need them.

        Raises
        ------
        BadInputError
            They cannot be read.
        """
        if not isinstance(self._fictional, FictionalSets):
            raise BadInputError(self._fictional)
        return self._fictional

    @cached_property
    def taught(self) -> Mapping[str, Taught]:
        """What the training set of each target language teaches."""
        return {target: read_taught(self.fictional, target) for target in self.fictional.training}

    def has(self, need: Need) -> bool:
        """Return whether what a check needs is at hand."""
        if need == "scores":
            return self.scored
        if need == "responses":
            return has_responses(self.connection)
        if need == "release":
            return self.release is not None
        if need == "fictional":
            return (
                self.release is not None
                and has_fictional(self.release)
                and not self.fictional_problems
            )
        return True

    def command_for(self, need: Need) -> str:
        """Return the command that brings what a check needs."""
        if need == "scores":
            return f"clika score {self.study.name}"
        if need == "responses" and self.study.kind == "table":
            return "clika ingest table"
        if need == "responses" and self.study.kind == "asked":
            return "clika infer"
        if need == "responses" and self.release is not None:
            return f"clika reproduce {self.study.name}"
        return "clika fetch released"


@dataclass(frozen=True)
class Check:
    """One general question put to the data.

    Attributes
    ----------
    id
        As printed and in ``--json``; lower case, words joined by ``-``.
    description
        What is looked for, in one sentence.
    needs
        What must be at hand; the check is skipped where any is missing.
    run
        Returns what was found, the weightiest first; nothing where the data is clean.
    only_files
        Whether the question is about the files of the release, though it needs only codes.
    """

    id: str
    description: str
    needs: tuple[Need, ...]
    run: Callable[[Evidence], list[Finding]]
    only_files: bool = False

    def applies_to(self, study: Study) -> bool:
        """Return whether the question has a meaning for a study."""
        of_files = self.only_files or not {"release", "fictional"}.isdisjoint(self.needs)
        return study.kind == "released" or not of_files


class CheckResult(NamedTuple):
    """What became of a check.

    Attributes
    ----------
    check
        The check.
    findings
        What it found.
    missing
        What it would have needed; empty where it ran.
    command
        The command that brings it; ``None`` where the check ran.
    """

    check: Check
    findings: tuple[Finding, ...]
    missing: tuple[Need, ...] = ()
    command: str | None = None


class AuditReport(NamedTuple):
    """The result of an audit.

    Attributes
    ----------
    study
        Name of the study.
    origin
        ``responses`` or ``codes``: what its database was made from.
    release
        Folder of the released data, ``None`` where it was not at hand.
    results
        One for each check, in the order of the checks.
    """

    study: str
    origin: str
    release: Path | None
    results: tuple[CheckResult, ...]

    @property
    def n_findings(self) -> int:
        """Findings of all checks together."""
        return sum(len(result.findings) for result in self.results)
