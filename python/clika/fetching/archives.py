"""Reading an archive from anywhere without trusting it.

An archive is read as a stream of members; nothing is written here and nothing is held whole in
memory. What could harm is refused by :class:`~clika.errors.BadInputError`: a path that leaves the
folder, a link, a device, a member that comes twice, an archive that unpacks to far more than its
data set could need, and one that is damaged or was cut off.
"""

from __future__ import annotations

import errno
import gzip
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, cast

from clika.errors import BadInputError, Problem
from clika.fetching.reading import BLOCK_BYTES, readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from clika.fetching.sources import Limits

__all__ = ["Member", "archive_kind", "read_archive"]

ArchiveKind = Literal["tar", "tar.gz", "tar.xz", "zip"]

#: Up to here an archive may unpack to whatever it likes, whatever its own size.
_FREE_BYTES = 16 << 20
#: Names and attributes between two members of a tar archive; tarfile reads them into memory.
_HEADER_BYTES = 1 << 20
#: What a decoder of .tar.xz may allocate; `xz -9` needs 65 MiB.
_DECODER_BYTES = 256 << 20
_READ_BYTES = 128 << 10
_TAR_BLOCK = 512
#: The end record of a zip archive with the longest comment, and the locator before it.
_ZIP_TAIL_BYTES = 22 + 0xFFFF + 20
_ZIP_ENTRY_BYTES = 1024
_ENCRYPTED = 0x1
_MOST_PROBLEMS = 20

_KINDS: tuple[tuple[ArchiveKind, int, bytes], ...] = (
    ("tar.gz", 0, b"\x1f\x8b"),
    ("tar.xz", 0, b"\xfd7zXZ\x00"),
    ("zip", 0, b"PK\x03\x04"),
    ("zip", 0, b"PK\x05\x06"),
    ("tar", 257, b"ustar"),
)
#: What the readers raise on bytes that no packer wrote; the last three are zipfile's, for a header
#: that names a feature it lacks, does not fit its file, or holds no text.
_DAMAGE = (
    EOFError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    struct.error,
    ValueError,
)
_ZIP_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}


class Member(NamedTuple):
    """One regular file of an archive.

    Attributes
    ----------
    name
        Its path with ``/``, without ``.``, ``..`` and a leading slash.
    content
        Its bytes, block by block; to be read before the next member is asked for, or not at all.
    """

    name: str
    content: Iterator[bytes]


class _Entry(NamedTuple):
    name: str
    size: int
    reason: str | None
    content: Iterator[bytes] | None  # None for a folder


def archive_kind(path: Path) -> ArchiveKind | None:
    """Return what kind of archive a file is, told by its first bytes and not by its name.

    Parameters
    ----------
    path
        An existing file.

    Returns
    -------
    str or None
        ``None`` when it is no archive of a known kind.

    Raises
    ------
    FileSystemError
        The file cannot be read.
    """
    with readable(path), path.open("rb") as file:
        head = file.read(_TAR_BLOCK)
    for kind, offset, magic in _KINDS:
        if head[offset:].startswith(magic):
            return kind
    return None


def read_archive(path: Path, limits: Limits) -> Iterator[Member]:
    """Yield the regular files of an archive, one after another, in its own order.

    Parameters
    ----------
    path
        A .tar.gz, .tar.xz, .tar or .zip file, whatever its name.
    limits
        What the archive may ask for.

    Yields
    ------
    Member

    Raises
    ------
    BadInputError
        The file is no such archive, it is damaged or cut off, it asks for more than ``limits``
        (both at once), or some of its members are refused (at the end, with every one of them; they
        are never yielded). Until the generator ends, nothing that it yielded may be kept.
    FileSystemError
        The file cannot be read.
    """
    kind = archive_kind(path)
    if kind is None:
        raise _refusal(path, "is none of .tar.gz, .tar.xz, .tar and .zip")
    with readable(path):
        packed = path.stat().st_size
    if packed > limits.archive_bytes:
        raise _refusal(path, f"is larger than {limits.archive_bytes:,} bytes")
    allowed = min(limits.unpacked_bytes, max(_FREE_BYTES, limits.ratio * packed))
    limits = replace(limits, unpacked_bytes=allowed)
    entries = _zip_entries(path, limits) if kind == "zip" else _tar_entries(path, kind, limits)
    problems: list[Problem] = []
    for name, entry in _told_apart(path, entries, limits, problems):
        if not problems:
            yield Member(name, entry)
    if problems:
        rest = len(problems) - _MOST_PROBLEMS
        more = [Problem(str(path), None, None, f"{rest} more such members")] if rest > 0 else []
        raise BadInputError(
            [*problems[:_MOST_PROBLEMS], *more],
            advice="An archive with such members is not unpacked; nothing of it was kept.",
        )


