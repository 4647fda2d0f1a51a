"""The JSONL reader, in memory, against `json.loads` line by line, over the released responses.

Both are given the same bytes. The reader does more: it checks every row, hashes every file and
every prompt, and lays the rows out as Arrow. So a second peer computes the same hashes.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from functools import cache
from itertools import groupby
from pathlib import Path

from timing import Row, paired

from clika import _native
from clika.fetching.locate import environment_source
from clika.fetching.sources import find_data_set
from clika.steps.fetch import fetch
from clika.study import load_study
from clika.tasks.released import scan_release

__all__ = ["run"]


@cache
def cells() -> list[tuple[int, list[bytes]]]:
    """Return (options, contents of the files) of each model and task; none without data."""
    data_set = find_data_set("released")
    source = environment_source(data_set)
    if source is None:
        return []
    study = load_study("paper-released")
    with tempfile.TemporaryDirectory() as name:
        folder = fetch("released", source=source, into=Path(name)).folder
        files = scan_release(folder, study).responses
        return [
            (study.task(task).options, [file.path.read_bytes() for file in members])
            for (_, task), members in groupby(files, key=lambda file: (file.model, file.task))
        ]


def _ours() -> None:
    for options, contents in cells():
        _native.parse_responses(contents, n_options=options)


def _line_by_line() -> None:
    for _, contents in cells():
        for content in contents:
            for line in content.splitlines():
                json.loads(line)


def _line_by_line_with_hashes() -> None:
    for _, contents in cells():
        for content in contents:
            hashlib.sha256(content).hexdigest()
            for line in content.splitlines():
                hashlib.sha256(json.loads(line)["input"].encode()).hexdigest()


def run() -> list[Row]:
    """Time all; no row where CLIKA_DATA names no released data."""
    if not cells():
        return []
    megabytes = sum(len(content) for _, contents in cells() for content in contents) / 1e6
    rows = [
        paired("JSONL reader, in memory", _ours, "json.loads line by line", _line_by_line),
        paired(
            "JSONL reader, in memory",
            _ours,
            "json.loads line by line, hashlib",
            _line_by_line_with_hashes,
        ),
    ]
    return [
        row._replace(note=f"{megabytes:.0f} MB, {megabytes / row.ours / 1e3:.2f} GB/s")
        for row in rows
    ]
