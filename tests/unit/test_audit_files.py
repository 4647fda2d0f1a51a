"""Checks on the files of a release, on made-up folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_audit import LOOKALIKES, STUDY

from clika.store.connection import in_memory
from clika.views.audit import files
from clika.views.audit.model import Evidence

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def release(tmp_path: Path) -> Path:
    for language in ("en", "ru"):
        write(tmp_path, f"x_geo/{language}/one_res_bf16_add_simple_example.jsonl", b'{"id": 0}\n')
        write(tmp_path, f"x_geo/{language}/{language}_geo_data.jsonl", b'{"id": 0}\n')
    return tmp_path


def write(root: Path, name: str, content: bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def evidence(root: Path) -> Evidence:
    return Evidence(STUDY, in_memory(), root, LOOKALIKES, scored=False)


@pytest.mark.parametrize("check", files.CHECKS, ids=lambda check: check.id)
def test_a_release_as_the_layout_says_has_no_findings(release: Path, check):
    assert check.run(evidence(release)) == []


def test_a_file_that_is_no_json_in_spite_of_its_name(release: Path):
    write(release, "x_geo/en/notes.jsonl", b'{"id": 0}\n\nid: 1 ; res: A\n\xff\n')
    (finding,) = files.files_not_json(evidence(release))
    assert finding.subject == {"file": "x_geo/en/notes.jsonl"}
    assert (finding.n, finding.total, finding.details) == (2, 3, ("first: line 3",))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("whole.json", b'{\n "id": 0\n}\n'),
        ("lines.json", b'{"id": 0}\n{"id": 1}\n'),
        ("lines.jsonl", b'\xef\xbb\xbf{"id": 0}\r\n{"id": 1}'),
        ("empty.jsonl", b""),
        ("notes.txt", b"not JSON and does not say so"),
    ],
)
def test_json_in_whole_or_in_lines_is_json(release: Path, name: str, content: bytes):
    write(release, f"x_geo/en/{name}", content)
    assert files.files_not_json(evidence(release)) == []


def test_json_over_several_lines_is_no_jsonl(release: Path):
    write(release, "x_geo/en/whole.jsonl", b'{\n "id": 0\n}\n')
    assert len(files.files_not_json(evidence(release))) == 1


def test_strays_of_one_name_are_one_finding(release: Path):
    for name in ("x_geo/en/old.jsonl", "x_geo/ru/old.jsonl", "notes.txt"):
        write(release, name, b"{}\n")
    old, notes = files.stray_files(evidence(release))
    assert (old.where, old.n) == ("*/old.jsonl", 2)
    assert old.details == ("x_geo/en/old.jsonl", "x_geo/ru/old.jsonl")
    assert (notes.where, notes.n, notes.details) == ("notes.txt", 1, ())


def test_one_language_in_folders_of_several_names(release: Path):
    write(release, "x_geo/RU_trans/one_res_bf16_add_simple_example.jsonl", b'{"id": 0}\n')
    (finding,) = files.language_folders(evidence(release))
    assert finding.subject == {"language": "ru"}
    assert finding.n == 2
    assert finding.details == ("RU_trans (x_geo), ru (x_geo)",)