def _told_apart(
    path: Path, entries: Iterator[_Entry], limits: Limits, problems: list[Problem]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the plain files; append to ``problems`` what must not be there."""
    seen: set[str] = set()
    for count, entry in enumerate(entries, start=1):
        if count > limits.members:
            raise _refusal(path, f"has more than {limits.members:,} members")
        if entry.size > limits.member_bytes:
            raise _refusal(path, f"has a member of more than {limits.member_bytes:,} bytes")
        name = "/".join(part for part in entry.name.split("/") if part not in {"", "."})
        reason = _bad_name(entry.name) or entry.reason
        if reason is None and entry.content is not None:
            reason = "comes twice" if name in seen else None
            seen.add(name)
        if reason is not None:
            problems.append(Problem(f"{path}: {_printable(entry.name)}", None, None, reason))
        elif entry.content is not None:
            yield name, entry.content


def _refusal(path: Path, reason: str) -> BadInputError:
    return BadInputError(
        [Problem(str(path), None, None, reason)],
        advice="It is not unpacked; nothing of it was kept.",
    )


def _too_large(path: Path, allowed: int) -> BadInputError:
    return _refusal(path, f"unpacks to more than {allowed:,} bytes, far more than it could need")


def _printable(name: str) -> str:
    # A name from an archive may hold terminal escapes or bytes that are no text.
    return name if name.isprintable() else ascii(name)


def _bad_name(name: str) -> str | None:
    if name.startswith("/"):
        return "an absolute path"
    if ".." in name.split("/"):
        return "a path that leaves the folder"
    if "\\" in name or re.match(r"[A-Za-z]:", name):
        return "a Windows path"
    if not name.isprintable():
        return "a name with control characters"
    return None


@contextmanager
def _intact(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise _refusal(path, f"is damaged or was cut off ({error})") from error
    except OSError as error:
        # What a place before the start of the file gives, as a damaged directory may name one.
        if error.errno != errno.EINVAL:
            raise
        raise _refusal(path, "is damaged or was cut off (a member lies outside)") from error


def _tar_entries(path: Path, kind: ArchiveKind, limits: Limits) -> Iterator[_Entry]:
    with readable(path), path.open("rb") as file, _intact(path):
        counted = _CountedStream(path, _decoded(file, kind), limits.unpacked_bytes)
        with tarfile.open(
            fileobj=cast("IO[bytes]", counted), mode="r|", bufsize=_READ_BYTES
        ) as archive:
            while (info := archive.next()) is not None:
                counted.expect_header(at=archive.offset)
                content = None if info.isdir() else _tar_content(path, archive, info)
                yield _Entry(info.name, info.size, _bad_type(info), content)
            counted.expect_end(at=archive.offset)


def _bad_type(info: tarfile.TarInfo) -> str | None:
    if info.isdir():
        return None
    if info.issym() or info.islnk():
        return "a link"
    if info.isdev():
        return "a device or a pipe"
    if info.issparse() or not info.isreg():
        return "not a plain file"
    return None


def _tar_content(path: Path, archive: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    with readable(path), _intact(path):
        content = archive.extractfile(info)
        if content is not None:
            while block := content.read(BLOCK_BYTES):
                yield block


def _zip_entries(path: Path, limits: Limits) -> Iterator[_Entry]:
    with readable(path), _intact(path):
        _check_zip_directory(path, limits.members)
        with zipfile.ZipFile(path) as archive:
            total = 0
            for info in archive.infolist():
                total += info.file_size
                if total > limits.unpacked_bytes:
                    raise _too_large(path, limits.unpacked_bytes)
                content = None if info.is_dir() else _zip_content(path, archive, info)
                # The other name is cut at a NUL and has its separators changed.
                yield _Entry(info.orig_filename, info.file_size, _bad_zip_entry(info), content)


def _check_zip_directory(path: Path, members: int) -> None:
    # zipfile reads the whole directory into memory before anybody can count its entries.
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, _ZIP_TAIL_BYTES), os.SEEK_END)
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[end + 12 : end + 16], "little")
    large = size > members * _ZIP_ENTRY_BYTES or tail[max(0, end - 20) :].startswith(b"PK\x06\x07")
    if end >= 0 and large:
        raise _refusal(path, f"has more than {members:,} members")


def _bad_zip_entry(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a link"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "a device or a pipe"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.compress_type not in _ZIP_METHODS:
        return f"packed by method {info.compress_type}, which is not known here"
    return None


def _zip_content(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with readable(path), _intact(path), archive.open(info) as content:
        while block := content.read(BLOCK_BYTES):
            yield block


def _decoded(file: IO[bytes], kind: ArchiveKind) -> _Readable:
    if kind == "tar.gz":
        return gzip.GzipFile(fileobj=file)
    return _XzStream(file) if kind == "tar.xz" else file


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _XzStream:
    """A .xz file's content; unlike :class:`lzma.LZMAFile` it bounds what the decoder allocates."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._start()

    def _start(self) -> None:
        self._decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_DECODER_BYTES)

    def read(self, size: int, /) -> bytes:
        """Return 1 to ``size`` bytes, or none at the end of the last stream."""
        while True:
            packed = b""
            if self._decoder.eof:
                # Streams may follow one another, with zeros between them.
                packed = self._decoder.unused_data.lstrip(b"\0")
                while not packed:
                    block = self._file.read(_READ_BYTES)
                    if not block:
                        return b""
                    packed = block.lstrip(b"\0")
                self._start()
            elif self._decoder.needs_input:
                packed = self._file.read(_READ_BYTES)
                if not packed:
                    raise EOFError("the compressed data end too early")
            data = self._decoder.decompress(packed, size)
            if data:
                return data


