"""Shares of the items of one count: which items each has, what its file holds, how they add up.

Every number of a pair is made of sums over items. So the items can be cut into shares, each counted
by itself, on any machine, and the sums added: the result is that of all items at once, to the bit.
"""

from __future__ import annotations

import re
from hashlib import sha256
from math import prod
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import msgspec
import numpy as np

from clika.errors import BadInputError, ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "FORMAT_VERSION",
    "Block",
    "Kind",
    "Share",
    "ShareHeader",
    "Sums",
    "add_up",
    "check_shares",
    "digest",
    "parse_share",
    "places_of_share",
    "shapes",
    "size",
]

#: Version of the file; another one is refused.
FORMAT_VERSION = 1
_MOST_SHARES = 1_000_000
_MOST_LISTED = 10
_SHARE = re.compile(r"(\d{1,7})/(\d{1,7})", re.ASCII)

_Natural = Annotated[int, msgspec.Meta(ge=0)]
_Options = Annotated[int, msgspec.Meta(ge=0, le=64)]

#: What is counted: a study's tasks, or one matrix with or without a gold.
Kind = Literal["study", "pairs", "agreement"]

#: By quantity, the sums of one block, ``int64``.
Quantities = dict[str, "NDArray[np.int64]"]


class Share(NamedTuple):
    """One of several shares of the items.

    Attributes
    ----------
    number
        Which, from 1.
    of
        How many there are.
    """

    number: int
    of: int

    def __str__(self) -> str:
        """Return ``number/of``."""
        return f"{self.number}/{self.of}"

    @property
    def file_name(self) -> str:
        """The name of its file in ``scores/shards/``."""
        return f"{self.number}-of-{self.of}.parquet"


def parse_share(text: str) -> Share:
    """Return the share that a text names.

    Raises
    ------
    ConfigError
        It is not ``i/n`` with 1 <= i <= n.

    Examples
    --------
    >>> parse_share("3/8")
    Share(number=3, of=8)
    """
    match = _SHARE.fullmatch(text)
    share = Share(*map(int, match.groups())) if match else Share(0, 0)
    if not 1 <= share.number <= share.of <= _MOST_SHARES:
        raise ConfigError(
            f"{text!r} names no share: write i/n with 1 <= i <= n, for example 3/8 for the third "
            "of eight."
        )
    return share


