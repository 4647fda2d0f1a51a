from __future__ import annotations

import errno
import os
import re
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from clika.errors import ConfigError, FileSystemError, UnknownNameError
from clika.registry import (
    REGIME_TITLES,
    families,
    find_model,
    normalise_model,
    registered_models,
)
from clika.report.names import table_names
from clika.study import Study, load_study, packaged_studies, save_study


@pytest.fixture
def study() -> Study:
    return load_study("paper-released")


def test_the_release_has_46_models_4_tasks_10_languages(study: Study) -> None:
    assert (len(study.models), len(study.tasks), len(study.languages)) == (46, 4, 10)


def test_references_are_chatgpts_english_answers_as_fractions(study: Study) -> None:
    found = {task.name: task.reference.accuracy for task in study.tasks if task.reference}
    assert found == {
        "x_csqa": Fraction(746, 1000),
        "x_copa": Fraction(482, 500),
        "x_name": Fraction(166, 180),
        "x_geo": Fraction(194, 200),
    }


def test_streams_are_the_papers(study: Study) -> None:
    assert {name: [task.name for task in tasks] for name, tasks in study.streams.items()} == {
        "Basic": ["x_csqa", "x_copa"],
        "Factual": ["x_name", "x_geo"],
    }


def test_every_model_of_a_packaged_study_is_registered() -> None:
    for name in packaged_studies():
        for model in load_study(name).models:
            assert find_model(model).name == model


def test_a_saved_study_is_read_back_equal(study: Study, tmp_path: Path) -> None:
    mine = msgspec.structs.replace(study, name="mine", kind="table")
    save_study(mine, tmp_path / "mine" / "study.yaml")
    assert load_study("mine", tmp_path) == mine


@pytest.mark.parametrize("name", ["paper-relesed", "../paper-released", "", "/etc"])
def test_an_unknown_study_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="paper-released"):
        load_study(name, tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("pivot: xx", "the pivot 'xx' is not one of the languages"),
        ("colour: red", "unknown field `colour`"),
        ("languages: [en, de, en]", "language 'en' is listed twice"),
        ("tasks: [{name: t, options: 1}]", r"\$.tasks\[0\].options"),
        ("models: [a/b]", r"\$.models\[0\]"),
        ("kind: guess", r"\$.kind"),
    ],
)
def test_a_bad_study_names_the_field(change: str, message: str, tmp_path: Path) -> None:
    lines = {
        "name": "mine",
        "title": "t",
        "kind": "table",
        "languages": "[en, de]",
        "pivot": "en",
        "rules": "[first-letter]",
        "tasks": "[{name: t, options: 4}]",
        "models": "[a]",
    }
    key, _, value = change.partition(": ")
    lines[key] = value
    (tmp_path / "mine").mkdir()
    text = "\n".join(f"{name}: {content}" for name, content in lines.items())
    (tmp_path / "mine" / "study.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_study("mine", tmp_path)


@pytest.mark.parametrize("others", [("LLaMA-13B", "llama_13b"), ("mine", "Mine")])
def test_a_model_is_asked_under_one_spelling(others: tuple[str, str], tmp_path: Path) -> None:
    asked = [f"  {name}: {{source: folder}}" for name in others]
    lines = [
        "name: mine",
        "title: t",
        "kind: asked",
        "languages: [en]",
        "pivot: en",
        "rules: [choice]",
        "tasks: [{name: t, options: 4}]",
        "models: []",
        "asked:",
        *asked,
    ]
    (tmp_path / "mine").mkdir()
    path = tmp_path / "mine" / "study.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigError, match=f"{others[0]!r} and {others[1]!r} are one model"):
        load_study("mine", tmp_path)
    path.write_text("\n".join(lines[:-1]), encoding="utf-8")
    assert list(load_study("mine", tmp_path).asked) == [others[0]]


def test_table_names_are_metrics_by_tasks_and_streams(study: Study) -> None:
    names = table_names(study)
    assert len(names) == len(set(names)) == 3 * (4 + 2)
    assert "en_co_factual" in names


def test_models_come_grouped_by_regime() -> None:
    order = [(model.pretraining, model.tuning) for model in registered_models()]
    assert list(dict.fromkeys(order)) == list(REGIME_TITLES)


def test_a_base_is_registered_and_listed_once() -> None:
    names = [model.name for model in registered_models()]
    assert len(names) == len(set(names))
    assert all(model.base in names for model in registered_models() if model.base)


def test_weights_that_can_be_downloaded_are_in_a_repository_that_is_named() -> None:
    for model in registered_models():
        if model.access in {"open", "gated"}:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+", model.hub), model.name
        if model.access in {"request", "api", "none"}:
            assert not model.hub, model.name


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("LLaMA-13B", "llama_13b"),
        ("leolm-leo-hessianai-13b", "LeoLM_leo_hessianai_13b"),
        ("vicuna 13b v1 5", "vicuna_13b_v1.5"),
        ("my org/my model", "my_org_my_model"),
        ("../../etc/passwd", "etc_passwd"),
    ],
)
def test_names_of_models_are_normalised_and_safe(spelling: str, name: str) -> None:
    assert normalise_model(spelling) == name


@pytest.mark.parametrize("spelling", ["", "..", "///", "   "])
def test_a_name_that_leaves_nothing_is_refused(spelling: str) -> None:
    with pytest.raises(ConfigError):
        normalise_model(spelling)


def test_a_model_is_of_the_family_of_the_checkpoint_it_was_trained_from() -> None:
    for model in registered_models():
        if model.base is not None:
            assert model.family == find_model(model.base).family, model.name


def test_an_unregistered_model_is_a_family_of_its_own() -> None:
    assert len({*families(["llama", "llama_7b", "ours", "theirs"])}) == 4


def test_a_folder_that_may_not_be_entered_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, pattern: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), f"{self}/{pattern}")

    monkeypatch.setattr(Path, "glob", refuse)
    with pytest.raises(FileSystemError, match=re.escape(str(tmp_path))):
        load_study("mine", tmp_path)
