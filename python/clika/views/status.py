"""Status: what of a study is there, what is missing, what is stale and why. Reads, never writes."""

from __future__ import annotations

import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import StaleStoreError
from clika.fetching.reading import readable
from clika.steps.inventory import INVENTORY
from clika.steps.load import shipped_codes
from clika.steps.origin import study_origin
from clika.store.connection import open_database
from clika.views.conductivity_coverage import ConductivityCell, read_conductivity
from clika.views.coverage import CodeComparison, Coverage, compare_shipped, read_coverage
from clika.views.stages import (
    Data,
    Database,
    Shards,
    Stage,
    look_at_data,
    look_at_database,
    look_at_scores,
    look_at_shards,
    look_at_tables,
    look_at_verdicts,
)

if TYPE_CHECKING:
    from clika.study import Study

__all__ = ["StatusReport", "status"]

#: Commands that work in the folder of results.
_IN_RESULTS = tuple(
    f"clika {verb} " for verb in ("ingest", "teach", "load", "score", "verify", "reproduce")
)


class StatusReport(NamedTuple):
    """The state of a study.

    Attributes
    ----------
    study
        Name of the study.
    folder
        Its folder of results, there or not.
    stages
        In the order in which they derive from each other.
    strays
        Files that ingest found in the data and that its layout does not name.
    coverage
        Which cells have answers; ``None`` where there is no database to ask.
    conductivity
        Which cells of conductivity have outcomes, and meet the gate; empty for a study without any,
        and where there is no database to ask.
    codes
        How the shipped answer codes compare with those read from the responses; ``None`` where one
        of the two is not at hand.
    command
        The one command that mends everything; ``None`` where nothing is to be done.
    """

    study: str
    folder: Path
    stages: tuple[Stage, ...]
    strays: tuple[str, ...]
    coverage: Coverage | None
    conductivity: tuple[ConductivityCell, ...]
    codes: CodeComparison | None
    command: str | None

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was ever run here."""
        return all(stage.state == "missing" for stage in self.stages if stage.name != "data")


def status(study: Study, *, results: Path) -> StatusReport:
    """Return what of a study is there, what is missing, what is stale and why.

    Parameters
    ----------
    study
        The study.
    results
        The folder of results; it need not exist.

    Returns
    -------
    StatusReport

    Raises
    ------
    FileSystemError
        A folder that must be looked at cannot be read.
    """
    with readable(results):
        report = _report(study, results / study.name)
    return _with_commands(study, report, results)


def _report(study: Study, folder: Path) -> StatusReport:
    data = look_at_data(study)
    shards = look_at_shards(study, folder / "shards", data)
    database = look_at_database(study, folder / "clika.duckdb", shards, data)
    stages = [
        *([data.stage] if data.stage is not None else []),
        shards.stage,
        database.stage,
        look_at_scores(study, folder / "scores", database),
        look_at_tables(study, folder / "tables", database),
    ]
    if study.claims:
        stages.append(look_at_verdicts(study, folder / "verdicts.json", database))
    excused = _excused(study, data, shards, database)
    stages = [_excuse(stage, excused.get(stage.name)) for stage in stages]
    strays = shards.inventory.strays if shards.inventory else ()
    contents = _contents(study, database)
    return StatusReport(study.name, folder, tuple(stages), strays, *contents, None)


def _excused(study: Study, data: Data, shards: Shards, database: Database) -> dict[str, str]:
    """Return the stages that the tables do not need, each with the reason."""
    if data.is_misnamed:
        return {}
    if shards.stage.state == "there":
        return {"data": "not needed for the tables, the shards are the record"}
    from_responses = database.facts is not None and database.facts.get("origin") == "responses"
    from_codes = study_origin(study, database.path.parent / "shards" / INVENTORY).kind == "codes"
    if not from_codes or data.is_at_hand or shards.inventory or from_responses:
        return {}
    reason = "not needed for the tables, the study ships answer codes"
    return {"data": reason, "shards": reason}


def _excuse(stage: Stage, reason: str | None) -> Stage:
    if reason is None or stage.state == "there":
        return stage
    return stage._replace(needed=False, detail=f"{stage.detail}; {reason}")


def _with_commands(study: Study, report: StatusReport, results: Path) -> StatusReport:
    """Return the report with the command that mends everything, and with the folder in each."""
    needy = [stage for stage in report.stages if stage.needed and stage.state != "there"]
    mend = f"clika reproduce {study.name}" if needy else None
    if needy and needy[0].name == "data":
        # A run takes the shipped codes where it finds no data; here the responses are meant.
        mend = f"{needy[0].command} && {mend}"
    elif needy and needy[0].name == "shards" and study.kind != "released":
        mend = needy[0].command
    elif needy and needy[0].name == "verdicts":
        # A run looks at times and claims, and would take other choices of intervals for its own.
        mend = needy[0].command
    stages = tuple(
        stage._replace(command=_in_folder(stage.command, results)) for stage in report.stages
    )
    return report._replace(stages=stages, command=_in_folder(mend, results))


def _in_folder(command: str | None, results: Path) -> str | None:
    if command is None or results == Path("results"):
        return command
    return " && ".join(
        f"{part} --results {shlex.quote(str(results))}" if part.startswith(_IN_RESULTS) else part
        for part in command.split(" && ")
    )


class _Contents(NamedTuple):
    """What a database holds, as in the report."""

    coverage: Coverage | None = None
    conductivity: tuple[ConductivityCell, ...] = ()
    codes: CodeComparison | None = None


def _contents(study: Study, database: Database) -> _Contents:
    if database.facts is None:
        return _Contents()
    with closing(open_database(database.path, command=f"clika load {study.name}")) as connection:
        # A study of outcomes has no cell of answers that could be whole or not.
        coverage = None if study.kind == "taught" else read_coverage(connection, study)
        found = _Contents(coverage, read_conductivity(connection, study))
        if database.facts.get("origin") != "responses":
            return found
        try:
            with shipped_codes(study) as codes:
                compared = codes and compare_shipped(connection, codes.answers)
                return found._replace(codes=compared)
        except StaleStoreError:
            return found
