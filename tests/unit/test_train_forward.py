"""What a packed row says is what each of its examples says alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from made_models import random_model
from transformers import FalconConfig, FalconForCausalLM

from clika.errors import ConfigError
from clika.train.batches import lay_out
from clika.train.examples import Encoded
from clika.train.forward import check_packing, learnt_logits

if TYPE_CHECKING:
    from transformers import PreTrainedModel

#: Longer than the windows of the models that have one; first fit leaves them in their order.
EXAMPLES = tuple(
    Encoded(tuple(torch.randint(2, 320, (size,), generator=torch.manual_seed(size)).tolist()), 2)
    for size in (12, 5, 20, 9, 3, 15, 16)
)
PACKED = ("llama", "mistral", "gemma3")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def alone(model: PreTrainedModel, example: Encoded) -> torch.Tensor:
    """Return all logits of one sequence where something is learnt."""
    with torch.inference_mode():
        logits = model(torch.tensor([example.ids])).logits[0]
    return logits[example.start - 1 : -1]


@pytest.mark.parametrize("architecture", PACKED)
def test_packed_rows_say_what_each_example_says_alone(architecture: str) -> None:
    model = random_model(architecture)
    rows = lay_out(EXAMPLES, row_tokens=32)
    assert len(rows.ids) < len(EXAMPLES)
    with torch.inference_mode():
        found = learnt_logits(model, rows, packed=True)
    order = [0, 1, 3, 4, 2, 5, 6]
    expected = torch.cat([alone(model, EXAMPLES[place]) for place in order])
    torch.testing.assert_close(found.logits, expected, atol=1e-4, rtol=0)
    following = [token for place in order for token in EXAMPLES[place].ids[2:]]
    assert found.following.tolist() == following


@pytest.mark.parametrize("architecture", [*PACKED, "bloom", "mamba"])
def test_padded_rows_say_what_each_example_says_alone(architecture: str) -> None:
    model = random_model(architecture)
    with torch.inference_mode():
        found = learnt_logits(model, lay_out(EXAMPLES, row_tokens=0), packed=False)
    expected = torch.cat([alone(model, example) for example in EXAMPLES])
    torch.testing.assert_close(found.logits, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("architecture", PACKED)
def test_a_model_that_keeps_examples_apart_may_pack(architecture: str) -> None:
    model = random_model(architecture).train()
    check_packing(model)
    assert model.training


def falcon() -> PreTrainedModel:
    """Return a model that takes positions and does not look at them."""
    return FalconForCausalLM(
        FalconConfig(
            vocab_size=320, hidden_size=32, num_hidden_layers=1, num_attention_heads=4, alibi=True
        )
    )


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("bloom", lambda: random_model("bloom")),
        ("mamba", lambda: random_model("mamba")),
        ("falcon", falcon),
    ],
)
def test_a_model_that_would_see_its_neighbours_is_refused(kind: str, make) -> None:
    with pytest.raises(ConfigError) as caught:
        check_packing(make())
    assert str(caught.value) == (
        f"A model of type {kind} does not keep the texts of a packed row apart: "
        "set row_tokens to 0."
    )
