"""Where paths lead: the folders of results, of temporary files, of models and of data.

A server of files that is gone lets whoever asks for one wait, often for ever. So a process of its
own looks at each path.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from clika.programs import SECONDS, ask_python
from clika.views.doctor.facts.parsing import Mount, mount_of, parse_mounts, read_text
from clika.views.room import look_for_room

__all__ = ["Place", "look_at_place", "look_at_variable", "look_now"]

_LOOK = """
import msgspec
from clika.views.doctor.facts.places import look_now
print(msgspec.json.encode(look_now({path!r})).decode())
"""


class Place(msgspec.Struct, frozen=True):
    """Where a path leads.

    Attributes
    ----------
    path
        As the user would type it.
    state
        ``folder`` or ``file``: what it is; ``absent``: it could be made; ``blocked``: something
        above it is no folder; ``silent``: nothing answers there in time.
    nearest
        The path without links, or what is nearest around it that is there; where all is silent,
        what does not answer.
    filesystem
        Its type; ``None`` where the system does not say.
    free, free_files
        Bytes, and files, that this user may still write; ``None`` where the filesystem does not
        say.
    is_writable
        Whether this user may write there.
    """

    path: str
    state: Literal["folder", "file", "absent", "blocked", "silent"]
    nearest: str
    filesystem: str | None = None
    free: int | None = None
    free_files: int | None = None
    is_writable: bool = False


def look_at_variable(name: str) -> Place | None:
    """Return where the path in a variable of the environment leads; ``None`` where not set."""
    value = os.environ.get(name)
    return look_at_place(os.path.expanduser(value)) if value else None  # noqa: PTH111 - of text


def look_at_place(path: str, *, seconds: float | None = None) -> Place:
    """Return where a path leads; never waits longer than for a program.

    Parameters
    ----------
    path
        A file or a folder, which need not be there.
    seconds
        How long to wait; ``None`` for as long as a program may take that only says what it knows.
    """
    answer = ask_python(_LOOK.format(path=path), seconds=seconds or SECONDS)
    if answer.state != "silent":
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(answer.output, type=Place)
        # It was not the path that kept the process from answering.
        return look_now(path)
    # To follow a link would be to ask again.
    mount = _mount(Path(os.path.abspath(path)), Path("/"))  # noqa: PTH100 - of text
    point, kind = (path, None) if mount is None else (mount.point, mount.kind)
    return Place(path, "silent", point, kind)


def look_now(path: str, root: Path = Path("/")) -> Place:
    """Return where a path leads, however long that takes."""
    target = Path(os.path.realpath(path))
    nearest, free, free_files = look_for_room(target)
    # Unlike pathlib's, this function takes what cannot be looked at for what is not there.
    is_folder = os.path.isdir(nearest)  # noqa: PTH112
    mount = _mount(nearest, root)
    states = {
        (True, True): "folder",
        (True, False): "file",
        (False, True): "absent",
        (False, False): "blocked",
    }
    return msgspec.convert(
        {
            "path": path,
            "state": states[nearest == target, is_folder],
            "nearest": str(nearest),
            "filesystem": None if mount is None else mount.kind,
            "free": free,
            "free_files": free_files,
            "is_writable": is_folder and os.access(nearest, os.W_OK | os.X_OK),
        },
        Place,
    )


def _mount(folder: Path, root: Path) -> Mount | None:
    return mount_of(parse_mounts(read_text(root / "proc/self/mountinfo")), folder)
