"""Files of sums: what one share of the items adds to a count, as Parquet."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import duckdb
import msgspec
import numpy as np

from clika import __version__
from clika.errors import BadInputError, ConfigError, Problem
from clika.schema import SUMS_COLUMNS, Coded
from clika.shares import (
    FORMAT_VERSION,
    ShareHeader,
    Sums,
    digest,
    parse_share,
    shapes,
    size,
)
from clika.store.connection import on_one_thread
from clika.store.queries import query
from clika.store.scores import stored
from clika.store.shards import write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from clika.shares import Quantities
    from clika.store.connection import Connection

__all__ = ["read_header", "read_sums", "write_sums"]

_HEADER = "clika_sums"
_AGAIN = "Count this share again, or copy its file again."


class _Version(msgspec.Struct):
    """The part of a header that every version of the file has."""

    format: int
    clika: str


def write_sums(
    connection: Connection,
    path: Path,
    header: ShareHeader,
    blocks: Sequence[Mapping[str, NDArray[np.int64]]],
) -> None:
    """Write the sums of one share.

    Parameters
    ----------
    connection
        Any connection: it only does the writing.
    path
        The Parquet file.
    header
        What they are the sums of; its digest and version are filled in.
    blocks
        By block of the header, by quantity, with the shapes of :func:`clika.shares.shapes`.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    header = msgspec.structs.replace(header, digest=digest(blocks), clika=__version__)
    columns = _columns(header, blocks)
    select = ", ".join(f"{stored(c, columns[c.name])} as {c.name}" for c in SUMS_COLUMNS)
    arrays = {
        name: column.codes if isinstance(column, Coded) else column
        for name, column in columns.items()
    }
    connection.register("summed", arrays)
    try:
        with on_one_thread(connection):
            write_parquet(
                connection,
                f"select {select} from summed",
                path,
                key=header.inputs,
                metadata={_HEADER: msgspec.json.encode(header).decode()},
            )
    finally:
        connection.unregister("summed")


def _columns(
    header: ShareHeader, blocks: Sequence[Mapping[str, NDArray[np.int64]]]
) -> dict[str, NDArray[np.int64] | Coded]:
    parts = [
        ((block.rule, block.task, quantity), prod(shape))
        for block in header.blocks
        for quantity, shape in shapes(header, block).items()
    ]
    lengths = [length for _, length in parts]
    rules, tasks, quantities = (
        _repeated([texts[place] for texts, _ in parts], lengths) for place in range(3)
    )
    sums = [np.empty(0, np.int64), *(array.ravel() for block in blocks for array in block.values())]
    return {"rule": rules, "task": tasks, "quantity": quantities, "sums": np.concatenate(sums)}


def _repeated(texts: Sequence[str], lengths: Sequence[int]) -> Coded:
    known = tuple(dict.fromkeys(texts))
    return Coded(np.repeat([known.index(text) for text in texts], lengths), known)


def read_header(connection: Connection, path: Path) -> ShareHeader:
    """Return what a file of sums says of itself.

    Raises
    ------
    BadInputError
        It is missing, not whole, no file of sums, or of another version.
    """
    if not path.is_file():
        raise _refusal(path, "there is no such file")
    try:
        found = connection.execute(query("sums_header"), {"path": str(path)}).fetchall()
    except duckdb.Error as error:
        raise _refusal(path, f"cannot be read: {str(error).splitlines()[0]}") from error
    if len(found) != 1:
        raise _refusal(path, "is no file of sums")
    text, rows = found[0]
    try:
        version = msgspec.json.decode(text, type=_Version)
        if version.format != FORMAT_VERSION:
            reason = (
                f"has version {version.format} of the format, written by clika {version.clika}; "
                f"this clika reads {FORMAT_VERSION}"
            )
            raise _refusal(path, reason)
        header = msgspec.json.decode(text, type=ShareHeader)
        parse_share(str(header.share))
    except (msgspec.DecodeError, UnicodeDecodeError, ConfigError) as error:
        raise _refusal(path, f"its header is damaged: {error}") from error
    if rows != size(header):
        raise _refusal(path, f"has {rows} sums, but its header promises {size(header)}")
    return header


def read_sums(connection: Connection, path: Path) -> Sums:
    """Return the sums of a file.

    Raises
    ------
    BadInputError
        As of :func:`read_header`; or the sums are not those that the header was written for.
    """
    header = read_header(connection, path)
    try:
        column = connection.execute(query("sums"), {"path": str(path)}).fetchnumpy()["sums"]
    except duckdb.Error as error:
        raise _refusal(path, f"cannot be read: {str(error).splitlines()[0]}") from error
    if column.dtype != np.int64 or np.ma.is_masked(column):
        raise _refusal(path, "holds something else than whole numbers")
    blocks = _cut(header, np.ma.getdata(column))
    if digest(blocks) != header.digest:
        raise _refusal(path, "is damaged: its sums are not those that were written")
    for block, sums in zip(header.blocks, blocks, strict=True):
        most = max(0, block.end - block.first)
        pairs = [sums[name] for name in ("n", "agree", "valid_both") if name in sums]
        below = any((array < 0).any() for array in sums.values())
        if below or any((array > most).any() for array in pairs):
            raise _refusal(path, f"holds a count that is not within 0 and its {most} items")
    return Sums(header, blocks)


def _cut(header: ShareHeader, sums: NDArray[np.int64]) -> tuple[Quantities, ...]:
    blocks = []
    start = 0
    for block in header.blocks:
        quantities = {}
        for quantity, shape in shapes(header, block).items():
            end = start + prod(shape)
            quantities[quantity] = sums[start:end].reshape(shape)
            start = end
        blocks.append(quantities)
    return tuple(blocks)


def _refusal(path: Path, reason: str) -> BadInputError:
    return BadInputError([Problem(str(path), None, None, reason)], advice=_AGAIN)
