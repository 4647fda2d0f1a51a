"""The JSONL reader: the plain-Python twin, what is said of bad files, the stream that comes out."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import jsonl_twin as twin

from clika import _native

MAX_LINE_BYTES = 400
COLUMNS = "line, item, uuid, response, gold, prompt_hash"


def parse(*files: bytes, **arguments: Any) -> _native.ParsedResponses:
    limits = {"n_options": 4, "max_line_bytes": MAX_LINE_BYTES, **arguments}
    return _native.parse_responses(files, **limits)


def rows(parsed: _native.ParsedResponses, columns: str = "*") -> list[tuple[Any, ...]]:
    con = duckdb.connect()
    con.register("parsed", parsed)
    return con.sql(f"select {columns} from parsed").fetchall()


def line(**changed: Any) -> bytes:
    record = {"id": 0, "input": "2+3=?", "res": "A.", "label": "B", "uuid": "u"}
    record.update(changed)
    return json.dumps(record).encode() + b"\n"


def problems(*files: bytes) -> list[tuple[int, int, str | None, str]]:
    return parse(*files).problems


# --- the twin -------------------------------------------------------------------------------

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(-2, 6)
    | st.floats(allow_nan=True)
    | st.text(max_size=4)
    | st.sampled_from(["A", "B", "D", "E", "", "a", "\ud800", "é😀"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner)
)


@st.composite
def records(draw: st.DrawFn) -> bytes:
    """Draw a line: a good record, a little changed, written with or without escapes."""
    record: dict[str, Any] = {
        "id": draw(st.integers(0, 5)),
        "input": draw(st.text(max_size=5)),
        "res": draw(st.text(max_size=5)),
        "label": draw(st.sampled_from("ABCD")),
        "uuid": draw(st.integers(-3, 3) | st.text(max_size=3)),
    }
    for key in draw(st.lists(st.sampled_from([*record, "more"]), max_size=2)):
        record[key] = draw(values)
    for key in draw(st.lists(st.sampled_from(sorted(record)), max_size=1)):
        record.pop(key)
    text = json.dumps(record, ensure_ascii=draw(st.booleans()))
    if draw(st.booleans()) and record:
        again = draw(st.sampled_from(sorted(record)))
        text = f'{text[:-1]}, "{again}": 1}}' if draw(st.booleans()) else text
    return text.encode("utf-8", "surrogatepass")


junk = st.sampled_from(
    [
        *(b"", b" ", b"[]", b"{", b"null", b'{"id": 1', b"\xe9", b"\x00", b'"\x01"', b"[" * 70),
        *(b'{"id": 01}', b'{"id": 1,}', b"x" * (MAX_LINE_BYTES + 1), b'{"a": 1e999}', b"{}{}"),
    ]
)


@st.composite
def jsonl_files(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(records() | records() | junk, max_size=6))
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    mark = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\xff\xfe"]))
    return mark + end.join(lines) + draw(st.sampled_from([b"", end, end + end]))


@given(st.lists(jsonl_files(), max_size=3), st.integers(1, 6), st.integers(1, 2))
def test_reader_equals_its_twin(files: list[bytes], n_options: int, threads: int) -> None:
    parsed = parse(*files, n_options=n_options, threads=threads)
    expected = [twin.parse(raw, n_options, MAX_LINE_BYTES) for raw in files]
    assert parsed.sha256 == [one.sha256 for one in expected]
    assert parsed.notes == [one.notes for one in expected]
    assert parsed.rows == [len(one.rows) for one in expected]
    assert [problem[:3] for problem in parsed.problems] == [
        (file, *problem) for file, one in enumerate(expected) for problem in one.problems
    ]
    assert rows(parsed, f"file, {COLUMNS}") == [
        (file, *row) for file, one in enumerate(expected) for row in one.rows
    ]


@given(st.binary(max_size=80))
def test_any_bytes_are_read_without_a_crash(raw: bytes) -> None:
    assert len(parse(raw).rows) == 1


# --- what is said ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "number", "column", "reason"),
    [
        (b"", 0, None, "the file is empty"),
        (b"\xef\xbb\xbf\r\n", 0, None, "the file is empty"),
        (b"\xff\xfe{\x00", 0, None, "the file is UTF-16, not UTF-8"),
        (b"\n" + line(), 1, None, "the line is blank"),
        (b"A. town\n", 1, None, "not a JSON object (starts with 'A. town')"),
        (b"[1]\n", 1, None, "not a JSON object but an array"),
        (line()[:30], 1, None, "not a JSON object (unexpected end)"),
        (line()[:-2] + b",}", 1, None, "not a JSON object (a syntax error)"),
        (line(uuid=2**64), 1, None, "not a JSON object (a number is malformed or too large)"),
        (line(res="\\").replace(b"\\\\", b"\\x"), 1, None, "not a JSON object (an escape is"),
        (line(res="\ud83d"), 1, None, "a lone surrogate, \\ud83d, which is no character"),
        (line(res="x").replace(b"x", b"caf\xe9"), 1, None, "not UTF-8 (byte 0xE9 at byte 40 of"),
        (line(res="x").replace(b"x", b"\0"), 1, None, "a NUL at byte 37 of the line"),
        (line(res="x").replace(b"x", b"\n")[:60], 1, None, "not a JSON object (unexpected end)"),
        (line(more=[[]]).replace(b"[]", b"[" * 99 + b"]" * 99), 1, None, "nested more than 64"),
        (b"x" * 401, 1, None, "the line has 401 bytes, the limit is 400"),
        (b'{"id": 1, "input": "", "label": "A", "uuid": 0}', 1, "res", "the key is missing"),
        (line(id="0"), 1, "id", "expected an integer, found a string"),
        (line(id=-1), 1, "id", "-1 is negative"),
        (line(res=None), 1, "res", "expected a string, found null"),
        (line(label="E"), 1, "label", "'E' is not one of A..D"),
        (line(label="A "), 1, "label", "'A ' is not one of A..D"),
        (line(label="\x1b[31m"), 1, "label", r"'\u{1b}[31m' is not one of A..D"),
        (line(label="x" * 50), 1, "label", f"'{'x' * 32}…' is not one of A..D"),
        (line() + line(id=1) + line(), 3, "id", "id 0 is already on line 1"),
    ],
)
def test_reason(raw: bytes, number: int, column: str | None, reason: str) -> None:
    file, at, key, said = problems(raw)[0]
    assert (file, at, key) == (0, number, column)
    assert said.startswith(reason)


def test_all_problems_of_all_files_are_listed_in_order() -> None:
    bad = line() + line(id=1, label="F") + b"{\n" + line(id=2)
    parsed = parse(bad, line(), b"", bad)
    assert [problem[:3] for problem in parsed.problems] == [
        (0, 2, "label"),
        (0, 3, None),
        (2, 0, None),
        (3, 2, "label"),
        (3, 3, None),
    ]
    assert parsed.rows == [2, 1, 0, 2]


def test_fifty_megabytes_in_one_line_are_refused_unread() -> None:
    giant = line() + line(id=1, res="x" * 50_000_000)
    parsed = parse(giant, max_line_bytes=8 * 2**20)
    assert parsed.rows == [1]
    assert [problem[1] for problem in parsed.problems] == [2]
    assert parsed.problems[0][3].endswith("the limit is 8388608")


def test_text_of_a_reason_is_short_and_printable() -> None:
    for raw in (b"\x1b[2J" * 90, line(label="\u202e" * 90), b"\xf0\x9f\x92\xa9" * 90):
        ((_, _, _, said),) = problems(raw)
        assert said.isprintable()
        assert len(said) < 400


# --- what comes out -------------------------------------------------------------------------


def test_columns_have_the_documented_types() -> None:
    parsed = parse(line())
    con = duckdb.connect()
    con.register("parsed", parsed)
    assert con.sql("select column_name, column_type from (describe parsed)").fetchall() == [
        ("file", "USMALLINT"),
        ("line", "UINTEGER"),
        ("item", "BIGINT"),
        ("uuid", "VARCHAR"),
        ("response", "VARCHAR"),
        ("gold", "TINYINT"),
        ("prompt_hash", "VARCHAR"),
    ]


def test_values_are_those_of_the_record() -> None:
    prompt = "Où?\n😀"
    raw = line(id=7, input=prompt, res="B. \u0000é", label="D", uuid=-3)
    digest = hashlib.sha256(prompt.encode()).hexdigest()[:32]
    assert rows(parse(raw)) == [(0, 1, 7, "-3", "B. \u0000é", 3, digest)]


def test_result_can_be_read_more_than_once_and_outlives_its_input() -> None:
    parsed = parse(bytes(bytearray(line() + line(id=1))))
    assert rows(parsed) == rows(parsed)
    assert len(rows(parsed)) == 2


def test_no_files_give_no_rows() -> None:
    parsed = parse()
    assert (parsed.sha256, parsed.rows, parsed.notes, parsed.problems) == ([], [], [], [])
    assert rows(parsed) == []


@pytest.mark.parametrize("n_options", [-1, 0, 27])
def test_option_counts_without_letters_are_refused(n_options: int) -> None:
    with pytest.raises(ValueError, match=f"n_options is {n_options}, but must be 1 to 26"):
        parse(line(), n_options=n_options)


def test_threads_must_be_positive() -> None:
    with pytest.raises(ValueError, match="threads is 0"):
        parse(line(), threads=0)


def test_files_must_be_bytes() -> None:
    with pytest.raises(TypeError):
        parse("{}")  # type: ignore[arg-type]
