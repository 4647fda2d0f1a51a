"""The official release becomes shards: what is written, what is reused, what is reported."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import duckdb
import pytest
from made_release import (
    ITEMS,
    MODELS,
    code,
    edit_lines,
    files_below,
    gold,
    made_study,
    response_file,
    write_release,
)

from clika.errors import BadInputError, PrerequisiteError
from clika.steps.ingest import ingest_released
from clika.steps.inventory import read_inventory
from clika.steps.load import load
from clika.steps.score import score

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = 10
SHARD_COLUMNS = [
    "model",
    "task",
    "language",
    "item",
    "uuid",
    "response",
    "gold",
    "prompt_hash",
    "source_file",
    "source_sha256",
]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return write_release(tmp_path / "release")


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    return tmp_path / "results" / "tiny" / "shards"


def rows_of(shard: Path) -> list[dict[str, object]]:
    found = duckdb.sql(f"from read_parquet('{shard}')")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def test_every_response_is_a_row_of_one_shard_for_each_model_and_task(
    release: Path, shards: Path
) -> None:
    report = ingest_released(made_study(), data=release, shards=shards)

    assert report.written == len(MODELS) * len(ITEMS)
    assert report.rows == len(MODELS) * LANGUAGES * sum(ITEMS.values())
    assert report[3:] == ((), (), (), (), ())
    expected = {f"responses/{task}/{model}.parquet" for task in ITEMS for model in MODELS}
    assert files_below(shards) == {"items.parquet", "ingest.json"} | expected


def test_a_row_says_what_was_answered_and_where_it_was_read(release: Path, shards: Path) -> None:
    ingest_released(made_study(), data=release, shards=shards)

    rows = rows_of(shards / "responses" / "x_geo" / "llama_7b.parquet")
    row = next(row for row in rows if (row["language"], row["item"]) == ("de", 3))
    name = response_file("llama_7b", "x_geo", "de")
    assert list(row) == SHARD_COLUMNS
    assert row == {
        "model": "llama_7b",
        "task": "x_geo",
        "language": "de",
        "item": 3,
        "uuid": "x_geo-3",
        "response": f"{'ABCD'[code('llama_7b', 'x_geo', 'de', 3)]}. ü3",
        "gold": gold("x_geo", 3),
        "prompt_hash": hashlib.sha256(b"de prompt 3").hexdigest()[:32],
        "source_file": name,
        "source_sha256": hashlib.sha256((release / name).read_bytes()).hexdigest(),
    }


def test_items_have_their_texts_clusters_and_strata(release: Path, shards: Path) -> None:
    ingest_released(made_study(), data=release, shards=shards)

    rows = rows_of(shards / "items.parquet")
    assert len(rows) == LANGUAGES * sum(ITEMS.values())
    person = [row for row in rows if (row["task"], row["language"]) == ("x_name", "he")]
    assert [row["cluster"] for row in person] == [0, 1, 0, 1]
    assert [row["stratum"] for row in person] == ["en", "de", "en", "de"]
    assert person[1]["options"] == [f"he option {letter} of 1" for letter in "ABCD"]
    assert person[1]["question"] == "he question 1"


def test_reading_again_reuses_every_shard(release: Path, shards: Path) -> None:
    ingest_released(made_study(), data=release, shards=shards)
    before = {path: path.stat().st_mtime_ns for path in shards.glob("responses/*/*")}

    report = ingest_released(made_study(), data=release, shards=shards)

    assert (report.written, report.reused, report.rows) == (0, len(before), 0)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_only_the_shard_of_a_changed_file_is_written_again(release: Path, shards: Path) -> None:
    ingest_released(made_study(), data=release, shards=shards)
    changed = release / response_file("bloom_7b1", "x_copa", "ru")
    edit_lines(changed, lambda lines: [line.replace("ü".encode(), b"u") for line in lines])

    report = ingest_released(made_study(), data=release, shards=shards)

    assert (report.written, report.reused) == (1, len(MODELS) * len(ITEMS) - 1)


def test_the_shards_do_not_depend_on_the_number_of_threads(release: Path, tmp_path: Path) -> None:
    contents = []
    for threads in (1, 3):
        shards = tmp_path / str(threads)
        ingest_released(made_study(), data=release, shards=shards, threads=threads)
        contents.append({name: (shards / name).read_bytes() for name in files_below(shards)})
    assert contents[0] == contents[1]


def test_progress_ends_with_all_shards(release: Path, shards: Path) -> None:
    seen: list[tuple[int, int]] = []
    ingest_released(
        made_study(), data=release, shards=shards, progress=lambda *steps: seen.append(steps)
    )
    assert seen == [(done, 12) for done in range(1, 13)]


def test_a_byte_order_mark_and_crlf_are_accepted_and_noted(release: Path, shards: Path) -> None:
    ingest_released(made_study(), data=release, shards=shards)
    shard = shards / "responses" / "x_geo" / "llama_7b.parquet"
    plain = [row["response"] for row in rows_of(shard)]
    marked = response_file("llama_7b", "x_geo", "fr")
    (release / marked).write_bytes(b"\xef\xbb\xbf" + (release / marked).read_bytes())
    ended = response_file("llama_7b", "x_geo", "ja")
    edit_lines(release / ended, lambda lines: [line.replace(b"\n", b"\r\n") for line in lines])

    report = ingest_released(made_study(), data=release, shards=shards)

    assert report.notes == (f"{marked}: byte-order mark", f"{ended}: CRLF line ends")
    assert [row["response"] for row in rows_of(shard)] == plain


def test_files_that_the_layout_does_not_name_are_strays(release: Path, shards: Path) -> None:
    strays = ("x_geo/en/llama_7b_res_visual.jsonl", "notes.txt", "x_geo/xx/chatgpt_res.jsonl")
    for name in strays:
        (release / name).parent.mkdir(exist_ok=True)
        (release / name).write_text("not JSON")

    report = ingest_released(made_study(), data=release, shards=shards)

    assert report.strays == tuple(sorted(strays))
    assert report.written == len(MODELS) * len(ITEMS)


def test_what_is_not_there_is_named(release: Path, shards: Path) -> None:
    for path in [*release.glob("*/*/bloom_7b1_*"), *release.glob("x_geo/*/llama_7b_*")]:
        path.unlink()
    (release / response_file("llama_7b", "x_csqa", "zh")).unlink()

    report = ingest_released(made_study(), data=release, shards=shards)

    assert report.missing_models == ("bloom_7b1",)
    assert report.missing_cells == (
        "llama_7b x x_csqa: no file for zh",
        "llama_7b x x_geo: no response file",
    )


def test_a_folder_without_responses_names_the_command_that_brings_them(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing"):
        with pytest.raises(PrerequisiteError, match="Run: clika fetch released"):
            ingest_released(made_study(), data=tmp_path / folder, shards=tmp_path / "shards")
    assert not (tmp_path / "shards").exists()


def test_a_bad_row_keeps_back_its_shard_alone_and_every_bad_row_is_listed(
    release: Path, shards: Path
) -> None:
    files = [response_file("llama_7b", "x_geo", "fr"), response_file("chatgpt", "x_copa", "zh")]
    for name in files:
        edit_lines(release / name, lambda lines: [b"{\n", *lines[1:3], b"[]\n", *lines[4:]])

    with pytest.raises(BadInputError) as raised:
        ingest_released(made_study(), data=release, shards=shards)

    places = {(problem.file, problem.row) for problem in raised.value.problems}
    assert places == {(name, row) for name in files for row in (1, 4)}
    assert "--keep-going" in str(raised.value)
    left_out = {"responses/x_geo/llama_7b.parquet", "responses/x_copa/chatgpt.parquet"}
    every = {f"responses/{task}/{model}.parquet" for task in ITEMS for model in MODELS}
    assert files_below(shards) == {"items.parquet"} | (every - left_out)
    assert read_inventory(shards) is None


def test_keep_going_leaves_the_cell_out_and_everything_after_it_works(
    release: Path, shards: Path, tmp_path: Path
) -> None:
    study = made_study()
    edit_lines(release / response_file("llama_7b", "x_geo", "fr"), lambda lines: lines[:-1])

    report = ingest_released(study, data=release, shards=shards, keep_going=True)
    database = tmp_path / "clika.duckdb"
    loaded = load(study, shards=shards, database=database, origin="responses")
    scored = score(study, database=database, scores=None, tables=tmp_path / "tables")

    assert report.missing_cells == ("llama_7b x x_geo: 1 bad rows",)
    assert loaded.counts is not None
    assert loaded.counts.responses == report.rows == LANGUAGES * (3 * 22 - 7)
    table = next(table for table in scored.tables if table.name == "acc_x_geo")
    assert "llama_7b" in scored.models
    cells = (tmp_path / "tables" / "cells.csv").read_text().splitlines()
    assert not [line for line in cells if line.startswith("llama_7b,x_geo")]
    assert len([line for line in cells if line.startswith("llama_7b,")]) == 3 * LANGUAGES
    assert table.title


def test_the_inventory_lists_what_is_there(release: Path, shards: Path) -> None:
    report = ingest_released(made_study(), data=release, shards=shards)

    inventory = read_inventory(shards)
    assert inventory is not None
    assert len(inventory.responses) == report.written
    assert inventory.items == shards / "items.parquet"
    assert json.loads((shards / "ingest.json").read_text())["study"] == "tiny"
