"""``--where``: which part of a study is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError, UnknownNameError
from clika.languages import normalise
from clika.registry import normalise_model

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from clika.study import Study

__all__ = ["Selection", "known_language", "known_model", "parse_where"]

_KEYS = ("model", "task", "language", "source", "target")


class Selection(NamedTuple):
    """What is asked for; each field holds the names that pass, in the study's order.

    Attributes
    ----------
    models, tasks
        Names of the study.
    sources, targets
        Languages that may stand first and second in a pair; a number of one language alone passes
        by ``sources``.
    """

    models: tuple[str, ...]
    tasks: tuple[str, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]


def _kept(passing: Sequence[str], wanted: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in passing if name in wanted)


def parse_where(conditions: Sequence[str], study: Study, *, models: Sequence[str]) -> Selection:
    """Return what the conditions ask for.

    Parameters
    ----------
    conditions
        ``KEY=V[,V...]`` each; all of them must hold. ``language`` keeps pairs with both languages
        in the set, ``source`` and ``target`` filter one side.
    study
        Whose tasks and languages are known.
    models
        The models that are known.

    Raises
    ------
    ConfigError
        A condition is not ``KEY=V``, or the conditions exclude one another.
    UnknownNameError
        A key is none of model, task, language, source, target, or a value is not known; the nearest
        are suggested.

    Examples
    --------
    >>> from clika.study import load_study
    >>> study = load_study("paper-released")
    >>> parse_where(["source=en", "language=EN,he"], study, models=["llama_7b"]).targets
    ('en', 'he')
    """
    known_tasks = tuple(task.name for task in study.tasks)
    selection = Selection(tuple(models), known_tasks, study.languages, study.languages)
    for condition in conditions:
        key, equals, text = condition.partition("=")
        values = [value.strip() for value in text.split(",") if value.strip()]
        if not equals or not values:
            raise ConfigError(f"--where {condition!r} is not KEY=VALUE[,VALUE...].")
        if key not in _KEYS:
            raise UnknownNameError("--where key", key, _KEYS)
        if key == "model":
            wanted = [known_model(value, models) for value in values]
            selection = selection._replace(models=_kept(selection.models, wanted))
        elif key == "task":
            wanted = [study.task(value).name for value in values]
            selection = selection._replace(tasks=_kept(selection.tasks, wanted))
        else:
            wanted = [known_language(value, study) for value in values]
            if key != "target":
                selection = selection._replace(sources=_kept(selection.sources, wanted))
            if key != "source":
                selection = selection._replace(targets=_kept(selection.targets, wanted))
    for field, kept in zip(selection._fields, selection, strict=True):
        if not kept:
            raise ConfigError(f"--where: the conditions leave no {field}: no value meets them all.")
    return selection


def known_language(name: str, study: Study) -> str:
    """Return the code of one of a study's languages, spelled in any of the accepted ways.

    Raises
    ------
    UnknownNameError
        The study has no such language; the nearest are suggested.
    """
    try:
        code = normalise(name)
    except UnknownNameError as error:
        raise UnknownNameError("language", name, study.languages) from error
    if code not in study.languages:
        raise UnknownNameError("language", name, study.languages)
    return code


def known_model(name: str, models: Sequence[str]) -> str:
    """Return the name of one of some models, spelled in any of the accepted ways.

    Raises
    ------
    UnknownNameError
        It is none of these models; the nearest are suggested.
    """
    model = name if name in models else normalise_model(name)
    if model not in models:
        raise UnknownNameError("model", name, models)
    return model
