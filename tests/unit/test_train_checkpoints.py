"""Checkpoints: whole or not there, and refused where they cannot be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import torch
from made_disk import small_disk as small_disk  # noqa: PLC0414 - a fixture

from clika.errors import CheckpointError, FileSystemError
from clika.train.checkpoints import Checkpoints, State

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IDENTITY = {"recipe": "r", "data": "d"}


def state(step: int, *, size: int = 8) -> State:
    filled = torch.full((size,), float(step))
    return State(step, {"w": filled}, {"w/exp_avg": filled + 0.5, "w/step": torch.tensor(step)})


def newest_weight(kept: Checkpoints) -> list[float]:
    """Return what was kept; nothing holds the file afterwards."""
    found = kept.newest()
    assert found is not None
    numbers: list[float] = found.weights["w"].tolist()
    return numbers


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_newest_state_comes_back(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, IDENTITY)
    for step in (9, 10):
        kept.save(state(step))
    found = kept.newest()
    assert found is not None
    assert found.step == 10
    assert torch.equal(found.weights["w"], state(10).weights["w"])
    assert found.optimizer.keys() == state(10).optimizer.keys()


def test_there_is_none_at_first(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path / "none", IDENTITY).newest() is None


def test_two_are_kept_and_nothing_else(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, IDENTITY)
    (tmp_path / ".step-7.tmp").mkdir()
    for step in (8, 9, 10, 11):
        kept.save(state(step))
    assert names(tmp_path) == ["step-10", "step-11"]


def test_the_end_of_a_stage_removes_them(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path / "stage", IDENTITY)
    kept.save(state(1))
    kept.clear()
    assert names(tmp_path) == []


def test_one_of_another_training_is_refused(tmp_path: Path) -> None:
    Checkpoints(tmp_path, IDENTITY).save(state(3))
    with pytest.raises(CheckpointError) as caught:
        Checkpoints(tmp_path, {"recipe": "other", "data": "other"}).newest()
    assert str(caught.value) == (
        f"{tmp_path / 'step-3'} is of another training: its recipe and data differ. Remove "
        f"{tmp_path} to begin anew, or choose another folder."
    )


@pytest.mark.parametrize("name", ["weights.safetensors", "optimizer.safetensors", "state.json"])
@pytest.mark.parametrize("left", [None, b"", b"[]", b"{}", b"\x10\0\0\0\0\0\0\0{", b"[" * 100_000])
def test_a_damaged_one_is_refused_with_what_to_do(
    name: str, left: bytes | None, tmp_path: Path
) -> None:
    kept = Checkpoints(tmp_path, IDENTITY)
    kept.save(state(3))
    path = tmp_path / "step-3" / name
    if left is None:
        path.unlink()
    else:
        path.write_bytes(left)
    with pytest.raises(CheckpointError, match="Remove it to go on from the one before"):
        kept.newest()


def test_with_the_damaged_one_removed_it_goes_on_from_the_one_before(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, IDENTITY)
    for step in (3, 4):
        kept.save(state(step))
    for path in (tmp_path / "step-4").iterdir():
        path.unlink()
    (tmp_path / "step-4").rmdir()
    found = kept.newest()
    assert found is not None
    assert found.step == 3


def test_it_says_what_it_is_of(tmp_path: Path) -> None:
    Checkpoints(tmp_path, IDENTITY).save(state(3))
    note = json.loads((tmp_path / "step-3" / "state.json").read_bytes())
    assert note == {"step": 3, **IDENTITY}


@pytest.mark.parametrize("size", [10_000, 14_000])
def test_a_full_disk_leaves_the_earlier_ones(size: int, small_disk: Callable[[str], Path]) -> None:
    folder = small_disk("160k") / "stage"
    kept = Checkpoints(folder, IDENTITY)
    kept.save(state(1, size=size))
    with pytest.raises(FileSystemError) as caught:
        kept.save(state(2, size=size))
    assert str(caught.value) == (
        f"No space is left on the device to write {folder}. Free some and run again."
    )
    assert names(folder) == ["step-1"]
    assert newest_weight(kept) == [1.0] * size


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "stage").touch()
    with pytest.raises(FileSystemError, match="a part of its path is a file"):
        Checkpoints(tmp_path / "stage", IDENTITY).save(state(1))
