"""Reading anyone's table: CSV, lines of JSON or Parquet, into one table of text in DuckDB."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, NamedTuple

import duckdb

from clika.errors import BadInputError, ConfigError, Problem, UnknownNameError
from clika.store.connection import quoted
from clika.store.queries import query
from clika.store.table_text import MAX_LINE_BYTES, scan_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.store.connection import Connection

__all__ = ["KEYS", "Source", "TableFile", "read_table"]

Format = Literal["csv", "jsonl", "parquet"]

#: What a table can hold: each key with whether it is required.
KEYS: dict[str, bool] = {
    "model": True,
    "task": True,
    "language": True,
    "item": True,
    "answer": True,
    "gold": True,
    "uuid": False,
    "options": False,
    "scores": False,
    "question": False,
}

_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}

_REJECTED = {
    "MISSING COLUMNS": "fewer fields than the header has",
    "TOO MANY COLUMNS": "more fields than the header has",
    "INVALID ENCODING": "not UTF-8",
    "UNQUOTED VALUE": "a quote is not closed, or text follows a closed one",
    "LINE SIZE OVER MAXIMUM": f"the row is longer than {MAX_LINE_BYTES:,} bytes",
}


class Source(NamedTuple):
    """Where the values of a key come from: a column, or a constant for all rows."""

    text: str
    constant: bool


class TableFile(NamedTuple):
    """A table that was read.

    Attributes
    ----------
    sha256
        Of the file as it lies there, hexadecimal.
    notes
        Oddities that were accepted.
    """

    sha256: str
    notes: tuple[str, ...]


def read_table(connection: Connection, path: Path, sources: Mapping[str, Source]) -> TableFile:
    """Read the columns that are asked for, as text, into ``table_given``.

    Parameters
    ----------
    connection
        A connection whose temporary tables are free.
    path
        ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson``, ``.json`` (one object a line), each also with
        ``.gz`` after it, or ``.parquet``.
    sources
        Where the value of each key comes from. A key without a source is NULL in every row.

    Raises
    ------
    ConfigError
        The file's name does not tell its format.
    UnknownNameError
        The file has no such column; the nearest are suggested.
    BadInputError
        The file is missing or damaged, or has rows that cannot be split into fields: all are
        listed.
    """
    form, compressed = _format(path)
    if not path.is_file():
        raise BadInputError([Problem(str(path), None, None, "there is no such file")])
    try:
        if form == "parquet":
            return _read_parquet(connection, path, sources)
        if form == "jsonl":
            return _read_lines(connection, path, sources, compressed=compressed)
        return _read_csv(connection, path, sources, compressed=compressed)
    except duckdb.Error as error:
        reason = f"the file cannot be read ({str(error).splitlines()[0]})"
        raise BadInputError([Problem(str(path), None, None, reason)]) from error
    except OSError as error:
        reason = f"the file cannot be read ({error.strerror})"
        raise BadInputError([Problem(str(path), None, None, reason)]) from error


def _format(path: Path) -> tuple[Format, bool]:
    """Return the format that a file's name tells, and whether gzip is around it."""
    compressed = path.suffix.lower() == ".gz"
    suffix = (path.with_suffix("") if compressed else path).suffix.lower()
    found = _FORMATS.get(suffix)
    if found is None or (compressed and found == "parquet"):
        raise ConfigError(
            f"{path}: the name must tell what is in the file: it ends in {', '.join(_FORMATS)}, "
            "and .gz may follow a text format. Rename the file, or decompress it first."
        )
    return found, compressed


def _read_csv(
    connection: Connection, path: Path, sources: Mapping[str, Source], *, compressed: bool
) -> TableFile:
    text = scan_text(path, of_json=False)
    _check_columns(sources, text.header)
    # By place and not by name: DuckDB takes names that differ in case for one.
    places = {name: f"c{place}" for place, name in enumerate(text.header)}
    connection.execute(
        query("table_read_csv"),
        {
            "path": str(path),
            "columns": dict.fromkeys(places.values(), "VARCHAR"),
            "delimiter": text.delimiter,
            "compression": "gzip" if compressed else "none",
            "max_line_bytes": MAX_LINE_BYTES,
        },
    )
    _refuse_rejected(connection, path)
    _give(
        connection,
        {key: quoted(s.text) if s.constant else places[s.text] for key, s in sources.items()},
    )
    return TableFile(text.sha256, text.notes)


def _read_lines(
    connection: Connection, path: Path, sources: Mapping[str, Source], *, compressed: bool
) -> TableFile:
    text = scan_text(path, of_json=True)
    connection.execute(
        query("table_read_lines"),
        {
            "path": str(path),
            "compression": "gzip" if compressed else "none",
            "max_line_bytes": MAX_LINE_BYTES,
        },
    )
    _refuse_rejected(connection, path)
    bad = connection.execute(query("table_bad_lines")).fetchall()
    if bad:
        reason = "not a JSON object"
        raise BadInputError(Problem(str(path), row, None, reason) for (row,) in bad)
    _check_columns(sources, [key for (key,) in connection.execute(query("table_keys")).fetchall()])
    expressions = {}
    for key, source in sources.items():
        place = quoted("/" + source.text.replace("~", "~0").replace("/", "~1"))
        value = f"json_extract_string(line, {place})"
        if key in ("options", "scores"):
            # A list, or a text that holds one.
            value = (
                f"case json_type(line, {place}) when 'VARCHAR' then {value} when 'NULL' then null "
                f"else json_extract(line, {place})::varchar end"
            )
        expressions[key] = quoted(source.text) if source.constant else value
    _give(connection, expressions)
    return TableFile(text.sha256, text.notes)


def _read_parquet(connection: Connection, path: Path, sources: Mapping[str, Source]) -> TableFile:
    try:
        described = connection.execute(query("table_describe_parquet"), {"path": str(path)})
        types = {name: kind for name, kind, *_ in described.fetchall()}
    except duckdb.Error as error:
        reason = "not a Parquet file, or cut short"
        raise BadInputError([Problem(str(path), None, None, reason)]) from error
    _check_columns(sources, list(types))
    expressions = {}
    for key, source in sources.items():
        name = '"' + source.text.replace('"', '""') + '"'
        is_list = types.get(source.text, "").endswith("]")
        value = f"to_json({name})::varchar" if is_list else f"{name}::varchar"
        if types.get(source.text) == "BLOB":
            value = f"decode({name})"
        expressions[key] = quoted(source.text) if source.constant else value
    connection.execute(query("table_read_parquet"), {"path": str(path)})
    _give(connection, expressions)
    with path.open("rb") as file:
        return TableFile(hashlib.file_digest(file, "sha256").hexdigest(), ())


def _check_columns(sources: Mapping[str, Source], known: Sequence[str]) -> None:
    for source in sources.values():
        if not source.constant and source.text not in known:
            raise UnknownNameError("column", source.text, known)


def _refuse_rejected(connection: Connection, path: Path) -> None:
    rows = connection.execute(query("table_rejects")).fetchall()
    if rows:
        raise BadInputError(
            Problem(str(path), row, None, _REJECTED.get(kind, kind.lower())) for row, kind in rows
        )


def _give(connection: Connection, expressions: Mapping[str, str]) -> None:
    columns = ", ".join(f"{expressions.get(key, 'null')}::varchar as {key}" for key in KEYS)
    connection.execute(
        f"create or replace table table_given as select row, {columns} from table_read"
    )
    connection.execute("drop table table_read")
    if "answer" not in expressions:
        connection.execute(query("table_choices"))
