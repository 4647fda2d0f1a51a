"""The data sets that ``clika fetch`` knows, as data: where each comes from, how it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from clika.errors import UnknownNameError
from clika.fetching.manifests import Manifest, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DATA_SETS", "DataSet", "Limits", "ModelCoverage", "find_data_set"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may at most ask of this machine; beyond it, it is taken for hostile.

    Attributes
    ----------
    archive_bytes
        Size of the archive itself, packed.
    unpacked_bytes
        Size of all members together, headers and unlisted members included.
    member_bytes
        Size of one member.
    members
        Number of members.
    ratio
        Unpacked bytes for one packed byte; looked at only past the first 16 MiB, since a few short
        files may well be nothing but repetition.
    """

    archive_bytes: int
    unpacked_bytes: int
    member_bytes: int
    members: int
    ratio: int


@dataclass(frozen=True, slots=True)
class ModelCoverage:
    """How much of which models some files hold, in the order of the manifest.

    Attributes
    ----------
    whole
        Models with every file of theirs in the manifest.
    partial
        Models with some of their files.
    absent
        Models with none.
    """

    whole: tuple[str, ...]
    partial: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def n_models(self) -> int:
        """Number of models in the manifest."""
        return len(self.whole) + len(self.partial) + len(self.absent)


@dataclass(frozen=True, slots=True)
class DataSet:
    """One published data set at one commit.

    Attributes
    ----------
    name
        What the user types: ``clika fetch NAME``.
    repository
        ``OWNER/NAME`` on GitHub.
    commit
        The full commit, 40 hexadecimal digits.
    tops
        Patterns (as of :mod:`fnmatch`) of the one folder that an archive of the data set may have
        above everything else.
    subfolder
        Folder of the repository, below the top, that the manifest's paths start in; ``""`` for the
        top itself. A copy may have left it out.
    model_file
        Expression for a path that holds one model's outputs, with the group ``model``; ``None``
        where the data set has no models.
    licence
        Under which terms the texts stand, in a sentence.
    limits
        What an archive of it may ask for.
    """

    name: str
    repository: str
    commit: str
    tops: tuple[str, ...]
    subfolder: str
    model_file: re.Pattern[str] | None
    licence: str
    limits: Limits

    @property
    def url(self) -> str:
        """Address of the public archive of the commit (.tar.gz)."""
        return f"https://codeload.github.com/{self.repository}/tar.gz/{self.commit}"

    @property
    def folder_name(self) -> str:
        """Name of the folder that ``clika fetch`` makes, such as ``released-51059fe``."""
        return f"{self.name}-{self.commit[:7]}"

    @property
    def manifest(self) -> Manifest:
        """The committed checksums."""
        return read_manifest(self.name)

    def is_top(self, folder: str) -> bool:
        """Whether a folder of this name may stand above the data set in an archive."""
        return any(fnmatchcase(folder, pattern) for pattern in self.tops)

    def place(self, member: str) -> str:
        """Return a member's path below the data set's folder.

        Parameters
        ----------
        member
            Path in an archive or a folder, with ``/``, without ``.`` and ``..``.

        Returns
        -------
        str
            The path without a known top folder and without :attr:`subfolder`. Whether the manifest
            names it is another question.

        Examples
        --------
        >>> find_data_set("released").place("CLiKA-main/x_geo/en/chatgpt_res.jsonl")
        'x_geo/en/chatgpt_res.jsonl'
        """
        top, _, rest = member.partition("/")
        below = rest if rest and self.is_top(top) else member
        return below.removeprefix(f"{self.subfolder}/") if self.subfolder else below

    def models(self, paths: Iterable[str]) -> ModelCoverage:
        """Return which models are covered by some of the manifest's files.

        Parameters
        ----------
        paths
            Paths of the manifest that are at hand.
        """
        of_each: dict[str, set[str]] = {}
        for path in self.manifest.sums:
            match = self.model_file.fullmatch(path) if self.model_file else None
            if match:
                of_each.setdefault(match["model"], set()).add(path)
        held = set(paths)
        whole = tuple(name for name, needed in of_each.items() if needed <= held)
        absent = tuple(name for name, needed in of_each.items() if needed.isdisjoint(held))
        partial = tuple(name for name in of_each if name not in {*whole, *absent})
        return ModelCoverage(whole, partial, absent)


#: Room for several times the whole data sets, and for little else.
_LIMITS = Limits(
    archive_bytes=1 << 30,
    unpacked_bytes=4 << 30,
    member_bytes=256 << 20,
    members=20_000,
    ratio=200,
)

DATA_SETS: dict[str, DataSet] = {
    data_set.name: data_set
    for data_set in (
        DataSet(
            name="released",
            repository="RiverGao/CLiKA",
            commit="51059fe908ae2508740732056d8db3eba6c0f751",
            tops=("CLiKA", "CLiKA-*", "released-*"),
            subfolder="",
            model_file=re.compile(
                r"x_[a-z]+/[^/]+/(?P<model>[^/]+?)_res(?:_bf16_add_simple_example)?\.jsonl"
            ),
            licence="The authors state no licence: their texts are never passed on.",
            limits=_LIMITS,
        ),
        DataSet(
            name="bmlama",
            repository="Betswish/Cross-Lingual-Consistency",
            commit="13c9d46c8a11e9f7798a6e6ec8bc5efa98a9e448",
            tops=(
                "Cross-Lingual-Consistency",
                "Cross-Lingual-Consistency-*",
                "BMLAMA-*",
                "bmlama-*",
            ),
            subfolder="1_easyrun",
            model_file=None,
            licence="Apache-2.0.",
            limits=_LIMITS,
        ),
    )
}


def find_data_set(name: str) -> DataSet:
    """Return the data set of a name.

    Raises
    ------
    UnknownNameError
        clika knows none of that name; the nearest are suggested.
    """
    try:
        return DATA_SETS[name]
    except KeyError:
        raise UnknownNameError("data set", name, list(DATA_SETS)) from None
