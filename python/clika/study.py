"""A study: everything that is chosen, read from ``study.yaml`` and validated as it is read.

Packaged studies live in ``clika/studies/<name>/``. A table of one's own, and items that models are
to be asked, have their study beside their results: ``results/<name>/study.yaml``.
"""

from __future__ import annotations

import re
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml

from clika.claims import Claim, Known, check_claims
from clika.errors import ConfigError, UnknownNameError
from clika.files import refusals, write_text
from clika.regimes import Training, check_training
from clika.registry import normalise_model

__all__ = ["Asked", "Reference", "Study", "Task", "load_study", "packaged_studies", "save_study"]

Count = Annotated[int, msgspec.Meta(ge=1)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The accuracy at which RA is 1: an exact fraction, or a model's in a language of the study.

    Attributes
    ----------
    correct, items
        The fraction.
    model, language
        Whose answers, by the study's headline rule, are to give it.
    """

    correct: Annotated[int, msgspec.Meta(ge=0)] | None = None
    items: Count | None = None
    model: Name | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is neither the one form nor the other."""
        given = tuple(value is not None for value in msgspec.structs.astuple(self))
        if given not in {(True, True, False, False), (False, False, True, True)}:
            raise ValueError("give correct and items, or model and language, and nothing else")
        if self.accuracy is not None and self.accuracy > 1:
            raise ValueError("more answers are correct than there are items")

    def __str__(self) -> str:
        """Return it as printed."""
        return " in ".join(self.cell) if self.cell else str(self.accuracy)

    @property
    def accuracy(self) -> Fraction | None:
        """Share in [0, 1]; ``None`` where a model's answers are to give it."""
        if self.correct is None or self.items is None:
            return None
        return Fraction(self.correct, self.items)

    @property
    def cell(self) -> tuple[str, str] | None:
        """The model and the language whose answers are to give it."""
        if self.model is None or self.language is None:
            return None
        return self.model, self.language


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task of a study.

    Attributes
    ----------
    name
        As in every ``task`` column.
    options
        How many options each item has (k).
    title
        As printed; the name where it is not given.
    stream
        The paper's group of tasks: Basic, Factual, Fictional; empty for none.
    items
        How many items the task has; ``None`` where the data says.
    reference
        What makes RA 1; ``None`` makes RA undefined.
    """

    name: Name
    options: Annotated[int, msgspec.Meta(ge=2, le=64)]
    title: str = ""
    stream: str = ""
    items: Count | None = None
    reference: Reference | None = None

    @property
    def heading(self) -> str:
        """What a table of this task is called."""
        return self.title or self.name


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the workflow asks a model: the options of ``clika infer``.

    Attributes
    ----------
    source
        Its directory or ``.gguf`` file.
    prompt
        How an item is put.
    longest
        The most tokens of a generated text; ``None`` scores the options.
    tasks
        The tasks to ask; empty for all.
    device
        Where it is run, as torch names it.
    threads
        On a processor: another number may end in other last digits.
    model_code
        Whether the Python files that the model brings are run.
    image
        The image that it is asked in, where jobs run in images.
    """

    source: Annotated[str, msgspec.Meta(min_length=1)]
    prompt: Literal["letter", "full-option"] = "letter"
    longest: Count | None = None
    tasks: tuple[Name, ...] = ()
    device: str = "cpu"
    threads: Count = 2
    model_code: bool = False
    image: Literal["inference", "legacy"] = "inference"

    @property
    def on_gpu(self) -> bool:
        """Whether it runs on a GPU."""
        return self.device.startswith("cuda")


class Study(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything a study chooses.

    Attributes
    ----------
    name
        Also the name of its folder under ``results/``.
    kind
        Where its responses come from: ``released`` (the official release or the answer codes that
        ship with the study), ``table`` (``clika ingest table``), ``asked`` (``clika infer``),
        ``trained`` (models made by the study itself, and then asked) or ``taught`` (``clika
        teach``: outcomes of conductivity and no answers).
    languages
        Codes in the order of the tables' columns.
    pivot
        The language whose row of the matrices the tables show (the paper's English).
    rules
        Extraction rules; the first is the headline.
    models
        Names in the registry, or of the table's own; rows follow the registry's order. A study
        whose items are still to be asked has none.
    claims
        What ``clika verify`` judges.
    training
        How the models come to be, of a study of kind ``trained``.
    asked
        The models that the workflow asks, of a study of kind ``asked``; others may be asked
        by hand.
    """

    name: Name
    title: str
    kind: Literal["released", "table", "asked", "trained", "taught"]
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    pivot: str
    rules: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    tasks: Annotated[tuple[Task, ...], msgspec.Meta(min_length=1)]
    models: tuple[Name, ...]
    claims: tuple[Claim, ...] = ()
    training: Training | None = None
    asked: dict[Name, Asked] = {}

    @property
    def rule(self) -> str:
        """The headline extraction rule."""
        return self.rules[0]

    @property
    def reading_rules(self) -> tuple[str, ...]:
        """The rules that answers are read by: none, where there are outcomes alone."""
        return () if self.kind == "taught" else self.rules

    @property
    def streams(self) -> dict[str, tuple[Task, ...]]:
        """Each stream with its tasks, in the order of the study."""
        names = dict.fromkeys(task.stream for task in self.tasks if task.stream)
        return {name: tuple(task for task in self.tasks if task.stream == name) for name in names}

    def task(self, name: str) -> Task:
        """Return the task of that name.

        Raises
        ------
        UnknownNameError
            The study has no such task.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        raise UnknownNameError("task", name, [task.name for task in self.tasks])


def _check(study: Study, where: str) -> None:
    for kind, names in (
        ("language", study.languages),
        ("rule", study.rules),
        ("task", [task.name for task in study.tasks]),
        ("model", [model.casefold() for model in study.models]),
    ):
        repeated = next((name for name in names if list(names).count(name) > 1), None)
        if repeated is not None:
            raise ConfigError(f"{where}: {kind} {repeated!r} is listed twice.")
    if not study.models and study.kind != "asked":
        raise ConfigError(f"{where}: no model is listed.")
    if study.pivot not in study.languages:
        raise ConfigError(f"{where}: the pivot {study.pivot!r} is not one of the languages.")
    if (study.training is not None) != (study.kind == "trained"):
        raise ConfigError(f"{where}: training: a study of kind trained has it, and no other.")
    _check_asked(study, where)
    for task in study.tasks:
        _check_reference(study, task, where)
    if study.training is not None:
        options = {task.name: task.options for task in study.tasks}
        check_training(study.training, languages=study.languages, options=options, where=where)
    tasks = [task.name for task in study.tasks]
    check_claims(study.claims, Known(study.models, tasks, study.languages, study.pivot), where)


def _check_asked(study: Study, where: str) -> None:
    if study.asked and study.kind != "asked":
        raise ConfigError(f"{where}: asked: a study of kind asked has it, and no other.")
    tasks = {task.name for task in study.tasks}
    spellings: dict[str, str] = {}
    for model, asking in study.asked.items():
        other = spellings.setdefault(normalise_model(model).casefold(), model)
        if other != model:
            raise ConfigError(
                f"{where}: asked: {other!r} and {model!r} are one model. Leave one of them out."
            )
        unknown = next((name for name in asking.tasks if name not in tasks), None)
        if unknown is not None:
            raise ConfigError(f"{where}: asked: {model}: {unknown!r} is not one of the tasks.")


def _check_reference(study: Study, task: Task, where: str) -> None:
    if task.reference is None or task.reference.cell is None:
        return
    model, language = task.reference.cell
    # Any model may be asked where none is listed.
    if study.models and model not in study.models:
        raise ConfigError(
            f"{where}: the reference of {task.name}, {model!r}, is not one of the models."
        )
    if language not in study.languages:
        raise ConfigError(
            f"{where}: the reference of {task.name}: {language!r} is not one of the languages."
        )


def _parse(text: bytes, where: str) -> Study:
    try:
        study = msgspec.yaml.decode(text, type=Study)
    except msgspec.DecodeError as error:
        raise ConfigError(f"{where}: {error}") from error
    _check(study, where)
    return study


def packaged_studies() -> tuple[str, ...]:
    """Return the names of the studies that ship with clika, sorted."""
    folder = files("clika").joinpath("studies")
    return tuple(sorted(e.name for e in folder.iterdir() if e.joinpath("study.yaml").is_file()))


def load_study(name: str, results: Path = Path("results")) -> Study:
    """Return the study of that name.

    Parameters
    ----------
    name
        A packaged study, or one that an ingest left under ``results``.
    results
        The folder of results.

    Raises
    ------
    UnknownNameError
        There is no such study.
    ConfigError
        Its ``study.yaml`` is not valid; the message names the field.
    FileSystemError
        The folder of results may not be looked into.
    """
    if name in packaged_studies():
        return _parse(_packaged(name), f"study {name}")
    with refusals(results):
        own = sorted(path.parent.name for path in results.glob("*/study.yaml"))
    known = [*packaged_studies(), *own]
    if name not in known or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", name):
        raise UnknownNameError("study", name, known)
    path = results / name / "study.yaml"
    return _parse(path.read_bytes(), str(path))


def _packaged(name: str) -> bytes:
    """Return the text of a packaged study, laid over that of the one that it extends."""
    text = files("clika").joinpath("studies", name, "study.yaml").read_bytes()
    own = yaml.safe_load(text)
    base = own.pop("extends", None)
    if base is None:
        return text
    return msgspec.yaml.encode(_laid_over(yaml.safe_load(_packaged(base)), own))


def _laid_over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with the values of its own first; mappings in both are laid over too."""
    inner = {
        key: _laid_over(base[key], value)
        for key, value in own.items()
        if isinstance(value, dict) and isinstance(base.get(key), dict)
    }
    return {**base, **own, **inner}


def save_study(study: Study, path: Path) -> None:
    """Write a study beside its results, where :func:`load_study` finds it."""
    write_text(path, msgspec.yaml.encode(study).decode())
