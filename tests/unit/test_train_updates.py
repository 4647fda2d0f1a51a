"""Which weights a stage changes."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
import torch
from made_training import STAGE, encoded, tiny_model, train_tiny, weights
from msgspec.structs import replace

from clika.errors import ConfigError
from clika.stages import Lora, Stage
from clika.train.batches import lay_out
from clika.train.forward import learnt_logits
from clika.train.loop import Progress, Watch
from clika.train.updates import updating

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def trained(stage: Stage, *, seed: int = 0) -> PreTrainedModel:
    model = tiny_model()
    with updating(model, stage, seed=seed) as changing:
        train_tiny(stage, model=changing)
    return model


def changed(stage: Stage) -> set[str]:
    """Return the last names of the weights that a stage changes."""
    before, after = weights(tiny_model()), weights(trained(stage))
    assert before.keys() == after.keys()
    return {
        name.removesuffix(".weight").rpartition(".")[2]
        for name, weight in before.items()
        if not torch.equal(weight, after[name])
    }


LINEAR = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
NORMS = {"input_layernorm", "post_attention_layernorm", "norm"}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, LINEAR | NORMS | {"embed_tokens"}),
        ({"freeze_embeddings": True}, LINEAR | NORMS),
        ({"lora": Lora(4, 8)}, LINEAR),
        ({"lora": Lora(4, 8, targets=("q_proj", "v_proj"))}, {"q_proj", "v_proj"}),
    ],
    ids=["all", "embeddings frozen", "low-rank", "low-rank of two layers"],
)
def test_a_stage_changes_its_weights_and_no_other(
    chosen: dict[str, object], expected: set[str]
) -> None:
    assert changed(replace(STAGE, **chosen)) == expected


def test_an_output_layer_of_its_own_is_frozen_with_the_embeddings() -> None:
    model = tiny_model()
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach() + 1)
    before = model.lm_head.weight.detach().clone()
    stage = replace(STAGE, freeze_embeddings=True)
    with updating(model, stage, seed=0) as changing:
        train_tiny(stage, model=changing)
    assert torch.equal(model.lm_head.weight, before)


def test_a_frozen_output_layer_is_cast_once_and_nothing_else_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = replace(STAGE, freeze_embeddings=True, precision="bfloat16")
    model, seen = tiny_model(), []

    def look(_: Progress) -> None:
        seen.append((model.lm_head.weight.dtype, model.model.embed_tokens.weight.dtype))

    with updating(model, stage, seed=0) as changing:
        train_tiny(stage, model=changing, watch=Watch(notify=look))
    assert set(seen) == {(torch.bfloat16, torch.float32)}
    assert model.lm_head.weight is model.model.embed_tokens.weight
    monkeypatch.setattr("clika.train.loop._Loop.frozen_output", lambda _: nullcontext())
    plain = weights(trained(stage))
    assert all(torch.equal(weight, plain[name]) for name, weight in weights(model).items())


def test_low_rank_updates_are_merged_into_weights_of_their_rank() -> None:
    before, after = weights(tiny_model()), weights(trained(replace(STAGE, lora=Lora(4, 8))))
    name = "model.layers.0.self_attn.q_proj.weight"
    singular = torch.linalg.svdvals((after[name] - before[name]).double())
    assert singular[3] > 1e-4
    assert singular[4] < 1e-6


def test_what_was_merged_answers_as_what_was_trained() -> None:
    stage = replace(STAGE, lora=Lora(4, 8))
    model, rows = tiny_model(), lay_out(encoded(), row_tokens=0)
    with torch.no_grad():
        with updating(model, stage, seed=0) as changing, torch.enable_grad():
            train_tiny(stage, model=changing)
            during = learnt_logits(changing, rows, packed=False).logits
        merged = learnt_logits(model, rows, packed=False).logits
    torch.testing.assert_close(merged, during, atol=1e-4, rtol=0)


def test_low_rank_updates_are_a_function_of_the_seed() -> None:
    stage = replace(STAGE, lora=Lora(4, 8))
    first, same, other = (weights(trained(stage, seed=seed)) for seed in (0, 0, 1))
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_a_stage_after_low_rank_updates_changes_all_weights_again() -> None:
    model = trained(replace(STAGE, lora=Lora(4, 8)))
    before = weights(model)
    with updating(model, STAGE, seed=0) as changing:
        train_tiny(model=changing)
    assert [
        name for name, value in weights(model).items() if torch.equal(value, before[name])
    ] == []


def test_a_layer_that_is_not_there_is_named_with_those_that_are() -> None:
    stage = replace(STAGE, lora=Lora(4, 8, targets=("query_key_value",)))
    with pytest.raises(ConfigError, match=r"no layer 'query_key_value'\. It has .*q_proj"):
        trained(stage)
