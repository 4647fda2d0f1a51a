"""Container engines and the cluster: which are here, and whether they answer."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import stat
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from clika.programs import Answer, ask
from clika.views.doctor.facts.parsing import (
    Partition,
    parse_capabilities,
    parse_directive,
    parse_partitions,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Apptainer",
    "Docker",
    "Podman",
    "Slurm",
    "UserNamespaces",
    "look_at_apptainer",
    "look_at_docker",
    "look_at_podman",
    "look_at_slurm",
    "look_at_user_namespaces",
]

_SYS_RESOURCE = 1 << 24


class Docker(NamedTuple):
    """Docker.

    Attributes
    ----------
    client
        What asking the client for its version gave.
    daemon
        What asking the daemon gave; ``None`` where there is no client, or it is Podman's.
    server
        The daemon's version; empty where it does not say.
    runtimes
        Names of the runtimes that it knows.
    """

    client: Answer
    daemon: Answer | None = None
    server: str = ""
    runtimes: frozenset[str] = frozenset()


class Podman(NamedTuple):
    """Podman.

    Attributes
    ----------
    client
        What asking it for its version gave.
    has_crun
        Whether the runtime crun is here, which it prefers.
    runtime
        The runtime that its configuration names; empty for none.
    """

    client: Answer
    has_crun: bool
    runtime: str


class UserNamespaces(NamedTuple):
    """Whether an ordinary user may make user namespaces, and mount images.

    Attributes
    ----------
    refusal
        The setting of the kernel that forbids them; empty where none does.
    has_subordinate_ids
        Whether ``/etc/subuid`` has a range for this user.
    fuse
        Whether this user may open ``/dev/fuse``, and ``absent`` where there is none.
    """

    refusal: str
    has_subordinate_ids: bool
    fuse: Literal["open", "closed", "absent"]


class Apptainer(NamedTuple):
    """Apptainer.

    Attributes
    ----------
    version
        What asking it for its version gave.
    lacks_capability
        Whether this is root without CAP_SYS_RESOURCE, which it asks for unless it is told not to.
    has_setuid_starter
        Whether its setuid starter is here and allowed: with it, it needs no user namespaces.
    has_singularity
        Whether there is a Singularity, and no Apptainer.
    """

    version: Answer
    lacks_capability: bool = False
    has_setuid_starter: bool = False
    has_singularity: bool = False


class Slurm(NamedTuple):
    """Slurm.

    Attributes
    ----------
    version
        What asking the client for its version gave.
    controller
        What asking the controller for partitions gave; ``None`` where there is no client.
    partitions
        What it listed, a line for each kind of node.
    accounting
        What asking for accounts of jobs gave; ``None`` where nobody was asked.
    """

    version: Answer
    controller: Answer | None = None
    partitions: tuple[Partition, ...] = ()
    accounting: Answer | None = None

    @property
    def names(self) -> list[str]:
        """The partitions that take jobs."""
        return list(dict.fromkeys(found.name for found in self.partitions if found.is_up))

    @property
    def names_with_gpus(self) -> list[str]:
        """Those of them that have GPUs."""
        with_gpus = {found.name for found in self.partitions if found.is_up and found.has_gpus}
        return [name for name in self.names if name in with_gpus]


def look_at_docker() -> Docker:
    """Return what Docker says."""
    client = ask("docker", "--version")
    if client.state != "answered" or "podman" in client.output.lower():
        return Docker(client)
    daemon = ask("docker", "info", "--format", "{{.ServerVersion}} {{json .Runtimes}}")
    server, _, runtimes = daemon.output.strip().partition(" ")
    if daemon.state == "answered" and not re.match(r"\d", server):
        daemon, server = daemon._replace(state="failed"), ""
    return Docker(client, daemon, server, _keys(runtimes))


def _keys(text: str) -> frozenset[str]:
    try:
        return frozenset(msgspec.json.decode(text, type=dict[str, msgspec.Raw]))
    except msgspec.DecodeError:
        return frozenset()


def look_at_podman(environment: Mapping[str, str] = os.environ) -> Podman:
    """Return what Podman says; it is asked for no more, since even that makes files."""
    client = ask("podman", "--version")
    if client.state == "absent":
        return Podman(client, has_crun=False, runtime="")
    has_crun = ask("crun", "--version").state != "absent"
    return Podman(client, has_crun, _podman_runtime(environment))


def _podman_runtime(environment: Mapping[str, str]) -> str:
    """Return the runtime of the last configuration file that names one."""
    # Unlike pathlib's, this function takes a user without a home.
    home = os.path.expanduser("~/.config")  # noqa: PTH111
    own = Path(environment.get("XDG_CONFIG_HOME") or home)
    paths = [
        Path("/usr/share/containers/containers.conf"),
        Path("/etc/containers/containers.conf"),
        own / "containers/containers.conf",
    ]
    if environment.get("CONTAINERS_CONF"):
        paths = [Path(environment["CONTAINERS_CONF"])]
    found = ""
    for path in paths:
        try:
            engine = tomllib.loads(read_text(path)).get("engine")
        except (tomllib.TOMLDecodeError, UnicodeError):
            continue
        if isinstance(engine, dict):
            found = str(engine.get("runtime", found))
    return found


def look_at_apptainer(
    root: Path = Path("/"), environment: Mapping[str, str] = os.environ
) -> Apptainer:
    """Return what Apptainer says."""
    version = ask("apptainer", "--version")
    if version.state == "absent":
        return Apptainer(version, has_singularity=shutil.which("singularity") is not None)
    if version.state != "answered":
        return Apptainer(version)
    built = ask("apptainer", "buildcfg").output
    named = parse_directive(built, "APPTAINER_CONF_FILE")
    configuration = read_text(Path(named)) if named else ""
    return Apptainer(
        version,
        lacks_capability=_lacks_capability(configuration, root, environment),
        has_setuid_starter=_has_setuid_starter(built, configuration),
    )


def _lacks_capability(configuration: str, root: Path, environment: Mapping[str, str]) -> bool:
    held = parse_capabilities(read_text(root / "proc/self/status"))
    if os.geteuid() != 0 or held is None or held & _SYS_RESOURCE:
        return False
    dropped = environment.get("APPTAINER_DROP_CAPS", "").upper().split(",")
    if "CAP_SYS_RESOURCE" in dropped:
        return False
    if environment.get("APPTAINER_USERNS") or environment.get("APPTAINER_NO_PRIVS"):
        return False
    # With `file` or `no` it asks for other capabilities than all of them.
    return parse_directive(configuration, "root default capabilities") not in {"file", "no"}


def _has_setuid_starter(built: str, configuration: str) -> bool:
    folder = parse_directive(built, "LIBEXECDIR")
    if folder is None or parse_directive(configuration, "allow setuid") == "no":
        return False
    try:
        mode = Path(folder, "apptainer/bin/starter-suid").stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_ISUID)


def look_at_user_namespaces(root: Path = Path("/")) -> UserNamespaces:
    """Return whether an ordinary user may do what Apptainer without a setuid starter does."""
    refusal = ""
    if os.geteuid() != 0:
        kernel = root / "proc/sys"
        for setting, forbids in (
            ("user.max_user_namespaces", "0"),
            ("kernel.unprivileged_userns_clone", "0"),
            ("kernel.apparmor_restrict_unprivileged_userns", "1"),
        ):
            if read_text(kernel / setting.replace(".", "/")).strip() == forbids:
                refusal = f"{setting} is {forbids}"
                break
    device = root / "dev/fuse"
    if not os.path.lexists(device):
        fuse: Literal["open", "closed", "absent"] = "absent"
    else:
        fuse = "open" if os.access(device, os.R_OK | os.W_OK) else "closed"
    return UserNamespaces(refusal, _has_subordinate_ids(root), fuse)


def _has_subordinate_ids(root: Path) -> bool:
    names = {str(os.getuid())}
    # Many a container runs under the number of a user whom its system does not know.
    with contextlib.suppress(KeyError):
        names.add(pwd.getpwuid(os.getuid()).pw_name)
    lines = read_text(root / "etc/subuid").splitlines()
    return any(line.partition(":")[0] in names for line in lines)


def look_at_slurm() -> Slurm:
    """Return what Slurm says."""
    version = ask("sinfo", "--version")
    if version.state != "answered":
        return Slurm(version)
    controller = ask("sinfo", "-h", "-o", "%P %G %a")
    if controller.state != "answered":
        return Slurm(version, controller)
    accounting = ask("sacct", "--noheader", "--allocations", "--starttime", "now")
    return Slurm(version, controller, parse_partitions(controller.output), accounting)
