"""A made-up machine on which all is well, which a test makes worse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from clika.programs import Answer
from clika.views.doctor import judge
from clika.views.doctor.facts import Facts
from clika.views.doctor.facts.control_groups import Allowance
from clika.views.doctor.facts.engines import Apptainer, Docker, Podman, Slurm, UserNamespaces
from clika.views.doctor.facts.machine import (
    Container,
    Memory,
    Processor,
    Processors,
)
from clika.views.doctor.facts.parsing import Gpu, Partition
from clika.views.doctor.facts.places import Place
from clika.views.doctor.facts.software import (
    Driver,
    DuckDb,
    Extension,
    Framework,
    Installation,
    TorchReport,
)

if TYPE_CHECKING:
    from clika.views.doctor.model import Check, Needs, State

__all__ = [
    "ABSENT",
    "BROKEN",
    "DISK",
    "DRIVER",
    "EXTENSION",
    "FRAMEWORK",
    "GIB",
    "HUNG",
    "L4",
    "REPORT",
    "SLURM",
    "WELL",
    "Case",
    "checks",
    "hold",
    "said",
]

GIB = 1 << 30
ABSENT, HUNG = Answer("absent"), Answer("silent")
BROKEN = Answer("failed", error="Traceback\nImportError: it is broken.\n")
L4 = Gpu("NVIDIA L4", 22 * GIB)
EXTENSION = Extension("1.2.3", "release", "avx2+popcnt", 4, "")
REPORT = TorchReport("12.4", None, (L4,))
FRAMEWORK = Framework("2.9.0", "5.0.0", REPORT)
DRIVER = Driver("answered", "550.54.15", (12, 4), (L4,))
DISK = Place(
    "results",
    "folder",
    "/home/me/results",
    filesystem="ext4",
    free=50 * 10**9,
    free_files=10**6,
    is_writable=True,
)


def said(text: str) -> Answer:
    """Return the answer of a program that printed a line."""
    return Answer("answered", f"{text}\n")


SLURM = Slurm(
    said("slurm 22.05.8"),
    said("cpu* (null) up"),
    (Partition("cpu", "(null)", is_up=True), Partition("gpu", "gpu:a100:4", is_up=True)),
    Answer("answered"),
)


WELL = Facts(
    installation=Installation("1.2.3", "3.11.2", "Linux x86_64", 11, ()),
    extension=EXTENSION,
    duckdb=DuckDb("1.4.0", "v1.2.0"),
    framework=FRAMEWORK,
    driver=DRIVER,
    snakemake="9.27.1",
    plugin="2.8.0",
    processor=Processor("AMD EPYC", "x86_64", frozenset({"popcnt", "avx2", "avx512_bf16"})),
    processors=Processors(8, 8, "", ""),
    allowance=Allowance(4.0, 16 * GIB, is_hybrid=False),
    memory=Memory(64 * GIB, 60 * GIB),
    container=Container(None),
    results=DISK,
    temporary=replace(DISK, path="/scratch"),
    visible_gpus=None,
    docker=Docker(said("Docker version 28"), said("28 {}"), "28.2.2", frozenset({"nvidia"})),
    podman=Podman(said("podman version 5.0"), has_crun=True, runtime=""),
    apptainer=Apptainer(said("apptainer version 1.4.5")),
    namespaces=UserNamespaces("", has_subordinate_ids=True, fuse="open"),
    slurm=SLURM,
    hub_folder=None,
    hub_offline="",
    data=None,
)


class Case(NamedTuple):
    """What a check says where some facts are worse.

    Attributes
    ----------
    name, state
        Of the check.
    found, remedy
        Words of what it says; ``None`` for no remedy.
    worse
        The facts that differ from those of the machine on which all is well.
    needs
        What a study asks; ``None`` for no study.
    """

    name: str
    state: State
    found: str
    remedy: str | None = None
    worse: dict[str, Any] = {}  # noqa: RUF012 - nobody writes to it
    needs: Needs | None = None

    def __str__(self) -> str:
        """Return what a test of it is called."""
        return f"{self.name} {self.state}: {self.found}"


def checks(facts: Facts, needs: Needs | None = None) -> dict[str, Check]:
    """Return every check by its name."""
    found = list(judge(facts, needs))
    named = {check.name: check for check in found}
    assert len(named) == len(found)
    return named


def hold(case: Case) -> None:
    """Assert that a check says what the case expects, and that no other lacks its remedy."""
    found = checks(WELL._replace(**case.worse), case.needs)
    check = found[case.name]
    assert check.state == case.state
    assert case.found in check.found
    if case.remedy is None:
        assert check.remedy is None
    else:
        assert check.remedy is not None
        assert case.remedy in check.remedy
    for other in found.values():
        assert not other.found.endswith(".")
        assert other.remedy or other.state in {"ok", "none"}
