"""Verify: the verdict on each claim of a study, and whether it is the expected one."""

from __future__ import annotations

from contextlib import closing
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clika.errors import BadInputError, ConfigError, PrerequisiteError, Problem
from clika.files import write_text
from clika.metrics.intervals.uncertainty import Resampling
from clika.registry import families
from clika.report.paper import row_order
from clika.report.verdicts import JudgedStudy, pinned, verdicts_data
from clika.steps.judge_claims import judge_claims
from clika.steps.score_cards import task_answers
from clika.store.connection import open_database
from clika.store.outcomes import read_outcomes
from clika.store.scores import present_models, read_answers

if TYPE_CHECKING:
    from pathlib import Path

    from clika.metrics.task_answers import TaskAnswers
    from clika.store.connection import Connection
    from clika.study import Study

__all__ = [
    "EXPECTED",
    "ClaimVerdicts",
    "Mismatch",
    "PairVerdicts",
    "Verification",
    "expected_text",
    "expected_verdicts",
    "verify",
]

#: The file of expected verdicts, in the folder of a study.
EXPECTED = "expected_verdicts.json"


class Mismatch(NamedTuple):
    """A verdict that is not the expected one.

    Attributes
    ----------
    place
        The claim, or the claim and the pair, or also the part.
    expected, found
        The two verdicts; ``None`` for none.
    """

    place: str
    expected: str | None
    found: str | None


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
        outcomes = read_outcomes(connection)
        models = row_order(present_models(connection))
        if not models and not outcomes:
            raise PrerequisiteError(f"{database} holds no answers.", command=command)
        answers = _answers(study, connection, models)
    claims = judge_claims(study, answers, outcomes, models=models, resampling=resampling)
    judged = JudgedStudy(study.name, study.rule, resampling, claims)
    if verdicts is not None:
        write_text(verdicts, _json(verdicts_data(judged)))
    if expectations is None:
        return Verification(judged, None)
    wanted = _flat(msgspec.to_builtins(expectations))
    return Verification(judged, _mismatches(wanted, _flat(pinned(judged))))


def _answers(
    study: Study, connection: Connection, models: tuple[str, ...]
) -> dict[str, TaskAnswers]:
    """Return the answers by the headline rule, of each task; empty without any."""
    if not models:
        return {}
    matrices = read_answers(
        connection,
        tasks=[task.name for task in study.tasks],
        rules=[study.rule],
        models=models,
        languages=study.languages,
    )
    lineages = families(models)
    return {
        task.name: task_answers(task, matrices[study.rule, task.name], families=lineages)
        for task in study.tasks
    }


def expected_text(judged: JudgedStudy) -> str:
    """Return the file of expectations that these verdicts meet."""
    return _json(pinned(judged))


def _json(data: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=1).decode() + "\n"


class PairVerdicts(msgspec.Struct, forbid_unknown_fields=True):
    """Expected verdicts of a pair and of its deciding parts."""

    verdict: str
    parts: dict[str, str]


class ClaimVerdicts(msgspec.Struct, forbid_unknown_fields=True):
    """Expected verdicts of a claim and of its pairs."""

    verdict: str
    pairs: dict[str, PairVerdicts]


def expected_verdicts(study: Study, path: Path | None = None) -> dict[str, ClaimVerdicts] | None:
    """Read expected verdicts, by the name of the claim.

    Parameters
    ----------
    study
        Whose shipped expectations are meant without a path; ``None`` is returned if it has none.
    path
        A file that ``clika verify --pin`` wrote.

    Raises
    ------
    BadInputError
        The file cannot be read, or holds no verdicts.
    """
    if path is None:
        shipped = files("clika").joinpath("studies", study.name, EXPECTED)
        if not shipped.is_file():
            return None
        content, where = shipped.read_bytes(), EXPECTED
    else:
        try:
            content, where = path.read_bytes(), str(path)
        except OSError as error:
            problem = Problem(str(path), None, None, error.strerror or "it cannot be read")
            raise BadInputError([problem]) from error
    try:
        return msgspec.json.decode(content, type=dict[str, ClaimVerdicts])
    except msgspec.DecodeError as error:
        raise BadInputError([Problem(where, None, None, str(error))]) from error


def _flat(verdicts: dict[str, Any]) -> dict[str, str]:
    """Return the verdict of every claim, pair and part by a name of its place."""
    found = {}
    for name, claim in verdicts.items():
        found[name] = claim["verdict"]
        for pair, of_pair in claim["pairs"].items():
            found[f"{name}: {pair}"] = of_pair["verdict"]
            for part, verdict in of_pair["parts"].items():
                found[f"{name}: {pair}: {part}"] = verdict
    return found


def _mismatches(expected: dict[str, str], found: dict[str, str]) -> tuple[Mismatch, ...]:
    """Return where the two differ; of what was not judged, and of its parts, nothing is expected.

    So the verdicts of more data than there was hold against expectations made with less.
    """
    open_places = {place for place, verdict in expected.items() if verdict == "not judged"}
    return tuple(
        Mismatch(place, expected.get(place), found.get(place))
        for place in dict.fromkeys([*expected, *found])
        if expected.get(place) != found.get(place) and not _within(place, open_places)
    )


def _within(place: str, others: set[str]) -> bool:
    return any(place == other or place.startswith(f"{other}: ") for other in others)
