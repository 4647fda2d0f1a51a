"""How the models of a study come to be: worlds, regimes and what is taught, as data."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

import msgspec

from clika.errors import ConfigError, UnknownNameError
from clika.stages import Shape, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "ITEMS_TO_A_SEED",
    "NEGATIVE",
    "POSITIVE",
    "TAUGHT",
    "TAUGHT_OPTIONS",
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
Seed = Annotated[int, msgspec.Meta(ge=0)]
People = Annotated[int, msgspec.Meta(ge=0)]

#: Ids of one seed's items begin at a multiple of this, that of the seed itself.
ITEMS_TO_A_SEED = 100_000
#: The task of what is taught for conductivity.
TAUGHT = "taught"
#: How many options each question about what is taught has.
TAUGHT_OPTIONS = 4
#: The task of the positive control: all names shared, the continents' too.
POSITIVE = "control-positive"


def dose_task(share: float) -> str:
    """Return the task of one point of the dose curve; that of 0 is the negative control.

    Examples
    --------
    >>> dose_task(0.25)
    'dose-0.25'
    """
    return f"dose-{share:.2f}"


#: The task of the negative control: no name shared.
NEGATIVE = dose_task(0)


class KnownWorld(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The world that models read about, and are asked about for PF and CT.

    Attributes
    ----------
    places, continents
        How many.
    shared_places
        Share of the places, and of the people, with one name in all languages.
    asked
        Share of the stated facts that the text also asks for, before it states them.
    instructed
        Share of the places, and of the people, that instruction is about; they are left out of what
        is asked.
    people
        How many come from the continents; 0 for none.
    """

    places: Count
    continents: Count
    shared_places: Share = 0.0
    asked: Share = 0.25
    instructed: Share = 0.25
    people: People = 0


