"""``clika infer`` with a model of transformers, from items to tables."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from made_answers import STUDY, make_study
from made_models import save_model

from clika.cli import main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert isinstance(end.value.code, int)
    return end.value.code


def ask(folder: Path, *options: str) -> int:
    given = ("--model", "tiny", "--from", str(folder / "model"), "--threads", "1")
    return run("infer", STUDY.name, *given, "--results", str(folder / "results"), *options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_study(tmp_path / "results")
    save_model(tmp_path / "model")
    return tmp_path


def test_the_atlas_is_asked_loaded_and_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(Path("model"))
    assert run("ingest", "atlas", "--languages", "en,zh", "--form", "bare") == 0
    assert run("infer", "atlas", "--model", "tiny", "--from", "model", "--threads", "1") == 0
    assert run("load", "atlas") == 0
    capsys.readouterr()
    assert run("score", "atlas") == 0
    printed = capsys.readouterr().out
    assert "atlas_region: accuracy, percent" in printed
    assert "atlas_region: correctness overlap (en-CO)" in printed


@pytest.mark.parametrize("options", [(), ("--prompt", "full-option"), ("--generate",)])
def test_each_way_of_asking_answers_everything(
    folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    assert ask(folder, "--task", "far", *options) == 0
    assert "tiny: 360 questions asked." in capsys.readouterr().out


def test_without_pytorch_the_extra_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert ask(folder) == 2
    assert "pip install 'clika[inference]'" in capsys.readouterr().err


def test_a_model_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_study(tmp_path / "results")
    assert ask(tmp_path) == 2
    assert "There is no model at" in capsys.readouterr().err
