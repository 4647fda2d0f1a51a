"""Reading files block by block, where a refusal is a sentence."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clika.errors import FileSystemError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["BLOCK_BYTES", "checksum", "file_blocks", "readable"]

#: How many bytes are read, hashed and written at a time.
BLOCK_BYTES = 1 << 20


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn a refusal of the file system inside the block into a sentence about ``path``.

    Raises
    ------
    FileSystemError
        The path cannot be read.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileSystemError(f"{path} cannot be read: {reason}.") from error


def file_blocks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, block by block.

    Raises
    ------
    FileSystemError
        The file cannot be read.
    """
    with readable(path), path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Raises
    ------
    FileSystemError
        The file cannot be read.
    """
    digest = hashlib.sha256()
    for block in file_blocks(path):
        digest.update(block)
    return digest.hexdigest()
