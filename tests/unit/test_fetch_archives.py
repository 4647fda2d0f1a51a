"""Archives of every kind, whole, hostile and damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_data import KINDS, TOY, archive_bytes, tar_bytes

from clika.errors import BadInputError, FileSystemError
from clika.fetching.archives import archive_kind, read_archive

if TYPE_CHECKING:
    from pathlib import Path

    from clika.fetching.sources import Limits

SMALL = {"Toy-1/x/a.txt": b"alpha" * 300, "Toy-1/x/b.txt": b"", "Toy-1/x/c.txt": b"gamma" * 200}


def contents(path: Path, limits: Limits = TOY.limits) -> dict[str, bytes]:
    return {member.name: b"".join(member.content) for member in read_archive(path, limits)}


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_bytes(entries: list[tuple[str, int, bytes]]) -> bytes:
    """Return a .zip of (name, Unix mode, content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, mode, data in entries:
            info = zipfile.ZipInfo("placeholder")
            info.filename = name
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_its_files_in_order(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / "named-by-nobody", archive_bytes(kind, SMALL))
    assert archive_kind(path) == kind
    assert list(contents(path).items()) == list(SMALL.items())


@pytest.mark.parametrize("kind", KINDS)
def test_members_need_not_be_read(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / "a", archive_bytes(kind, SMALL))
    assert [member.name for member in read_archive(path, TOY.limits)] == list(SMALL)


def test_folders_and_dots_are_no_members(tmp_path: Path) -> None:
    entries = [(member("./", tarfile.DIRTYPE), b""), (member("./x/", tarfile.DIRTYPE), b"")]
    path = written(tmp_path / "a.tar", tar_bytes([*entries, (member("./x//./a.txt"), b"1")]))
    assert contents(path) == {"x/a.txt": b"1"}
    path = written(tmp_path / "a.zip", zip_bytes([("x/", 0o40755, b""), ("x/a.txt", 0, b"1")]))
    assert contents(path) == {"x/a.txt": b"1"}


def test_several_compressed_streams_in_a_row_are_one(tmp_path: Path) -> None:
    plain = archive_bytes("tar", SMALL)
    halves = plain[:700], plain[700:]
    for pack, gap in ((gzip.compress, b""), (lzma.compress, b"\0" * 8)):
        path = written(tmp_path / "a", pack(halves[0]) + gap + pack(halves[1]) + gap)
        assert contents(path) == SMALL


def test_long_names_of_every_tar_dialect_are_read(tmp_path: Path) -> None:
    name = "x/" + "ä" * 90 + "/" + "b" * 90
    for dialect in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(tmp_path / "a.tar", "w", format=dialect) as archive:
            archive.addfile(member(name))
        assert contents(tmp_path / "a.tar") == {name: b""}


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        (member("/etc/passwd"), "/etc/passwd: an absolute path"),
        (member("x/../../a"), "x/../../a: a path that leaves the folder"),
        (member(".."), r"..: a path that leaves the folder"),
        (member("x\\..\\a"), "a Windows path"),
        (member("C:a"), "C:a: a Windows path"),
        (member("x/\x1b[2Ja"), r"'x/\x1b[2Ja': a name with control characters"),
        (member("x/a", tarfile.SYMTYPE, "/etc/passwd"), "x/a: a link"),
        (member("x/a", tarfile.LNKTYPE, "x/b"), "x/a: a link"),
        (member("x/a", tarfile.FIFOTYPE), "x/a: a device or a pipe"),
        (member("x/a", tarfile.CHRTYPE), "x/a: a device or a pipe"),
        (member("x/a", tarfile.BLKTYPE), "x/a: a device or a pipe"),
        (member("x/a", tarfile.GNUTYPE_SPARSE), "x/a: not a plain file"),
        (member("x/a", b"Z"), "x/a: not a plain file"),
        (member("../x", tarfile.DIRTYPE), "../x: a path that leaves the folder"),
    ],
)
def test_a_hostile_tar_member_is_refused(
    tmp_path: Path, info: tarfile.TarInfo, reason: str
) -> None:
    path = written(tmp_path / "a.tar", tar_bytes([(info, b""), (member("x/good"), b"1")]))
    with pytest.raises(BadInputError) as caught:
        contents(path)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("name", "mode", "reason"),
    [
        ("/etc/passwd", 0, "an absolute path"),
        ("x/../../a", 0, "a path that leaves the folder"),
        ("x\\a", 0, "a Windows path"),
        ("c:/a", 0, "a Windows path"),
        ("x/a\0.txt", 0, "a name with control characters"),
        ("x/a", stat.S_IFLNK | 0o777, "a link"),
        ("x/a", stat.S_IFIFO | 0o644, "a device or a pipe"),
        ("x/a", stat.S_IFCHR | 0o644, "a device or a pipe"),
    ],
)
def test_a_hostile_zip_member_is_refused(tmp_path: Path, name: str, mode: int, reason: str) -> None:
    path = written(tmp_path / "a.zip", zip_bytes([(name, mode, b"1"), ("x/good", 0, b"1")]))
    with pytest.raises(BadInputError, match=f": {reason}"):
        contents(path)


def test_a_member_that_comes_twice_is_refused(tmp_path: Path) -> None:
    twice = [(member("x/a"), b"1"), (member("./x/a"), b"2")]
    path = written(tmp_path / "a.tar", tar_bytes(twice))
    with pytest.raises(BadInputError, match=r"\./x/a: comes twice"):
        contents(path)
    path = written(tmp_path / "a.zip", zip_bytes([("x/a", 0, b"1"), ("x//a", 0, b"2")]))
    with pytest.raises(BadInputError, match=r"x//a: comes twice"):
        contents(path)


