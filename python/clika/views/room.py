"""How much room there is for files that are not made yet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

__all__ = ["Room", "look_for_room"]


class Room(NamedTuple):
    """What this user may still write.

    Attributes
    ----------
    nearest
        The path without links, or what is nearest around it that is there.
    free, free_files
        Bytes, and files; ``None`` where the filesystem does not say.
    """

    nearest: Path
    free: int | None
    free_files: int | None


def look_for_room(path: str | Path) -> Room:
    """Return how much may be written at a path, however long that takes."""
    target = Path(os.path.realpath(path))
    # Unlike pathlib's, this function takes what cannot be looked at for what is not there.
    nearest = next((f for f in (target, *target.parents) if os.path.lexists(f)), target)
    try:
        found = os.statvfs(nearest)
    except OSError:
        return Room(nearest, None, None)
    # A filesystem that makes its inodes when they are needed counts none of them.
    return Room(nearest, found.f_bavail * found.f_frsize, found.f_favail if found.f_files else None)
