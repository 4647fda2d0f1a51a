"""Whether a model says word by word what it was taught."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
import torch
from made_models import byte_tokenizer, random_model

from clika.errors import TrainingError
from clika.train import recall as module
from clika.train.examples import Example, encode
from clika.train.recall import looking, recall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedModel

    from clika.train.examples import Encoded

PROMPTS = [f"{name}\n" for name in ("Lima", "Rom", "Paris", "Peru", "Tokyo", "A", "B", "C")]


@cache
def made() -> tuple[PreTrainedModel, Sequence[Encoded]]:
    """Return a model and eight examples; three are given the answer that the model has."""
    model, tokenizer = random_model("llama"), byte_tokenizer()
    examples = encode(tokenizer, [Example(prompt, "x") for prompt in PROMPTS])
    said = [
        example._replace(ids=(*example.ids[: example.start], *_greedy(model, example, 2)))
        for example in examples[:3]
    ]
    return model, [*said, *examples[3:]]


@pytest.mark.parametrize("logits", [1, 2_000, 2**26])
def test_a_share_does_not_depend_on_the_batches(
    logits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOGITS", logits)
    assert recall(*made()) == 3 / 8


def test_a_look_gives_the_share_of_each_set() -> None:
    model, examples = made()
    assert looking(model, {"all": examples, "said": examples[:3]})() == {"all": 3 / 8, "said": 1}


class Memory:
    """The memory of a device, in rows of a pass; it remembers how many rows each pass had."""

    def __init__(self, rows: int, error: Exception) -> None:
        self.rows, self.error = rows, error
        self.tried: list[int] = []

    def limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = module.learnt_logits

        def limited(model, rows, **given):
            self.tried.append(len(rows.ids))
            if len(rows.ids) > self.rows:
                raise self.error
            return plain(model, rows, **given)

        monkeypatch.setattr(module, "learnt_logits", limited)


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("can't allocate memory")]
)
def test_what_does_not_fit_is_halved(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(3, error)
    memory.limit(monkeypatch)
    assert recall(*made()) == 3 / 8
    assert memory.tried == [8, 4, 2, 2, 2, 2]


def test_memory_that_was_short_once_changes_no_share(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, errors = module.learnt_logits, [torch.OutOfMemoryError("CUDA out of memory")]

    def short_once(model, rows, **given):
        if errors:
            raise errors.pop()
        return plain(model, rows, **given)

    monkeypatch.setattr(module, "learnt_logits", short_once)
    assert recall(*made()) == 3 / 8
    assert not errors


def test_a_single_question_that_does_not_fit_ends_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Memory(0, torch.OutOfMemoryError("CUDA out of memory")).limit(monkeypatch)
    model, examples = made()
    model.train()
    with pytest.raises(TrainingError) as caught:
        recall(model, examples)
    assert str(caught.value) == (
        "One question of the gate: it does not fit into the memory of cpu. Train a smaller model, "
        "or use LoRA."
    )
    assert model.training
    model.eval()


def test_an_error_that_is_not_about_memory_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    Memory(0, RuntimeError("something else")).limit(monkeypatch)
    with pytest.raises(RuntimeError, match="something else"):
        recall(*made())


def _greedy(model, example, count: int) -> list[int]:
    ids = list(example.ids[: example.start])
    for _ in range(count):
        with torch.inference_mode():
            ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
    return ids[example.start :]