def places_of_share(clusters: NDArray[np.int32], share: Share) -> tuple[NDArray[np.int64], range]:
    """Return which items a share has.

    Shares are of about equal size and contiguous in the order of the items' ids, but for items of
    one cluster: they stay together, in the place of the first of them.

    Parameters
    ----------
    clusters
        int32 ``(n_items,)``: the cluster of each item, items in the order of their ids.
    share
        Which share.

    Returns
    -------
    tuple of ndarray and range
        Places of the items, ascending; and where they stand among all in the order of shares. Both
        are empty where there are more shares than clusters.

    Examples
    --------
    >>> places_of_share(np.array([7, 8, 7, 9], np.int32), Share(1, 2))
    (array([0, 2]), range(0, 2))
    """
    _, first, cluster = np.unique(clusters, return_index=True, return_inverse=True)
    order = np.argsort(first[cluster], kind="stable")
    begins = np.flatnonzero(np.diff(first[cluster][order], prepend=-1))
    cuts = np.append(begins, len(clusters))

    def cut(number: int) -> int:
        return int(cuts[np.searchsorted(cuts, number * len(clusters) // share.of)])

    span = range(cut(share.number - 1), cut(share.number))
    return np.sort(order[span.start : span.stop]), span


class Block(NamedTuple):
    """One matrix of answers, and the part of its items that a share has.

    Attributes
    ----------
    rule, task
        Which answers of a study; empty for a matrix that is no study's.
    options
        Number of options (k); 0 where only agreement was counted.
    origins
        How many origins the items of a study's task have, the languages among them.
    first, end
        The items ``first <= i < end``, 0-based, in the order of shares.
    """

    rule: str
    task: str
    options: _Options
    origins: _Natural
    first: _Natural
    end: _Natural


class ShareHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of sums says of itself, as JSON in its metadata.

    Attributes
    ----------
    kind
        What is counted.
    name
        The study, or what the caller calls the matrix.
    inputs
        Hash of what was counted: equal in all shares of one whole.
    share
        Which share.
    models, languages
        The respondents: each model in each language, the languages of a model side by side. A
        matrix that is no study's has no models, and its columns are the languages.
    blocks
        The matrices counted, in the order of the file.
    digest
        Hash of the sums.
    format
        :data:`FORMAT_VERSION`.
    clika
        The version of clika that counted.
    """

    kind: Kind
    name: str
    inputs: str
    share: Share
    models: tuple[str, ...]
    languages: tuple[str, ...]
    blocks: tuple[Block, ...]
    digest: str = ""
    format: int = FORMAT_VERSION
    clika: str = ""

    @property
    def whole(self) -> dict[str, object]:
        """What all shares of one whole have in common, beside their number."""
        return {
            "kind": self.kind,
            "name": self.name,
            "inputs": self.inputs,
            "models": self.models,
            "languages": self.languages,
            "tasks": tuple(block._replace(first=0, end=0) for block in self.blocks),
        }


class Sums(NamedTuple):
    """The sums over a share, or over all of them.

    Attributes
    ----------
    header
        What they are the sums of.
    blocks
        By block of the header, by quantity.
    """

    header: ShareHeader
    blocks: tuple[Quantities, ...]


def shapes(header: ShareHeader, block: Block) -> dict[str, tuple[int, ...]]:
    """Return the shape of each quantity of a block, in the order of the file.

    With R respondents (models x languages), M models, L languages, k options and O origins.
    """
    models, languages = len(header.models), len(header.languages)
    respondents = max(1, models) * languages
    matrix = (respondents, respondents)
    if header.kind == "agreement":
        return {"agree": matrix, "valid_both": matrix}
    cube = (*matrix, block.options)
    pairs = {
        **dict.fromkeys(("n", "both_right", "right_source", "agree", "valid_both"), matrix),
        **dict.fromkeys(
            ("gold_n", "gold_right_source", "letters_source", "letters_source_valid"), cube
        ),
    }
    if header.kind == "pairs":
        return pairs
    by_origin = (models, block.origins + 1, languages)
    return {
        **pairs,
        "origin_items": (block.origins + 1,),
        "origin_asked": by_origin,
        "origin_right": by_origin,
        "own_both": (models, languages, languages),
        "own_either": (models, languages, languages),
        "rated": (models,),
        "rated_letters": (models, block.options),
        "rated_apart": (models, languages - 1),
        "right_languages": (models, languages),
        "right_items": (models, languages + 1),
    }


def size(header: ShareHeader) -> int:
    """Return how many sums a file with that header holds."""
    return sum(prod(shape) for block in header.blocks for shape in shapes(header, block).values())


def digest(blocks: Iterable[Mapping[str, NDArray[np.int64]]]) -> str:
    """Return the hash of sums, in the order of the file."""
    hashed = sha256()
    for block in blocks:
        for sums in block.values():
            hashed.update(np.ascontiguousarray(sums, dtype="<i8").data)
    return hashed.hexdigest()


def check_shares(
    found: Sequence[tuple[str, ShareHeader]],
    *,
    of: tuple[str, ShareHeader] | None = None,
    advice: str,
) -> None:
    """Raise unless the shares are each share of one whole, once.

    Parameters
    ----------
    found
        Name and header of each file, at least one.
    of
        What they should be shares of as share 1/1, and its name; ``None``: what the first is a
        share of.
    advice
        How to count a share.

    Raises
    ------
    BadInputError
        A share is missing, is there twice, or is of another whole.
    """
    problems = (
        [*_strangers(found, *(of or found[0]))]
        or [*_otherwise_cut(found)]
        or [*_repeated(found)]
        or [*_gaps(found, of and of[1])]
    )
    if problems:
        raise BadInputError(problems, advice=advice)


def _strangers(
    found: Sequence[tuple[str, ShareHeader]], whole: str, expected: ShareHeader
) -> Iterable[Problem]:
    for name, header in found:
        theirs = header.whole
        differing = [what for what, value in expected.whole.items() if theirs[what] != value]
        if differing:
            yield Problem(
                name, None, None, f"does not belong to {whole}: other {', '.join(differing)}"
            )


def _otherwise_cut(found: Sequence[tuple[str, ShareHeader]]) -> Iterable[Problem]:
    (first_name, first), *others = found
    for name, header in others:
        if header.share.of != first.share.of:
            reason = f"is share {header.share}, but {first_name} is share {first.share}"
            yield Problem(name, None, None, reason)


def _repeated(found: Sequence[tuple[str, ShareHeader]]) -> Iterable[Problem]:
    met: dict[Share, str] = {}
    for name, header in found:
        if header.share in met:
            yield Problem(name, None, None, f"is share {header.share}, as is {met[header.share]}")
        met.setdefault(header.share, name)


def _gaps(found: Sequence[tuple[str, ShareHeader]], whole: ShareHeader | None) -> Iterable[Problem]:
    """Find missing shares; where there is none, shares that leave out items or count them twice."""
    by_number = {header.share.number: (name, header) for name, header in found}
    of = found[0][1].share.of
    missing = [str(Share(number, of)) for number in range(1, of + 1) if number not in by_number]
    if missing:
        yield Problem(found[0][1].name, None, None, f"missing: {_listed(missing)}")
        return
    ends = [0] * len(found[0][1].blocks)
    for _, (name, header) in sorted(by_number.items()):
        for place, block in enumerate(header.blocks):
            if not ends[place] == block.first <= block.end:
                reason = f"has items {block.first} to {block.end}, but {ends[place]} comes next"
                yield Problem(name, None, block.task or None, reason)
            ends[place] = block.end
    for block, end in zip(whole.blocks if whole else (), ends, strict=False):
        if block.end != end:
            reason = f"the shares end at item {end}, but there are {block.end}"
            yield Problem(found[-1][0], None, block.task, reason)


def _listed(missing: Sequence[str]) -> str:
    shown = ", ".join(missing[:_MOST_LISTED])
    rest = len(missing) - _MOST_LISTED
    more = f" and {rest} more" if rest > 0 else ""
    return f"share{'s' * (len(missing) > 1)} {shown}{more}"


def add_up(parts: Iterator[Sums]) -> Sums:
    """Return the sums of several shares, at least one; the first is changed in place.

    The header is that of the first, so it says nothing of the share that the result is of.
    """
    total = next(parts)
    for part in parts:
        for sums, more in zip(total.blocks, part.blocks, strict=True):
            for quantity, array in more.items():
                sums[quantity] += array
    return total