class _CountedStream:
    """An unpacked tar stream that knows how far it may go and where its last non-zero byte is."""

    def __init__(self, path: Path, stream: _Readable, allowed: int) -> None:
        self._path = path
        self._stream = stream
        self._allowed = allowed
        self._header_end = _HEADER_BYTES
        self._count = 0
        self._content_end = 0

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes; refuse to go past what is allowed."""
        data = self._stream.read(size)
        written = len(data.rstrip(b"\0"))
        if written:
            self._content_end = self._count + written
        self._count += len(data)
        if self._count > self._allowed:
            raise _too_large(self._path, self._allowed)
        if self._count > self._header_end:
            raise _refusal(self._path, f"has a member header of more than {_HEADER_BYTES:,} bytes")
        return data

    def expect_header(self, *, at: int) -> None:
        """Let the reader go on to the header at an offset, and through it."""
        self._header_end = at + _HEADER_BYTES

    def expect_end(self, *, at: int) -> None:
        """Read on to the end; from the offset on there must be zeros, one block or more.

        tarfile takes a damaged header, and a file that was cut between two members, for the end.
        """
        self._header_end = self._allowed
        while self.read(_READ_BYTES):
            pass
        if self._content_end > at or self._count < at + _TAR_BLOCK:
            raise _refusal(self._path, f"is damaged or was cut off (after {at:,} unpacked bytes)")
