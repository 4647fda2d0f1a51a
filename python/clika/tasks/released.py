"""The official release: which file holds what, and its items.

The layout is data: a folder for each language (spelled in four ways), an items file, and one
response file for each model. Whatever the layout does not name is a *stray*: listed, never read.

Source: github.com/RiverGao/CLiKA at commit 51059fe.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.errors import BadInputError, ConfigError, PrerequisiteError, Problem
from clika.schema import letters
from clika.tasks.item import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from clika.study import Study, Task

__all__ = [
    "LAYOUTS",
    "Layout",
    "Release",
    "ResponseFile",
    "check_items",
    "read_items",
    "scan_release",
]

JsonObject = dict[str, Any]


class Layout(NamedTuple):
    """How the release lays out one task.

    Attributes
    ----------
    folders
        Folder of each language.
    items
        Name of the items file; ``{language}`` stands for the language code.
    read
        Turns (line number from 0, parsed line, number of items) into the fields of an item.
    """

    folders: Mapping[str, str]
    items: str
    read: Callable[[int, JsonObject, int], ItemFields]


class ItemFields(NamedTuple):
    """What an items file says of one item."""

    item: int
    uuid: str
    question: str
    options: tuple[str, ...]
    gold: int
    cluster: str
    stratum: str | None


def _read_csqa(line: int, row: JsonObject, _count: int) -> ItemFields:
    choices = row["question"]["choices"]
    return ItemFields(
        item=line,
        uuid=str(row["id"]),
        question=str(row["question"]["stem"]),
        options=tuple(str(text) for text in choices["text"]),
        gold=[str(label) for label in choices["label"]].index(row["answerKey"]),
        cluster=str(line),
        stratum=None,
    )


def _read_copa(line: int, row: JsonObject, _count: int) -> ItemFields:
    asked = {"cause": "What was the cause of this?", "effect": "What happened as a result?"}
    return ItemFields(
        item=line,
        uuid=str(row["id"]),
        question=f"{row['premise']} {asked[row['question']]}",
        options=(str(row["choice1"]), str(row["choice2"])),
        gold=int(row["label"]),
        # The release repeats some premises with other alternatives.
        cluster=str(row["premise"]),
        stratum=None,
    )


def _read_factual(line: int, row: JsonObject, _count: int) -> ItemFields:
    return ItemFields(
        item=line,
        uuid=str(row["id"]),
        question=str(row["questions"]),
        options=tuple(str(text) for text in row["answers"]),
        gold=int(row["label"]),
        cluster=str(line),
        stratum=str(row["original_lang"]),
    )


def _read_person(line: int, row: JsonObject, count: int) -> ItemFields:
    # The first half asks for the year of birth, the second, in the same order, for that of death.
    return _read_factual(line, row, count)._replace(cluster=str(line % (count // 2)))


_UPPER = {code: code.upper() for code in ("de", "fr", "ja", "pl", "ru")}
_LOWER = {code: code for code in ("en", "de", "fr", "it", "pl", "ru", "ar", "he", "ja", "zh")}

LAYOUTS: dict[str, Layout] = {
    "x_csqa": Layout(
        {
            "en": "en",
            **{c: f"{c.upper()}_trans" for c in ("de", "fr", "it", "pl", "ru", "ja", "zh")},
            **{c: f"{c}_trans" for c in ("ar", "he")},
        },
        "validation.jsonl",
        _read_csqa,
    ),
    "x_copa": Layout({**_LOWER, **_UPPER}, "test.jsonl", _read_copa),
    "x_name": Layout(_LOWER, "{language}_name_data_generate.jsonl", _read_person),
    "x_geo": Layout(_LOWER, "{language}_geo_data.jsonl", _read_factual),
}

#: Response files: ChatGPT's have a name of their own.
_RESPONSES = re.compile(
    r"^(?:(?P<model>.+)_res_bf16_add_simple_example|(?P<reference>chatgpt)_res)\.jsonl$"
)

#: Files that the release is known to have and that hold nothing to score: prompts, fictional sets.
_KNOWN = re.compile(
    r"^(?:x_\w+/x_\w+_model_input\.jsonl|x_\w+/\w+/generate_input\.jsonl"
    r"|fictional/(?:train/[A-Z]{2}\.json|test/target/test[A-Z]{2}\.jsonl"
    r"|test/Translate/translate[A-Z]{2}\.jsonl))$"
)


class ResponseFile(NamedTuple):
    """One model's responses to one task in one language."""

    model: str
    task: str
    language: str
    path: Path
    name: str


class Release(NamedTuple):
    """What lies in a folder of released data.

    Attributes
    ----------
    root
        The folder that holds ``x_csqa/`` and the others.
    responses
        Response files of the study's models, tasks and languages, sorted.
    items
        Items file of each (task, language) that is there.
    strays
        Paths, relative to ``root``, of files that the layout does not name; sorted.
    """

    root: Path
    responses: tuple[ResponseFile, ...]
    items: Mapping[tuple[str, str], Path]
    strays: tuple[str, ...]


