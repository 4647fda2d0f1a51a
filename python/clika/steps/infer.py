"""Infer: a model is asked the items of a study, and its answers become shards."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError, UnknownNameError
from clika.infer.backend import Loading, load_backend
from clika.infer.model_files import find_model, model_digest
from clika.infer.runner import Decoding, ask, clear
from clika.registry import normalise_model
from clika.steps.asked_study import add_cell, items_to_ask, spelling_in
from clika.steps.infer_cells import Asking, is_there, plan_cell, write_cell
from clika.store.connection import in_memory
from clika.study import packaged_studies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from clika.infer.backend import Backend
    from clika.infer.prompts import PromptKind
    from clika.study import Study

__all__ = ["InferChoices", "InferReport", "infer"]


class InferChoices(NamedTuple):
    """Who is asked, and how.

    Attributes
    ----------
    model
        What the model is called; a registered name is spelled as the registry does.
    source
        Its directory or ``.gguf`` file; where the network is allowed, also a name in the hub.
    prompt
        How an item is put; see :func:`clika.infer.prompts.make_choice`.
    longest
        The most tokens of a generated text; ``None`` scores the options.
    tasks
        The tasks to ask; empty for all.
    loading
        How the model is brought into memory.
    """

    model: str
    source: str
    prompt: PromptKind = "letter"
    longest: int | None = None
    tasks: tuple[str, ...] = ()
    loading: Loading = Loading()


class InferReport(NamedTuple):
    """What was asked.

    Attributes
    ----------
    model
        The model, as it is now called.
    asked, kept
        Questions asked in this run, and those that a run which did not finish had asked.
    there
        Tasks whose answers were there already.
    """

    model: str
    asked: int
    kept: int
    there: tuple[str, ...]


def infer(
    study: Study,
    *,
    choices: InferChoices,
    results: Path,
    backend: Callable[[], Backend] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> InferReport:
    """Ask a model the items of a study.

    What was asked is kept in pieces under ``spool/`` beside the shards until a task is whole, so a
    run that was stopped goes on where it was. The answers depend on the model's files, the items
    and the choices alone, whether a run was stopped or not.

    Parameters
    ----------
    study
        Whose items are asked.
    choices
        Who is asked, and how.
    results
        Folder of results; the shards go into the study's folder.
    backend
        Returns who answers in the place of what ``choices.source`` holds; ``None`` loads that, once
        something is left to ask.
    progress
        Told (answered, all) questions after each piece.

    Returns
    -------
    InferReport

    Raises
    ------
    ConfigError
        The study's items cannot be asked, there is no such model or it cannot be loaded, or other
        answers are there under its name.
    UnknownNameError
        There is no such task, or the study ships with clika and has no such model.
    PrerequisiteError
        There are no items, or the packages for inference are not installed.
    BusyError
        Another process asks the same.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    model = _model_name(study, choices.model)
    tasks = [study.task(name).name for name in choices.tasks or [task.name for task in study.tasks]]
    shards = results / study.name / "shards"
    items = items_to_ask(study, shards)
    source = find_model(choices.source, network=choices.loading.network)
    asking = Asking(model, source.name, model_digest(source), choices.prompt, choices.longest)
    loaded: list[Backend] = []

    def load_once() -> Backend:
        if not loaded:
            load = backend or (lambda: load_backend(str(source), loading=choices.loading))
            loaded.append(load())
        return loaded[0]

    with closing(in_memory(threads=choices.loading.threads)) as connection:
        cells = [plan_cell(connection, study, task, items=items, asking=asking) for task in tasks]
        there = [is_there(connection, cell) for cell in cells]
        total = sum(len(cell.questions) for cell in cells)
        done = kept = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if progress:
                progress(done, total)

        for cell, written in zip(cells, there, strict=True):
            spool = shards.parent / "spool" / cell.key
            if written:
                advance(len(cell.questions))
            else:
                found = ask(
                    load_once,
                    cell.questions,
                    decoding=Decoding(choices.longest),
                    spool=spool,
                    progress=advance,
                )
                kept += found.kept
                write_cell(
                    connection, cell, found.answers, asking=asking, languages=study.languages
                )
            add_cell(study, model=model, keys=cell.keys, results=results)
            clear(spool)
    left = sum(
        len(cell.questions) for cell, written in zip(cells, there, strict=True) if not written
    )
    names = tuple(cell.task for cell, written in zip(cells, there, strict=True) if written)
    return InferReport(model, left - kept, kept, names)


def _model_name(study: Study, given: str) -> str:
    if study.kind not in {"asked", "trained"}:
        raise ConfigError(
            f"The answers of study {study.name} are read, not asked for. "
            "A study to ask: clika ingest atlas."
        )
    name = spelling_in(study, normalise_model(given))
    if study.name in packaged_studies() and name not in study.models:
        raise UnknownNameError("model", name, study.models)
    return name
