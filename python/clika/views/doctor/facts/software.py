"""What is installed: clika itself, the libraries it stands on, the driver of a GPU."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import msgspec

from clika.packages import installed
from clika.programs import Answer, ask, ask_python
from clika.views.doctor.facts.parsing import Gpu, parse_cuda_version, parse_gpus, read_text

__all__ = [
    "TORCH_SECONDS",
    "Driver",
    "DuckDb",
    "Extension",
    "Framework",
    "Installation",
    "TorchReport",
    "look_at_driver",
    "look_at_duckdb",
    "look_at_extension",
    "look_at_framework",
    "look_at_installation",
]

Said = TypeVar("Said", bound=msgspec.Struct)

_LIBRARY_SECONDS = 30.0
#: On a shared disk that is slow, importing torch alone may take most of a minute.
TORCH_SECONDS = 90.0
_NVIDIA = "0x10de"
_DISPLAY_CLASS = "0x03"

_EXTENSION = """
import json, os
from clika import _native
error = ""
try:
    info = _native.build_info()
except ValueError as refused:
    error = str(refused)
    del os.environ["RAYON_NUM_THREADS"]
    info = _native.build_info()
print(json.dumps({**info, "error": error}))
"""

_DUCKDB = """
import json
import duckdb
try:
    from clika.store.connection import STORAGE_VERSION
except ImportError:
    # The compiled module does not load: that is said of it, not of DuckDB.
    STORAGE_VERSION = ""
print(json.dumps({"version": duckdb.__version__, "storage": STORAGE_VERSION}))
"""

_TORCH = """
import json, warnings
import torch
import transformers
gpus = []
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            found = torch.cuda.get_device_properties(number)
            gpus.append([found.name, found.total_memory])
said = {"warning": " ".join(str(caught[-1].message).split())} if caught else {}
print()
print(json.dumps({"cuda": torch.version.cuda, "hip": torch.version.hip, "gpus": gpus, **said}))
"""


class Installation(NamedTuple):
    """How clika is installed.

    Attributes
    ----------
    version
        ``None`` where it is not installed at all, only found.
    python
        Version of Python.
    system
        System and architecture.
    dependencies
        How many packages it says it needs.
    missing
        Which of them are not installed.
    """

    version: str | None
    python: str
    system: str
    dependencies: int
    missing: tuple[str, ...]


class Extension(msgspec.Struct, frozen=True):
    """The compiled module.

    Attributes
    ----------
    version, profile, instructions
        How it was built, and the instructions that its kernels use here.
    threads
        How many threads clika takes by default.
    error
        Why the environment's number of threads is refused; empty where it is not.
    """

    version: str
    profile: str
    instructions: str
    threads: int
    error: str


class DuckDb(msgspec.Struct, frozen=True):
    """DuckDB.

    Attributes
    ----------
    version
        Its own.
    storage
        The version of the format that databases are written in; empty where clika cannot say.
    """

    version: str
    storage: str


class TorchReport(msgspec.Struct, frozen=True):
    """What torch says of itself.

    Attributes
    ----------
    cuda, hip
        Versions it was built for; both ``None``: for processors alone.
    gpus
        Those it can use.
    warning
        What it warned of when it looked for them, such as a driver that is too old; empty for
        nothing.
    """

    cuda: str | None
    hip: str | None
    gpus: tuple[Gpu, ...] = ()
    warning: str = ""

    @property
    def target(self) -> str:
        """What it was built for, as printed."""
        if self.cuda is not None:
            return f"CUDA {self.cuda}"
        return "processors alone" if self.hip is None else f"ROCm {self.hip}"


class Framework(NamedTuple):
    """PyTorch and transformers.

    Attributes
    ----------
    torch, transformers
        Versions; ``None`` where not installed.
    report
        What torch says; the answer of its process where it says nothing; ``None`` where it was not
        asked.
    """

    torch: str | None
    transformers: str | None
    report: TorchReport | Answer | None = None

    @property
    def seen(self) -> tuple[Gpu, ...]:
        """The GPUs that torch can use."""
        if not isinstance(self.report, TorchReport):
            return ()
        return self.report.gpus


class Driver(NamedTuple):
    """NVIDIA's driver.

    Attributes
    ----------
    state
        What became of asking ``nvidia-smi``.
    version
        The driver's; ``None`` where it does not say.
    cuda
        The highest version of CUDA that it supports; ``None`` where it does not say.
    gpus
        Those it knows.
    error
        What it said instead.
    on_bus
        How many of NVIDIA's display devices the machine has, with a driver or without.
    """

    state: Literal["answered", "failed", "absent", "silent"]
    version: str | None = None
    cuda: tuple[int, int] | None = None
    gpus: tuple[Gpu, ...] = ()
    error: str = ""
    on_bus: int = 0


def look_at_installation() -> Installation:
    """Return how clika is installed."""
    try:
        lines = requires("clika") or []
    except PackageNotFoundError:
        lines = []
    needed = [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in lines if "extra ==" not in line]
    return Installation(
        installed("clika"),
        platform.python_version(),
        f"{platform.system()} {platform.machine()}",
        len(needed),
        tuple(name for name in needed if installed(name) is None),
    )


def look_at_extension() -> Extension | Answer:
    """Return what the compiled module says; what its process said where it does not load."""
    return _decoded(ask_python(_EXTENSION, seconds=_LIBRARY_SECONDS), Extension)


def look_at_duckdb() -> DuckDb | Answer:
    """Return what DuckDB says; what its process said where it does not load."""
    return _decoded(ask_python(_DUCKDB, seconds=_LIBRARY_SECONDS), DuckDb)


def look_at_framework() -> Framework:
    """Return what PyTorch says, asked in a process of its own."""
    torch, transformers = installed("torch"), installed("transformers")
    if torch is None or transformers is None:
        return Framework(torch, transformers)
    answer = ask_python(_TORCH, seconds=TORCH_SECONDS)
    return Framework(torch, transformers, _decoded(answer, TorchReport))


def _decoded(answer: Answer, kind: type[Said]) -> Said | Answer:
    """Return the last line that a process printed, decoded."""
    lines = answer.output.split("\n") if answer.state == "answered" else []
    try:
        return msgspec.json.decode(next(filter(None, reversed(lines)), ""), type=kind)
    except msgspec.DecodeError:
        return answer._replace(state="failed") if answer.state == "answered" else answer


def look_at_driver(root: Path = Path("/")) -> Driver:
    """Return what NVIDIA's driver says."""
    query = ("--query-gpu=name,driver_version,memory.total", "--format=csv,noheader")
    listed = ask("nvidia-smi", *query)
    on_bus = _devices_on_bus(root / "sys/bus/pci/devices")
    if listed.state != "answered":
        return Driver(listed.state, error=listed.quote, on_bus=on_bus)
    number, gpus = parse_gpus(listed.output)
    head = ask("nvidia-smi")
    cuda = parse_cuda_version(head.output)
    if not gpus:
        return Driver("failed", number, cuda, error=listed.quote, on_bus=on_bus)
    return Driver("answered", number, cuda, gpus, on_bus=on_bus)


def _devices_on_bus(folder: Path) -> int:
    if not os.access(folder, os.R_OK | os.X_OK):
        return 0
    return sum(
        read_text(device / "vendor").strip() == _NVIDIA
        and read_text(device / "class").startswith(_DISPLAY_CLASS)
        for device in folder.iterdir()
    )
