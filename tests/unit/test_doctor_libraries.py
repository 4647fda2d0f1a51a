"""Libraries and the driver of a GPU, asked in processes of their own, may break or hang."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_programs import HANG, SHORT, add
from made_programs import machine as machine  # noqa: PLC0414 - a fixture

from clika import programs
from clika.programs import Answer
from clika.views.doctor.facts import software
from clika.views.doctor.facts.parsing import Gpu
from clika.views.doctor.facts.software import (
    DuckDb,
    Extension,
    TorchReport,
    look_at_driver,
    look_at_duckdb,
    look_at_extension,
    look_at_framework,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_the_compiled_module_speaks() -> None:
    found = look_at_extension()
    assert isinstance(found, Extension)
    assert (found.profile, found.error) in {("release", ""), ("debug", "")}


def test_a_refused_number_of_threads_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYON_NUM_THREADS", "many")
    found = look_at_extension()
    assert isinstance(found, Extension)
    assert "RAYON_NUM_THREADS" in found.error
    assert found.threads >= 1


def test_duckdb_speaks() -> None:
    found = look_at_duckdb()
    assert isinstance(found, DuckDb)
    assert found.storage.startswith("v")


FAKE_TORCH = """
__version__ = "9.9.9"
class version:
    cuda, hip = "12.8", None
class _Properties:
    name, total_memory = "Made Up", 1 << 30
class cuda:
    @staticmethod
    def is_available():
        import warnings
        warnings.warn("CUDA initialization: too old")
        return {available}
    @staticmethod
    def device_count():
        return 2
    @staticmethod
    def get_device_properties(number):
        return _Properties
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, torch: str) -> None:
    """Put a made-up torch and transformers before all others."""
    for name, text in (("torch", torch), ("transformers", "")):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        (folder / f"{name}-9.9.9.dist-info").mkdir(exist_ok=True)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9.9\n"
        (folder / f"{name}-9.9.9.dist-info/METADATA").write_text(metadata, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)


def test_torch_says_its_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, FAKE_TORCH.format(available=True))
    found = look_at_framework()
    assert (found.torch, found.transformers) == ("9.9.9", "9.9.9")
    assert found.seen == (Gpu("Made Up", 1 << 30),) * 2


def test_torch_says_why_it_sees_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, FAKE_TORCH.format(available=False))
    found = look_at_framework()
    assert found.seen == ()
    assert isinstance(found.report, TorchReport)
    assert found.report.warning == "CUDA initialization: too old"


@pytest.mark.parametrize(
    ("torch", "state", "quote"),
    [
        ("raise ImportError('libcudart.so.12 is missing')", "failed", "ImportError: libcudart"),
        ("import os; os._exit(0)", "failed", "nothing"),
        ("import os; os.abort()", "failed", "nothing"),
        ("import os; print('{}'); os._exit(0)", "failed", "{}"),
        ("import time; time.sleep(600)", "silent", "nothing"),
    ],
)
def test_a_torch_that_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torch: str, state: str, quote: str
) -> None:
    install(tmp_path, monkeypatch, torch)
    if state == "silent":
        monkeypatch.setattr(software, "TORCH_SECONDS", SHORT)
    report = look_at_framework().report
    assert isinstance(report, Answer)
    assert report.state == state
    assert quote in report.quote


SMI = """case "$1" in
--query-gpu=*) {listed} ;;
*) {head} ;;
esac"""


@pytest.mark.parametrize(
    ("listed", "head", "state", "cuda", "n_gpus"),
    [
        ("echo 'L4, 550.54.15, 23034 MiB'", "echo 'CUDA Version: 12.4'", "answered", (12, 4), 1),
        ("echo 'L4, 550.54.15, 23034 MiB'", "exit 9", "answered", None, 1),
        ("echo 'Driver/library version mismatch'; exit 18", "exit 18", "failed", None, 0),
        ("echo 'No devices were found'", "echo 'CUDA Version: 12.4'", "failed", (12, 4), 0),
        ("head -c 5000 /dev/urandom", "exit 0", "failed", None, 0),
        (HANG, "exit 0", "silent", None, 0),
    ],
)
def test_nvidia_smi(
    machine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    listed: str,
    head: str,
    state: str,
    cuda: tuple[int, int] | None,
    n_gpus: int,
) -> None:
    add(machine, "nvidia-smi", SMI.format(listed=listed, head=head))
    if state == "silent":
        monkeypatch.setattr(programs, "SECONDS", SHORT)
    found = look_at_driver(tmp_path)
    assert (found.state, found.cuda, len(found.gpus)) == (state, cuda, n_gpus)


def test_a_gpu_without_a_driver_is_seen_on_the_bus(machine: Path, tmp_path: Path) -> None:
    for number, (vendor, kind) in enumerate(
        [("0x10de", "0x030200"), ("0x10de", "0x040300"), ("0x1002", "0x030000")]
    ):
        device = tmp_path / f"sys/bus/pci/devices/{number}"
        device.mkdir(parents=True)
        (device / "vendor").write_text(f"{vendor}\n")
        (device / "class").write_text(f"{kind}\n")
    found = look_at_driver(tmp_path)
    assert (found.state, found.on_bus) == ("absent", 1)
