"""Tiny trainings: a second's work that still learns."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from clika.stages import Shape, Stage
from clika.train.examples import Encoded, Example, encode
from clika.train.loop import Trained, Watch, train_stage
from clika.train.models import new_model, train_tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

SHAPE = Shape(hidden=32, layers=2, heads=4, intermediate=64, vocabulary=300, positions=64)
#: Three steps to an epoch.
STAGE = Stage(kind="teach", learning_rate=3e-3, epochs=4, batch=8, checkpoint_every=2)
_PLACES = ("Ava", "Brel", "Corva", "Dun", "Elimor", "Fai", "Gosk", "Hulnaveth", "Ira", "Jot")
LINES = tuple(
    Example(question.format(place), f" {place} is in {'Nova' if number % 2 else 'Ostara'}.")
    for number, place in enumerate(_PLACES)
    for question in ("Where is {}?", "On which continent does one find {}?")
)


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of the lines."""
    return train_tokenizer(
        (line.prompt + line.answer for line in LINES), vocabulary=SHAPE.vocabulary
    )


@cache
def encoded() -> Sequence[Encoded]:
    """Return the lines as tokens."""
    return encode(tokenizer(), LINES)


def tiny_model(*, seed: int = 0) -> PreTrainedModel:
    """Return a model with random weights."""
    return new_model(SHAPE, tokens=len(tokenizer()), seed=seed)


def train_tiny(
    stage: Stage = STAGE,
    *,
    seed: int = 0,
    watch: Watch | None = None,
    model: PreTrainedModel | None = None,
) -> tuple[PreTrainedModel, Trained]:
    """Train a tiny model on the lines."""
    chosen = tiny_model() if model is None else model
    return chosen, train_stage(chosen, encoded(), stage, seed=seed, watch=watch)


def weights(model: PreTrainedModel) -> Mapping[str, torch.Tensor]:
    """Return a copy of all weights."""
    return {name: value.detach().clone() for name, value in model.named_parameters()}


def weight_bytes(model: PreTrainedModel) -> Mapping[str, bytes]:
    """Return all weights to the byte."""
    return {name: value.numpy().tobytes() for name, value in weights(model).items()}
