"""Verify: the verdict on each claim of a study, and whether it is the expected one."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clika.errors import ConfigError, PrerequisiteError
from clika.files import write_text
from clika.metrics.intervals.uncertainty import Resampling
from clika.report.verdicts import JudgedStudy, pinned, verdicts_data
from clika.steps.evidence import read_evidence, verdicts_key
from clika.steps.expectations import ClaimVerdicts, compare_verdicts, expected_verdicts
from clika.steps.judge_claims import judge_claims
from clika.store.connection import open_database

if TYPE_CHECKING:
    from pathlib import Path

    from clika.steps.expectations import Mismatch
    from clika.study import Study

__all__ = ["Verification", "expected_text", "verify"]


class Verification(NamedTuple):
    """The judged claims, and how they differ from the expected verdicts.

    Attributes
    ----------
    judged
        Every claim.
    mismatches
        ``None`` where there are no expectations.
    """

    judged: JudgedStudy
    mismatches: tuple[Mismatch, ...] | None


def verify(
    study: Study,
    *,
    database: Path,
    verdicts: Path | None,
    expected: Path | None = None,
    resampling: Resampling | None = None,
    threads: int | None = None,
) -> Verification:
    """Judge the claims of a study and compare the verdicts with the expected ones.

    Parameters
    ----------
    study
        Its claims.
    database
        The database that ``clika load`` built; only read.
    verdicts
        The file ``verdicts.json`` to write; ``None`` writes none.
    expected
        Expected verdicts; ``None``: those that ship with the study, if there are any.
    resampling
        What the intervals are a function of, beside the answers (its threads are ``threads``).
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Raises
    ------
    ConfigError
        The study has no claims.
    PrerequisiteError
        There is no database, or neither answers nor outcomes in it.
    BadInputError
        The expectations are no verdicts.
    FileSystemError
        The file cannot be written.
    """
    if not study.claims:
        raise ConfigError(f"Study {study.name} makes no claims: add `claims` to its study.yaml.")
    resampling = (resampling or Resampling())._replace(threads=threads)
    expectations = expected_verdicts(study, expected)
    command = f"clika load {study.name}"
    with closing(open_database(database, command=command, threads=threads)) as connection:
        evidence = read_evidence(study, connection)
    if not evidence.models and not evidence.outcomes:
        raise PrerequisiteError(f"{database} holds no answers.", command=command)
    claims = judge_claims(study, evidence, resampling=resampling)
    judged = JudgedStudy(study.name, study.rule, resampling, claims)
    if verdicts is not None:
        key = verdicts_key(study, evidence, resampling)
        write_text(verdicts, _json({"content_key": key, **verdicts_data(judged)}))
    if expectations is None:
        return Verification(judged, None)
    found = msgspec.convert(pinned(judged), dict[str, ClaimVerdicts])
    return Verification(judged, compare_verdicts(expectations, found))


def expected_text(judged: JudgedStudy) -> str:
    """Return the file of expectations that these verdicts meet."""
    return _json(pinned(judged))


def _json(data: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=1).decode() + "\n"
