"""Whether a model says word by word what it was taught."""

from __future__ import annotations

import pytest
import torch
from made_models import byte_tokenizer, random_model

from clika.train import recall as module
from clika.train.examples import Example, encode
from clika.train.recall import recall

PROMPTS = [f"{name}\n" for name in ("Lima", "Rom", "Paris", "Peru", "Tokyo", "A", "B", "C")]


@pytest.mark.parametrize("logits", [1, 2_000, 2**26])
def test_a_share_does_not_depend_on_the_batches(
    logits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOGITS", logits)
    model, tokenizer = random_model("llama"), byte_tokenizer()
    examples = encode(tokenizer, [Example(prompt, "x") for prompt in PROMPTS])
    # Three of eight are given the answer that the model has: every batch has to count them.
    said = [
        example._replace(ids=(*example.ids[: example.start], *_greedy(model, example, 2)))
        for example in examples[:3]
    ]
    assert recall(model, [*said, *examples[3:]]) == 3 / 8


def _greedy(model, example, count: int) -> list[int]:
    ids = list(example.ids[: example.start])
    for _ in range(count):
        with torch.inference_mode():
            ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
    return ids[example.start :]
