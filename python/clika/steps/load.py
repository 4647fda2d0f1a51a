"""Load: shards or shipped answer codes become ``clika.duckdb``."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, NamedTuple

from clika import __version__
from clika.errors import PrerequisiteError, StaleStoreError
from clika.files import exclusive
from clika.schema import SCHEMA_VERSION
from clika.steps.inventory import read_inventory
from clika.store.connection import in_memory, meta, open_database
from clika.store.database import LoadCounts, Record, build_from_codes, build_from_shards
from clika.store.shards import content_key, read_stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clika.study import Study

__all__ = [
    "LoadReport",
    "ShippedCodes",
    "database_key",
    "ingest_command",
    "load",
    "shipped_codes",
]


class ShippedCodes(NamedTuple):
    """The answer codes that ship with a study.

    Attributes
    ----------
    items, answers
        Parquet files with the columns of the tables of these names.
    outcomes
        Likewise; ``None`` for a study without.
    database_key
        Content key of the database that is made from them.
    """

    items: Path
    answers: Path
    outcomes: Path | None
    database_key: str


class LoadReport(NamedTuple):
    """What a load did.

    Attributes
    ----------
    origin
        ``responses`` or ``codes``.
    counts
        How much the database holds; ``None`` where it was up to date and was left alone.
    """

    origin: str
    counts: LoadCounts | None


def ingest_command(study: Study) -> str:
    """Return the command that makes the shards of a study."""
    if study.kind == "table":
        return f"clika ingest table FILE --map ... --study {study.name}"
    if study.kind == "trained":
        return f"clika reproduce {study.name}"
    if study.kind == "taught":
        return f"clika teach MODEL --target LANG --study {study.name}"
    if study.kind == "asked":
        return f"clika infer {study.name} --model NAME --from DIR"
    return "clika ingest released"


def database_key(study: Study, parts: tuple[str, ...]) -> str:
    """Return the content key of the database of a study, made from these shards or codes."""
    return content_key("database", __version__, study.rules, parts)


def load(
    study: Study,
    *,
    shards: Path,
    database: Path,
    origin: str,
    threads: int | None = None,
) -> LoadReport:
    """Build the database of a study.

    Parameters
    ----------
    study
        Whose rules are applied.
    shards
        Folder of shards; read where ``origin`` is ``responses``.
    database
        Where the database will be.
    origin
        ``responses`` (the shards), or ``codes`` (the answer codes that ship with the study).
    threads
        ``None`` = as many as the process may run on.

    Returns
    -------
    LoadReport

    Raises
    ------
    PrerequisiteError
        There are no shards, or the study ships no codes.
    StaleStoreError
        The shards are not those that were ingested.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    with exclusive(database.parent / "spool" / "load.lock", wait=True):
        if origin == "codes":
            return _load_codes(study, database, threads)
        command = ingest_command(study)
        inventory = read_inventory(shards, command=command)
        if inventory is None:
            raise PrerequisiteError(f"There are no shards in {shards}.", command=command)
        if study.kind == "asked" and not inventory.responses:
            raise PrerequisiteError("No model has been asked yet.", command=command)
        key = database_key(study, inventory.content_keys)
        if _is_current(database, key):
            return LoadReport("responses", None)
        counts = build_from_shards(
            database,
            Record(
                inventory.items, inventory.responses, inventory.option_scores, inventory.outcomes
            ),
            rules=study.reading_rules,
            meta={"content_key": key, "origin": "responses", "study": study.name},
            command=command,
            threads=threads,
        )
        return LoadReport("responses", counts)


@contextmanager
def shipped_codes(study: Study) -> Iterator[ShippedCodes | None]:
    """Yield the answer codes that ship with a study; ``None`` where it ships none.

    Raises
    ------
    StaleStoreError
        They are of another schema version.
    """
    folder = files("clika").joinpath("studies", study.name)
    items, answers = folder.joinpath("items.parquet"), folder.joinpath("answers.parquet")
    if not (items.is_file() and answers.is_file()):
        yield None
        return
    outcomes = folder.joinpath("outcomes.parquet")
    with (
        as_file(items) as items_path,
        as_file(answers) as answers_path,
        as_file(outcomes) if outcomes.is_file() else nullcontext() as outcomes_path,
    ):
        connection = in_memory()
        try:
            stamp = read_stamp(connection, answers_path)
        finally:
            connection.close()
        if stamp is None or stamp.schema_version != SCHEMA_VERSION:
            raise StaleStoreError(
                f"The codes of study {study.name} are of another schema version.",
                command="pip install --force-reinstall clika",
            )
        key = database_key(study, ("codes", stamp.content_key))
        yield ShippedCodes(items_path, answers_path, outcomes_path, key)


def _load_codes(study: Study, database: Path, threads: int | None) -> LoadReport:
    with shipped_codes(study) as codes:
        if codes is None:
            raise PrerequisiteError(
                f"Study {study.name} ships no answer codes.", command="clika fetch released"
            )
        if _is_current(database, codes.database_key):
            return LoadReport("codes", None)
        counts = build_from_codes(
            database,
            items=codes.items,
            codes=codes.answers,
            outcomes=codes.outcomes,
            meta={"content_key": codes.database_key, "origin": "codes", "study": study.name},
            threads=threads,
        )
    return LoadReport("codes", counts)


def _is_current(database: Path, key: str) -> bool:
    try:
        connection = open_database(database, command="clika load")
    except PrerequisiteError:
        return False
    try:
        return meta(connection).get("content_key") == key
    finally:
        connection.close()
