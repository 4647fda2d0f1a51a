"""The committed checksums of a data set: which files it has, and the SHA-256 of each."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Manifest", "parse_manifest", "read_manifest"]

_LINE = re.compile(r"(?P<sum>[0-9a-f]{64})  (?P<path>[^/\\\s][^\\]*)")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a data set.

    Attributes
    ----------
    sums
        Path of each file below the data set's folder (with ``/``), to its SHA-256 in hexadecimal;
        in the order of the manifest.
    folders
        Every folder that directly holds a file of the manifest; ``""`` is the top.
    sha256
        SHA-256 of the manifest itself, in hexadecimal.
    """

    sums: Mapping[str, str]
    folders: frozenset[str]
    sha256: str


def parse_manifest(text: str) -> Manifest:
    """Read the lines that ``sha256sum`` writes.

    Parameters
    ----------
    text
        One ``SHA256  PATH`` a line.

    Returns
    -------
    Manifest

    Raises
    ------
    ValueError
        A line has another form, a path leaves the folder, or a path comes twice.

    Examples
    --------
    >>> sorted(parse_manifest("0" * 64 + "  x_geo/en/a.jsonl").folders)
    ['x_geo/en']
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None or ".." in match["path"].split("/") or match["path"] in sums:
            raise ValueError(f"line {number} of the manifest is not one new 'SHA256  PATH'")
        sums[match["path"]] = match["sum"]
    folders = frozenset(path.rpartition("/")[0] for path in sums)
    return Manifest(MappingProxyType(sums), folders, hashlib.sha256(text.encode()).hexdigest())


@cache
def read_manifest(name: str) -> Manifest:
    """Return the manifest that clika ships for a data set.

    Parameters
    ----------
    name
        Name of a data set of :data:`clika.fetching.sources.DATA_SETS`.
    """
    shipped = files("clika.fetching").joinpath("manifests", f"{name}.sha256")
    return parse_manifest(shipped.read_text(encoding="utf-8"))
