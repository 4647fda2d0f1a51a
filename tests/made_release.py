"""A small made-up release: the official layout, invented questions, a study that fits it."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from clika.schema import letters
from clika.study import Study, load_study, save_study
from clika.tasks.released import LAYOUTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODELS = ("chatgpt", "llama_7b", "bloom_7b1")
ITEMS = {"x_csqa": 6, "x_copa": 5, "x_name": 4, "x_geo": 7}
NAME = "tiny"


@cache
def made_study() -> Study:
    """Return the paper's study with fewer models and items."""
    study = load_study("paper-released")
    tasks = [msgspec.structs.replace(task, items=ITEMS[task.name]) for task in study.tasks]
    # The claims are about models that are not in it.
    return msgspec.structs.replace(study, name=NAME, models=MODELS, tasks=tuple(tasks), claims=())


def save_made_study(results: Path) -> Study:
    """Put the study where commands find it by name."""
    study = made_study()
    save_study(study, results / NAME / "study.yaml")
    return study


def gold(task: str, item: int) -> int:
    return (item * 7 + len(task)) % made_study().task(task).options


def code(model: str, task: str, language: str, item: int) -> int:
    """Return the option that a model of the release chooses."""
    digest = hashlib.sha256(f"{model} {task} {language} {item}".encode()).digest()
    return gold(task, item) if digest[0] < 150 else digest[1] % made_study().task(task).options


def items_file(task: str, language: str) -> str:
    """Return the path of an items file below the release."""
    layout = LAYOUTS[task]
    return f"{task}/{layout.folders[language]}/{layout.items.format(language=language)}"


def response_file(model: str, task: str, language: str) -> str:
    """Return the path of a response file below the release."""
    end = "res" if model == "chatgpt" else "res_bf16_add_simple_example"
    return f"{task}/{LAYOUTS[task].folders[language]}/{model}_{end}.jsonl"


def _item_line(task: str, language: str, item: int) -> dict[str, object]:
    right, uuid = gold(task, item), f"{task}-{item}"
    texts = [f"{language} option {letter} of {item}" for letter in "ABCDE"]
    if task == "x_csqa":
        choices = {"label": list(letters(5)), "text": texts}
        question = {"stem": f"{language} question {item}", "choices": choices}
        return {"id": uuid, "question": question, "answerKey": letters(5)[right]}
    if task == "x_copa":
        asked = "cause" if item % 2 else "effect"
        premise = f"{language} premise {item}"
        pair = {"choice1": texts[0], "choice2": texts[1]}
        return {"id": uuid, "premise": premise, "question": asked, **pair, "label": right}
    known = {"questions": f"{language} question {item}", "answers": texts[:4], "label": right}
    return {"id": uuid, **known, "original_lang": ("en", "de")[item % 2]}


def response_line(model: str, task: str, language: str, item: int) -> dict[str, object]:
    return {
        "id": item,
        "input": f"{language} prompt {item}",
        "res": f"{letters(5)[code(model, task, language, item)]}. ü{item}",
        "label": letters(5)[gold(task, item)],
        "uuid": f"{task}-{item}",
    }


def write_lines(path: Path, lines: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_bytes(text.encode())


def write_release(root: Path) -> Path:
    """Write the whole release: 3 models x 4 tasks x 10 languages."""
    for task, layout in LAYOUTS.items():
        numbers = range(ITEMS[task])
        for language in layout.folders:
            items = [_item_line(task, language, item) for item in numbers]
            write_lines(root / items_file(task, language), items)
            for model in MODELS:
                lines = [response_line(model, task, language, item) for item in numbers]
                write_lines(root / response_file(model, task, language), lines)
    return root


def edit_lines(path: Path, edit: Callable[[list[bytes]], list[bytes]]) -> None:
    """Rewrite a file line by line."""
    path.write_bytes(b"".join(edit(path.read_bytes().splitlines(keepends=True))))


def files_below(folder: Path) -> set[str]:
    """Return every file below a folder but the locks, which hold nothing."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }
