"""The registry of models: facts about each, read from ``models.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import msgspec

from clika.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ACCESS_YEAR",
    "REGIME_TITLES",
    "Access",
    "Model",
    "families",
    "find_model",
    "known_model",
    "normalise_model",
    "registered_models",
]

Pretraining = Literal["english", "mixed", "continued", "undisclosed"]
Tuning = Literal["none", "instructed"]
Access = Literal["open", "gated", "request", "api", "none"]

#: As of when the registry says where weights are and who may have them.
ACCESS_YEAR = 2025

#: The regimes in the order of the tables' groups: (pretraining, tuning) and the group's title.
REGIME_TITLES: dict[tuple[Pretraining, Tuning], str] = {
    ("undisclosed", "instructed"): "Reference",
    ("english", "none"): "English-dominant pretraining",
    ("english", "instructed"): "English-dominant pretraining, instructed",
    ("mixed", "none"): "Mixed multilingual pretraining",
    ("mixed", "instructed"): "Mixed multilingual pretraining, instructed",
    ("continued", "none"): "Continued pretraining",
    ("continued", "instructed"): "Continued pretraining, instructed",
}


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts about one model; the fields are described at the head of ``models.toml``."""

    name: str
    title: str
    family: str
    pretraining: Pretraining
    tuning: Tuning
    parameters: float | None = None
    base: str | None = None
    focus: tuple[str, ...] = ()
    hub: str = ""
    access: Access | None = None
    note: str = ""

    @property
    def regime(self) -> str:
        """The title of the table group that the model belongs to."""
        return REGIME_TITLES[self.pretraining, self.tuning]


class _Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    model: tuple[Model, ...]


@cache
def registered_models() -> tuple[Model, ...]:
    """Return every registered model in the row order of the tables."""
    text = files("clika").joinpath("models.toml").read_text(encoding="utf-8")
    try:
        models = msgspec.convert(tomllib.loads(text), _Registry).model
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"models.toml: {error}") from error
    order = list(REGIME_TITLES)
    return tuple(sorted(models, key=lambda model: order.index((model.pretraining, model.tuning))))


def _folded(name: str) -> str:
    return re.sub(r"[-_. ]+", "_", name.strip().casefold())


@cache
def _by_folded_name() -> dict[str, Model]:
    return {_folded(model.name): model for model in registered_models()}


def find_model(name: str) -> Model:
    """Return the model of that name; case, ``-``, ``_``, ``.`` and spaces make no difference.

    Raises
    ------
    UnknownNameError
        The registry has no such model; the message names the nearest.
    """
    model = known_model(name)
    if model is None:
        raise UnknownNameError("model", name, [model.name for model in registered_models()])
    return model


def known_model(name: str) -> Model | None:
    """Return the model of that name as :func:`find_model` does, ``None`` where there is none."""
    return _by_folded_name().get(_folded(name))


def families(names: Sequence[str]) -> tuple[str, ...]:
    """Return the family of each model; one that the registry does not know is its own.

    Examples
    --------
    >>> families(["Stanford_Alpaca", "llama_7b", "our_own"])
    ('llama', 'llama', 'our_own alone')
    """
    known = [known_model(name) for name in names]
    # A name has no space, so that a made-up family is never a registered one.
    return tuple(
        f"{name} alone" if model is None else model.family
        for name, model in zip(names, known, strict=True)
    )


def normalise_model(name: str) -> str:
    """Return the registered spelling of a model's name, or a file-safe one of an unregistered name.

    Tables made elsewhere may hold models that the registry does not know: their names are kept,
    with every run of characters outside ``A-Za-z0-9._+-`` replaced by ``_``, since a name is also
    part of a file's path.

    Raises
    ------
    ConfigError
        Nothing usable is left of the name.

    Examples
    --------
    >>> normalise_model("LLaMA-13B"), normalise_model("my org/my model")
    ('llama_13b', 'my_org_my_model')
    """
    model = known_model(name)
    if model is not None:
        return model.name
    safe = re.sub(r"[^A-Za-z0-9._+-]+", "_", name.strip()).strip("._")
    if not safe:
        raise ConfigError(f"{name!r} is not usable as a model's name.")
    return safe
