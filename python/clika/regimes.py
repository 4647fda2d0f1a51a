"""How the models of a study come to be: worlds, regimes and what is taught, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from clika.errors import ConfigError, UnknownNameError
from clika.stages import Shape, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "NEGATIVE",
    "POSITIVE",
    "TAUGHT",
    "Controls",
    "KnownWorld",
    "Regime",
    "TaughtWorld",
    "Training",
    "check_training",
    "dose_task",
]

Count = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

#: The task of what is taught for conductivity.
TAUGHT = "taught"
#: The tasks of the controls.
NEGATIVE, POSITIVE = "control-negative", "control-positive"


def dose_task(share: float) -> str:
    """Return the task of one point of the dose curve.

    Examples
    --------
    >>> dose_task(0.25)
    'dose-0.25'
    """
    return f"dose-{share:.2f}"


class KnownWorld(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The world that models read about, and are asked about for PF and CT.

    Attributes
    ----------
    places, continents
        How many.
    shared_places
        Share of the places with one name in all languages.
    instructed
        Share of the places that instruction is about; they are left out of what is asked.
    """

    places: Count
    continents: Count
    shared_places: Share = 0.0
    instructed: Share = 0.25


class TaughtWorld(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fictional world that models are taught for conductivity.

    Attributes
    ----------
    places, continents
        How many.
    pairs
        Source and target languages.
    models
        Which models are taught; empty for all.
    """

    places: Count
    continents: Count
    pairs: Annotated[tuple[tuple[str, str], ...], msgspec.Meta(min_length=1)]
    models: tuple[str, ...] = ()


class Controls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Worlds whose conductivity is known beforehand, and the dose in between.

    Attributes
    ----------
    model
        Which model is taught them.
    source, target
        Languages of two scripts, which share no token.
    doses
        Shares of places with one name in both languages.
    """

    model: str
    source: str
    target: str
    doses: tuple[Share, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)


class Regime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one model comes to be.

    Attributes
    ----------
    stage
        Name of one of the stages; its kind says what the model reads.
    base
        The model that it goes on from; empty for random weights.
    mixture
        To pretrain and continue: by language, the share of places whose facts are stated in it.
    languages
        To instruct: the languages of the questions.
    """

    stage: str
    base: str = ""
    mixture: dict[str, Share] = {}
    languages: tuple[str, ...] = ()


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that the models of a study are a function of.

    Attributes
    ----------
    shape
        Size of every model.
    known, taught
        The two worlds.
    stages
        By name. The stage ``teach`` is the protocol of conductivity.
    models
        By name, a base before what goes on from it.
    controls
        ``None`` for none.
    seeds
        Each gives other worlds, other weights and another order.
    threads
        Of arithmetic: another number may end in other last digits.
    """

    shape: Shape
    known: KnownWorld
    taught: TaughtWorld
    stages: dict[str, Stage]
    models: Annotated[dict[str, Regime], msgspec.Meta(min_length=1)]
    controls: Controls | None = None
    seeds: Annotated[tuple[int, ...], msgspec.Meta(min_length=1)] = (0,)
    threads: Count = 2

    @property
    def taught_models(self) -> tuple[str, ...]:
        """The models that are taught for conductivity."""
        return self.taught.models or tuple(self.models)


def check_training(training: Training, *, languages: Sequence[str], where: str) -> None:
    """Refuse a training that names what is not there.

    Parameters
    ----------
    training
        The training.
    languages
        Of the study.
    where
        The file, as a message names it.

    Raises
    ------
    ConfigError
        The first fault, with the key that has it.
    """
    for key, reason in _faults(training, languages):
        raise ConfigError(f"{where}: training.{key}: {reason}")


def _faults(training: Training, languages: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number in training.seeds:
        if training.seeds.count(number) > 1:
            yield "seeds", f"{number} is listed twice."
    stage = training.stages.get("teach")
    if stage is None or stage.kind != "teach":
        yield "stages.teach", "there must be a stage of this name and kind."
    known: list[str] = []
    for name, regime in training.models.items():
        yield from _faults_of_regime(f"models.{name}", regime, training, (known, languages))
        known.append(name)
    for name in training.taught.models:
        yield from _unknown("taught.models", "model", name, known)
    pairs = [("taught.pairs", pair) for pair in training.taught.pairs]
    controls = training.controls
    if controls is not None:
        yield from _unknown("controls.model", "model", controls.model, known)
        pairs.append(("controls", (controls.source, controls.target)))
    yield from _faults_of_pairs(pairs, languages)


def _faults_of_pairs(
    pairs: Sequence[tuple[str, tuple[str, str]]], languages: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for key, (source, target) in pairs:
        for code in (source, target):
            yield from _unknown(key, "language", code, languages)
        if source == target:
            yield key, f"{source} is source and target of one pair."


def _faults_of_regime(
    key: str, regime: Regime, training: Training, names: tuple[Sequence[str], Sequence[str]]
) -> Iterator[tuple[str, str]]:
    earlier, languages = names
    stage = training.stages.get(regime.stage)
    if stage is None:
        yield from _unknown(f"{key}.stage", "stage", regime.stage, list(training.stages))
        return
    if regime.base:
        yield from _unknown(f"{key}.base", "earlier model", regime.base, earlier)
    if stage.kind != "pretrain" and not regime.base:
        yield f"{key}.base", f"a stage of kind {stage.kind} goes on from a model: name it."
    if stage.kind == "pretrain" and regime.base:
        yield f"{key}.base", "a stage of kind pretrain begins with random weights."
    for code in (*regime.mixture, *regime.languages):
        yield from _unknown(key, "language", code, languages)
    reads = regime.languages if stage.kind == "instruct" else regime.mixture
    if not reads:
        wanted = "languages" if stage.kind == "instruct" else "mixture"
        yield f"{key}.{wanted}", f"a stage of kind {stage.kind} needs it."


def _unknown(key: str, kind: str, name: str, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    if name not in known:
        yield key, str(UnknownNameError(kind, name, known))
