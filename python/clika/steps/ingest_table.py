"""Ingest anyone's table: answers made elsewhere become shards and a study of their own."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from clika.answers import TEXT_RULES, check_rule
from clika.errors import BadInputError, ConfigError, Problem, UnknownNameError
from clika.files import exclusive, refusals
from clika.languages import LANGUAGES, normalise
from clika.registry import normalise_model, registered_models
from clika.steps.inventory import listed, write_inventory
from clika.steps.table_mapping import parse_mapping
from clika.steps.table_scores import write_table_scores
from clika.store.connection import in_memory
from clika.store.ingest_table import (
    Coding,
    Spelling,
    TableCell,
    TableTask,
    coding,
    find_problems,
    gathered,
    name_rows,
    reference_counts,
    spellings,
    table_cells,
    write_table_cell,
    write_table_items,
)
from clika.store.shards import content_key
from clika.store.table_reading import read_table
from clika.study import Reference, Study, Task, packaged_studies, save_study

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from clika.store.connection import Connection
    from clika.store.table_reading import Source

__all__ = ["TableChoices", "TableReport", "ingest_table"]

#: File systems allow a name 255 bytes, and a shard's temporary file adds to it.
_LONGEST_NAME = 150

_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


class TableChoices(NamedTuple):
    """What to make of a table.

    Attributes
    ----------
    mapping
        Which column holds what; see :func:`clika.steps.table_mapping.parse_mapping`.
    study
        Name of the study; ``None`` takes the file's name without its endings.
    options
        Number of options (k) of every task; ``None`` takes it from the options' texts, or else from
        the highest option that occurs among golds and codes, and says so.
    pivot
        The language whose row of the matrices the tables show.
    reference
        The model whose accuracy in the pivot language makes RA = 1; ``None`` leaves RA undefined.
    rule
        Headline extraction rule. The other rules are applied too, after it.
    """

    mapping: str
    study: str | None = None
    options: int | None = None
    pivot: str = "en"
    reference: str | None = None
    rule: str = TEXT_RULES[0]


class TableReport(NamedTuple):
    """What an ingest of a table did.

    Attributes
    ----------
    rows
        Answers written.
    study
        The study that was made.
    notes
        What was assumed, renamed or left open, a sentence each.
    """

    rows: int
    study: Study
    notes: tuple[str, ...]


class _Read(NamedTuple):
    """A table whose rows have been checked."""

    sha256: str
    coding: Coding
    tasks: list[TableTask]
    cells: list[TableCell]
    models: tuple[str, ...]
    languages: tuple[str, ...]
    notes: list[str]


class _Written(NamedTuple):
    """The shards of a table: content key by path within their folder, and what has none."""

    items_key: str
    responses: dict[str, str]
    scores: dict[str, str]
    missing_cells: list[str]


def ingest_table(file: Path, *, choices: TableChoices, results: Path) -> TableReport:
    """Read a table into shards and a study; reading again replaces both.

    A row is one answer of a model to an item of a task in a language. Rows may be in any order, and
    combinations that have no row are missing.

    *Items*: integer ids are kept; where a task has others, its ids are numbered 0, 1, ... in their
    sorted order as texts, and the text becomes the uuid. An item must have the same right option,
    and the same uuid where one is mapped, in every row.

    *Answers*: texts, from which the rule reads an option; or, where every answer of the table is an
    integer, 0-based options (-1: none could be read), stored as the option's letter. No answer
    (NULL; an empty field of a CSV file) means not asked. An empty text (in a CSV file ``""``) means
    asked, with nothing to read: INVALID.

    *Scores*: the log-score of each option of the item, a list or a JSON list in a text; as many in
    every row of an item, and items of a task may differ. They are stored with the options' ranks.
    Where no answer is mapped, the option with the highest score is the answer, INVALID where
    several have it.

    *Golds*: a letter (``A`` is the first option) or a 0-based integer.

    Parameters
    ----------
    file
        ``.csv`` or ``.tsv`` (UTF-8; comma, semicolon, tab or bar), ``.jsonl``, ``.ndjson`` or
        ``.json`` (an object a line), each also with ``.gz`` after it; ``.parquet``. The rows of a
        CSV file are counted from the header, row 1.
    choices
        What to make of it.
    results
        Folder of results; the study's folder is made in it.

    Returns
    -------
    TableReport

    Raises
    ------
    BadInputError
        The table has faults; all kinds are listed with their rows, and nothing is written.
    ConfigError
        A choice is not valid, or the study has the name of one that ships with clika.
    UnknownNameError
        There is no such column, rule, pivot or reference model.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    check_rule(choices.rule, among=TEXT_RULES)
    sources = parse_mapping(choices.mapping)
    name = _study_name(file, choices.study)
    shards = results / name / "shards"
    with exclusive(shards.parent / "spool" / "ingest.lock", wait=True):
        connection = in_memory()
        try:
            read = _read(connection, file, sources, choices.options)
            study = _make_study(connection, file, choices, name, read)
            with refusals(shards):
                written = _write_shards(connection, file, sources, shards, read)
        finally:
            connection.close()
        save_study(study, results / name / "study.yaml")
        write_inventory(
            shards,
            study=name,
            items_key=written.items_key,
            command=_command(file, choices, name),
            lists={
                "responses": listed(written.responses),
                "option_scores": listed(written.scores),
                "missing_cells": written.missing_cells,
                "notes": read.notes,
            },
        )
        _remove_others(shards, written)
    return TableReport(read.coding.asked, study, tuple(read.notes))


