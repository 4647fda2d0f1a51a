"""A made-up study and databases of its answers, for the tests of scoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.store.connection import building
from clika.study import Reference, Study, Task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STUDY = Study(
    name="made",
    title="Made up",
    kind="table",
    languages=("de", "en", "he"),
    pivot="en",
    rules=("first-letter", "robust"),
    tasks=(
        Task(name="colours", options=3, stream="Basic", reference=Reference(2, 3)),
        Task(name="shapes", options=2, title="Shapes", stream="Basic"),
    ),
    models=("llama_7b", "our_own", "chatgpt"),
)
GOLD = {"colours": "ABCABC", "shapes": "ABABAB"}
#: model, task, language: an answer for each item; '-' INVALID, '.' not asked.
ANSWERS = {
    ("llama_7b", "colours", "en"): "ABCABA",
    ("llama_7b", "colours", "de"): "ABAA-A",
    ("llama_7b", "colours", "he"): "AAAAAA",
    ("llama_7b", "shapes", "en"): "ABABAA",
    ("llama_7b", "shapes", "de"): "AB.BBB",
    ("llama_7b", "shapes", "he"): "BBBBBB",
    ("chatgpt", "colours", "en"): "ABCABC",
    ("chatgpt", "colours", "de"): "ABCABB",
    ("chatgpt", "colours", "he"): "BBCCBC",
    ("chatgpt", "shapes", "en"): "ABABAB",
    ("chatgpt", "shapes", "de"): "ABABBB",
    ("our_own", "colours", "en"): "CBAABC",
    ("our_own", "colours", "de"): "------",
    ("our_own", "colours", "he"): "CBAABB",
}


def rows_of_answers() -> list[tuple[object, ...]]:
    """Return the rows of the table ``answers``; ``robust`` reads INVALID as the first option."""
    rows: list[tuple[object, ...]] = []
    for (model, task, language), letters in ANSWERS.items():
        for item, letter in enumerate(letters):
            if letter == ".":
                continue
            gold = ord(GOLD[task][item]) - ord("A")
            code = -1 if letter == "-" else ord(letter) - ord("A")
            for rule in STUDY.rules:
                read = max(code, 0) if rule == "robust" else code
                rows.append((model, task, language, item, gold, rule, read, "letter", "0" * 64))
    return rows


def write_database(path: Path, answers: Sequence[tuple[object, ...]] | None = None) -> Path:
    """Write a database with those answers, by default with all, in that order of rows."""
    meta = {"content_key": "made", "origin": "responses", "study": STUDY.name}
    items = [
        (task.name, item, task.options, ord(gold) - ord("A"), item, None)
        for task in STUDY.tasks
        for item, gold in enumerate(GOLD[task.name])
    ]
    rows = rows_of_answers() if answers is None else answers
    with building(path, meta, threads=1) as connection:
        connection.executemany("insert into items values (?, ?, ?, ?, ?, ?)", items)
        if rows:
            connection.executemany("insert into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return path
