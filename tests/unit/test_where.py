"""``--where``: conditions narrow a study, and a name that is not known suggests the nearest."""

from __future__ import annotations

import pytest

from clika.errors import ConfigError, UnknownNameError
from clika.study import load_study
from clika.where import Selection, parse_where

STUDY = load_study("paper-released")
MODELS = ("chatgpt", "llama_7b", "my model")


def chosen(*conditions: str) -> Selection:
    return parse_where(conditions, STUDY, models=MODELS)


def test_without_conditions_everything_is_chosen() -> None:
    tasks = tuple(task.name for task in STUDY.tasks)
    assert chosen() == Selection(MODELS, tasks, STUDY.languages, STUDY.languages)


def test_values_are_kept_in_the_order_of_the_study() -> None:
    assert chosen("task=x_geo,x_csqa").tasks == ("x_csqa", "x_geo")


@pytest.mark.parametrize("name", ["llama_7b", "LLaMA-7B", " llama 7b "])
def test_models_go_by_any_spelling(name: str) -> None:
    assert chosen(f"model={name}").models == ("llama_7b",)


def test_a_model_that_is_not_registered_goes_by_its_name() -> None:
    assert chosen("model=my model").models == ("my model",)


def test_language_filters_both_sides_and_source_and_target_one() -> None:
    both = chosen("language=EN,Hebrew")
    assert (both.sources, both.targets) == (("en", "he"), ("en", "he"))
    one = chosen("source=en")
    assert (one.sources, one.targets) == (("en",), STUDY.languages)
    other = chosen("target=de_trans")
    assert (other.sources, other.targets) == (STUDY.languages, ("de",))


def test_conditions_narrow_one_another() -> None:
    found = chosen("language=en,de,fr", "source=de,he,en", "source=en,zh")
    assert (found.sources, found.targets) == (("en",), ("en", "de", "fr"))


@pytest.mark.parametrize(
    ("conditions", "nothing"),
    [(("task=x_geo", "task=x_csqa"), "tasks"), (("language=en,de", "source=fr"), "sources")],
)
def test_conditions_that_exclude_one_another_are_refused(
    conditions: tuple[str, ...], nothing: str
) -> None:
    with pytest.raises(ConfigError, match=f"the conditions leave no {nothing}"):
        chosen(*conditions)


@pytest.mark.parametrize(
    ("condition", "kind", "near"),
    [
        ("model=lama_7b", "model", "llama_7b"),
        ("task=x_goe", "task", "x_geo"),
        ("language=hb", "language", "he"),
        ("source=es", "language", "en"),
        ("modle=chatgpt", "--where key", "model"),
    ],
)
def test_a_name_that_is_not_known_suggests_the_nearest(
    condition: str, kind: str, near: str
) -> None:
    with pytest.raises(UnknownNameError) as raised:
        chosen(condition)
    assert raised.value.kind == kind
    assert near in str(raised.value).partition("Known:")[0]


@pytest.mark.parametrize("condition", ["", "model", "model=", "model=,", "=chatgpt"])
def test_what_is_no_condition_is_refused(condition: str) -> None:
    with pytest.raises((ConfigError, UnknownNameError)):
        chosen(condition)
