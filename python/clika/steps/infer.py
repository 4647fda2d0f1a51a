"""Infer: a model is asked the items of a study, and its answers become shards."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError, UnknownNameError
from clika.files import exclusive
from clika.infer.backend import Loading, load_backend
from clika.infer.model_files import code_digest, find_model, model_digest
from clika.infer.runner import Decoding, ask, clear
from clika.steps.asked_study import add_cell, items_to_ask, spelling_in
from clika.steps.infer_cells import Asking, is_there, plan_cell, write_cell
from clika.store.connection import in_memory
from clika.study import packaged_studies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
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
    context
        What else its answers are to be told apart by, such as versions; kept with them.
    replace
        Whether answers that were asked otherwise give way, instead of being a reason to stop.
    """

    model: str
    source: str
    prompt: PromptKind = "letter"
    longest: int | None = None
    tasks: tuple[str, ...] = ()
    loading: Loading = Loading()
    context: str = ""
    replace: bool = False


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
    wait: Callable[[str], None] | None = None,
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
    wait
        Told for whom it waits, where another process asks the model the same task: what that one
        leaves is not asked again. ``None`` refuses instead.

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
        Another process asks the model the same task, and ``wait`` is ``None``.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    model = _model_name(study, choices.model)
    tasks = [study.task(name).name for name in choices.tasks or [task.name for task in study.tasks]]
    shards = results / study.name / "shards"
    spool = shards.parent / "spool"
    # What is missing is said before anything is made.
    items_to_ask(study, shards)
    source = find_model(choices.source, network=choices.loading.network)
    loaded: list[Backend] = []

    def load_once() -> Backend:
        if not loaded:
            load = backend or (lambda: load_backend(str(source), loading=choices.loading))
            loaded.append(load())
        return loaded[0]

    with (
        _alone(spool, model, tasks, wait),
        closing(in_memory(threads=choices.loading.threads)) as connection,
    ):
        # While it waited for another process, both may have changed.
        items = items_to_ask(study, shards)
        asking = Asking(
            model,
            source.name,
            model_digest(source),
            choices.prompt,
            choices.longest,
            choices.context,
            code_digest(source) if choices.loading.model_code else "",
        )
        cells = [plan_cell(connection, study, task, items=items, asking=asking) for task in tasks]
        there = [is_there(connection, cell, replace=choices.replace) for cell in cells]
        total = sum(len(cell.questions) for cell in cells)
        done = kept = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if progress:
                progress(done, total)

        for cell, written in zip(cells, there, strict=True):
            # The key does not name the model, and another may name the same weights.
            pieces = spool / f"{cell.key}-{model}"
            if written:
                advance(len(cell.questions))
            else:
                found = ask(
                    load_once,
                    cell.questions,
                    decoding=Decoding(choices.longest),
                    spool=pieces,
                    progress=advance,
                )
                kept += found.kept
                write_cell(
                    connection, cell, found.answers, asking=asking, languages=study.languages
                )
            add_cell(study, model=model, keys=cell.keys, results=results)
            clear(pieces)
    left = sum(
        len(cell.questions) for cell, written in zip(cells, there, strict=True) if not written
    )
    names = tuple(cell.task for cell, written in zip(cells, there, strict=True) if written)
    return InferReport(model, left - kept, kept, names)


@contextmanager
def _alone(
    spool: Path, model: str, tasks: Sequence[str], wait: Callable[[str], None] | None
) -> Iterator[None]:
    """Hold every task of a model: whoever waits finds all of them done, not the next one free."""
    with ExitStack() as stack:
        # In one order, so that two processes never wait for each other.
        for task in sorted(set(tasks)):
            lock = spool / f"{task}-{model}.lock"
            stack.enter_context(exclusive(lock, wait=wait is not None, tell=wait))
        yield


def _model_name(study: Study, given: str) -> str:
    if study.kind not in {"asked", "trained"}:
        raise ConfigError(
            f"The answers of study {study.name} are read, not asked for. "
            "A study to ask: clika ingest atlas."
        )
    name = spelling_in(study, given)
    if study.name in packaged_studies() and name not in study.models:
        raise UnknownNameError("model", name, study.models)
    return name
