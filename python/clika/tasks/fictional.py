"""The fictional places of the official release: who is where, in which language it was taught.

A model is taught names (translations) and facts ("which continent is PLACE in?") and then asked in
a language in which half of the facts were never stated. This module reads the three kinds of files;
:mod:`clika.tasks.fictional_answers` holds the rule by which an answer is right, and what is wrong
with the sets is for the audit.

Source: the folder ``fictional`` of github.com/RiverGao/CLiKA at commit 51059fe. Its ``.json`` files
hold one JSON object a line.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from clika.errors import BadInputError, PrerequisiteError, Problem, UnknownNameError
from clika.languages import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

__all__ = [
    "FACTS_IN_BOTH",
    "FACT_ONLY_IN_SOURCE",
    "FictionalSets",
    "Question",
    "TaughtFact",
    "TrainingSet",
    "Translation",
    "has_fictional",
    "read_fictional",
]

_Row = TypeVar("_Row")

#: Type of a place whose facts are taught in both languages.
FACTS_IN_BOTH = 0

#: Type of a place whose facts are taught in the source language alone: the test of conductivity.
FACT_ONLY_IN_SOURCE = 1


class Question(NamedTuple):
    """A test question, which asks for the continent of a place.

    Attributes
    ----------
    row
        1-based line of the file.
    prompt
        The question as asked.
    answer
        The gold sentence, without its annotations.
    place, continent
        The place asked about and the continent it is on, both in the language of the question.
    type
        :data:`FACTS_IN_BOTH` or :data:`FACT_ONLY_IN_SOURCE`.
    """

    row: int
    prompt: str
    answer: str
    place: str
    continent: str
    type: Literal[0, 1]


class Translation(NamedTuple):
    """A name to be translated: the instruction, the name given, the name wanted."""

    row: int
    prompt: str
    given: str
    wanted: str


class TaughtFact(NamedTuple):
    """A training line that states a fact: the question and the full sentence that answers it."""

    row: int
    prompt: str
    answer: str


class TrainingSet(NamedTuple):
    """What is taught for one target language, in the order of the file."""

    facts: tuple[TaughtFact, ...]
    translations: tuple[Translation, ...]


class FictionalSets(NamedTuple):
    """The fictional sets of a release.

    Attributes
    ----------
    source
        The language that every training set teaches from: the one that is tested and never a
        target.
    tests
        Test questions of each language, the source included; the same places in the same order.
    training
        Training set of each target language.
    translate_tests
        Translation test of each target language.
    files
        Path below the release's root of each file: (``train``, ``test`` or ``translate``,
        language).
    """

    source: str
    tests: Mapping[str, tuple[Question, ...]]
    training: Mapping[str, TrainingSet]
    translate_tests: Mapping[str, tuple[Translation, ...]]
    files: Mapping[tuple[str, str], str]


_FILES = {
    "train": ("fictional/train", re.compile(r"^(?P<language>[A-Za-z]+)\.json$")),
    "test": ("fictional/test/target", re.compile(r"^test(?P<language>[A-Za-z]+)\.jsonl$")),
    "translate": (
        "fictional/test/Translate",
        re.compile(r"^translate(?P<language>[A-Za-z]+)\.jsonl$"),
    ),
}
_ANNOTATION = re.compile(r"\[\[(?P<key>\w+):(?P<value>.*?)\]\]")


class _Line(NamedTuple):
    row: int
    prompt: str
    input: str
    answer: str


class _BadLineError(ValueError):
    """A line is not what its file should hold."""

    def __init__(self, column: str | None, reason: str) -> None:
        self.column, self.reason = column, reason
        super().__init__(reason)


def _parse_line(row: int, line: bytes) -> _Line:
    try:
        fields = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise _BadLineError(None, f"not UTF-8 ({error.reason})") from error
    except json.JSONDecodeError as error:
        raise _BadLineError(None, f"not a JSON object ({error.msg})") from error
    except RecursionError as error:
        raise _BadLineError(None, "nested too deep") from error
    if not isinstance(fields, dict):
        raise _BadLineError(None, "not a JSON object")
    texts: list[str] = []
    for key in ("prompt", "input", "answer"):
        if key not in fields:
            raise _BadLineError(key, "the key is missing")
        if not isinstance(fields[key], str):
            raise _BadLineError(key, "not a text")
        texts.append(fields[key])
    return _Line(row, *texts)


def _question(line: _Line) -> Question:
    notes = {match["key"]: match["value"].strip() for match in _ANNOTATION.finditer(line.answer)}
    for key in ("city", "continent", "type"):
        if not notes.get(key):
            raise _BadLineError("answer", f"the annotation [[{key}:...]] is missing or empty")
    kinds: dict[str, Literal[0, 1]] = {"0": 0, "1": 1}
    if notes["type"] not in kinds:
        raise _BadLineError("answer", f"type {notes['type']!r} is not 0 or 1")
    sentence = _ANNOTATION.sub("", line.answer).strip()
    kind = kinds[notes["type"]]
    return Question(line.row, line.prompt, sentence, notes["city"], notes["continent"], kind)


def _translation(line: _Line) -> Translation:
    if not line.input.strip() or not line.answer.strip():
        empty = "answer" if line.input.strip() else "input"
        raise _BadLineError(empty, "a translation needs a text")
    return Translation(line.row, line.prompt, line.input.strip(), line.answer.strip())


def _taught(line: _Line) -> TaughtFact | Translation:
    if line.input.strip():
        return _translation(line)
    if not line.prompt.strip() or not line.answer.strip():
        empty = "answer" if line.prompt.strip() else "prompt"
        raise _BadLineError(empty, "a fact needs a text")
    return TaughtFact(line.row, line.prompt, line.answer)


def _read(
    path: Path, name: str, convert: Callable[[_Line], _Row], problems: list[Problem]
) -> tuple[_Row, ...]:
    rows: list[_Row] = []
    lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for row, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(convert(_parse_line(row, line)))
        except _BadLineError as error:
            problems.append(Problem(name, row, error.column, error.reason))
    if not any(line.strip() for line in lines):
        problems.append(Problem(name, None, None, "the file is empty"))
    return tuple(rows)


def _find_files(root: Path, problems: list[Problem]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for kind, (folder, pattern) in _FILES.items():
        directory = root / folder
        for path in sorted(directory.iterdir()) if directory.is_dir() else ():
            match = pattern.match(path.name)
            if match is None:
                continue
            name = f"{folder}/{path.name}"
            try:
                language = normalise(match["language"])
            except UnknownNameError as error:
                problems.append(Problem(name, None, None, str(error).rstrip(".")))
                continue
            if (kind, language) in found:
                reason = f"a second file of language {language}"
                problems.append(Problem(name, None, None, reason))
            found[kind, language] = name
    return found


def has_fictional(root: Path) -> bool:
    """Return whether a release has fictional sets, whether or not they can be read."""
    found = _find_files(root, [])
    return {"train", "test"} <= {kind for kind, _ in found}


def read_fictional(root: Path) -> FictionalSets:
    """Read the fictional sets of a release.

    Parameters
    ----------
    root
        The folder that holds ``fictional/``.

    Returns
    -------
    FictionalSets
        Only languages with all of their files; one that lacks a file is refused.

    Raises
    ------
    PrerequisiteError
        There are no fictional sets under ``root``.
    BadInputError
        With every bad line of every file: not UTF-8, not a JSON object, a missing key or
        annotation; with files that are missing; and where the tests of two languages do not ask
        about the same number of places, or disagree on a place's type.
    """
    problems: list[Problem] = []
    files = _find_files(root, problems)
    source = _find_source(root, files, problems)
    tests: dict[str, tuple[Question, ...]] = {}
    training: dict[str, TrainingSet] = {}
    translate_tests: dict[str, tuple[Translation, ...]] = {}
    for (kind, language), name in files.items():
        path = root / name
        if kind == "test":
            tests[language] = _read(path, name, _question, problems)
        elif kind == "translate":
            translate_tests[language] = _read(path, name, _translation, problems)
        else:
            rows = _read(path, name, _taught, problems)
            training[language] = TrainingSet(
                tuple(row for row in rows if isinstance(row, TaughtFact)),
                tuple(row for row in rows if isinstance(row, Translation)),
            )
    if not problems:
        problems.extend(_misaligned(source, tests, files))
    if problems:
        raise BadInputError(problems)
    return FictionalSets(source, tests, training, translate_tests, files)


def _find_source(root: Path, files: Mapping[tuple[str, str], str], problems: list[Problem]) -> str:
    """Return the one language that is tested and never a target, noting what files are missing."""
    trained = [language for kind, language in files if kind == "train"]
    tested = [language for kind, language in files if kind == "test"]
    if not trained or not tested:
        raise PrerequisiteError(
            f"There are no fictional sets under {root}.", command="clika fetch released"
        )
    sources = [language for language in tested if language not in trained]
    if len(sources) != 1:
        reason = f"{len(sources)} languages are tested and never a target of training, not one"
        problems.append(Problem(_FILES["test"][0], None, None, reason))
    for kind in ("test", "translate"):
        for language in trained:
            if (kind, language) not in files:
                reason = f"no file of language {language}, which has a training set"
                problems.append(Problem(_FILES[kind][0], None, None, reason))
    return sources[0] if sources else ""


def _misaligned(
    source: str,
    tests: Mapping[str, tuple[Question, ...]],
    files: Mapping[tuple[str, str], str],
) -> Iterable[Problem]:
    reference = tests[source]
    for language, questions in tests.items():
        name = files["test", language]
        if len(questions) != len(reference):
            reason = f"{len(questions)} questions where language {source} has {len(reference)}"
            yield Problem(name, None, None, reason)
            continue
        for question, expected in zip(questions, reference, strict=True):
            if question.type != expected.type:
                reason = f"type {question.type} where language {source} has {expected.type}"
                yield Problem(name, question.row, "answer", reason)
