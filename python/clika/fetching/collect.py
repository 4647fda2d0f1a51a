"""Keeping of a source exactly the files that the manifest names, each with the right checksum."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import BadInputError, Problem
from clika.fetching.archives import Member, read_archive
from clika.fetching.progress import Progress, silent
from clika.fetching.reading import checksum, file_blocks, readable
from clika.files import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from clika.fetching.progress import Listener
    from clika.fetching.sources import DataSet

__all__ = ["Collected", "Inspection", "collect", "inspect"]


class Inspection(NamedTuple):
    """What is in a data set's folder.

    Attributes
    ----------
    present
        Paths of the manifest that are there with the right checksum.
    damaged
        Paths of the manifest that are there with another one, in the manifest's order.
    """

    present: frozenset[str]
    damaged: tuple[str, ...]


class Collected(NamedTuple):
    """What a source held.

    Attributes
    ----------
    written
        Paths of the manifest that were wanted and are now there.
    n_unlisted
        Number of files that the manifest does not name; none was written.
    strays
        Those of them that lie in a folder of the data set, where somebody may look for them.
    """

    written: tuple[str, ...]
    n_unlisted: int
    strays: tuple[str, ...]


def inspect(folder: Path, data_set: DataSet, *, tell: Listener = silent) -> Inspection:
    """Check every file of the manifest that lies in a folder.

    Parameters
    ----------
    folder
        A folder that ``clika fetch`` made, or one that is not there.
    data_set
        Whose manifest.
    tell
        Hears about each file of the manifest.

    Raises
    ------
    FileSystemError
        A file cannot be read.
    """
    present, damaged = set(), []
    sums = data_set.manifest.sums
    for count, (path, expected) in enumerate(sums.items(), start=1):
        with readable(folder / path):
            there = (folder / path).is_file()
        if there and checksum(folder / path) == expected:
            present.add(path)
        elif there:
            damaged.append(path)
        tell(Progress("verify", count, len(sums)))
    return Inspection(frozenset(present), tuple(damaged))


def collect(
    source: Path,
    data_set: DataSet,
    wanted: AbstractSet[str],
    staging: Path,
    *,
    tell: Listener = silent,
) -> Collected:
    """Copy the wanted files of a source, each checked while it is written.

    Parameters
    ----------
    source
        An archive, or the folder that the manifest's paths start in.
    data_set
        What the source is a copy of, whole or in part.
    wanted
        Paths of the manifest to copy where the source has them.
    staging
        Folder to write to. What is in it after an error is to be thrown away.
    tell
        Hears about each file written.

    Raises
    ------
    BadInputError
        The source holds no file of the data set, a wanted file has another checksum (each is
        named), or the source is an archive that is not to be trusted.
    FileSystemError
        The source cannot be read, or ``staging`` not written.
    """
    from_folder = source.is_dir()
    sums = data_set.manifest.sums
    written: list[str] = []
    others: list[str] = []
    problems: list[Problem] = []
    offered = 0
    members = _folder_members(source, data_set) if from_folder else None
    for member in members or read_archive(source, data_set.limits):
        path = member.name if from_folder else data_set.place(member.name)
        if path not in sums:
            others.append(path)
            continue
        offered += 1
        if path not in wanted:
            continue
        if _keep(member.content, sums[path], staging / path):
            written.append(path)
            tell(Progress("unpack", len(written), None))
        else:
            place = str(source / path) if from_folder else f"{source}: {member.name}"
            reason = f"not the file of commit {data_set.commit[:7]}: its checksum is another"
            problems.append(Problem(place, None, None, reason))
    if not offered:
        raise _nothing_there(source, data_set)
    if problems:
        raise BadInputError(
            problems, advice="Nothing was kept. Get these files anew and run again."
        )
    folders = data_set.manifest.folders
    strays = tuple(sorted(path for path in others if path.rpartition("/")[0] in folders))
    return Collected(tuple(written), len(others), strays)


def _nothing_there(source: Path, data_set: DataSet) -> BadInputError:
    example = next(iter(data_set.manifest.sums))
    reason = f"holds no file of the data set {data_set.name!r}, such as {example}"
    return BadInputError(
        [Problem(str(source), None, None, reason)],
        advice=f"Name a copy of github.com/{data_set.repository} with --from, or leave it out.",
    )


def _keep(content: Iterator[bytes], expected: str, destination: Path) -> bool:
    part = destination.with_name(f"{destination.name}.part")
    digest = hashlib.sha256()
    with refusals(destination):
        destination.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            for block in content:
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != expected:
            part.unlink()
            return False
        part.replace(destination)
    return True


def _folder_members(root: Path, data_set: DataSet) -> Iterator[Member]:
    sums = data_set.manifest.sums
    for path in sums:
        with readable(root / path):
            there = (root / path).is_file()
        if there:
            yield Member(path, file_blocks(root / path))
    for folder in sorted(data_set.manifest.folders):
        for path in _plain_files(root, folder):
            if path not in sums:
                yield Member(path, iter(()))


def _plain_files(root: Path, folder: str) -> list[str]:
    with readable(root / folder):
        if not (root / folder).is_dir():
            return []
        names = [child.name for child in (root / folder).iterdir() if child.is_file()]
    return sorted(f"{folder}/{name}" if folder else name for name in names)
