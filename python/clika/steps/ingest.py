"""Ingest: raw outputs made elsewhere become shards, the record that everything derives from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import BadInputError, FileSystemError, Problem
from clika.files import exclusive, refusals
from clika.steps.inventory import listed, write_inventory
from clika.store.connection import in_memory
from clika.store.ingest import (
    Cell,
    CellOutcome,
    SourceFile,
    arrange_items,
    ingest_cell,
    register_items,
    write_items,
)
from clika.tasks.released import LAYOUTS, Release, check_items, read_items, scan_release
from clika.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from clika.study import Study, Task
    from clika.tasks.item import Item

__all__ = ["IngestReport", "ingest_released"]


class IngestReport(NamedTuple):
    """What an ingest did.

    Attributes
    ----------
    written, reused
        Number of shards.
    rows
        Rows written.
    missing_models
        Models of the study of which there is no response file.
    missing_cells
        ``model x task`` that no shard was written for, with the reason.
    strays
        Files that the layout does not name.
    notes
        ``file: note`` for what was accepted and is unusual.
    problems
        Bad rows; empty unless ``keep_going``.
    """

    written: int
    reused: int
    rows: int
    missing_models: tuple[str, ...]
    missing_cells: tuple[str, ...]
    strays: tuple[str, ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def ingest_released(
    study: Study,
    *,
    data: Path,
    shards: Path,
    keep_going: bool = False,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> IngestReport:
    """Read the official release into shards.

    Parameters
    ----------
    study
        Which models, tasks and languages to look for.
    data
        Folder of released data.
    shards
        Folder of shards; ``ingest.json`` is written there last of all.
    keep_going
        Leave cells with bad rows out, and go on without them.
    threads
        Cells that are read side by side; ``None`` = as many as the process may run on.
    progress
        Called with (cells done, cells in all).

    Returns
    -------
    IngestReport

    Raises
    ------
    BadInputError
        A file has bad rows (and not ``keep_going``); every file was tried, every bad row is listed,
        and no shard was written for the cells that have any.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    release = scan_release(data, study)
    with exclusive(shards.parent / "spool" / "ingest.lock", wait=True):
        items, problems = _read_all_items(release, study)
        if problems and not (keep_going and items):
            raise BadInputError(problems)
        connection = in_memory(threads=threads)
        try:
            options = {task.name: task.options for task in study.tasks}
            items_path = shards / "items.parquet"
            arranged = arrange_items(items, options=options)
            write_items(connection, arranged, items_path)
            items_key = arranged.key
            register_items(connection, items_path, pivot=study.pivot)

            cells = _cells(release, study, shards)

            def run(cell: Cell) -> CellOutcome:
                cursor = connection.cursor()
                try:
                    return ingest_cell(cursor, cell)
                finally:
                    cursor.close()

            outcomes: list[CellOutcome] = []
            with refusals(shards), ThreadPoolExecutor(thread_count(threads)) as pool:
                try:
                    for outcome in pool.map(run, cells):
                        outcomes.append(outcome)
                        if progress is not None:
                            progress(len(outcomes), len(cells))
                except (FileSystemError, OSError):
                    pool.shutdown(cancel_futures=True)
                    raise
        finally:
            connection.close()

        problems += [problem for outcome in outcomes for problem in outcome.problems]
        if problems and not keep_going:
            raise BadInputError(
                problems, advice="--keep-going leaves the cells of these files out and goes on."
            )
        report = _report(study, release, outcomes, problems)
        _write_inventory(shards, study, report, outcomes, items_key)
    return report


def _read_all_items(release: Release, study: Study) -> tuple[list[Item], list[Problem]]:
    items: list[Item] = []
    problems: list[Problem] = []
    asked = {(file.task, file.language) for file in release.responses}
    for task in study.tasks:
        if not any(name == task.name for name, _ in asked):
            continue
        pivot: list[Item] | None = None
        languages = [study.pivot, *(code for code in study.languages if code != study.pivot)]
        for language in languages:
            if language != study.pivot and (task.name, language) not in asked:
                continue
            found, wrong = _read_task_items(release, task, language)
            if language == study.pivot:
                pivot = found
                if not wrong and task.items is not None and len(found) != task.items:
                    name = _items_name(task, language)
                    reason = f"{len(found)} items where the study has {task.items}"
                    wrong = [Problem(name, None, None, reason)]
            elif not wrong and pivot is not None:
                wrong = check_items(pivot, found, name=_items_name(task, language))
            problems += wrong
            if not wrong:
                clusters = {item.item: item.cluster for item in pivot or ()}
                items += [item._replace(cluster=clusters[item.item]) for item in found]
    return items, problems


def _items_name(task: Task, language: str) -> str:
    layout = LAYOUTS[task.name]
    folder = layout.folders[language]
    return f"{task.name}/{folder}/{layout.items.format(language=language)}"


def _read_task_items(
    release: Release, task: Task, language: str
) -> tuple[list[Item], list[Problem]]:
    name = _items_name(task, language)
    path = release.items.get((task.name, language))
    if path is None:
        return [], [Problem(name, None, None, "the items file is missing")]
    try:
        return read_items(path, name=name, task=task, language=language), []
    except BadInputError as error:
        return [], list(error.problems)


def _cells(release: Release, study: Study, shards: Path) -> list[Cell]:
    grouped: dict[tuple[str, str], list[SourceFile]] = {}
    for file in release.responses:
        source = SourceFile(file.language, file.path, file.name)
        grouped.setdefault((file.model, file.task), []).append(source)
    return [
        Cell(
            model,
            task,
            study.task(task).options,
            tuple(sources),
            shards / "responses" / task / f"{model}.parquet",
        )
        for (model, task), sources in grouped.items()
    ]


def _report(
    study: Study,
    release: Release,
    outcomes: list[CellOutcome],
    problems: list[Problem],
) -> IngestReport:
    found = {file.model for file in release.responses}
    asked = {(outcome.cell.model, outcome.cell.task): outcome for outcome in outcomes}
    missing_cells = []
    for model in study.models:
        for task in study.tasks:
            outcome = asked.get((model, task.name))
            if outcome is None and model in found:
                missing_cells.append(f"{model} x {task.name}: no response file")
            elif outcome is not None and outcome.key is None:
                missing_cells.append(f"{model} x {task.name}: {len(outcome.problems)} bad rows")
            elif outcome is not None:
                there = {source.language for source in outcome.cell.sources}
                absent = [code for code in study.languages if code not in there]
                if absent:
                    missing_cells.append(f"{model} x {task.name}: no file for {', '.join(absent)}")
    return IngestReport(
        written=sum(outcome.key is not None and not outcome.reused for outcome in outcomes),
        reused=sum(outcome.reused for outcome in outcomes),
        rows=sum(outcome.rows for outcome in outcomes),
        missing_models=tuple(model for model in study.models if model not in found),
        missing_cells=tuple(missing_cells),
        strays=release.strays,
        notes=tuple(f"{name}: {note}" for outcome in outcomes for name, note in outcome.notes),
        problems=tuple(problems),
    )


def _write_inventory(
    shards: Path,
    study: Study,
    report: IngestReport,
    outcomes: list[CellOutcome],
    items_key: str,
) -> None:
    responses = {
        outcome.cell.shard.relative_to(shards).as_posix(): outcome.key
        for outcome in outcomes
        if outcome.key is not None
    }
    write_inventory(
        shards,
        study=study.name,
        items_key=items_key,
        lists={
            "responses": listed(responses),
            "missing_models": report.missing_models,
            "missing_cells": report.missing_cells,
            "strays": report.strays,
            "notes": report.notes,
        },
    )
