"""Stages and recipes: what is read, what is refused, what a digest holds."""

from __future__ import annotations

import msgspec
import pytest

from clika.errors import ConfigError, UnknownNameError
from clika.stages import STAGES, Lora, Shape, Stage, Stop, find_recipe, read_recipes, recipes

STAGE = Stage(kind="teach", learning_rate=1e-3, epochs=2)
RECIPE = """
[mine]
source = "A test."
[[mine.stages]]
kind = "{kind}"
learning_rate = {rate}
epochs = 1
"""


def test_a_recipe_is_read() -> None:
    (stage,) = read_recipes(RECIPE.format(kind="teach", rate=1e-3), "mine.toml")["mine"].stages
    assert stage == Stage(kind="teach", learning_rate=1e-3, epochs=1)


def test_an_unknown_kind_of_stage_names_those_that_are_known() -> None:
    with pytest.raises(ConfigError) as caught:
        read_recipes(RECIPE.format(kind="distill", rate=1e-3), "mine.toml")
    said = str(caught.value)
    assert said.startswith("mine.toml: Invalid enum value 'distill'")
    assert "stages[0].kind" in said
    assert said.endswith(f"The stages are {', '.join(STAGES)}.")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (RECIPE.format(kind="teach", rate=0), "learning_rate"),
        (RECIPE.format(kind="teach", rate=1e-3) + "rate = 3", "field `rate`"),
        (RECIPE.format(kind="teach", rate=1e-3) + "beta2 = 1.0", "beta2"),
        ('[mine]\nsource = "A test."\nstages = []', r"length >= 1 - at `\$.*stages`"),
        ("[mine", "end of a table declaration"),
    ],
    ids=["out of range", "unknown key", "a memory without end", "no stages", "not TOML"],
)
def test_a_fault_of_a_recipe_is_named(text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        read_recipes(text, "mine.toml")


def test_every_recipe_names_its_source() -> None:
    assert all(recipe.source.endswith(".") for recipe in recipes().values())


@pytest.mark.parametrize(
    ("name", "rate", "lora"), [("paper-full", 2e-5, None), ("paper-lora", 2e-4, Lora(128, 16))]
)
def test_the_paper_s_recipes_are_data_with_their_source(
    name: str, rate: float, lora: Lora | None
) -> None:
    recipe = find_recipe(name)
    (stage,) = recipe.stages
    assert "RiverGao/CLiKA at commit 51059fe" in recipe.source
    assert (stage.kind, stage.learning_rate, stage.epochs, stage.lora) == ("teach", rate, 3, lora)


def test_a_recipe_that_is_not_there_suggests_those_that_are() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'paper-lora'"):
        find_recipe("paper-lara")


CHANGES = {
    "kind": "continue",
    "learning_rate": 2e-3,
    "epochs": 3,
    "batch": 32,
    "row_tokens": 64,
    "warmup": 0.1,
    "schedule": "linear",
    "weight_decay": 0.1,
    "beta2": 0.98,
    "clip": 2.0,
    "loss_on": "all",
    "lora": Lora(8, 16),
    "freeze_embeddings": True,
    "precision": "float32",
    "stop": Stop(every=10, share=0.9),
}


@pytest.mark.parametrize("key", CHANGES)
def test_the_digest_changes_with_what_changes_the_weights(key: str) -> None:
    changed = msgspec.structs.replace(STAGE, **{key: CHANGES[key]})
    assert changed.digest != STAGE.digest


def test_the_digest_is_not_of_how_often_the_state_is_kept() -> None:
    assert msgspec.structs.replace(STAGE, checkpoint_every=7).digest == STAGE.digest


def test_every_key_of_a_stage_is_known_to_matter_or_not() -> None:
    assert {*CHANGES, "checkpoint_every"} == {field.name for field in msgspec.structs.fields(Stage)}


def test_two_sizes_of_a_model_have_two_digests() -> None:
    size = Shape(hidden=32, layers=2, heads=4, intermediate=64, vocabulary=300)
    assert msgspec.structs.replace(size, layers=3).digest != size.digest
