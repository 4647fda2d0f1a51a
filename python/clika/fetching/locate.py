"""Finding a data set on this machine: where a path leads, or CLIKA_DATA, or an earlier fetch."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from clika.errors import BadInputError, FileSystemError
from clika.fetching.archives import archive_kind, read_archive
from clika.fetching.reading import readable
from clika.fetching.record import RECORD_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clika.fetching.sources import DataSet

__all__ = ["ENVIRONMENT_VARIABLE", "environment_source", "find_fetched", "find_source"]

#: Names a folder of archives, one archive, or an unpacked release.
ENVIRONMENT_VARIABLE = "CLIKA_DATA"

_SUFFIXES = (".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar", ".zip")
# A folder may hold large archives of anything; a data set's own files come early in its archive.
_PEEKED_MEMBERS = 500
_PEEKED_BYTES = 64 << 20


def find_source(path: Path, data_set: DataSet) -> Path | None:
    """Return the copy of a data set that a path leads to.

    Parameters
    ----------
    path
        An unpacked data set, a folder that holds one (under a name that the data set's archives
        use), an archive, or a folder of archives.
    data_set
        What to look for.

    Returns
    -------
    pathlib.Path or None
        The folder that the manifest's paths start in, or the archive; ``None`` when nothing is
        there that holds a file of the data set. Of several folders the one with most files of the
        manifest wins, a folder wins over an archive, and an archive that is named after the data
        set wins over another.

    Raises
    ------
    FileSystemError
        The path is there and cannot be read.
    """
    with readable(path):
        if path.is_file():
            return path if _holds(path, data_set) else None
        if not path.is_dir():
            return None
        children = sorted(path.iterdir())
        root = max(
            _roots(path, children, data_set), key=lambda folder: _files_at_hand(folder, data_set)
        )
        if _files_at_hand(root, data_set):
            return root
    archives = _archives(children, data_set)
    return next((archive for archive in archives if _opens(archive, data_set)), None)


def environment_source(data_set: DataSet) -> Path | None:
    """Return the copy of a data set that ``CLIKA_DATA`` leads to, ``None`` where it leads to none.

    Raises
    ------
    FileSystemError
        The variable names a path that cannot be read.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE, "")
    return find_source(Path(named), data_set) if named else None


def find_fetched(into: Path, data_set: DataSet) -> Path | None:
    """Return the folder that ``clika fetch`` finished, ``None`` where it did not.

    Parameters
    ----------
    into
        The folder that ``--into`` named.
    data_set
        What to look for.

    Raises
    ------
    FileSystemError
        The folder is there and cannot be read.
    """
    folder = into / data_set.folder_name
    with readable(folder):
        return folder if (folder / RECORD_NAME).is_file() else None


def _roots(path: Path, children: list[Path], data_set: DataSet) -> Iterator[Path]:
    tops = [child for child in children if data_set.is_top(child.name) and child.is_dir()]
    for top in [path, *tops]:
        yield top
        if data_set.subfolder:
            yield top / data_set.subfolder


def _files_at_hand(root: Path, data_set: DataSet) -> int:
    return sum((root / file).is_file() for file in data_set.manifest.sums)


def _archives(children: list[Path], data_set: DataSet) -> list[Path]:
    found = [child for child in children if child.name.endswith(_SUFFIXES)]
    return sorted(found, key=lambda archive: (not data_set.is_top(archive.name), archive.name))


def _opens(archive: Path, data_set: DataSet) -> bool:
    try:
        return archive.is_file() and _holds(archive, data_set)
    except FileSystemError:
        # An unreadable archive of something else is no reason to stop looking.
        if data_set.is_top(archive.name):
            raise
        return False


def _holds(archive: Path, data_set: DataSet) -> bool:
    if archive_kind(archive) is None:
        return False
    peek = replace(data_set.limits, members=_PEEKED_MEMBERS, unpacked_bytes=_PEEKED_BYTES)
    try:
        members = read_archive(archive, peek)
        return any(data_set.place(member.name) in data_set.manifest.sums for member in members)
    except BadInputError:
        return False
