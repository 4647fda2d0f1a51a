"""Which GPUs a run has, and which of them each of its jobs has."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from made_programs import add
from made_programs import machine as machine  # noqa: PLC0414 - a fixture

from clika.files import exclusive
from clika.workflow.gpus import lock_folder, own_gpu, variables_for_gpus, visible_gpus

if TYPE_CHECKING:
    from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let this process be a job of a run that has two GPUs."""
    monkeypatch.delenv(VISIBLE, raising=False)
    for name, value in variables_for_gpus(["GPU-a", "MIG-b/1/0"], locks=tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_the_locks_are_those_of_all_runs_of_a_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = lock_folder(tmp_path / "own")
    assert folder == lock_folder(tmp_path / "other")
    assert (folder.parent, folder.stat().st_mode & 0o777) == (tmp_path, 0o700)


def test_a_link_in_the_place_of_the_locks_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    place = lock_folder(tmp_path / "own")
    place.rmdir()
    (tmp_path / "elsewhere").mkdir()
    place.symlink_to(tmp_path / "elsewhere")
    assert lock_folder(tmp_path / "own") == tmp_path / "own"


def silent(line: str) -> None:
    """Say nothing."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2, 0", ("2", "0")),
        ("0,-1,1", ("0",)),
        ("GPU-a,MIG-b", ("GPU-a", "MIG-b")),
        ("1,1", ("1",)),
        ("", ()),
    ],
)
def test_the_variable_says_which_gpus_there_are(
    value: str, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VISIBLE, value)
    assert visible_gpus() == expected


def test_without_it_the_driver_says_so(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VISIBLE, raising=False)
    assert visible_gpus() == ()
    add(machine, "nvidia-smi", "echo GPU-a; echo GPU-b")
    assert visible_gpus() == ("GPU-a", "GPU-b")
    add(machine, "nvidia-smi", "echo No devices were found; exit 6")
    assert visible_gpus() == ()


def test_each_job_sees_a_gpu_of_its_own(locks: Path) -> None:
    said: list[str] = []
    with own_gpu("cuda", tell=said.append):
        assert os.environ[VISIBLE] == "GPU-a"
        with own_gpu("cuda", tell=said.append):
            assert os.environ[VISIBLE] == "MIG-b/1/0"
        assert os.environ[VISIBLE] == "GPU-a"
    assert VISIBLE not in os.environ
    assert said == ["On GPU GPU-a.", "On GPU MIG-b/1/0."]


def test_where_all_are_taken_a_job_waits_for_the_first_that_is_free(locks: Path) -> None:
    said: list[str] = []
    with ExitStack() as one, exclusive(locks / "gpu-GPU-a.lock", wait=False):
        one.enter_context(exclusive(locks / "gpu-MIG-b_1_0.lock", wait=False))

        def tell(line: str) -> None:
            said.append(line)
            one.close()

        with own_gpu("cuda", tell=tell):
            assert os.environ[VISIBLE] == "MIG-b/1/0"
    assert said == [
        "Others are at work on GPU-a, MIG-b/1/0: waiting for the first that is free.",
        "On GPU MIG-b/1/0.",
    ]


def test_a_gpu_that_is_named_is_taken_and_not_renamed(locks: Path) -> None:
    with own_gpu("cuda:0", tell=silent):
        assert VISIBLE not in os.environ
        with own_gpu("cuda", tell=silent):
            assert os.environ[VISIBLE] == "MIG-b/1/0"


@pytest.mark.parametrize("device", ["cpu", None, "cuda:7"])
def test_whoever_needs_none_takes_none(device: str | None, locks: Path) -> None:
    with own_gpu(device, tell=silent):
        assert VISIBLE not in os.environ
    assert list(locks.glob("*.lock")) == []


def test_a_process_that_is_no_job_sees_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLIKA_GPUS", raising=False)
    monkeypatch.setenv(VISIBLE, "1,2")
    with own_gpu("cuda", tell=silent):
        assert os.environ[VISIBLE] == "1,2"
