"""A model is another one where anything differs that its weights or its tokenizer are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from clika.steps.seed_worlds import make_worlds
from clika.steps.train_models import ModelMaker
from clika.study import load_study

if TYPE_CHECKING:
    from pathlib import Path

    from clika.regimes import Training

STUDY = load_study("mini-tiny")


def identity(training: Training, folder: Path) -> str:
    worlds = make_worlds(STUDY, training, 0)
    maker = ModelMaker(training, worlds, folder, folder / "spool", lambda _name, _progress: None)
    return maker.make("mini_control").identity


def test_another_taught_world_makes_another_tokenizer_and_so_another_model(tmp_path: Path) -> None:
    training = STUDY.training
    assert training is not None
    larger = replace(training, taught=replace(training.taught, places=36))
    first = identity(training, tmp_path / "first")
    assert identity(training, tmp_path / "again") == first
    assert identity(larger, tmp_path / "larger") != first
