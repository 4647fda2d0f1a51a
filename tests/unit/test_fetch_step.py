"""``fetch`` as a whole: what lies where after it, after it again, and after it was killed."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flaky_server import Reply, serving
from made_data import FILES, KINDS, TOY, archive_bytes, install, tree, write_archive, write_folder

from clika.errors import (
    BadInputError,
    BusyError,
    FileSystemError,
    InterruptedDownloadError,
    PrerequisiteError,
    UnknownNameError,
)
from clika.fetching import download as download_module
from clika.fetching.record import read_record
from clika.files import exclusive
from clika.steps import fetch as step
from clika.steps.fetch import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clika.fetching.progress import Progress

HALF = dict(list(FILES.items())[:3])
TESTS = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    at_once = functools.partial(download_module.download, pause=lambda _: None)
    monkeypatch.setattr(step, "download", at_once)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "data"


def names(into: Path) -> list[str]:
    """Return what lies in the folder, without the lock."""
    return sorted(path.name for path in into.iterdir() if path.suffix != ".lock")


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_becomes_the_folder(tmp_path: Path, into: Path, kind: str) -> None:
    result = fetch("toy", source=write_archive(tmp_path / f"a.{kind}", FILES), into=into)
    assert tree(result.folder) == FILES
    assert result.folder == into / "toy-0123456"
    assert (result.n_new, result.n_unlisted, result.strays) == (7, 0, ())
    assert (result.record.files, result.record.missing, result.record.models) == (7, (), 3)
    assert names(into) == ["toy-0123456"]


@pytest.mark.parametrize("below", ["", "Toy-main", "Toy-main/inner"])
def test_a_folder_is_copied(tmp_path: Path, into: Path, below: str) -> None:
    write_folder(tmp_path / "copy" / below, FILES)
    result = fetch("toy", source=tmp_path / "copy", into=into)
    assert tree(result.folder) == FILES
    assert result.record.source == "folder"


def test_a_folder_of_archives_is_searched(tmp_path: Path, into: Path) -> None:
    (tmp_path / "shelf").mkdir()
    write_archive(tmp_path / "shelf" / "Other.tar.gz", {"a": b"1"})
    write_archive(tmp_path / "shelf" / "Toy-0123456-data.tar.gz", FILES)
    assert tree(fetch("toy", source=str(tmp_path / "shelf"), into=into).folder) == FILES


def test_a_part_is_taken_and_reported_as_one(tmp_path: Path, into: Path) -> None:
    result = fetch("toy", source=write_folder(tmp_path / "Toy", HALF), into=into)
    assert tree(result.folder) == HALF
    assert len(result.record.missing) == 4
    assert result.record.partial_models == ("alpha", "beta", "chatgpt")


def test_parts_add_up(tmp_path: Path, into: Path) -> None:
    rest = {path: data for path, data in FILES.items() if path not in HALF}
    fetch("toy", source=write_folder(tmp_path / "Toy", HALF), into=into)
    result = fetch("toy", source=write_archive(tmp_path / "rest.zip", rest), into=into)
    assert (result.n_new, result.record.missing) == (4, ())
    assert tree(result.folder) == FILES


def test_the_second_run_has_nothing_to_do(tmp_path: Path, into: Path) -> None:
    source = write_archive(tmp_path / "a.tar.gz", FILES)
    fetch("toy", source=source, into=into)
    before = {path: path.stat().st_mtime_ns for path in into.rglob("*")}
    source.write_bytes(b"not even looked at")
    result = fetch("toy", source=source, into=into)
    assert (result.n_new, result.record.files) == (0, 7)
    assert {path: path.stat().st_mtime_ns for path in into.rglob("*")} == before


def test_the_second_run_over_a_part_changes_nothing(tmp_path: Path, into: Path) -> None:
    fetch("toy", source=write_archive(tmp_path / "a.zip", HALF), into=into)
    record = (into / "toy-0123456" / "fetched.json").read_bytes()
    again = fetch("toy", source=write_folder(tmp_path / "Toy", HALF), into=into)
    assert again.n_new == 0
    assert (into / "toy-0123456" / "fetched.json").read_bytes() == record


def test_the_record_is_the_same_wherever_it_is_made(tmp_path: Path) -> None:
    source = write_archive(tmp_path / "a.zip", HALF)
    for into in ("first", "second"):
        fetch("toy", source=source, into=tmp_path / into)
    first, second = (
        (tmp_path / into / "toy-0123456" / "fetched.json") for into in ("first", "second")
    )
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("text", [None, "{}", "no JSON"])
def test_a_lost_or_foreign_record_is_written_anew(
    tmp_path: Path, into: Path, text: str | None
) -> None:
    source = write_archive(tmp_path / "a.zip", FILES)
    record = fetch("toy", source=source, into=into).folder / "fetched.json"
    expected = record.read_bytes()
    if text is None:
        record.unlink()
    else:
        record.write_text(text)
    assert fetch("toy", source=source, into=into).n_new == 0
    assert record.read_bytes() == expected


def test_a_damaged_file_is_mended(tmp_path: Path, into: Path) -> None:
    source = write_archive(tmp_path / "a.zip", FILES)
    folder = fetch("toy", source=source, into=into).folder
    (folder / "x_geo/geo_data.jsonl").write_bytes(b"edited")
    assert fetch("toy", source=source, into=into).n_new == 1
    assert tree(folder) == FILES


def test_a_damaged_file_that_cannot_be_mended_is_named(tmp_path: Path, into: Path) -> None:
    folder = fetch("toy", source=write_archive(tmp_path / "a.zip", FILES), into=into).folder
    (folder / "x_geo/geo_data.jsonl").write_bytes(b"edited")
    with pytest.raises(BadInputError, match=r"geo_data\.jsonl: was changed after it was fetched"):
        fetch("toy", source=write_archive(tmp_path / "half.zip", HALF), into=into)
    assert names(into) == ["toy-0123456"]


@pytest.mark.parametrize("form", ["folder", *KINDS])
def test_every_file_with_another_checksum_is_named_and_nothing_kept(
    tmp_path: Path, into: Path, form: str
) -> None:
    wrong = {"x_geo/en/chatgpt_res.jsonl": b"1", "x_geo/geo_data.jsonl": b"2"}
    copy = FILES | wrong
    if form == "folder":
        source = write_folder(tmp_path / "Toy", copy)
    else:
        source = write_archive(tmp_path / f"a.{form}", copy)
    with pytest.raises(BadInputError) as caught:
        fetch("toy", source=source, into=into)
    assert len(caught.value.problems) == 2
    assert all(path in str(caught.value) for path in wrong)
    assert names(into) == []


def test_what_the_manifest_does_not_name_is_left_out_and_counted(
    tmp_path: Path, into: Path
) -> None:
    others = {"README.md": b"1", "x_geo/en/new_res.jsonl": b"2", "other/x": b"3"}
    source = write_archive(tmp_path / "a.tar.gz", FILES | others)
    result = fetch("toy", source=source, into=into)
    assert tree(result.folder) == FILES
    assert (result.n_unlisted, result.strays) == (3, ("x_geo/en/new_res.jsonl",))


def test_strays_of_a_folder_are_named(tmp_path: Path, into: Path) -> None:
    source = write_folder(tmp_path / "Toy", FILES | {"x_geo/de/extra.txt": b"", "far/away": b""})
    assert fetch("toy", source=source, into=into).strays == ("x_geo/de/extra.txt",)


@pytest.mark.parametrize("damage", ["hostile", "cut", "foreign", "empty-folder", "no-archive"])
def test_a_bad_source_leaves_nothing_behind(tmp_path: Path, into: Path, damage: str) -> None:
    source = tmp_path / "a.tar.gz"
    if damage == "hostile":
        write_archive(source, FILES | {"x_geo/../../../evil": b"1"}, top="")
    elif damage == "cut":
        source.write_bytes(archive_bytes("tar.gz", FILES)[:-5_000])
    elif damage == "foreign":
        write_archive(source, {"another/data.set": b"1"})
    elif damage == "empty-folder":
        source.mkdir()
    else:
        source.write_bytes(b"<html>")
    with pytest.raises(BadInputError):
        fetch("toy", source=source, into=into)
    assert not into.exists() or names(into) == []
    assert not (tmp_path / "evil").exists()


def test_a_source_that_is_not_there_names_the_command(tmp_path: Path, into: Path) -> None:
    with pytest.raises(
        PrerequisiteError, match=r"no file or folder .*absent.* Run: clika fetch toy"
    ):
        fetch("toy", source=tmp_path / "absent", into=into)
    assert not into.exists()


def test_a_path_that_cannot_be_looked_at_is_a_sentence(tmp_path: Path, into: Path) -> None:
    source = write_archive(tmp_path / "a.zip", FILES)
    with pytest.raises(FileSystemError, match=r"cannot be read: file name too long"):
        fetch("toy", source="n" * 300, into=into)
    with pytest.raises(FileSystemError, match=r"its name is too long"):
        fetch("toy", source=source, into=into / ("n" * 300))


def test_a_pipe_is_no_source(tmp_path: Path, into: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInputError, match=r"neither a file nor a folder"):
        fetch("toy", source=tmp_path / "pipe", into=into)


@pytest.mark.parametrize("url", ["ftp://host/a.tar.gz", "file:///etc/passwd", "s3://bucket/a"])
def test_other_addresses_than_http_are_refused(into: Path, url: str) -> None:
    with pytest.raises(BadInputError, match=r"only http and https"):
        fetch("toy", source=url, into=into)


def test_an_unknown_data_set_is_refused(into: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean 'toy'"):
        fetch("tooy", into=into)


def test_one_writer_at_a_time(tmp_path: Path, into: Path) -> None:
    source = write_archive(tmp_path / "a.zip", FILES)
    with (
        exclusive(into / ".toy-0123456.lock", wait=False),
        pytest.raises(BusyError, match=rf"Process {os.getpid()} on \S+ is at work"),
    ):
        fetch("toy", source=source, into=into)
    assert tree(fetch("toy", source=source, into=into).folder) == FILES


def test_a_target_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    source = write_archive(tmp_path / "a.zip", FILES)
    for into in (tmp_path / "taken", tmp_path / "taken" / "data"):
        with pytest.raises(FileSystemError, match=r"taken"):
            fetch("toy", source=source, into=into)


def test_progress_is_told(tmp_path: Path, into: Path) -> None:
    heard: list[Progress] = []
    fetch("toy", source=write_archive(tmp_path / "a.zip", FILES), into=into, progress=heard.append)
    assert [(at.done, at.total) for at in heard if at.stage == "verify"][-1] == (7, 7)
    assert [at.done for at in heard if at.stage == "unpack"] == [1, 2, 3, 4, 5, 6, 7]


def test_a_download_becomes_the_folder_and_leaves_nothing_else(into: Path) -> None:
    packed = archive_bytes(
        "tar.gz", {f"Toy-main/inner/{name}": data for name, data in FILES.items()}
    )
    heard: list[Progress] = []
    with serving(packed, Reply(cut=300_000), Reply(cut=200_000), Reply()) as server:
        result = fetch("toy", source=server.url, into=into, progress=heard.append)
        assert len(server.ranges_asked) == 3
    assert tree(result.folder) == FILES
    assert result.record.source == "download"
    assert names(into) == ["toy-0123456"]
    done = [at for at in heard if at.stage == "download"][-1]
    assert done.done == done.total == len(packed)


def test_without_a_source_the_public_archive_is_taken(
    into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def download(url: str, to: Path, **_: object) -> None:
        asked.append(url)
        write_archive(to.with_name("a.tar.gz"), FILES).rename(to)

    monkeypatch.setattr(step, "download", download)
    assert tree(fetch("toy", into=into).folder) == FILES
    assert asked == [f"https://codeload.github.com/nobody/Toy/tar.gz/{TOY.commit}"]


def test_a_download_that_was_cut_short_by_a_wrong_length_is_not_kept(into: Path) -> None:
    packed = archive_bytes("tar.gz", FILES)
    with serving(packed, Reply(length=len(packed) - 9, cut=len(packed) - 9), Reply()) as server:
        with pytest.raises(BadInputError, match=r"is damaged or was cut off"):
            fetch("toy", source=server.url, into=into)
        assert names(into) == []
        assert tree(fetch("toy", source=server.url, into=into).folder) == FILES


def test_an_interrupted_download_is_continued_by_the_next_call(into: Path) -> None:
    packed = archive_bytes("tar.gz", FILES)
    script = [Reply(cut=300_000), *[Reply(status=503)] * 4, Reply()]
    with serving(packed, *script) as server:
        with pytest.raises(InterruptedDownloadError, match=r"Run the same command again"):
            fetch("toy", source=server.url, into=into)
        assert not (into / "toy-0123456").exists()
        assert tree(fetch("toy", source=server.url, into=into).folder) == FILES
        assert server.ranges_asked[-1] is not None


DRIVER = """
import sys
from pathlib import Path
import pytest
from made_data import install
from clika.steps import fetch as step
patch = pytest.MonkeyPatch()
install(patch)
stage, source, into = sys.argv[1:]

