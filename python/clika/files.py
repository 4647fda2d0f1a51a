"""Writing a file so that nobody ever sees half of it, and one writer at a time.

Every file that clika writes appears under its name by a rename, after its bytes are on the disk.
Whatever refuses (no space, no permission) becomes a sentence, and the temporary file is removed.
And reading JSON that anybody may have written.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.errors import BusyError, FileSystemError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = [
    "Holder",
    "exclusive",
    "holder",
    "is_alive",
    "read_json",
    "refusal",
    "refusals",
    "replacing",
    "sync",
    "write_text",
]

_NO_LOCKS = "{path} cannot be locked: its filesystem has no locks. Choose another folder."
_REFUSALS = {
    errno.ENOSPC: "No space is left on the device to write {path}. Free some and run again.",
    errno.EDQUOT: "The disk quota is used up at {path}. Free some space and run again.",
    errno.EROFS: "{path} cannot be written: the file system is read-only. Choose another folder.",
    errno.EACCES: "{path} cannot be written: permission denied. Choose another folder.",
    errno.EPERM: "{path} cannot be written: the operation is not permitted. Choose another folder.",
    errno.EEXIST: "{path} cannot be written: a file stands where its folder should be.",
    errno.ENAMETOOLONG: "{path} cannot be written: its name is too long.",
    errno.ENOTDIR: "{path} cannot be written: a part of its path is a file, not a folder.",
    errno.EISDIR: "{path} cannot be written: it is a folder.",
    **dict.fromkeys((errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP), _NO_LOCKS),
    errno.EIO: "{path} cannot be written: the device reports an error. Choose another folder.",
}


def refusal(path: Path, *, number: int | None = None, message: str = "") -> FileSystemError | None:
    """Return the sentence for a refusal of the file system; ``None`` where it is not one.

    Parameters
    ----------
    path
        What was to be written.
    number
        The error number, where the operating system's own error is at hand.
    message
        The message of a library that hides the number but quotes the operating system.
    """
    for known, template in _REFUSALS.items():
        if known == number or (number is None and os.strerror(known) in message):
            return FileSystemError(template.format(path=path))
    return None


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turn a refusal of the file system inside the block into a sentence about ``path``.

    Raises
    ------
    FileSystemError
        The disk is full, the folder is read-only, and the like.
    """
    try:
        yield
    except OSError as error:
        sentence = refusal(path, number=error.errno or 0)
        if sentence is None:
            raise
        raise sentence from error


def sync(path: Path) -> None:
    """Return once the bytes of a file are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it is synced and renamed to ``path``.

    When the block raises, the temporary file is removed and ``path`` is as it was. What a killed
    process left of the same file is removed at the start.

    Raises
    ------
    FileSystemError
        The file system refused.
    """
    ours = f".{path.name}.{platform.node()}."
    temporary = path.with_name(f"{ours}{os.getpid()}.tmp")
    with refusals(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_orphans(path.parent, ours)
        try:
            yield temporary
            sync(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def _remove_orphans(folder: Path, prefix: str) -> None:
    """Remove what killed processes of this host left behind; another host's may be alive."""
    for orphan in folder.iterdir():
        process, _, ending = orphan.name.removeprefix(prefix).partition(".")
        left_here = orphan.name.startswith(prefix) and ending.startswith("tmp")
        if left_here and process.isdecimal() and not is_alive(int(process)):
            orphan.unlink(missing_ok=True)


def is_alive(process: int) -> bool:
    """Return whether a process of that number runs on this host.

    A process that ends gives up its memory, and with it its command line, before its locks: who has
    just been given such a lock is told that the process is dead, though its number still exists.
    """
    import psutil  # noqa: PLC0415 - 30 ms, needed only after a kill

    try:
        return bool(psutil.Process(process).cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
    except psutil.AccessDenied:
        return True


def write_text(path: Path, text: str) -> None:
    """Write a text file in one step (UTF-8, the line ends as given)."""
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode())


def read_json(path: Path) -> Any:  # noqa: ANN401
    """Return what a JSON file holds; ``None`` where it is not there, or not such a file.

    Brackets nested too deep for Python's parser make it no such file, whoever wrote it.
    """
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


class Holder(NamedTuple):
    """Who took a lock.

    Attributes
    ----------
    process
        Its number.
    host
        The machine that it runs on: several may share a folder.
    """

    process: int
    host: str

    @property
    def may_be_alive(self) -> bool:
        """Whether the process runs; of another machine nothing is known."""
        return self.host != platform.node() or is_alive(self.process)


def holder(lock: Path) -> Holder | None:
    """Return who last took a lock, ``None`` where it left no note."""
    try:
        process, host = lock.read_text(encoding="utf-8").split()
        return Holder(int(process), host)
    except (OSError, ValueError):
        return None


@contextmanager
def exclusive(
    lock: Path, *, wait: bool, tell: Callable[[str], None] | None = None
) -> Iterator[int]:
    """Hold a lock file for the block; the kernel releases it when its last holder ends.

    Parameters
    ----------
    lock
        The file to lock; made with its folder where it is missing, and left behind.
    wait
        Whether to wait for another holder (an orphan of a killed run, say) or to refuse.
    tell
        Called before it waits, with a sentence that says for whom.

    Yields
    ------
    int
        The open descriptor: a child that inherits it holds the lock too.

    Raises
    ------
    BusyError
        Another process holds the lock and ``wait`` is false.
    FileSystemError
        The lock file cannot be made.
    """
    with refusals(lock):
        lock.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        with refusals(lock):
            _take(descriptor, lock, wait=wait, tell=tell)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()} {platform.node()}".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, lock: Path, *, wait: bool, tell: Callable[[str], None] | None) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        if not wait:
            raise BusyError(f"{_at_work(lock)}. Wait for it or end it, then run again.") from error
        if tell is not None:
            tell(f"{_at_work(lock)}: waiting for its end.")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _at_work(lock: Path) -> str:
    owner = holder(lock)
    who = "Another process" if owner is None else f"Process {owner.process} on {owner.host}"
    return f"{who} is at work in {lock.parent} ({lock.name})"
