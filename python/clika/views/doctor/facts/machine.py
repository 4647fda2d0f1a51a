"""The machine itself: processors, memory, whether it is a container."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import psutil

from clika.views.doctor.facts.parsing import parse_cpuinfo, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Container",
    "Memory",
    "Processor",
    "Processors",
    "look_at_container",
    "look_at_memory",
    "look_at_processor",
    "look_at_processors",
    "temporary_folder",
]


class Processor(NamedTuple):
    """What kind of processor it is.

    Attributes
    ----------
    model
        As it calls itself; empty where it does not.
    architecture
        As the system calls it.
    features
        As ``/proc/cpuinfo`` spells them.
    """

    model: str
    architecture: str
    features: frozenset[str]


class Processors(NamedTuple):
    """How many processors there are, and what the environment says of threads.

    Attributes
    ----------
    machine
        In the machine; ``None`` where the system does not say.
    affinity
        That this process may run on.
    rayon, omp
        ``RAYON_NUM_THREADS`` and ``OMP_NUM_THREADS``; empty where not set.
    """

    machine: int | None
    affinity: int
    rayon: str
    omp: str


class Memory(NamedTuple):
    """How much memory there is, in bytes."""

    total: int
    available: int


class Container(NamedTuple):
    """Which container this is.

    Attributes
    ----------
    kind
        ``None`` outside of any that is known.
    image
        Where it says so, else empty.
    """

    kind: Literal["Docker", "Podman", "Apptainer"] | None
    image: str = ""


def look_at_processor(root: Path = Path("/")) -> Processor:
    """Return what kind of processor the machine has."""
    model, features = parse_cpuinfo(read_text(root / "proc/cpuinfo"))
    return Processor(model, platform.machine(), features)


def look_at_processors(environment: Mapping[str, str] = os.environ) -> Processors:
    """Return how many processors there are."""
    return Processors(
        os.cpu_count(),
        len(os.sched_getaffinity(0)),
        environment.get("RAYON_NUM_THREADS", ""),
        environment.get("OMP_NUM_THREADS", ""),
    )


def look_at_memory() -> Memory:
    """Return how much memory the machine has."""
    found = psutil.virtual_memory()
    return Memory(found.total, found.available)


def temporary_folder(environment: Mapping[str, str] = os.environ) -> str:
    """Return where programs put temporary files; nothing is tried there, unlike in ``tempfile``."""
    named = (environment.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    return next(filter(None, named), "/tmp")  # noqa: S108 - looked at, not written to


def look_at_container(
    root: Path = Path("/"), environment: Mapping[str, str] = os.environ
) -> Container:
    """Return which container this is, if any."""
    # Apptainer first: what is run by it may come from an image that Docker made.
    for name in ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER"):
        if environment.get(name):
            return Container("Apptainer", environment[name])
    if (root / "run/.containerenv").exists():
        return Container("Podman")
    if (root / ".dockerenv").exists():
        return Container("Docker")
    return Container(None)
