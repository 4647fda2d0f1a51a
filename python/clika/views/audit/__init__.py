"""The audit: general questions put to a study's data, and what they find.

No check knows a file's or a model's name. Each says what it needs; where that is not at hand the
check is skipped and the command that brings it is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.answers import LOOKALIKE_LETTERS
from clika.schema import SCORE_FILES
from clika.store.connection import meta, open_database
from clika.views.audit import cells, fictional, files, texts
from clika.views.audit.model import AuditReport, Check, CheckResult, Evidence, Finding

if TYPE_CHECKING:
    from pathlib import Path

    from clika.study import Study

__all__ = ["CHECKS", "AuditReport", "Check", "CheckResult", "Finding", "audit"]

#: Every check, in the order of the report.
CHECKS: tuple[Check, ...] = (*texts.CHECKS, *cells.CHECKS, *files.CHECKS, *fictional.CHECKS)


def audit(
    study: Study, *, database: Path, scores: Path | None = None, release: Path | None = None
) -> AuditReport:
    """Put every check to the data of a study.

    Parameters
    ----------
    study
        The study.
    database
        Its database.
    scores
        Folder of its score files, where there are any.
    release
        Folder of the released data, where it is at hand; its files are read and never changed.

    Returns
    -------
    AuditReport
        With one result for each check that has a meaning for the study; a check whose needs are not
        at hand has no findings and names what is missing.

    Raises
    ------
    PrerequisiteError
        There is no database, or ``release`` holds no released data.
    StaleStoreError
        The database was written by another version of clika.
    """
    connection = open_database(database, command=f"clika reproduce {study.name}", scores=scores)
    try:
        scored = scores is not None and all(
            (scores / f"{name}.parquet").is_file() for name in SCORE_FILES
        )
        evidence = Evidence(study, connection, release, LOOKALIKE_LETTERS, scored)
        results = [_run(check, evidence) for check in CHECKS if check.applies_to(study)]
        origin = meta(connection).get("origin", "responses")
        return AuditReport(study.name, origin, release, tuple(results))
    finally:
        connection.close()


def _run(check: Check, evidence: Evidence) -> CheckResult:
    missing = tuple(need for need in check.needs if not evidence.has(need))
    if missing:
        return CheckResult(check, (), missing, evidence.command_for(missing[0]))
    return CheckResult(check, tuple(check.run(evidence)))
