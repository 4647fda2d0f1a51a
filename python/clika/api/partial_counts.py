"""Counts of one matrix in shares: each saved where it was counted, then added up."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError
from clika.metrics.counts import AgreementCounts, PairCounts
from clika.shares import Block, ShareHeader, add_up, check_shares, parse_share
from clika.store.connection import in_memory
from clika.store.shards import content_key
from clika.store.sums import read_header, read_sums, write_sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike

    from clika.shares import Kind

__all__ = ["MergedCounts", "merge_counts", "save_counts"]

_ADVICE = "Name the files of all shares of one count, each once."


class MergedCounts(NamedTuple):
    """The counts over all items of a matrix.

    Attributes
    ----------
    name
        What the matrix is called.
    respondents
        The axes of the counts.
    items
        How many items were counted.
    counts
        With a gold or without.
    """

    name: str
    respondents: tuple[str, ...]
    items: int
    counts: PairCounts | AgreementCounts


def save_counts(
    path: str | PathLike[str],
    counts: PairCounts | AgreementCounts,
    *,
    name: str,
    respondents: Sequence[str],
    items: tuple[int, int],
    share: str = "1/1",
) -> None:
    """Save the counts over a share of the items of a matrix.

    Parameters
    ----------
    path
        The file (Parquet).
    counts
        From :func:`clika.metrics.counts.count_stream` or :func:`count_pairs`, or, without a gold,
        from :func:`count_agreement_stream` or :func:`count_agreement`.
    name
        What the matrix is called: the same in all shares, and in no share of another matrix.
    respondents
        Names of the rows and columns of the counts.
    items
        First item of the share, 0-based, and the one after its last.
    share
        Which share, ``i/n``.

    Raises
    ------
    ConfigError
        ``share`` names no share, or respondents or items do not fit the counts.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    first, end = items
    width = len(counts.agree)
    most = int(counts.valid_both.max(initial=0))
    if len(respondents) != width or len(set(respondents)) != width:
        raise ConfigError(
            f"respondents must be {width} different names, one for each row of the counts."
        )
    if not 0 <= first <= end or end - first < most:
        raise ConfigError(
            f"items are {first} to {end}, but must be a range of at least the {most} items counted."
        )
    kind, options = _kind_of(counts)
    header = ShareHeader(
        kind=kind,
        name=name,
        inputs=content_key("counts", name, kind, options, list(respondents)),
        share=parse_share(share),
        models=(),
        languages=tuple(respondents),
        blocks=(Block("", "", options, 0, first, end),),
    )
    with closing(in_memory()) as connection:
        write_sums(connection, Path(path), header, [counts.sums()])


def _kind_of(counts: PairCounts | AgreementCounts) -> tuple[Kind, int]:
    if isinstance(counts, PairCounts):
        return "pairs", counts.gold_n.shape[-1]
    return "agreement", 0


def merge_counts(paths: Iterable[str | PathLike[str]]) -> MergedCounts:
    """Add up the shares of a matrix, whatever the order of the files.

    Parameters
    ----------
    paths
        The files of all its shares.

    Returns
    -------
    MergedCounts
        Equal to the counts over all items at once, to the bit.

    Raises
    ------
    BadInputError
        A share is missing, there twice, of another matrix, damaged, or of another version.
    ConfigError
        No file is named.

    Notes
    -----
    Two shares are in memory at a time, however many there are.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from clika.metrics.counts import count_agreement
    >>> codes = np.array([[0, 0], [1, -1], [1, 1]], dtype=np.int8)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for share, items in (("1/2", (0, 2)), ("2/2", (2, 3))):
    ...         save_counts(
    ...             f"{folder}/{share[0]}.parquet",
    ...             count_agreement(codes[slice(*items)], options=2),
    ...             name="made up",
    ...             respondents=["small", "large"],
    ...             items=items,
    ...             share=share,
    ...         )
    ...     found = merge_counts(Path(folder).iterdir())
    >>> found.items, found.counts.agree.tolist()
    (3, [[3, 2], [2, 2]])
    """
    files = [Path(path) for path in paths]
    if not files:
        raise ConfigError("No file is named to merge.")
    with closing(in_memory()) as connection:
        headers = [(str(path), read_header(connection, path)) for path in files]
        check_shares(headers, advice=_ADVICE)
        header = headers[0][1]
        if header.kind == "study":
            raise ConfigError(
                f"{files[0]} is a share of the study {header.name}: use clika merge {header.name}."
            )
        total = add_up(read_sums(connection, path) for path in files)
    kind = PairCounts if header.kind == "pairs" else AgreementCounts
    end = max(each.blocks[0].end for _, each in headers)
    return MergedCounts(header.name, header.languages, end, kind.of_sums(total.blocks[0]))