def scan_release(root: Path, study: Study) -> Release:
    """Sort the files of a release folder into responses, items and strays.

    Raises
    ------
    PrerequisiteError
        The folder is missing, or holds no response file of the study.
    """
    if not root.is_dir():
        raise PrerequisiteError(
            f"There is no released data at {root}.", command="clika fetch released"
        )
    models = {model: index for index, model in enumerate(study.models)}
    places = _places(study)
    responses: list[ResponseFile] = []
    items: dict[tuple[str, str], Path] = {}
    strays: list[str] = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        parts = name.split("/")
        place = places.get((parts[0], parts[1])) if len(parts) == 3 else None  # noqa: PLR2004
        match = _RESPONSES.match(path.name)
        model = (match["model"] or match["reference"]) if match else None
        if place and model in models:
            responses.append(ResponseFile(model, *place, path, name))
        elif place and path.name == LAYOUTS[place[0]].items.format(language=place[1]):
            items[place] = path
        elif not _KNOWN.match(name) and name != "fetched.json":
            strays.append(name)
    if not responses:
        raise PrerequisiteError(
            f"{root} holds no response file of study {study.name}.", command="clika fetch released"
        )
    task_order = [task.name for task in study.tasks]
    responses.sort(
        key=lambda file: (
            models[file.model],
            task_order.index(file.task),
            study.languages.index(file.language),
        )
    )
    return Release(root, tuple(responses), items, tuple(strays))


def _places(study: Study) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the task and language of each folder, as (top folder, folder)."""
    places: dict[tuple[str, str], tuple[str, str]] = {}
    for task in study.tasks:
        if task.name not in LAYOUTS:
            raise ConfigError(f"Study {study.name}: the release has no task {task.name!r}.")
        for language, folder in LAYOUTS[task.name].folders.items():
            if language in study.languages:
                places[task.name, folder] = (task.name, language)
    return places


def read_items(path: Path, *, name: str, task: Task, language: str) -> list[Item]:
    """Read the items of one task in one language.

    Parameters
    ----------
    path
        A JSONL file.
    name
        How to call it in errors.
    task, language
        What it holds.

    Raises
    ------
    BadInputError
        With every bad line: not UTF-8, not a JSON object, a missing key, a gold beyond the options.
    """
    read = LAYOUTS[task.name].read
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
    except OSError as error:
        reason = f"the file cannot be read ({error.strerror})"
        raise BadInputError([Problem(name, None, None, reason)]) from error
    items: list[Item] = []
    problems: list[Problem] = []
    for index, line in enumerate(lines):
        try:
            fields = read(index, json.loads(line.decode()), len(lines))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            problems.append(Problem(name, index + 1, *_reason(error, task)))
        else:
            wrong = _wrong_with(fields, task)
            if wrong:
                problems.append(Problem(name, index + 1, *wrong))
            items.append(Item(task.name, language, *fields))
    if not lines:
        problems.append(Problem(name, None, None, "the file is empty"))
    if problems:
        raise BadInputError(problems)
    return items


def _reason(error: Exception, task: Task) -> tuple[str | None, str]:
    """Return the key and the reason for which a line holds no item."""
    match error:
        case UnicodeDecodeError():
            return None, f"not UTF-8 ({error.reason})"
        case json.JSONDecodeError():
            return None, f"not a JSON object ({error.msg})"
        case KeyError():
            return str(error.args[0]), "the key is missing"
        case _:
            return None, f"not an item of {task.name} ({error})"


def _wrong_with(fields: ItemFields, task: Task) -> tuple[str, str] | None:
    if len(fields.options) != task.options:
        return "options", f"{len(fields.options)} options where {task.name} has {task.options}"
    if not 0 <= fields.gold < task.options:
        return "label", f"the right option is not one of {', '.join(letters(task.options))}"
    return None


def check_items(pivot: Iterable[Item], other: Iterable[Item], *, name: str) -> list[Problem]:
    """Return where the items of a language differ from those of the pivot language.

    The same item must have the same id, own id and right option in every language; clusters are
    taken from the pivot. A shuffled or shortened file is found here.
    """
    expected = {item.item: item for item in pivot}
    problems: list[Problem] = []
    seen = 0
    for item in other:
        seen += 1
        reference = expected.get(item.item)
        if reference is None:
            reason = "the pivot language has no such item"
            problems.append(Problem(name, item.item + 1, None, reason))
        elif reference.uuid != item.uuid:
            reason = f"{item.uuid!r} where the pivot language has {reference.uuid!r}: another order"
            problems.append(Problem(name, item.item + 1, "id", reason))
        elif reference.gold != item.gold:
            reason = "another right option than in the pivot language"
            problems.append(Problem(name, item.item + 1, "label", reason))
    if seen < len(expected):
        reason = f"{seen} items where the pivot language has {len(expected)}"
        problems.append(Problem(name, None, None, reason))
    return problems
