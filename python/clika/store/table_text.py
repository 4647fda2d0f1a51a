"""A table that is text, looked at before DuckDB reads it: what DuckDB would not say is found here.

DuckDB passes over a line that is longer than its buffer without a word, so the length of every line
is checked first. The same pass hashes the file.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import BadInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase
    from pathlib import Path

__all__ = ["MAX_LINE_BYTES", "TextTable", "scan_text"]

#: A line longer than this is a fault of the file, not an answer.
MAX_LINE_BYTES = 8 * 2**20

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# DuckDB reads a line of JSON as one field; this byte ends the field, and JSON never holds it.
_FIELD_END = b"\x01"
_DELIMITERS = ",;\t|"


class TextTable(NamedTuple):
    """What one pass over a text file shows.

    Attributes
    ----------
    sha256
        Of the file as it lies there (compressed, if it is), hexadecimal.
    delimiter
        The commonest of comma, semicolon, tab and bar in the first line outside quotes.
    header
        The fields of the first line.
    notes
        Oddities that are accepted: a byte-order mark; of JSON, CRLF line ends (CSV's own).
    """

    sha256: str
    delimiter: str
    header: tuple[str, ...]
    notes: tuple[str, ...]


def scan_text(path: Path, *, of_json: bool) -> TextTable:
    """Hash a text file (plain or ``.gz``) and check each of its lines.

    Parameters
    ----------
    path
        The file.
    of_json
        Whether each line is to hold a JSON object; a blank line is a fault then.

    Raises
    ------
    BadInputError
        The file is empty, UTF-16 or cut short, or has lines that are too long or (of JSON) blank;
        all of these lines are listed.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    problems: list[Problem] = []
    first = b""
    blank: list[int] = []
    number = 0
    has_crlf = False
    with _opened(path) as stream:
        for number, line in enumerate(_lines(stream), start=1):
            if number == 1:
                first = line
                _refuse_other_forms(path, line, of_json=of_json)
            if len(line) > MAX_LINE_BYTES:
                reason = f"the line is longer than {MAX_LINE_BYTES:,} bytes"
                problems.append(Problem(str(path), number, None, reason))
            has_crlf = has_crlf or line.endswith(b"\r\n")
            if of_json and not line.strip():
                blank.append(number)
            elif of_json and _FIELD_END in line:
                problems.append(Problem(str(path), number, None, "a control character (0x01)"))
    # Blank lines at the end are how some editors end a file.
    while blank and blank[-1] == number:
        number = blank.pop() - 1
    problems += [Problem(str(path), line, None, "the line is blank") for line in blank]
    header = first.removeprefix(_BYTE_ORDER_MARK)
    if not header.strip():
        problems = [Problem(str(path), None, None, "the file is empty, or its first line is")]
    if problems:
        raise BadInputError(sorted(problems, key=lambda problem: problem.row or 0))
    found = {"byte-order mark": header != first, "CRLF line ends": has_crlf and of_json}
    notes = tuple(note for note, holds in found.items() if holds)
    delimiter, fields = ("", ()) if of_json else _header(path, header)
    return TextTable(sha256, delimiter, fields, notes)


def _refuse_other_forms(path: Path, first: bytes, *, of_json: bool) -> None:
    reason = ""
    if first.startswith(_UTF16_MARKS):
        reason = "the file is UTF-16, not UTF-8"
    elif of_json and first.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"["):
        reason = "the file is a JSON array; write one object a line (jq -c '.[]' does)"
    if reason:
        raise BadInputError([Problem(str(path), None, None, reason)])


def _header(path: Path, line: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        text = line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise BadInputError([Problem(str(path), 1, None, "not UTF-8")]) from error
    unquoted = "".join(text.split('"')[::2])
    delimiter = max(_DELIMITERS, key=unquoted.count)
    fields = tuple(next(csv.reader([text], delimiter=delimiter)))
    repeated = sorted({field for field in fields if fields.count(field) > 1})
    if repeated:
        raise BadInputError(
            [Problem(str(path), 1, name, "two columns of this name") for name in repeated]
        )
    return delimiter, fields


@contextmanager
def _opened(path: Path) -> Iterator[BufferedIOBase]:
    if path.suffix.lower() != ".gz":
        with path.open("rb") as stream:
            yield stream
        return
    try:
        with gzip.open(path) as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        reason = f"the gzip file is damaged or cut short ({error})"
        raise BadInputError([Problem(str(path), None, None, reason)]) from error


def _lines(stream: BufferedIOBase) -> Iterator[bytes]:
    """Yield the lines of a file; of one that is too long, no more than shows that it is."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        yield line
        while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES + 1)
            if not line or line.endswith(b"\n"):
                break
