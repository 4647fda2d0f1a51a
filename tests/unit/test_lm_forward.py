"""Logits at chosen places are those of the whole."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from made_models import ARCHITECTURES, random_model

from clika.lm.forward import chosen_logits

IDS = torch.tensor([[5, 9, 2, 7], [3, 3, 8, 1]])
CHOSEN = torch.tensor([[False, True, False, True], [True, False, False, False]])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_they_are_those_of_the_whole(architecture: str) -> None:
    model = random_model(architecture)
    with torch.inference_mode():
        whole = model(IDS).logits[CHOSEN]
        found = chosen_logits(model, {"input_ids": IDS}, lambda values: values[CHOSEN])
    torch.testing.assert_close(found.logits, whole, atol=1e-5, rtol=0)


def test_the_output_layer_sees_the_chosen_places_alone() -> None:
    model, seen = random_model("llama"), []
    model.lm_head.register_forward_hook(lambda _, given, __: seen.append(tuple(given[0].shape)))
    chosen_logits(model, {"input_ids": IDS}, lambda values: values[CHOSEN])
    model(IDS)
    assert seen == [(3, 32), (2, 4, 32)]


def test_a_pass_that_fails_leaves_the_model_as_it_was() -> None:
    model = random_model("llama")
    whole = model(IDS).logits

    def fail(_: torch.Tensor) -> torch.Tensor:
        raise ValueError

    with pytest.raises(ValueError):
        chosen_logits(model, {"input_ids": IDS}, fail)
    assert torch.equal(model(IDS).logits, whole)


class NoHead:
    """A model that does not say what its output layer is."""

    def get_output_embeddings(self) -> None:
        return None

    def __call__(self, *, logits: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(logits=logits)


def test_a_model_without_a_known_output_layer_gives_them_too() -> None:
    logits = torch.arange(8.0).reshape(2, 4, 1)
    found = chosen_logits(NoHead(), {"logits": logits}, lambda values: values[CHOSEN])
    assert found.logits[:, 0].tolist() == [1, 3, 4]