def _study_name(file: Path, wanted: str | None) -> str:
    name = wanted or _UNSAFE.sub("_", file.name.split(".")[0]).strip("._+-")
    if not _SAFE.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise ConfigError(
            f"{name!r} cannot name a study: take letters, digits and . _ + -, a letter or digit "
            f"first, {_LONGEST_NAME} at most. --study chooses the name."
        )
    if name in packaged_studies():
        raise ConfigError(f"The study {name} ships with clika; choose another name with --study.")
    return name


def _read(
    connection: Connection, file: Path, sources: dict[str, Source], options: int | None
) -> _Read:
    table = read_table(connection, file, sources)
    written = coding(connection)
    notes = [f"{note}: accepted" for note in table.notes]
    names, faults, renamed = _names(spellings(connection))
    tasks = name_rows(connection, names, coded=written.coded, options=options)
    problems = gathered(file, sources, faults) + find_problems(connection, file, sources)
    if not problems and not written.asked:
        column = sources["answer"].text
        problems = [Problem(str(file), None, column, "no row has an answer")]
    if problems:
        raise BadInputError(sorted(problems, key=lambda problem: problem.row or 0))
    notes += renamed
    notes += _coding_notes(written, tasks)
    cells = table_cells(connection)
    models = _in_order((c.model for c in cells), [model.name for model in registered_models()])
    languages = _in_order((c.language for c in cells), [language.code for language in LANGUAGES])
    there = len({(cell.model, cell.task, cell.language) for cell in cells if cell.answers})
    missing = len(models) * len(tasks) * len(languages) - there
    if missing:
        notes.append(
            f"{missing:,} cells (model x task x language) have no answers: they are missing"
        )
    return _Read(table.sha256, written, tasks, cells, models, languages, notes)


def _coding_notes(written: Coding, tasks: Sequence[TableTask]) -> list[str]:
    notes = []
    if written.coded:
        notes.append("every answer is an integer: read as 0-based options, -1 = none could be read")
    if written.not_asked:
        notes.append(
            f"{written.not_asked:,} rows have no answer: they count as not asked "
            '(an answer that is empty is written as "")'
        )
    for task in tasks:
        if task.guessed:
            notes.append(
                f"{task.name}: {task.options} options, the highest that occurs; "
                "--options says how many there are"
            )
        if task.no_zero:
            notes.append(f"{task.name}: no option is numbered 0; are the numbers 1-based?")
    return notes


def _names(
    found: Sequence[Spelling],
) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, Sequence[int]]], list[str]]:
    """Return the names that can be used, the faults of the others, and a note for each new name."""
    names: list[tuple[str, str, str]] = []
    faults: list[tuple[str, str, Sequence[int]]] = []
    notes: list[str] = []
    given_as: dict[tuple[str, str], str] = {}
    for kind, given, rows in found:
        try:
            name = _name(kind, given)
        except (ConfigError, UnknownNameError) as error:
            faults.append((kind, str(error).split(" Known: ")[0].removesuffix("."), rows))
            continue
        registered = kind == "language" or name in {model.name for model in registered_models()}
        folded = name.casefold() if kind == "model" else name
        other = given_as.setdefault((kind, folded), given)
        if other != given and not registered:
            reason = f"{given!r} and {other!r} would have one name, {name}: rename one"
            faults.append((kind, reason, rows))
            continue
        names.append((kind, given, name))
        if name != given:
            notes.append(f"{kind} {given!r} is called {name}")
    return names, faults, notes


