"""A stage that was trained: its checkpoints go once its result is kept, and no sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from made_training import STAGE, encoded, tiny_model, train_tiny, weight_bytes
from msgspec.structs import replace

from clika.stages import Lora
from clika.train.checkpoints import Checkpoints
from clika.train.loop import Watch
from clika.train.stage import trained_stage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def kept(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "kept", {"recipe": STAGE.digest})


def test_the_model_holds_what_was_learnt_and_the_checkpoints_go_last(kept: Checkpoints) -> None:
    model = tiny_model()
    with trained_stage(model, encoded(), STAGE, seed=0, watch=Watch(checkpoints=kept)) as trained:
        assert kept.folder.is_dir()
        expected, done = train_tiny()
        assert weight_bytes(model) == weight_bytes(expected)
        assert trained.steps == done.steps
    assert not kept.folder.exists()


def test_low_rank_updates_are_merged_when_the_result_is_kept() -> None:
    model = tiny_model()
    names = set(weight_bytes(model))
    stage = replace(STAGE, lora=Lora(4, 8))
    with trained_stage(model, encoded(), stage, seed=0, watch=Watch()):
        assert set(weight_bytes(model)) == names


def test_a_result_that_cannot_be_kept_leaves_the_checkpoints(kept: Checkpoints) -> None:
    watch = Watch(checkpoints=kept)
    with (
        pytest.raises(OSError, match="full"),
        trained_stage(tiny_model(), encoded(), STAGE, seed=0, watch=watch),
    ):
        raise OSError("full")
    assert kept.newest() is not None
