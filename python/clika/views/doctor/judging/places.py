"""What the places of results, temporary files, models and data mean for a run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from clika.views.doctor.model import Check, severity
from clika.views.sizes import gb

if TYPE_CHECKING:
    from clika.views.doctor.facts.machine import Container
    from clika.views.doctor.facts.places import Place
    from clika.views.doctor.model import Needs

__all__ = [
    "judge_data",
    "judge_hub_folder",
    "judge_hub_offline",
    "judge_results",
    "judge_temporary",
]

#: Free bytes below which a run is likely to fail, and below which it may.
_FULL, _LOW = 200 * 10**6, 2 * 10**9
_FULL_FILES = 100

#: Types of filesystems: of a server, of a cluster, or of the machine around a virtual one.
_OF_NETWORK = re.compile(
    r"9p|afs|beegfs(_nodev)?|ceph(-fuse)?|cifs|davfs2?|gcsfuse|glusterfs|goofys|gpfs|juicefs|lustre|"
    r"mfs|mount-s3|ncpfs|nfs4?|ocfs2|orangefs|panfs|prl_fs|pvfs2|quobyte|rclone|s3fs|smb[23]|smbfs|"
    r"sshfs|vboxsf|vmhgfs(-fuse)?|wekafs"
)
_IN_MEMORY = re.compile(r"ramfs|tmpfs")
#: A container's own files over those of its image.
_LAYERS = re.compile(r"aufs|fuse-overlayfs|overlay")

#: The texts that the hub's library takes for yes and for no.
_YES, _NO = frozenset({"1", "ON", "YES", "TRUE"}), frozenset({"", "0", "OFF", "NO", "FALSE"})


def judge_results(place: Place, container: Container) -> Check:
    """Judge the folder of results: it must be writable, and should be a local disk."""
    name = "results"
    found = _described(place)
    other = "Choose another folder with --results."
    if broken := _broken(name, place, found, other):
        return broken
    if _is(place, _OF_NETWORK):
        found += "; DuckDB and locks are not to be relied on there"
        return Check(name, "warn", found, "Choose a folder on a local disk with --results.")
    if _is(place, _IN_MEMORY):
        found += "; it is in memory, and lost when the machine stops"
        return Check(name, "warn", found, "Choose a folder on a disk with --results.")
    if container.kind is not None and _is(place, _LAYERS):
        found += "; it is a part of the container, and lost with it"
        folder = shlex.quote(str(Path(place.path).absolute()))
        option = "--bind" if container.kind == "Apptainer" else "-v"
        remedy = f"Start the container with a folder from outside: {option} FOLDER:{folder}"
        return Check(name, "warn", found, remedy)
    return _roomy(name, place, found, other)


def judge_temporary(place: Place) -> Check:
    """Judge the folder of temporary files."""
    name, other = "temporary", "Run: export TMPDIR=FOLDER, on a local disk with room"
    found = _described(place)
    if place.state == "absent":
        return Check(name, "warn", f"{found}; programs will choose another place", other)
    if broken := _broken(name, place, found, other):
        return broken
    if _is(place, _OF_NETWORK):
        return Check(name, "warn", f"{found}; it is slow, and locks fail there", other)
    return _roomy(name, place, found, other)


def _is(place: Place, kind: re.Pattern[str]) -> bool:
    return kind.fullmatch((place.filesystem or "").removeprefix("fuse.")) is not None


def _described(place: Place) -> str:
    kind = place.filesystem or "a filesystem of unknown type"
    free = "" if place.free is None else f", {gb(place.free)} free"
    return f"{place.path}{' (not made yet)' * (place.state == 'absent')} on {kind}{free}"


def _broken(name: str, place: Place, found: str, other: str) -> Check | None:
    if place.state == "silent":
        return Check(name, "fail", *_silence(place))
    if place.state in {"file", "blocked"}:
        return Check(name, "fail", f"{found}; {place.nearest} is not a folder", other)
    if not place.is_writable:
        return Check(name, "fail", f"{found}; {place.nearest} is not writable", other)
    if place.free is not None and place.free < _FULL:
        return Check(name, "fail", f"{found}; it is full", f"Free some space. {other}")
    if place.free_files is not None and place.free_files < _FULL_FILES:
        return Check(name, "fail", f"{found}, but no inodes", f"Remove files there. {other}")
    return None


def _silence(place: Place) -> tuple[str, str]:
    """Return what is found where nothing answers, and what mends it."""
    kind = place.filesystem or "a filesystem of unknown type"
    point = shlex.quote(place.nearest)
    found = f"{place.path}: {place.nearest}, on {kind}, does not answer"
    return found, f"Mend its server, or run: sudo umount --lazy {point}, and mount it anew"


def _roomy(name: str, place: Place, found: str, other: str) -> Check:
    if place.free is not None and place.free < _LOW:
        return Check(name, "warn", f"{found}; that is little", f"Free some space. {other}")
    return Check(name, "ok", found)


def judge_hub_folder(place: Place | None) -> Check:
    """Judge HF_HOME: where models of the hub are kept."""
    name = "HF_HOME"
    if place is None:
        return Check(name, "ok", "not set: models of the hub are kept in ~/.cache/huggingface")
    if place.state == "folder":
        return Check(name, "ok", place.path)
    if place.state == "silent":
        return Check(name, "warn", *_silence(place))
    if place.state == "file":
        return Check(name, "warn", f"{place.path} is not a folder", "Run: export HF_HOME=FOLDER")
    remedy = f"Run: mkdir -p {shlex.quote(place.path)}"
    return Check(name, "warn", f"{place.path} is not there", remedy)


def judge_hub_offline(value: str) -> Check:
    """Judge HF_HUB_OFFLINE: whether models may be downloaded."""
    name = "HF_HUB_OFFLINE"
    if value.upper() in _YES:
        return Check(name, "ok", "set: models must be here already")
    if value.upper() in _NO:
        return Check(name, "ok", "not set: `--network` may download models")
    found = f"{value.upper()} is taken for no: `--network` may download models"
    return Check(name, "warn", found, "Run: export HF_HUB_OFFLINE=1, or unset it")


def judge_data(place: Place | None, needs: Needs | None) -> Check:
    """Judge CLIKA_DATA, where released data lie; a run that reads them does not guess."""
    name = "CLIKA_DATA"
    if place is None:
        return Check(
            name, "ok", "not set: released data are what `clika fetch` brought, or shipped answers"
        )
    if place.state in {"folder", "file"}:
        return Check(name, "ok", place.path)
    state = severity(needed=needs is None or needs.release)
    if place.state == "silent":
        return Check(name, state, *_silence(place))
    remedy = "Run: unset CLIKA_DATA, or set it to a folder or an archive that is there"
    return Check(name, state, f"{place.path} is not there", remedy)
