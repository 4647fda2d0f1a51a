"""What system files and programs write, as data; anything else in them is passed over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path, PurePath

__all__ = [
    "Gpu",
    "Mount",
    "Partition",
    "mount_of",
    "parse_capabilities",
    "parse_cpuinfo",
    "parse_cuda_version",
    "parse_directive",
    "parse_gpus",
    "parse_mounts",
    "parse_partitions",
    "read_text",
]

#: Of the small files in which a system tells about itself.
_MOST_BYTES = 4 << 20


class Mount(NamedTuple):
    """A mounted filesystem.

    Attributes
    ----------
    root
        Which folder of the filesystem is mounted.
    point
        Where.
    kind
        Its type, as the kernel names it.
    options
        Of the filesystem itself.
    """

    root: str
    point: str
    kind: str
    options: tuple[str, ...]


class Gpu(NamedTuple):
    """A graphics processor.

    Attributes
    ----------
    name
        As its driver calls it.
    memory
        Bytes; ``None`` where the driver does not say.
    """

    name: str
    memory: int | None


class Partition(NamedTuple):
    """A partition of a Slurm cluster.

    Attributes
    ----------
    name
        Without the mark of the default.
    gres
        Its generic resources, as Slurm writes them.
    is_up
        Whether it takes jobs.
    """

    name: str
    gres: str
    is_up: bool

    @property
    def has_gpus(self) -> bool:
        """Whether a node of it has a GPU."""
        return re.search(r"(?:^|,)gpu(?:[:,(]|$)", self.gres) is not None


def read_text(path: Path) -> str:
    """Return the text of a file; empty where there is none to be read.

    Bytes that are no UTF-8 become surrogates, so that a path in it still names its file.
    """
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode(errors="surrogateescape")
    except OSError:
        return ""


def parse_mounts(text: str) -> tuple[Mount, ...]:
    """Return the mounts of ``/proc/self/mountinfo``, in its order."""
    return tuple(_mounts(text))


def _mounts(text: str) -> Iterator[Mount]:
    for line in text.splitlines():
        head, dash, tail = line.partition(" - ")
        # Number, parent, device, root, point, options; then type, source, options.
        left, right = head.split(" "), tail.split(" ")
        if dash and len(left) >= 6 and len(right) >= 3:  # noqa: PLR2004 - the fields above
            options = tuple(right[2].split(","))
            yield Mount(_unescaped(left[3]), _unescaped(left[4]), right[0], options)


def _unescaped(field: str) -> str:
    # The kernel writes a space as \040, a tab as \011, a line end as \012, a backslash as \134.
    return re.sub(r"\\([0-3][0-7]{2})", lambda match: chr(int(match[1], 8)), field)


def mount_of(mounts: Sequence[Mount], folder: PurePath) -> Mount | None:
    """Return the mount that an absolute path without links lies on; ``None`` if none is known.

    It is the one with the longest mount point; of several at one point the last, which hides the
    others.
    """
    found: Mount | None = None
    for mount in mounts:
        if folder.is_relative_to(mount.point) and (
            found is None or len(mount.point) >= len(found.point)
        ):
            found = mount
    return found


def parse_cpuinfo(text: str) -> tuple[str, frozenset[str]]:
    """Return the model and the features of the first processor in ``/proc/cpuinfo``.

    The model is empty where the file does not say it, as on Arm.
    """
    pairs = [line.partition(":") for line in text.splitlines()]
    found: dict[str, str] = {}
    for key, _, value in pairs:
        found.setdefault(key.strip(), value.strip())
    model = " ".join(found.get("model name", "").split())
    return model, frozenset(found.get("flags", found.get("Features", "")).split())


def parse_capabilities(text: str) -> int | None:
    """Return the effective capabilities of ``/proc/self/status`` as bits; ``None`` for none."""
    match = re.search(r"^CapEff:\s*([0-9a-fA-F]{1,16})\s*$", text, re.MULTILINE)
    return None if match is None else int(match[1], 16)


def parse_gpus(text: str) -> tuple[str | None, tuple[Gpu, ...]]:
    """Return the driver's version and the GPUs of ``nvidia-smi``.

    Parameters
    ----------
    text
        What ``--query-gpu=name,driver_version,memory.total --format=csv,noheader`` prints.
    """
    version, found = None, []
    for line in text.splitlines():
        name, *others = (part.strip() for part in line.rsplit(",", 2))
        if len(others) == 2 and re.fullmatch(r"\d+(\.\d+)+", others[0]):  # noqa: PLR2004
            size = re.fullmatch(r"(\d{1,12}) MiB", others[1])
            version = version or others[0]
            found.append(Gpu(name, None if size is None else int(size[1]) << 20))
    return version, tuple(found)


def parse_cuda_version(text: str | None) -> tuple[int, int] | None:
    """Return the version of CUDA in the head of ``nvidia-smi``, or in torch's own word for it.

    Examples
    --------
    >>> parse_cuda_version("| Driver Version: 550.54.15      CUDA Version: 12.4     |")
    (12, 4)
    >>> parse_cuda_version("13.0")
    (13, 0)
    """
    pattern = r"(?:CUDA (?:UMD )?Version\s*:\s*|\A)(\d{1,4})\.(\d{1,4})"
    match = re.search(pattern, text or "")
    return None if match is None else (int(match[1]), int(match[2]))


def parse_partitions(text: str) -> tuple[Partition, ...]:
    """Return the partitions that ``sinfo -h -o '%P %G %a'`` lists, each with its resources."""
    rows = [line.split() for line in text.splitlines()]
    return tuple(
        Partition(row[0].rstrip("*"), row[1], row[2] == "up")
        for row in rows
        if len(row) == 3 and row[2] in {"up", "down", "drain", "inact"}  # noqa: PLR2004
    )


def parse_directive(text: str, name: str) -> str | None:
    """Return a setting of Apptainer's configuration file; ``None`` where it is not set."""
    pattern = rf"^[ \t]*{re.escape(name)}[ \t]*=[ \t]*(\S[^\r\n]*?)[ \t]*$"
    found = re.findall(pattern, text, re.MULTILINE)
    return found[-1] if found else None
