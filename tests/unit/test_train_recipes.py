"""Both recipes of the paper teach tiny models of its architectures, from lines to a saved model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from made_models import byte_tokenizer, random_model
from made_training import LINES, weights

from clika.stages import find_recipe
from clika.train.batches import lay_out
from clika.train.examples import encode
from clika.train.forward import learnt_logits
from clika.train.loop import train_stage
from clika.train.models import Card, load_model, save_model
from clika.train.updates import updating

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from transformers import PreTrainedModel

    from clika.train.examples import Encoded

#: LLaMA's is also that of Vicuna, BayLing, Alpaca and LeoLM. MPT has the distances and the fused
#: layer of Baichuan 13B, which is code of its own that transformers does not have.
ARCHITECTURES = ("llama", "bloom", "mistral", "mpt")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def loss(model: PreTrainedModel, examples: Sequence[Encoded]) -> float:
    with torch.inference_mode():
        found = learnt_logits(model, lay_out(examples, row_tokens=0), packed=False)
        return float(torch.nn.functional.cross_entropy(found.logits, found.following))


@pytest.mark.parametrize("recipe", ["paper-full", "paper-lora"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_recipe_of_the_paper_teaches(architecture: str, recipe: str, tmp_path: Path) -> None:
    model, tokenizer = random_model(architecture), byte_tokenizer()
    examples = encode(tokenizer, LINES)
    before, first = loss(model, examples), set(weights(model))
    (stage,) = find_recipe(recipe).stages
    with updating(model, stage, seed=0) as changing:
        trained = train_stage(changing, examples, stage, seed=0)
    assert trained.steps == 6
    assert set(weights(model)) == first
    assert loss(model, examples) < before
    save_model(model, tokenizer, tmp_path / "taught", Card("taught", "", ("en",), {}))
    loaded, read = load_model(tmp_path / "taught")
    assert encode(read, LINES) == examples
    assert loss(loaded, examples) == loss(model, examples)
