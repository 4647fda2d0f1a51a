"""A study to ask, and a backend without a model: its scores are a hash of the question."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from clika.steps.asked_study import begin_study
from clika.study import Study, Task
from clika.tasks.item import Item

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.infer.backend import Choice

LANGUAGES = ("en", "de", "zh")
OPTIONS = ("red", "green", "blue", "white")
ITEMS = 120
STUDY = Study(
    name="colours",
    title="Colours",
    kind="asked",
    languages=LANGUAGES,
    pivot="en",
    rules=("choice", "robust"),
    tasks=(Task(name="far", options=4, items=ITEMS), Task(name="near", options=4, items=ITEMS)),
    models=(),
)


class Stopped(Exception):  # noqa: N818
    """Stands for a kill."""


class HashBackend:
    """Answers by a hash; stops after a number of calls where one is given."""

    def __init__(self, *, calls: int | None = None, tie: bool = False) -> None:
        self.questions: list[str] = []
        self._calls = calls
        self._tie = tie

    def score(self, questions: Sequence[Choice]) -> list[tuple[float, ...]]:
        self._count([question.prompt for question in questions])
        return [
            tuple(-1.0 if self._tie else -_number(q.prompt + text) for text in q.options)
            for q in questions
        ]

    def generate(self, prompts: Sequence[str], *, longest: int) -> list[str]:
        self._count(prompts)
        return [
            f"The answer is {'ABCD'[int(_number(prompt) * 4)]}."[:longest] for prompt in prompts
        ]

    def _count(self, prompts: Sequence[str]) -> None:
        if self._calls is not None and self._calls == 0:
            raise Stopped
        self._calls = None if self._calls is None else self._calls - 1
        self.questions.extend(prompts)


def _number(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48


def items(*, word: str = "thing", texts: bool = True) -> list[Item]:
    return [
        Item(
            task=task.name,
            language=language,
            item=item,
            uuid=f"{task.name}:{item}",
            question=f"{language} {task.name} {word} {item}?" if texts else "",
            options=OPTIONS,
            gold=item % 4,
            cluster=str(item),
            stratum=None,
        )
        for task in STUDY.tasks
        for language in LANGUAGES
        for item in range(ITEMS)
    ]


def make_study(results: Path, *, word: str = "thing", texts: bool = True) -> None:
    """Write the study's items, with no model asked."""
    shards = results / STUDY.name / "shards"
    begin_study(STUDY, items(word=word, texts=texts), shards=shards, command="make it")


def make_model(folder: Path, *, content: str = "weights") -> Path:
    """Write a directory that looks like a model's; nobody loads it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "model.safetensors").write_text(content, encoding="utf-8")
    return folder