def test_every_hostile_member_is_named_up_to_twenty(tmp_path: Path) -> None:
    entries = [(member(f"/{number}"), b"") for number in range(25)]
    path = written(tmp_path / "a.tar", tar_bytes(entries))
    with pytest.raises(BadInputError) as caught:
        contents(path)
    assert len(caught.value.problems) == 21
    assert "5 more such members" in str(caught.value)


@pytest.mark.parametrize("flag", ["encrypted", "unknown-method"])
def test_a_zip_that_cannot_be_unpacked_is_refused(tmp_path: Path, flag: str) -> None:
    data = bytearray(zip_bytes([("x/a", 0, b"1")]))
    entry = data.index(b"PK\x01\x02")
    offset, value, words = {
        "encrypted": (8, 1, "encrypted"),
        "unknown-method": (10, 99, "packed by method 99"),
    }[flag]
    struct.pack_into("<H", data, entry + offset, value)
    with pytest.raises(BadInputError, match=words):
        contents(written(tmp_path / "a.zip", bytes(data)))


@pytest.mark.parametrize("kind", ["tar.gz", "tar.xz", "zip"])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, kind: str) -> None:
    limits = replace(TOY.limits, unpacked_bytes=1 << 40, member_bytes=1 << 40)
    path = written(tmp_path / "a", archive_bytes(kind, {"x/a": bytes(24 << 20)}))
    blocks = (block for entry in read_archive(path, limits) for block in entry.content)
    sizes: list[int] = []
    with pytest.raises(BadInputError, match=r"unpacks to more than [\d,]+ bytes"):
        sizes.extend(map(len, blocks))
    assert sum(sizes) < 17 << 20


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"archive_bytes": 100}, "is larger than 100 bytes"),
        ({"unpacked_bytes": 2_000}, "unpacks to more than 2,000 bytes"),
        ({"member_bytes": 1_200}, "has a member of more than 1,200 bytes"),
        ({"members": 2}, "has more than 2 members"),
    ],
)
def test_every_limit_holds(tmp_path: Path, kind: str, change: dict[str, int], words: str) -> None:
    path = written(tmp_path / "a", archive_bytes(kind, SMALL))
    with pytest.raises(BadInputError, match=words):
        contents(path, replace(TOY.limits, **change))


def test_a_huge_member_header_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    info = member("x/a")
    info.pax_headers = {"comment": "c" * (12 << 20)}
    path = written(tmp_path / "a.tar.gz", gzip.compress(tar_bytes([(info, b"")])))
    tracemalloc.start()
    try:
        with pytest.raises(BadInputError, match=r"a member header of more than"):
            contents(path)
        assert tracemalloc.get_traced_memory()[1] < 6 << 20
    finally:
        tracemalloc.stop()


def test_an_xz_stream_that_asks_for_a_huge_decoder_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 30}]
    data = lzma.compress(archive_bytes("tar", SMALL), filters=filters)
    with pytest.raises(BadInputError, match=r"[Mm]emory"):
        contents(written(tmp_path / "a.tar.xz", data))


def test_a_huge_zip_directory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    data = bytearray(zip_bytes([("x/a", 0, b"1")]))
    struct.pack_into("<I", data, data.index(b"PK\x05\x06") + 12, 1 << 30)
    with pytest.raises(BadInputError, match=r"has more than 40 members"):
        contents(written(tmp_path / "a.zip", bytes(data)))


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_cut_anywhere_is_refused(tmp_path: Path, kind: str) -> None:
    data = archive_bytes(kind, SMALL)
    # The zeros at the end of a tar file are more than it needs.
    end = -(-(data.rindex(b"gamma") + 5) // 512) * 512 + 512 if kind == "tar" else len(data)
    for length in range(0, end, max(1, end // 97)):
        with pytest.raises(BadInputError):
            contents(written(tmp_path / "a", data[:length]))


def test_a_tar_cut_between_two_members_is_refused(tmp_path: Path) -> None:
    data = archive_bytes("tar", SMALL)
    cut = data.index(b"Toy-1/x/c.txt")
    assert cut % 512 == 0
    for path in (
        written(tmp_path / "a.tar", data[:cut]),
        written(tmp_path / "a.tar.gz", gzip.compress(data[:cut])),
    ):
        with pytest.raises(BadInputError, match=r"is damaged or was cut off"):
            contents(path)


def test_a_damaged_header_is_not_taken_for_the_end(tmp_path: Path) -> None:
    data = bytearray(archive_bytes("tar", SMALL))
    data[data.index(b"Toy-1/x/c.txt")] ^= 1
    with pytest.raises(BadInputError, match=r"is damaged or was cut off"):
        contents(written(tmp_path / "a.tar", bytes(data)))


@pytest.mark.parametrize("kind", KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=4
    )
)
def test_a_damaged_archive_gives_a_sentence_or_is_read(
    tmp_path: Path, kind: str, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(archive_bytes(kind, SMALL))
    for place, difference in changes:
        data[int(place * len(data))] ^= difference
    with suppress(BadInputError):
        assert len(contents(written(tmp_path / "a", bytes(data)))) <= len(SMALL)


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"text\n", bz2.compress(b"x"), b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c"]
)
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadInputError, match=r"is none of \.tar\.gz, \.tar\.xz, \.tar and \.zip"):
        contents(written(tmp_path / "a", data))


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileSystemError, match=r"absent cannot be read: no such file"):
        contents(tmp_path / "absent")