def _name(kind: str, given: str) -> str:
    if kind == "language":
        return normalise(given)
    if kind == "model":
        name = normalise_model(given)
    else:
        name = _UNSAFE.sub("_", given.strip()).strip("._")
    if not _SAFE.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise ConfigError(f"{given[:40]!r} is not usable as the name of a {kind}")
    return name


def _in_order(names: Iterable[str], order: Sequence[str]) -> tuple[str, ...]:
    found = set(names)
    known = [name for name in order if name in found]
    return (*known, *sorted(found.difference(known)))


def _make_study(
    connection: Connection, file: Path, choices: TableChoices, name: str, read: _Read
) -> Study:
    try:
        pivot = normalise(choices.pivot)
    except UnknownNameError as error:
        raise UnknownNameError("pivot language", choices.pivot, read.languages) from error
    if pivot not in read.languages:
        raise UnknownNameError("pivot language", choices.pivot, read.languages)
    references: dict[str, tuple[int, int]] = {}
    if choices.reference is not None:
        model = normalise_model(choices.reference)
        if model not in read.models:
            raise UnknownNameError("reference model", choices.reference, read.models)
        references = reference_counts(connection, model=model, language=pivot, rule=choices.rule)
        read.notes.extend(
            f"{task.name}: the reference model has no answers in {pivot}, so RA is undefined"
            for task in read.tasks
            if task.name not in references
        )
    tasks = tuple(
        Task(
            name=task.name,
            options=task.options,
            items=task.items,
            reference=Reference(*references[task.name]) if task.name in references else None,
        )
        for task in read.tasks
    )
    return Study(
        name=name,
        title=f"Table {file.name}",
        kind="table",
        languages=read.languages,
        pivot=pivot,
        rules=(choices.rule, *(rule for rule in TEXT_RULES if rule != choices.rule)),
        tasks=tasks,
        models=read.models,
    )


def _write_shards(
    connection: Connection, file: Path, sources: dict[str, Source], shards: Path, read: _Read
) -> _Written:
    """Write the shards and return what they are."""
    named = {key: list(source) for key, source in sources.items()}
    origin = [read.sha256, file.name, named]
    tasks = [[task.name, task.options] for task in read.tasks]
    items_key = content_key("table items", origin, tasks)
    write_table_items(connection, shards / "items.parquet", key=items_key)
    answers: dict[tuple[str, str], int] = defaultdict(int)
    for cell in read.cells:
        answers[cell.model, cell.task] += cell.answers
    responses: dict[str, str] = {}
    for (model, task), count in answers.items():
        if count:
            path = shards / "responses" / task / f"{model}.parquet"
            key = content_key("table responses", model, task, origin)
            source = (file.name, read.sha256)
            write_table_cell(connection, path, model=model, task=task, source=source, key=key)
            responses[path.relative_to(shards).as_posix()] = key
    scored: dict[str, str] = {}
    if "scores" in sources:
        found = write_table_scores(
            connection, shards, cells=list(answers), languages=read.languages, origin=origin
        )
        scored = found.shards
        read.notes.extend(found.notes)
    missing_cells = [
        f"{model} x {task.name}: no answers"
        for model in read.models
        for task in read.tasks
        if not answers[model, task.name]
    ]
    return _Written(items_key, responses, scored, missing_cells)


def _remove_others(shards: Path, written: _Written) -> None:
    """Remove the shards of an earlier reading that this one does not have."""
    for kind, keys in (("responses", written.responses), ("option_scores", written.scores)):
        kept = {shards / path for path in keys}
        for path in sorted((shards / kind).glob("*/*.parquet")):
            if path not in kept:
                path.unlink()


def _command(file: Path, choices: TableChoices, name: str) -> str:
    """Return the command that reads the table again."""
    words = ["clika", "ingest", "table", str(file), "--map", choices.mapping, "--study", name]
    for option, value in (
        ("--options", choices.options),
        ("--pivot", choices.pivot),
        ("--reference", choices.reference),
        ("--rule", choices.rule),
    ):
        if value is not None:
            words += [option, str(value)]
    return shlex.join(words)
