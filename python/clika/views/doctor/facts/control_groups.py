"""What a control group allows a process: processors and memory, versions 1 and 2."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from clika.views.doctor.facts.parsing import Mount, parse_mounts, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Allowance", "allowance"]

#: Version 1 writes "no limit" as the largest number of whole pages.
_NO_LIMIT = 1 << 60


class Allowance(NamedTuple):
    """What a control group and those around it allow.

    Attributes
    ----------
    processors
        Quota in processors, such as 1.5; ``None`` for none.
    memory
        Bytes; ``None`` for no limit.
    is_hybrid
        Whether version 1 has the controllers while version 2 is mounted, too.
    """

    processors: float | None
    memory: int | None
    is_hybrid: bool


def allowance(root: Path = Path("/")) -> Allowance:
    """Return what the control groups of this process allow.

    Parameters
    ----------
    root
        Where the system's files lie.
    """
    mounts = parse_mounts(read_text(root / "proc/self/mountinfo"))
    groups = dict(_groups(read_text(root / "proc/self/cgroup")))
    quotas: list[float] = []
    limits: list[int] = []
    for mount in mounts:
        for folder in _folders(mount, groups, root):
            quotas += _quota(folder)
            limits += _limit(folder)
    kinds = {mount.kind for mount in mounts if mount.kind.startswith("cgroup")}
    return Allowance(
        min(quotas, default=None), min(limits, default=None), kinds == {"cgroup", "cgroup2"}
    )


def _groups(text: str) -> Iterator[tuple[str, str]]:
    """Yield each controller with the group that it has this process in; version 2 has no name."""
    for line in text.splitlines():
        _, _, rest = line.partition(":")
        names, colon, path = rest.partition(":")
        if colon:
            yield from ((name, path) for name in names.split(","))


def _folders(mount: Mount, groups: dict[str, str], root: Path) -> Iterator[Path]:
    """Yield the folder of this process's group, and those of the groups around it."""
    if mount.kind == "cgroup2":
        path = groups.get("")
    elif mount.kind == "cgroup":
        path = next((groups[name] for name in mount.options if name in groups), None)
    else:
        return
    if path is None:
        return
    group, top = PurePosixPath(path), PurePosixPath(mount.root)
    # In a container the mount may begin at this very group, or at one that is not above it.
    below = group.relative_to(top) if group.is_relative_to(top) else PurePosixPath()
    if ".." in below.parts:
        below = PurePosixPath()
    point = root / mount.point.lstrip("/")
    for part in (below, *below.parents):
        yield point / part


def _quota(folder: Path) -> list[float]:
    text = read_text(folder / "cpu.max")
    if not text:
        quota = read_text(folder / "cpu.cfs_quota_us").strip()
        text = f"{quota} {read_text(folder / 'cpu.cfs_period_us').strip()}"
    match = re.fullmatch(r"\s*(\d{1,18})\s+(\d{1,18})\s*", text)
    if match is None or not int(match[1]) or not int(match[2]):
        return []
    return [int(match[1]) / int(match[2])]


def _limit(folder: Path) -> list[int]:
    text = read_text(folder / "memory.max") or read_text(folder / "memory.limit_in_bytes")
    match = re.fullmatch(r"\s*(\d{1,20})\s*", text)
    return [int(match[1])] if match and int(match[1]) < _NO_LIMIT else []
