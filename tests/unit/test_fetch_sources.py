"""What the data sets are, and where copies of them are found."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from made_data import FILES, TOY, install, manifest_text, write_archive, write_folder

from clika.errors import StaleStoreError, UnknownNameError
from clika.fetching.locate import environment_source, find_fetched, find_source
from clika.fetching.manifests import parse_manifest, read_manifest
from clika.fetching.record import FetchRecord, describe, read_record, write_record
from clika.fetching.sources import DATA_SETS, DataSet, find_data_set

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> DataSet:
    return install(monkeypatch)


@pytest.mark.parametrize(
    ("name", "n_files", "n_models"), [("released", 1992, 46), ("bmlama", 70, 0)]
)
def test_the_shipped_manifests_name_every_file(name: str, n_files: int, n_models: int) -> None:
    data_set = find_data_set(name)
    sums = data_set.manifest.sums
    assert len(sums) == n_files
    coverage = data_set.models(sums)
    assert len(coverage.whole) == coverage.n_models == n_models


def test_every_model_of_the_release_has_forty_files() -> None:
    data_set = find_data_set("released")
    one_less = list(data_set.manifest.sums)
    one_less.remove("x_geo/zh/chatgpt_res.jsonl")
    assert data_set.models(one_less).partial == ("chatgpt",)
    without = [path for path in one_less if "/chatgpt_res.jsonl" not in path]
    assert len(one_less) - len(without) == 39
    assert data_set.models(without).absent == ("chatgpt",)


def test_bmlama_has_its_17_and_53_languages() -> None:
    paths = list(find_data_set("bmlama").manifest.sums)
    assert sum(path.startswith("BMLAMA17/") for path in paths) == 17
    assert sum(path.startswith("BMLAMA53/") for path in paths) == 53


@pytest.mark.parametrize("data_set", DATA_SETS.values(), ids=DATA_SETS)
def test_an_address_names_the_full_commit(data_set: DataSet) -> None:
    assert len(data_set.commit) == 40
    assert data_set.url.endswith(f"/{data_set.repository}/tar.gz/{data_set.commit}")
    assert data_set.folder_name == f"{data_set.name}-{data_set.commit[:7]}"


def test_an_unknown_data_set_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"'relaesed'. Did you mean 'released'"):
        find_data_set("relaesed")


@pytest.mark.parametrize(
    ("name", "member", "path"),
    [
        ("released", "CLiKA-51059fe/x_geo/en/a.jsonl", "x_geo/en/a.jsonl"),
        ("released", "CLiKA-main/fictional/train/ZH.json", "fictional/train/ZH.json"),
        ("released", "released-51059fe/x_geo/en/a.jsonl", "x_geo/en/a.jsonl"),
        ("released", "x_geo/en/a.jsonl", "x_geo/en/a.jsonl"),
        ("released", "CLiKA-main", "CLiKA-main"),
        ("released", "backup/x_geo/en/a.jsonl", "backup/x_geo/en/a.jsonl"),
        ("bmlama", "Cross-Lingual-Consistency-0/1_easyrun/BMLAMA17/zh.tsv", "BMLAMA17/zh.tsv"),
        ("bmlama", "1_easyrun/BMLAMA17/zh.tsv", "BMLAMA17/zh.tsv"),
        ("bmlama", "BMLAMA-13c9d46/BMLAMA17/zh.tsv", "BMLAMA17/zh.tsv"),
        ("bmlama", "BMLAMA17/zh.tsv", "BMLAMA17/zh.tsv"),
        (
            "bmlama",
            "Cross-Lingual-Consistency-0/2_reimplement_step_by_step/BMLAMA17/zh.tsv",
            "2_reimplement_step_by_step/BMLAMA17/zh.tsv",
        ),
    ],
)
def test_a_member_is_placed_below_the_top_folder(name: str, member: str, path: str) -> None:
    assert find_data_set(name).place(member) == path


@pytest.mark.parametrize(
    "line",
    [
        "",
        "0" * 64,
        "0" * 63 + "  a",
        "G" * 64 + "  a",
        *("0" * 64 + f"  {path}" for path in ("/a", "../a", "a/../../b", "a\\b", " a")),
    ],
)
def test_a_manifest_of_another_form_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse_manifest("1" * 64 + f"  first\n{line}\n")


def test_a_manifest_that_names_a_file_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse_manifest(f"{'0' * 64}  a\n{'1' * 64}  a\n")


def test_the_manifest_knows_its_folders_and_itself() -> None:
    manifest = parse_manifest(manifest_text(FILES))
    assert manifest.folders == {"x_geo", "x_geo/de", "x_geo/en"}
    assert len({manifest.sha256, read_manifest("released").sha256}) == 2


@pytest.mark.parametrize("below", ["", "Toy", "Toy-main", "toy-0123456", "inner", "Toy-main/inner"])
def test_an_unpacked_copy_is_found(tmp_path: Path, toy: DataSet, below: str) -> None:
    write_folder(tmp_path / below, dict(list(FILES.items())[:1]))
    assert find_source(tmp_path, toy) == tmp_path / below


@pytest.mark.parametrize("kind", ["tar.gz", "tar.xz", "tar", "zip"])
def test_an_archive_is_found_beside_others(tmp_path: Path, toy: DataSet, kind: str) -> None:
    write_archive(tmp_path / "another.tar.gz", {"a": b"1"})
    (tmp_path / "broken.tar.xz").write_bytes(b"\xfd7zXZ\x00 and no more")
    (tmp_path / "empty.zip").mkdir()
    (tmp_path / "notes.txt").write_text("x_geo")
    path = write_archive(tmp_path / f"copy.{kind}", FILES)
    assert find_source(tmp_path, toy) == path
    assert find_source(path, toy) == path


def test_an_archive_of_the_right_name_comes_first(tmp_path: Path, toy: DataSet) -> None:
    write_archive(tmp_path / "a-copy.tar", FILES)
    path = write_archive(tmp_path / "Toy-0123456.tar.gz", FILES)
    assert find_source(tmp_path, toy) == path


def test_the_fullest_folder_wins_and_a_folder_wins_over_an_archive(
    tmp_path: Path, toy: DataSet
) -> None:
    write_archive(tmp_path / "Toy-0123456.tar.gz", FILES)
    write_folder(tmp_path / "Toy-1", dict(list(FILES.items())[:2]))
    write_folder(tmp_path / "Toy-2", dict(list(FILES.items())[:4]))
    write_folder(tmp_path / "Toy-3", dict(list(FILES.items())[:3]))
    assert find_source(tmp_path, toy) == tmp_path / "Toy-2"


def test_nothing_is_found_where_nothing_is(tmp_path: Path, toy: DataSet) -> None:
    assert find_source(tmp_path / "absent", toy) is None
    assert find_source(tmp_path, toy) is None
    (tmp_path / "text.tar.gz").write_text("no archive")
    assert find_source(tmp_path, toy) is None
    assert find_source(tmp_path / "text.tar.gz", toy) is None
    os.mkfifo(tmp_path / "pipe.tar")
    assert find_source(tmp_path, toy) is None


def test_the_environment_leads_to_a_copy(
    tmp_path: Path, toy: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLIKA_DATA", raising=False)
    assert environment_source(toy) is None
    monkeypatch.setenv("CLIKA_DATA", "")
    assert environment_source(toy) is None
    monkeypatch.setenv("CLIKA_DATA", str(tmp_path))
    assert environment_source(toy) is None
    write_folder(tmp_path / "Toy", FILES)
    assert environment_source(toy) == tmp_path / "Toy"


def test_a_fetched_folder_is_one_with_a_record(tmp_path: Path, toy: DataSet) -> None:
    folder = write_folder(tmp_path / TOY.folder_name, FILES)
    assert find_fetched(tmp_path, toy) is None
    write_record(folder, describe(toy, FILES.keys(), "folder"))
    assert find_fetched(tmp_path, toy) == folder


def test_a_record_comes_back_as_it_was_written(tmp_path: Path, toy: DataSet) -> None:
    some = [path for path in FILES if "beta" not in path and "/de/chatgpt" not in path]
    record = describe(toy, set(some), "archive")
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record
    assert (record.files, record.files_in_manifest) == (4, 7)
    assert (record.models, record.models_in_manifest) == (1, 3)
    assert record.partial_models == ("chatgpt",)
    assert record.missing_models == ("beta",)
    assert record.missing == (
        "x_geo/de/beta_res_bf16_add_simple_example.jsonl",
        "x_geo/de/chatgpt_res.jsonl",
        "x_geo/en/beta_res_bf16_add_simple_example.jsonl",
    )
    assert read_record(tmp_path / "absent") is None


@pytest.mark.parametrize("text", ["", "{}", '{"dataset": 1}', "[1"])
def test_a_record_of_another_form_is_stale(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "toy-0123456"
    folder.mkdir()
    (folder / "fetched.json").write_text(text)
    with pytest.raises(StaleStoreError, match=r"Run: clika fetch toy$"):
        read_record(folder)


def test_every_field_of_the_record_is_explained() -> None:
    assert FetchRecord.__doc__ is not None
    assert all(field in FetchRecord.__doc__ for field in FetchRecord.__struct_fields__)
