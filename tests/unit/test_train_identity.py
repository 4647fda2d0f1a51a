"""A model is another one where anything differs that its weights or its tokenizer are made from."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from unittest.mock import ANY

import pytest
from msgspec.structs import replace

from clika.steps.training import train_models
from clika.steps.training.seed_worlds import (
    make_worlds,
    seed_items,
    taught_cells,
    texts_of,
    what_is_read,
)
from clika.steps.training.train_models import ModelMaker
from clika.study import load_study
from clika.tasks.worlds.probes import probes

if TYPE_CHECKING:
    from pathlib import Path

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


def test_people_make_another_model(tmp_path: Path) -> None:
    training = STUDY.training
    assert training is not None
    peopled = replace(training, taught=replace(training.taught, people=8))
    assert identity(peopled, tmp_path / "peopled") != identity(training, tmp_path / "without")


def test_a_model_without_people_is_the_one_it_was_before_there_were_any(tmp_path: Path) -> None:
    assert STUDY.training is not None
    assert (
        identity(STUDY.training, tmp_path)
        == "1dc944484c30043456eac1896a25397e9e8364e19d8b4475e57ea695eb98233b"
    )


@pytest.mark.parametrize(
    ("name", "seed", "digest"),
    [
        ("mini-tiny", 0, "9e9630891d0778b368d3ee9c10eca1291c4857f2588c67589660444766c87a1f"),
        ("mini", 0, "3b24e98168c993cb92948b5f5cad6e2257c7ac944a531c8eebd8c8f780d327ad"),
        ("mini-seeds", 4, "6d8500599fe06d69a0983606053d43c7cd55a2bf3debeb9c8bd779c874747d87"),
    ],
)
def test_worlds_without_people_say_and_ask_what_they_did_before_there_were_any(
    name: str, seed: int, digest: str
) -> None:
    study = load_study(name)
    training = study.training
    assert training is not None
    worlds = make_worlds(study, training, seed)
    everything = [
        worlds.known.digest,
        {task: world.digest for task, world in worlds.taught.items()},
        list(texts_of(worlds, training)),
        [what_is_read(worlds, training, one) for one in training.models.values() if one.stage],
        [probes(worlds.taught[one.task], one.source, one.target) for one in taught_cells(training)],
        seed_items(worlds, training, task="known", options=4),
    ]
    text = json.dumps(everything)
    assert hashlib.sha256(text.encode()).hexdigest() == digest
