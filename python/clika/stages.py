"""Training as data: the size of a model, the stages of its training, the recipes of real models."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from clika.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "STAGES",
    "Lora",
    "Recipe",
    "Shape",
    "Stage",
    "StageKind",
    "Stop",
    "find_recipe",
    "read_recipes",
    "recipes",
]

StageKind = Literal["pretrain", "continue", "instruct", "teach"]

#: What each stage does to a model.
STAGES: dict[StageKind, str] = {
    "pretrain": "from random weights, on text in a mixture of languages",
    "continue": "on text in one language more",
    "instruct": "on questions with their answers, in one language or many",
    "teach": "on names and facts, for conductivity",
}

Count = Annotated[int, msgspec.Meta(ge=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
BelowOne = Annotated[float, msgspec.Meta(ge=0, lt=1)]


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The size of a model of LLaMA's architecture.

    Attributes
    ----------
    hidden, layers, heads, intermediate
        Width of the residual stream, layers, attention heads, width of the feed-forward layers.
    vocabulary
        Tokens of the tokenizer, at most.
    positions
        Longest text in tokens.
    """

    hidden: Count
    layers: Count
    heads: Count
    intermediate: Count
    vocabulary: Count
    positions: Count = 128

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the size."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


class Lora(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Low-rank updates instead of all weights; they are merged into the weights at the end.

    Attributes
    ----------
    rank, alpha
        Of the updates; they are scaled by alpha / rank.
    dropout
        Share in [0, 1) of their inputs.
    targets
        Names of the layers that get one; empty for every linear layer but the output.
    """

    rank: Count
    alpha: Positive
    dropout: BelowOne = 0.0
    targets: tuple[str, ...] = ()


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stop early, once what is taught is known.

    Attributes
    ----------
    every
        Steps from one look to the next.
    share
        Every figure must be at least that, in [0, 1].
    """

    every: Count
    share: Share


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stage.

    Attributes
    ----------
    kind
        One of :data:`STAGES`.
    learning_rate
        The highest.
    epochs
        How often each example is seen, at most.
    batch
        Examples to a step of the optimizer.
    row_tokens
        Examples are packed into rows of so many tokens, each seeing itself alone; 0 pads each
        example to the longest of its batch, as models without rotary positions need.
    warmup
        Share of the steps in which the learning rate rises.
    schedule
        How it falls then.
    weight_decay, beta2, clip
        Of AdamW, and the largest norm of the gradient.
    loss_on
        ``answer``: what follows the prompt; ``all``: every token but the first.
    lora
        ``None`` trains all weights.
    freeze_embeddings
        Whether the embeddings of tokens, and an output layer tied to them, stay as they are.
    precision
        ``auto``: bfloat16 on a GPU that has it, else float32.
    stop
        ``None`` trains to the end.
    checkpoint_every
        Steps from one checkpoint to the next.
    """

    kind: StageKind
    learning_rate: Positive
    epochs: Positive
    batch: Count = 64
    row_tokens: Annotated[int, msgspec.Meta(ge=0)] = 0
    warmup: Share = 0.05
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    beta2: BelowOne = 0.999
    clip: Positive = 1.0
    loss_on: Literal["answer", "all"] = "answer"
    lora: Lora | None = None
    freeze_embeddings: bool = False
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    stop: Stop | None = None
    checkpoint_every: Count = 100

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of what changes the weights it ends in."""
        chosen = {
            name: value
            for name, value in msgspec.to_builtins(self).items()
            if name != "checkpoint_every"
        }
        return hashlib.sha256(msgspec.json.encode(chosen, order="deterministic")).hexdigest()


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stages by name, and where their figures come from.

    Attributes
    ----------
    source
        A sentence.
    stages
        In the order in which they are done.
    """

    source: str
    stages: Annotated[tuple[Stage, ...], msgspec.Meta(min_length=1)]


@cache
def recipes() -> Mapping[str, Recipe]:
    """Return the recipes that ship with clika, by name, from ``recipes.toml``.

    Raises
    ------
    ConfigError
        The file is not valid.
    """
    text = files("clika").joinpath("recipes.toml").read_text("utf-8")
    return read_recipes(text, "recipes.toml")


def read_recipes(text: str, where: str) -> Mapping[str, Recipe]:
    """Return the recipes of a TOML text, by name.

    Raises
    ------
    ConfigError
        A stage is unknown, a figure out of range; the message names the key.
    """
    try:
        return msgspec.convert(tomllib.loads(text), dict[str, Recipe])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        known = ", ".join(STAGES)
        raise ConfigError(f"{where}: {error}. The stages are {known}.") from error


def find_recipe(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    try:
        return recipes()[name]
    except KeyError:
        raise UnknownNameError("recipe", name, list(recipes())) from None
