"""The stages of a study: whether each is there, and is what its inputs now give."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.errors import BadInputError, FileSystemError, PrerequisiteError, StaleStoreError
from clika.fetching.locate import ENVIRONMENT_VARIABLE, environment_source, find_fetched
from clika.fetching.record import read_record
from clika.fetching.sources import find_data_set
from clika.metrics.intervals.uncertainty import Resampling
from clika.report.names import CELLS, table_names
from clika.report.render import table_csv
from clika.report.sheets import sheet_csv
from clika.schema import SCHEMA_VERSION, SCORE_FILES
from clika.steps.asked_study import left_to_ask
from clika.steps.data import FETCH_INTO
from clika.steps.evidence import read_evidence, verdicts_key
from clika.steps.expectations import written_verdicts
from clika.steps.inventory import Inventory, read_inventory
from clika.steps.load import database_key, ingest_command, shipped_codes
from clika.steps.score import score, score_key
from clika.store import view_queries
from clika.store.connection import in_memory, meta, open_database
from clika.store.shards import read_stamp
from clika.tasks.released import scan_release

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.fetching.sources import DataSet
    from clika.study import Study

__all__ = [
    "Data",
    "Database",
    "Shards",
    "Stage",
    "State",
    "look_at_data",
    "look_at_database",
    "look_at_scores",
    "look_at_shards",
    "look_at_tables",
    "look_at_verdicts",
]

State = Literal["there", "missing", "stale"]


class Stage(NamedTuple):
    """What became of one stage of a study.

    Attributes
    ----------
    name
        data, shards, database, scores, tables or verdicts.
    state
        ``there`` means there and current.
    detail
        What is there; of a missing or stale stage, why.
    command
        The command that mends it; ``None`` where nothing is to be done.
    needed
        Whether the tables need it: shards stand in for the data that they were made from, and
        answer codes that ship with a study for both.
    """

    name: str
    state: State
    detail: str
    command: str | None = None
    needed: bool = True


class Data(NamedTuple):
    """The released data at hand.

    Attributes
    ----------
    stage
        Its state; ``None`` for a study that does not come from the release.
    folder
        Where it lies unpacked; ``None`` where it does not.
    is_at_hand
        Whether it lies here in any form.
    is_misnamed
        Whether ``CLIKA_DATA`` names a place without it: a run refuses rather than guess.
    """

    stage: Stage | None
    folder: Path | None
    is_at_hand: bool = False
    is_misnamed: bool = False


class Shards(NamedTuple):
    """The record.

    Attributes
    ----------
    stage
        Its state.
    inventory
        What the last ingest left; ``None`` where that is missing or cannot be relied on.
    """

    stage: Stage
    inventory: Inventory | None


class Database(NamedTuple):
    """The database.

    Attributes
    ----------
    path
        Where it is, or would be.
    stage
        Its state.
    facts
        Its table ``meta``; ``None`` where it cannot be read.
    """

    path: Path
    stage: Stage
    facts: dict[str, str] | None


def _reason(error: PrerequisiteError) -> str:
    return str(error).removesuffix(f" Run: {error.command}").rstrip(".")


def look_at_data(study: Study) -> Data:
    """Look for the released data: what ``clika fetch`` brought, else what ``CLIKA_DATA`` names."""
    if study.kind != "released":
        return Data(None, None)
    data_set = find_data_set("released")
    folder = find_fetched(FETCH_INTO, data_set)
    if folder is not None:
        return Data(_fetched(folder, data_set), folder, is_at_hand=True)
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    unset = f"unset {ENVIRONMENT_VARIABLE}"
    try:
        source = environment_source(data_set)
    except FileSystemError as error:
        return Data(Stage("data", "missing", str(error).rstrip("."), unset), None, is_misnamed=True)
    if source is not None:
        stage = Stage("data", "there", f"{source}, by {ENVIRONMENT_VARIABLE}; not fetched")
        return Data(stage, source if source.is_dir() else None, is_at_hand=True)
    if named:
        why = f"{ENVIRONMENT_VARIABLE} names {named}, which holds no released data"
        return Data(Stage("data", "missing", why, unset), None, is_misnamed=True)
    why = f"nothing at {FETCH_INTO / data_set.folder_name}"
    return Data(Stage("data", "missing", why, "clika fetch released"), None)


def _fetched(folder: Path, data_set: DataSet) -> Stage:
    try:
        record = read_record(folder)
    except StaleStoreError as error:
        return Stage("data", "stale", _reason(error), error.command)
    if record is None:
        return Stage("data", "missing", f"{folder} is gone", "clika fetch released")
    fetched = data_set.manifest.sums.keys() - set(record.missing)
    gone = sorted(path for path in fetched if not (folder / path).is_file())
    if gone:
        lost = f"{len(gone):,} of {len(fetched):,} fetched files"
        why = f"{lost} are gone from {folder}, {gone[0]} first"
        return Stage("data", "stale", why, "clika fetch released")
    files = f"{record.files:,} of {record.files_in_manifest:,} files"
    models = f"{record.models} of {record.models_in_manifest} models"
    return Stage("data", "there", f"{folder}: {files}, {models} of the manifest")


def look_at_shards(study: Study, folder: Path, data: Data) -> Shards:
    """Say whether the shards in a folder are whole, and made from the response files at hand."""
    redo = ingest_command(study)
    if study.kind == "released" and (data.folder is None or data.folder.parent != FETCH_INTO):
        redo = f"clika fetch released && {redo}"
    try:
        inventory = read_inventory(folder, command=redo)
    except StaleStoreError as error:
        redo = redo if study.kind == "released" else error.command
        return Shards(Stage("shards", "stale", _reason(error), redo), None)
    if inventory is None:
        return Shards(Stage("shards", "missing", f"no finished ingest in {folder}", redo), None)
    if study.asked:
        redo = f"clika reproduce {study.name}"
    if study.kind == "asked" and not inventory.responses:
        return Shards(Stage("shards", "missing", "no model has been asked the items", redo), None)
    waiting = len(left_to_ask(study, inventory))
    if waiting:
        why = f"{waiting} of {len(study.asked)} models are not asked yet"
        return Shards(Stage("shards", "missing", why, redo), inventory)
    changed = _changed_sources(study, inventory, data.folder)
    if changed:
        return Shards(Stage("shards", "stale", changed, redo), inventory)
    strays = f"; {len(inventory.strays)} stray files in the data, not read"
    count = len(inventory.outcomes if study.kind == "taught" else inventory.responses)
    detail = f"{folder}: {count} shards{strays * bool(inventory.strays)}"
    return Shards(Stage("shards", "there", detail), inventory)


def _changed_sources(study: Study, inventory: Inventory, data: Path | None) -> str:
    """Return how the response files at hand differ from those ingested; empty for not at all.

    A file that is no longer at hand makes nothing stale: the shards are the record.
    """
    if data is None or study.kind != "released":
        return ""
    try:
        release = scan_release(data, study)
    except PrerequisiteError:
        return ""
    ingested = {
        (source.model, source.task, source.language): source.sha256
        for source in view_queries.shard_sources(inventory.responses)
    }
    left_out = {
        cell.partition(":")[0] for cell in inventory.missing_cells if cell.endswith(" bad rows")
    }
    changed = new = 0
    first = ""
    for file in release.responses:
        sha256 = ingested.get((file.model, file.task, file.language))
        if sha256 is None and f"{file.model} x {file.task}" not in left_out:
            new += 1
        elif sha256 and hashlib.sha256(file.path.read_bytes()).hexdigest() != sha256:
            changed += 1
        else:
            continue
        first = first or file.name
    parts = [f"{changed:,} changed"] * bool(changed) + [f"{new:,} new"] * bool(new)
    return f"response files in {data}: {', '.join(parts)}, {first} first" if parts else ""


def look_at_database(study: Study, path: Path, shards: Shards, data: Data) -> Database:
    """Say whether a database can be read, and is what its shards or the shipped codes give."""
    inventory = shards.inventory
    redo = f"clika load {study.name}"
    try:
        connection = open_database(path, command=redo)
    except StaleStoreError as error:
        return Database(path, Stage("database", "stale", _reason(error), redo), None)
    except PrerequisiteError:
        return Database(path, Stage("database", "missing", f"nothing at {path}", redo), None)
    with closing(connection):
        facts = meta(connection)
        applied = view_queries.rules(connection)
    why = ""
    if facts.get("study") != study.name:
        why = f"it is of study {facts.get('study')}"
    elif set(applied) != set(study.reading_rules):
        why = f"its answers were read by {', '.join(applied)}, not by {', '.join(study.rules)}"
    elif facts.get("origin") == "codes":
        why = _why_codes_are_stale(study, facts, inventory, data)
        if data.is_at_hand and inventory is None:
            redo = f"clika reproduce {study.name}"
    elif shards.stage.state != "there":
        why = f"its shards are {shards.stage.state}"
        redo = f"{shards.stage.command} && {redo}"
    elif inventory and facts.get("content_key") != database_key(study, inventory.content_keys):
        why = "the shards, or the version of clika, are others than it was made with"
    if why:
        return Database(path, Stage("database", "stale", why, redo), facts)
    sources = {"codes": "the answer codes that ship with the study", "responses": "the shards"}
    origin = facts.get("origin", "")
    rules = ", ".join(rule for rule in study.reading_rules if rule in applied)
    detail = f"{path}: from {sources.get(origin, origin)}, schema version {SCHEMA_VERSION}"
    detail += f", read by {rules}" * bool(rules)
    return Database(path, Stage("database", "there", detail), facts)


def _why_codes_are_stale(
    study: Study, facts: dict[str, str], inventory: Inventory | None, data: Data
) -> str:
    if inventory is not None:
        return "it was made from answer codes, and shards of responses are there"
    if data.is_at_hand:
        return "it was made from answer codes, and the released data is at hand"
    try:
        with shipped_codes(study) as codes:
            if codes is None:
                return "it was made from answer codes, and the study ships none"
            if codes.database_key != facts.get("content_key"):
                return (
                    "the shipped codes, or the version of clika, are others than it was made with"
                )
    except StaleStoreError as error:
        return _reason(error)
    return ""


def look_at_scores(study: Study, folder: Path, database: Database) -> Stage:
    """Say whether the score files in a folder were made from this database, as the study says."""
    redo = f"clika score {study.name} --ci"
    paths = [folder / f"{name}.parquet" for name in SCORE_FILES]
    absent = [path.name for path in paths if not path.is_file()]
    if absent:
        return Stage("scores", "missing", _absence(absent, len(paths), folder), redo)
    why, intervals = _why_nothing_is_current(database), ""
    if not why and database.facts is not None:
        made_from = database.facts.get("content_key", "")
        current = {
            kind: (SCHEMA_VERSION, score_key(study, made_from, study.rules, (), resampling))
            for kind, resampling in (("with", Resampling()), ("without", None))
        }
        with closing(in_memory()) as connection:
            stamps = [read_stamp(connection, path) for path in paths]
        others = [
            path.name
            for path, stamp in zip(paths, stamps, strict=True)
            if stamp not in current.values() or stamp != stamps[0]
        ]
        if others:
            why = f"{others[0]} was made from another database, or with other choices"
        intervals = next((kind for kind, key in current.items() if key == stamps[0]), "")
    if why:
        return Stage("scores", "stale", why, redo)
    names = ", ".join(path.name for path in paths)
    return Stage("scores", "there", f"{folder}: {names}, {intervals} intervals")


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _absence(absent: Sequence[str], total: int, folder: Path) -> str:
    if len(absent) == total:
        return f"nothing in {folder}"
    return f"{len(absent)} of {total} are not in {folder}, {absent[0]} first"


def _why_nothing_is_current(database: Database) -> str:
    if database.stage.state == "there":
        return ""
    return f"the database is {database.stage.state}"


def look_at_tables(study: Study, folder: Path, database: Database) -> Stage:
    """Say whether the tables in a folder are, byte for byte, what the database gives.

    They carry no key, so they are computed anew, which takes less than a second.
    """
    redo = f"clika score {study.name} --ci"
    files = [f"{name}.csv" for name in (*table_names(study), CELLS)]
    absent = [name for name in files if not (folder / name).is_file()]
    if absent:
        return Stage("tables", "missing", _absence(absent, len(files), folder), redo)
    why = _why_nothing_is_current(database)
    if not why:
        report = score(study, database=database.path, scores=None, tables=None)
        made = {table.name: table_csv(table) for table in report.tables}
        made |= {sheet.name: sheet_csv(sheet) for sheet in report.sheets}
        others = [name for name, text in made.items() if not _holds(folder / f"{name}.csv", text)]
        if others:
            count = f"{len(others)} of {len(made)}"
            why = f"{count} differ from what the database gives, {others[0]} first"
    if why:
        return Stage("tables", "stale", why, redo)
    return Stage("tables", "there", f"{folder}: {len(files)} tables")


def look_at_verdicts(study: Study, path: Path, database: Database) -> Stage:
    """Say whether the verdicts on the claims of a study are those that its database gives."""
    redo = f"clika verify {study.name}"
    if not path.is_file():
        return Stage("verdicts", "missing", f"nothing at {path}", redo)
    why = _why_nothing_is_current(database)
    try:
        written = written_verdicts(path)
    except BadInputError:
        return Stage("verdicts", "stale", f"{path} holds no verdicts of this version", redo)
    if not why:
        with closing(open_database(database.path, command=f"clika load {study.name}")) as found:
            key = verdicts_key(study, read_evidence(study, found), Resampling())
        if key != written.content_key:
            why = "they are of other answers or claims, or of an interval made otherwise"
    if why:
        return Stage("verdicts", "stale", why, redo)
    return Stage("verdicts", "there", f"{path}: {len(written.claims)} claims")
