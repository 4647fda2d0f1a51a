"""Bad input of every kind: a clear sentence, exit code 2, nothing half-written."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_disk import small_disk as small_disk  # noqa: PLC0414 - a fixture
from made_release import (
    NAME,
    edit_lines,
    files_below,
    items_file,
    response_file,
    save_made_study,
    write_release,
)
from made_trained import study_of
from msgspec.structs import replace

from clika.cli import main
from clika.study import save_study

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[[list[bytes]], list[bytes]]

BAD = response_file("llama_7b", "x_geo", "fr")
BAD_ITEMS = items_file("x_geo", "fr")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return write_release(tmp_path / "release")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    save_made_study(tmp_path / "results")
    return tmp_path / "results"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run a command that must exit with 2 and return what it says."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "Traceback" not in said
    return said


def done(*arguments: str | Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert ended.value.code == 0


def json_line(line: bytes, **changes: object) -> bytes:
    changed = json.loads(line) | changes
    kept = {key: value for key, value in changed.items() if value is not None}
    return json.dumps(kept).encode() + b"\n"


def shuffled(lines: list[bytes]) -> list[bytes]:
    return random.Random(1).sample(lines, len(lines))


def renumbered(lines: list[bytes]) -> list[bytes]:
    """Shuffle the rows and give them rising ids again."""
    return [json_line(line, id=place) for place, line in enumerate(shuffled(lines))]


EDITS: dict[str, tuple[Edit, str]] = {
    "truncated JSON": (
        lambda lines: [*lines[:-1], lines[-1][:-9]],
        f"{BAD}:7: not a JSON object (unexpected end)",
    ),
    "Latin-1 bytes": (
        lambda lines: [lines[0], lines[1].replace("ü".encode(), b"\xfc"), *lines[2:]],
        f"{BAD}:2: not UTF-8 (byte 0xFC",
    ),
    "UTF-16": (
        lambda lines: [b"".join(lines).decode().encode("utf-16")],
        f"{BAD}: the file is UTF-16, not UTF-8",
    ),
    "a 50 MB line": (
        lambda lines: [*lines[:3], b'{"res": "' + b"x" * 50_000_000 + b'"}\n', *lines[4:]],
        f"{BAD}:4: the line has 50000011 bytes, the limit is 8388608",
    ),
    "a missing key": (
        lambda lines: [*lines[:2], json_line(lines[2], res=None), *lines[3:]],
        f"{BAD}:3: res: ",
    ),
    "a label outside the options": (
        lambda lines: [json_line(lines[0], label="E"), *lines[1:]],
        f"{BAD}:1: label: 'E' is not one of A..D",
    ),
    "a label that is not the item's": (
        lambda lines: [json_line(line, label="A") for line in lines],
        f"{BAD}:1: label: item 0 has another right option in the task",
    ),
    "fewer items than in the other languages": (
        lambda lines: lines[:-2],
        f"{BAD}: 5 rows where the task has 7 items",
    ),
    "more items than in the other languages": (
        lambda lines: [*lines, json_line(lines[0], id=7)],
        f"{BAD}:8: id: the task has no item 7",
    ),
    "a shuffled file": (renumbered, f"{BAD}:1: uuid: item 0 is x_geo-0 in the task, but x_geo-"),
    "duplicate ids": (
        lambda lines: [*lines, lines[2]],
        f"{BAD}:8: id: id 2 is already on line 3",
    ),
    "an empty file": (lambda _lines: [], f"{BAD}: the file is empty"),
    "a list instead of an object": (
        lambda lines: [b"[1]\n", *lines[1:]],
        f"{BAD}:1: not a JSON object",
    ),
    "a blank line": (lambda lines: [*lines[:1], b"\n", *lines[1:]], f"{BAD}:2: the line is blank"),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_bad_response_file_is_refused_with_its_place(
    name: str, release: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit, expected = EDITS[name]
    edit_lines(release / BAD, edit)

    said = refused(capsys, "ingest", "released", NAME, "--data", release, "--results", results)

    assert expected in said
    written = files_below(results / NAME / "shards")
    assert "responses/x_geo/llama_7b.parquet" not in written
    assert len(written) == 12
    assert not [file for file in written if Path(file).name.startswith(".")]
    assert "ingest.json" not in written


def test_rows_in_another_order_are_no_fault_where_their_ids_say_so(
    release: Path, results: Path
) -> None:
    edit_lines(release / BAD, shuffled)
    done("ingest", "released", NAME, "--data", release, "--results", results)


ITEM_EDITS: dict[str, tuple[Edit, str]] = {
    "truncated JSON": (lambda lines: [*lines[:-1], lines[-1][:-9]], f"{BAD_ITEMS}:7: not a JSON"),
    "Latin-1 bytes": (
        lambda lines: [lines[0].replace(b"question 0", b"\xfc"), *lines[1:]],
        f"{BAD_ITEMS}:1: not UTF-8",
    ),
    "a missing key": (
        lambda lines: [json_line(lines[0], answers=None), *lines[1:]],
        f"{BAD_ITEMS}:1: answers: the key is missing",
    ),
    "too few options": (
        lambda lines: [json_line(lines[0], answers=["a", "b"]), *lines[1:]],
        f"{BAD_ITEMS}:1: options: 2 options where x_geo has 4",
    ),
    "a right option outside the options": (
        lambda lines: [json_line(lines[0], label=4), *lines[1:]],
        f"{BAD_ITEMS}:1: label: the right option is not one of A, B, C, D",
    ),
    "another right option than in the pivot language": (
        lambda lines: [
            json_line(lines[0], label=(json.loads(lines[0])["label"] + 1) % 4),
            *lines[1:],
        ],
        f"{BAD_ITEMS}:1: label: another right option than in the pivot language",
    ),
    "fewer items than in the pivot language": (
        lambda lines: lines[:-1],
        f"{BAD_ITEMS}: 6 items where the pivot language has 7",
    ),
    "a shuffled file": (shuffled, f"{BAD_ITEMS}:1: id: "),
    "an empty file": (lambda _lines: [], f"{BAD_ITEMS}: the file is empty"),
    "a number for a line": (lambda lines: [b"12\n", *lines[1:]], f"{BAD_ITEMS}:1: not an item"),
}


@pytest.mark.parametrize("name", ITEM_EDITS)
def test_a_bad_items_file_is_refused_before_anything_is_written(
    name: str, release: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit, expected = ITEM_EDITS[name]
    edit_lines(release / BAD_ITEMS, edit)

    said = refused(capsys, "ingest", "released", NAME, "--data", release, "--results", results)

    assert expected in said
    assert files_below(results) == {f"{NAME}/study.yaml"}


def test_a_missing_items_file_is_named(
    release: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (release / BAD_ITEMS).unlink()
    said = refused(capsys, "ingest", "released", NAME, "--data", release, "--results", results)
    assert f"{BAD_ITEMS}: the items file is missing" in said


def test_an_item_count_that_is_not_the_study_s_is_refused(
    release: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in release.glob("x_copa/*/*.jsonl"):
        edit_lines(path, lambda lines: lines[:-1])
    said = refused(capsys, "ingest", "released", NAME, "--data", release, "--results", results)
    assert f"{items_file('x_copa', 'en')}: 4 items where the study has 5" in said


def test_an_empty_directory_names_the_command_that_fills_it(
    tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    said = refused(
        capsys, "ingest", "released", NAME, "--data", tmp_path / "empty", "--results", results
    )
    assert said.endswith("holds no response file of study tiny. Run: clika fetch released\n")
    assert files_below(results) == {f"{NAME}/study.yaml"}


def test_a_full_disk_ends_an_ingest_in_a_sentence(
    release: Path, small_disk: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    results = small_disk("48k")
    save_made_study(results)

    said = refused(capsys, "ingest", "released", NAME, "--data", release, "--results", results)

    assert said.startswith("clika: No space is left on the device to write ")
    assert said.endswith(".parquet. Free some and run again.\n")
    written = files_below(results / NAME / "shards")
    assert all(name.endswith(".parquet") for name in written)
    assert not [name for name in written if Path(name).name.startswith(".")]


def test_a_full_disk_ends_a_load_in_a_sentence(
    release: Path,
    results: Path,
    small_disk: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    done("ingest", "released", NAME, "--data", release, "--results", results)
    disk = small_disk("64k")
    database = disk / "clika.duckdb"

    said = refused(capsys, "load", NAME, "--results", results, "--database", database)

    expected = f"No space is left on the device to write {database}. Free some and run again."
    assert said == f"clika: {expected}\n"
    assert files_below(disk) == set()


def test_a_full_disk_ends_a_score_in_a_sentence(
    release: Path,
    results: Path,
    small_disk: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    done("ingest", "released", NAME, "--data", release, "--results", results)
    done("load", NAME, "--results", results)
    disk = small_disk("16k")

    said = refused(capsys, "score", NAME, "--results", results, "--scores", disk / "scores")

    assert said.startswith(f"clika: No space is left on the device to write {disk}/scores/")
    assert not [name for name in files_below(disk) if Path(name).name.startswith(".")]


def test_a_read_only_folder_ends_every_verb_in_a_sentence(
    release: Path,
    results: Path,
    small_disk: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    done("ingest", "released", NAME, "--data", release, "--results", results)
    done("load", NAME, "--results", results)
    disk = small_disk("1m")
    save_made_study(disk)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    shards, database = results / NAME / "shards", results / NAME / "clika.duckdb"
    for arguments in (
        ["ingest", "released", NAME, "--data", release],
        ["load", NAME, "--shards", shards],
        ["score", NAME, "--database", database],
    ):
        said = refused(capsys, *arguments, "--results", disk)
        assert "cannot be written: the file system is read-only. Choose another folder." in said
    assert files_below(disk) == {f"{NAME}/study.yaml"}
    done("score", NAME, "--database", database, "--results", disk, "--where", "task=x_geo")


def test_a_file_where_a_folder_should_be_is_named(
    release: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / NAME / "shards").write_text("")
    said = refused(capsys, "ingest", "released", NAME, "--data", release, "--results", results)
    assert "cannot be written: a file stands where its folder should be" in said


@pytest.fixture(scope="module")
def loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    release = write_release(folder / "release")
    save_made_study(folder / "results")
    done("ingest", "released", NAME, "--data", release, "--results", folder / "results")
    done("load", NAME, "--results", folder / "results")
    return folder / "results"


@pytest.fixture
def loaded(loaded_once: Path, tmp_path: Path) -> Path:
    """Return the folder of a study that was ingested and loaded, this test's own copy."""
    shutil.copytree(loaded_once, tmp_path / "loaded")
    return tmp_path / "loaded" / NAME


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("language=zw", "Unknown language 'zw'. Did you mean 'zh'?"),
        ("model=lama_7b", "Unknown model 'lama_7b'. Did you mean 'llama_7b'"),
        ("task=xgeo", "Unknown task 'xgeo'. Did you mean 'x_geo'"),
        ("langauge=en", "Unknown --where key 'langauge'. Did you mean 'language'?"),
        ("en", "--where 'en' is not KEY=VALUE[,VALUE...]."),
        ("source=", "--where 'source=' is not KEY=VALUE[,VALUE...]."),
    ],
)
def test_an_unknown_name_in_where_suggests_the_nearest(
    condition: str, expected: str, loaded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "score", NAME, "--results", loaded.parent, "--where", condition)
    assert expected in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"people": -1}, "$.training.known.people"),
        ({"people": 5}, "training.known.people: 5 people for 4 continents: each needs two"),
        ({"places": 7}, "training.known.places: 7 places for 4 continents: each needs two"),
        ({"continents": 3}, "3 continents, and each of the 4 options of the task known"),
    ],
)
def test_a_world_too_small_is_refused_when_its_study_is_read(
    changes: dict[str, int], said: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = study_of()
    assert study.training is not None
    known = replace(study.training.known, **changes)
    small = replace(study, training=replace(study.training, known=known))
    save_study(small, results / small.name / "study.yaml")
    for verb in (("plan",), ("train", "--base", "tiny_a"), ("gather",)):
        told = refused(capsys, verb[0], small.name, *verb[1:], "--results", results)
        assert said in told
    assert files_below(results / small.name) == {"study.yaml"}


def test_the_database_of_another_schema_version_is_refused(
    loaded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]);"
        """c.execute("update meta set value = '0' where key = 'schema_version'")"""
    )
    subprocess.run([sys.executable, "-c", code, str(loaded / "clika.duckdb")], check=True)

    said = refused(capsys, "score", NAME, "--results", loaded.parent)

    assert "clika.duckdb has schema version 0, this clika reads 1. Run: clika load tiny" in said
    done("load", NAME, "--results", loaded.parent)
    done("score", NAME, "--results", loaded.parent, "--quiet")


