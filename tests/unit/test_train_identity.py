"""A model is another one where anything differs that its weights or its tokenizer are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import ANY

from msgspec.structs import replace

from clika.steps.training import train_models
from clika.steps.training.seed_worlds import make_worlds
from clika.steps.training.train_models import ModelMaker
from clika.study import load_study

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from clika.regimes import Regime, Training

STUDY = load_study("mini-tiny")


def maker_of(training: Training, folder: Path) -> ModelMaker:
    worlds = make_worlds(STUDY, training, 0)
    return ModelMaker(training, worlds, folder, folder / "spool", lambda _name, _progress: None)


def identity(training: Training, folder: Path) -> str:
    return maker_of(training, folder).make("mini_control").identity


def test_another_taught_world_makes_another_tokenizer_and_so_another_model(tmp_path: Path) -> None:
    training = STUDY.training
    assert training is not None
    larger = replace(training, taught=replace(training.taught, places=36))
    first = identity(training, tmp_path / "first")
    assert identity(training, tmp_path / "again") == first
    assert identity(larger, tmp_path / "larger") != first


def test_what_a_model_read_is_digested_once_however_many_go_on_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = STUDY.training
    assert training is not None
    read: list[Regime] = []
    monkeypatch.setattr(train_models, "_identity_of", lambda _folder: ANY)
    monkeypatch.setattr(train_models, "what_is_read", lambda _worlds, _of, what: read.append(what))
    monkeypatch.setattr(train_models, "data_digest", lambda _examples: "digest")
    maker = maker_of(training, tmp_path)
    for name in training.models:
        maker.make(name)
    assert read
    assert len(read) == len([regime for regime in training.models.values() if regime.stage])