class TaughtWorld(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fictional world that models are taught for conductivity.

    Attributes
    ----------
    places, continents
        How many.
    pairs
        Source and target languages.
    stage
        Name of the stage that teaches.
    models
        Which models are taught; empty for all that read something.
    people
        How many come from the continents; 0 for none.
    """

    places: Count
    continents: Count
    stage: str
    pairs: Annotated[tuple[tuple[str, str], ...], msgspec.Meta(min_length=1)]
    models: tuple[str, ...] = ()
    people: People = 0


class Controls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Worlds whose conductivity is known beforehand, and the dose in between.

    Attributes
    ----------
    model
        Which model is taught them.
    stage
        Name of the stage that teaches.
    source, target
        Languages of two scripts, which share no token.
    doses
        Shares of places, and of people, with one name in both languages, 0 among them.
    """

    model: str
    stage: str
    source: str
    target: str
    doses: tuple[Share, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)


class Regime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one model comes to be.

    Attributes
    ----------
    stage
        Name of one of the stages; its kind says what the model reads. Empty: random weights as they
        are, to be taught alone.
    base
        The model that it goes on from; empty for random weights.
    mixture
        To pretrain and continue: by language, the share of places, and of people, whose facts are
        stated in it.
    languages
        To instruct: the languages of the questions.
    """

    stage: str = ""
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
        By name.
    models
        By name, a base before what goes on from it.
    controls
        ``None`` for none.
    seeds
        Each gives other worlds, other weights and another order.
    threads
        Of arithmetic: another number may end in other last digits.
    device
        Where it is done, as torch names it.
    """

    shape: Shape
    known: KnownWorld
    taught: TaughtWorld
    stages: dict[str, Stage]
    models: Annotated[dict[str, Regime], msgspec.Meta(min_length=1)]
    controls: Controls | None = None
    seeds: Annotated[tuple[Seed, ...], msgspec.Meta(min_length=1)] = (0,)
    threads: Count = 2
    device: str = "cpu"

    @property
    def on_gpu(self) -> bool:
        """Whether it runs on a GPU."""
        return self.device.startswith("cuda")

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of everything but the seeds, which each name their own files."""
        chosen = {
            name: value for name, value in msgspec.to_builtins(self).items() if name != "seeds"
        }
        for world in ("known", "taught"):
            # So a training without people keeps the digest that it had before there were any.
            if not chosen[world]["people"]:
                del chosen[world]["people"]
        return hashlib.sha256(msgspec.json.encode(chosen, order="deterministic")).hexdigest()

    @property
    def bases(self) -> tuple[str, ...]:
        """The models that are trained from random weights."""
        return tuple(name for name, regime in self.models.items() if not regime.base)

    def family(self, base: str) -> tuple[str, ...]:
        """Return a base and all models that go on from it, a model after its own base."""
        found = [base]
        for name, regime in self.models.items():
            if regime.base in found:
                found.append(name)
        return tuple(found)

    @property
    def taught_models(self) -> tuple[str, ...]:
        """The models that are taught for conductivity."""
        read = tuple(name for name, regime in self.models.items() if regime.stage)
        return self.taught.models or read


def check_training(
    training: Training, *, languages: Sequence[str], options: Mapping[str, int], where: str
) -> None:
    """Refuse a training that names what is not there, or whose worlds are too small.

    Parameters
    ----------
    training
        The training.
    languages
        Of the study.
    options
        Of each of its tasks, how many an item has.
    where
        The file, as a message names it.

    Raises
    ------
    ConfigError
        The first fault, with the key that has it.
    """
    for key, reason in (*_faults_of_worlds(training, options), *_faults(training, languages)):
        raise ConfigError(f"{where}: training.{key}: {reason}")


def _faults_of_worlds(training: Training, options: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    yield from _faults_of_size("known", training.known)
    yield from _faults_of_size("taught", training.taught)
    for task, count in options.items():
        yield from _faults_of_options("known", training.known.continents, task, count)
    yield from _faults_of_options("taught", training.taught.continents, TAUGHT, TAUGHT_OPTIONS)


def _faults_of_size(key: str, world: KnownWorld | TaughtWorld) -> Iterator[tuple[str, str]]:
    least = 2 * world.continents
    for sort, count in (("places", world.places), ("people", world.people)):
        # There need not be people; places there are.
        if count < least and (count or sort == "places"):
            reason = (
                f"{count} {sort} for {world.continents} continents: each needs two, one of each "
                f"type, so {least} or more."
            )
            yield f"{key}.{sort}", reason
    subjects = world.places + world.people
    if subjects > ITEMS_TO_A_SEED:
        yield f"{key}.places", f"{subjects:,} places and people: {ITEMS_TO_A_SEED:,} at most."


def _faults_of_options(
    key: str, continents: int, task: str, count: int
) -> Iterator[tuple[str, str]]:
    if count > continents:
        reason = (
            f"{continents} continents, and each of the {count} options of the task {task} is "
            f"another: {count} continents or more."
        )
        yield f"{key}.continents", reason


def _faults(training: Training, languages: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from _repeated("seeds", training.seeds)
    teaching = [("taught", training.taught.stage)]
    if training.controls is not None:
        teaching.append(("controls", training.controls.stage))
    for key, name in teaching:
        yield from _unknown(f"{key}.stage", "stage", name, list(training.stages))
        if name in training.stages and training.stages[name].kind != "teach":
            yield f"{key}.stage", f"{name} is of kind {training.stages[name].kind}, not teach."
    known: list[str] = []
    for name, regime in training.models.items():
        yield from _faults_of_regime(f"models.{name}", regime, training, (known, languages))
        known.append(name)
    for name in training.taught.models:
        yield from _unknown("taught.models", "model", name, known)
    yield from _repeated("taught.models", training.taught.models)
    yield from _repeated("taught.pairs", [f"{one}-{two}" for one, two in training.taught.pairs])
    pairs = [("taught.pairs", pair) for pair in training.taught.pairs]
    controls = training.controls
    if controls is not None:
        yield from _unknown("controls.model", "model", controls.model, known)
        if 0 not in controls.doses:
            yield "controls.doses", "0 is the negative control: list it."
        yield from _repeated_doses(controls.doses)
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
    if not regime.stage:
        if regime != Regime():
            yield f"{key}.stage", "random weights as they are have no base and read nothing."
        return
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
    yield from _faults_of_reading(key, regime, stage)


def _faults_of_reading(key: str, regime: Regime, stage: Stage) -> Iterator[tuple[str, str]]:
    yield from _repeated(f"{key}.languages", regime.languages)
    of_kind = {True: ("languages", regime.languages), False: ("mixture", regime.mixture)}
    wanted, reads = of_kind[stage.kind == "instruct"]
    other, left = of_kind[stage.kind != "instruct"]
    if not reads:
        yield f"{key}.{wanted}", f"a stage of kind {stage.kind} needs it."
    if left:
        yield f"{key}.{other}", f"a stage of kind {stage.kind} does not read it."
    if regime.mixture and not any(regime.mixture.values()):
        yield f"{key}.mixture", "give some language a share above 0."


def _unknown(key: str, kind: str, name: str, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    if name not in known:
        yield key, str(UnknownNameError(kind, name, known))


def _repeated(key: str, listed: Sequence[object]) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(listed):
        if one in listed[:place]:
            yield key, f"{one} is listed twice."


def _repeated_doses(doses: Sequence[float]) -> Iterator[tuple[str, str]]:
    tasks = [dose_task(dose) for dose in doses]
    for place, task in enumerate(tasks):
        if task in tasks[:place]:
            first = doses[tasks.index(task)]
            yield "controls.doses", f"{first:g} and {doses[place]:g} are one task, {task}."