def stop():
    print("stopped", flush=True)
    sys.stdin.read()

def listen(progress):
    if progress.stage == stage and progress.done >= {"download": 150_000, "unpack": 3}[stage]:
        stop()

def move_some(paths, staging, folder):
    move(paths[:3], staging, folder)
    stop()

move = step._move
if stage == "move":
    step._move = move_some
if stage == "record":
    step.write_record = lambda *_: stop()
step.fetch("toy", source=source, into=Path(into), progress=listen)
"""


def kill_at(stage: str, source: str, into: Path) -> None:
    """Run fetch in another process and kill it where it stands at a stage."""
    places = [*map(str, (TESTS, TESTS.parent / "python")), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, stage, source, str(into)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"stopped\n"
        process.kill()


@pytest.mark.parametrize("stage", ["download", "unpack", "move", "record"])
def test_after_a_kill_the_next_call_finishes(into: Path, stage: str) -> None:
    with serving(archive_bytes("tar.gz", FILES)) as server:
        kill_at(stage, server.url, into)
        folder = into / TOY.folder_name
        assert read_record(folder) is None
        assert tree(folder).items() <= FILES.items()
        assert tree(fetch("toy", source=server.url, into=into).folder) == FILES
        # A part is continued, and what had come whole is not brought again.
        continued = [asked is not None for asked in server.ranges_asked]
    assert continued == ([False, True] if stage == "download" else [False])
    assert names(into) == ["toy-0123456"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 512 KiB; the data set needs more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by the superuser only")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("kept", [0, 200 << 10])
def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, small_disk: Path, kept: int
) -> None:
    (small_disk / "mine").write_bytes(bytes(kept))
    source = write_archive(tmp_path / "a.tar.gz", FILES)
    with pytest.raises(FileSystemError, match=r"No space is left"):
        fetch("toy", source=source, into=small_disk / "data")
    assert names(small_disk / "data") == []


def test_a_disk_that_fills_during_the_download_is_left_clean(small_disk: Path) -> None:
    with (
        serving(archive_bytes("tar.gz", FILES)) as server,
        pytest.raises(FileSystemError, match=r"No space is left"),
    ):
        fetch("toy", source=server.url, into=small_disk / "data")
    assert names(small_disk / "data") == []


def test_a_read_only_disk_is_a_sentence(tmp_path: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    source = write_archive(tmp_path / "a.tar.gz", FILES)
    with pytest.raises(FileSystemError, match=r"the file system is read-only"):
        fetch("toy", source=source, into=small_disk / "data")


def test_a_whole_data_set_on_a_read_only_disk_is_already_there(
    tmp_path: Path, small_disk: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,size=2m", str(small_disk)], check=True)
    source = write_archive(tmp_path / "a.tar.gz", FILES)
    fetch("toy", source=source, into=small_disk / "data")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert fetch("toy", source=source, into=small_disk / "data").n_new == 0
