"""Slow twin of the JSONL reader: the standard library, one line at a time."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any, NamedTuple

KEYS = ("id", "input", "res", "label", "uuid")
MAX_DEPTH = 64
WHITE = b" \t\n\r\x0c"


class Row(NamedTuple):
    line: int
    item: int
    uuid: str
    response: str
    gold: int
    prompt_hash: str


class Parsed(NamedTuple):
    """Good rows, notes, and where the problems are: line (0 = the file) and key."""

    sha256: str
    rows: list[Row]
    notes: list[str]
    problems: list[tuple[int, str | None]]


class NotJsonError(ValueError):
    """The line is no JSON that the reader takes."""


def parse(raw: bytes, n_options: int, max_line_bytes: int) -> Parsed:
    parsed = Parsed(hashlib.sha256(raw).hexdigest(), [], [], [])
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        parsed.problems.append((0, None))
        return parsed
    text = raw.removeprefix(b"\xef\xbb\xbf")
    if text != raw:
        parsed.notes.append("byte-order mark")
    kept = text.rstrip(WHITE)
    if not kept:
        parsed.problems.append((0, None))
        return parsed
    lines = kept.split(b"\n")
    if raw.endswith(b"\r\n") or any(line.endswith(b"\r") for line in lines):
        parsed.notes.append("CRLF line ends")
    known: dict[int, int] = {}
    for number, line in enumerate(lines, start=1):
        try:
            pairs = read_object(line.removesuffix(b"\r"), max_line_bytes)
        except (NotJsonError, RecursionError):
            parsed.problems.append((number, None))
            continue
        flaws = [key for key in KEYS if not is_good(key, pairs, n_options)]
        if not flaws:
            values = dict(pairs)
            if values["id"] in known:
                flaws = ["id"]
            else:
                known[values["id"]] = number
                parsed.rows.append(row(number, values))
        parsed.problems.extend((number, key) for key in flaws)
    return parsed


def row(number: int, values: dict[str, Any]) -> Row:
    digest = hashlib.sha256(values["input"].encode()).hexdigest()
    gold = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(values["label"])
    return Row(number, values["id"], str(values["uuid"]), values["res"], gold, digest[:32])


def read_object(line: bytes, max_line_bytes: int) -> list[tuple[str, Any]]:
    """Return the members of the line's object, repeated keys included."""
    if len(line) > max_line_bytes or not line.strip(WHITE):
        raise NotJsonError
    try:
        # A list of pairs stands for an object, a tuple for an array.
        value = json.loads(
            line.decode(),
            object_pairs_hook=Members,
            parse_constant=refuse,
            parse_int=whole_number,
            parse_float=fraction,
        )
    except ValueError as error:
        raise NotJsonError from error
    if not isinstance(value, Members) or depth(value) > MAX_DEPTH or has_surrogate(value):
        raise NotJsonError
    return list(value)


class Members(list[tuple[str, Any]]):
    """The members of an object, in order."""


def refuse(_: str) -> None:
    raise NotJsonError


def whole_number(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**64:
        raise NotJsonError
    return int(digits)


def fraction(digits: str) -> float:
    if math.isinf(float(digits)):
        raise NotJsonError
    return float(digits)


def children(value: object) -> list[Any]:
    if isinstance(value, Members):
        return [part for _, part in value]
    return value if isinstance(value, list) else []


def depth(value: object) -> int:
    if not isinstance(value, list):
        return 0
    return 1 + max(map(depth, children(value)), default=0)


def has_surrogate(value: object) -> bool:
    texts = [value] if isinstance(value, str) else []
    texts += [key for key, _ in value] if isinstance(value, Members) else []
    here = any("\ud800" <= char <= "\udfff" for text in texts for char in text)
    return here or any(map(has_surrogate, children(value)))


def is_good(key: str, pairs: list[tuple[str, Any]], n_options: int) -> bool:
    values = [value for name, value in pairs if name == key]
    if len(values) != 1:
        return False
    value = values[0]
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if key == "id":
        return is_integer and 0 <= value < 2**63
    if key == "uuid":
        return is_integer or isinstance(value, str)
    if key == "label":
        return value in list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:n_options])
    return isinstance(value, str)