@pytest.mark.parametrize("damage", [b"", b"not a database", None])
def test_a_damaged_database_is_refused_and_loaded_again(
    damage: bytes | None, loaded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = loaded / "clika.duckdb"
    content = database.read_bytes()
    database.write_bytes(content[: len(content) // 3] if damage is None else damage)

    said = refused(capsys, "score", NAME, "--results", loaded.parent)

    assert "Run: clika load tiny" in said
    assert len(said.splitlines()) == 1
    done("load", NAME, "--results", loaded.parent)
    done("score", NAME, "--results", loaded.parent, "--quiet")


def test_a_score_without_a_database_names_the_command(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "score", NAME, "--results", results)
    assert said.endswith("clika.duckdb. Run: clika load tiny\n")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"items": 3}',
        '{"items": {"path": "x"}, "responses": []}',
        "[" * 100_000,
    ],
)
def test_a_damaged_inventory_is_refused(
    content: str, loaded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (loaded / "shards" / "ingest.json").write_text(content)
    said = refused(capsys, "load", NAME, "--results", loaded.parent)
    assert "ingest.json is not what an ingest writes. Run: clika ingest released" in said


def test_the_shards_of_another_schema_version_are_refused(
    loaded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = loaded / "shards" / "ingest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": 0}))
    said = refused(capsys, "load", NAME, "--results", loaded.parent)
    assert "ingest.json has schema version 0, this clika reads 1. Run: clika ingest" in said


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _replace(path: Path) -> None:
    path.write_bytes(path.with_name("chatgpt.parquet").read_bytes())


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (_cut, "is not the one that was ingested"),
        (_replace, "is not the one that was ingested"),
        (Path.unlink, "is missing"),
    ],
)
def test_a_changed_shard_is_refused_and_ingest_mends_it(
    change: Callable[[Path], None],
    state: str,
    loaded: Path,
    release: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shard = loaded / "shards" / "responses" / "x_geo" / "llama_7b.parquet"
    (loaded / "clika.duckdb").unlink()
    change(shard)

    said = refused(capsys, "load", NAME, "--results", loaded.parent)

    assert f"{shard} {state}. Run: clika ingest released" in said
    done("ingest", "released", NAME, "--data", release, "--results", loaded.parent)
    done("load", NAME, "--results", loaded.parent)


def test_a_shard_with_damaged_pages_names_how_to_make_it_again(
    loaded: Path, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = loaded / "shards" / "responses" / "x_geo" / "llama_7b.parquet"
    content = shard.read_bytes()
    # The pages come first, the stamp is in the footer.
    shard.write_bytes(content[:4] + b"\xff" * 600 + content[604:])
    (loaded / "clika.duckdb").unlink()

    said = refused(capsys, "load", NAME, "--results", loaded.parent)

    expected = f"1 shard is damaged. Run: rm {shard} && clika ingest released"
    assert said == f"clika: {expected}\n"
    assert "clika.duckdb" not in files_below(loaded)
    shard.unlink()
    done("ingest", "released", NAME, "--data", release, "--results", loaded.parent)
    done("load", NAME, "--results", loaded.parent)
