"""A training killed at random moments goes on from its checkpoint and ends in the same bytes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import clika

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
#: Two hundred steps, the state kept after each, dropout drawn in each; then the model is saved.
TRAINING = """
import sys
from pathlib import Path
import torch
from made_training import STAGE, tiny_model, tokenizer, train_tiny
from msgspec.structs import replace
from clika.stages import Lora
from clika.train.checkpoints import Checkpoints
from clika.train.loop import Watch
from clika.train.models import Card, save_model
from clika.train.updates import updating

torch.set_num_threads(1)
folder = Path(sys.argv[1])
stage = replace(STAGE, epochs=67, checkpoint_every=1, lora=Lora(4, 8, dropout=0.2))
model = tiny_model()
kept = Checkpoints(folder / "kept", {"recipe": stage.digest})
with updating(model, stage, seed=0):
    print("begins", flush=True)
    train_tiny(stage, model=model, watch=Watch(checkpoints=kept))
save_model(model, tokenizer(), folder / "model", Card("tiny", "", (), {}))
kept.clear()
"""
#: Recorded, so that a failure can be run again.
SEEDS = (11, 23)
KILLS = 2


def begun(folder: Path) -> subprocess.Popen[bytes]:
    """Return a process that has begun to train."""
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINING, str(folder)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{TESTS}:{Path(clika.__path__[0]).parent}"},
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert said.readline() == b"begins\n"
    return process


def made(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "model").iterdir()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    folder = tmp_path_factory.mktemp("undisturbed")
    process, start = begun(folder), time.monotonic()
    assert process.wait() == 0
    return made(folder), time.monotonic() - start


def moments(seed: int, seconds: float) -> Iterator[float]:
    chosen = random.Random(seed)
    for _ in range(KILLS):
        yield chosen.uniform(0.02, 0.5) * seconds


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_training_ends_in_the_same_bytes(
    seed: int, undisturbed: tuple[dict[str, bytes], float], tmp_path: Path
) -> None:
    expected, seconds = undisturbed
    for moment in moments(seed, seconds):
        process = begun(tmp_path)
        try:
            process.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert begun(tmp_path).wait() == 0
    assert made(tmp_path) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
