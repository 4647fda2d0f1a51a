"""A tiny release in the official layout: one task, two models, five scripts; all texts made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from clika.schema import letters
from clika.steps.ingest import ingest_released
from clika.steps.load import load
from clika.steps.score import score
from clika.steps.ship import ship
from clika.study import Reference, Study, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LANGUAGES = ("en", "ru", "ar", "he", "zh")
OPTIONS: dict[str, tuple[str, ...]] = {
    "en": ("red", "green", "blue", "white"),
    "ru": ("красный", "зелёный", "синий", "белый"),
    "ar": ("أحمر", "أخضر", "أزرق", "أبيض"),
    "he": ("אדום", "ירוק", "כחול", "לבן"),
    "zh": ("红色", "绿色", "蓝色", "白色"),
}
QUESTIONS = {
    "en": "Which colour has thing {}?",
    "ru": "Какого цвета вещь {}?",
    "ar": "ما لون الشيء {}؟",
    "he": "מה צבע הדבר {}?",
    "zh": "第{}件东西是什么颜色？",
}
#: Gold of each item; the release's own ids are the items' numbers plus 100.
GOLD = (0, 1, 2)
RIGHT = tuple(f"{letters(4)[gold]}." for gold in GOLD)
ALL_A = ("A.", "A.", "A.")

STUDY = Study(
    name="tiny",
    title="Tiny",
    kind="released",
    languages=LANGUAGES,
    pivot="en",
    rules=("first-letter",),
    tasks=(Task(name="x_geo", options=4, reference=Reference(3, 3)),),
    models=("chatgpt", "llama_7b", "llama_13b"),
)


def file_of(model: str, language: str) -> str:
    ending = "" if model == "chatgpt" else "_bf16_add_simple_example"
    return f"x_geo/{language}/{model}_res{ending}.jsonl"


def _write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def write_responses(root: Path, model: str, language: str, responses: Sequence[str]) -> None:
    rows: list[dict[str, object]] = [
        {
            "id": item,
            "input": QUESTIONS[language].format(item),
            "res": response,
            "label": letters(4)[GOLD[item]],
            "uuid": item + 100,
        }
        for item, response in enumerate(responses)
    ]
    _write_lines(root / file_of(model, language), rows)


def write_release(
    root: Path, special: Mapping[tuple[str, str], Sequence[str]] | None = None
) -> Path:
    """Write a release in which chatgpt is always right and llama_7b always says A.

    Cells in ``special`` get the responses given there instead.
    """
    for language in LANGUAGES:
        rows: list[dict[str, object]] = [
            {
                "id": item + 100,
                "questions": QUESTIONS[language].format(item),
                "answers": list(OPTIONS[language]),
                "label": gold,
                "original_lang": "he",
            }
            for item, gold in enumerate(GOLD)
        ]
        _write_lines(root / "x_geo" / language / f"{language}_geo_data.jsonl", rows)
        for model, responses in (("chatgpt", RIGHT), ("llama_7b", ALL_A)):
            chosen = (special or {}).get((model, language), responses)
            write_responses(root, model, language, chosen)
    return root


def ingest(data: Path, results: Path) -> None:
    ingest_released(STUDY, data=data, shards=results / STUDY.name / "shards", threads=1)


def load_shards(results: Path) -> Path:
    folder = results / STUDY.name
    database = folder / "clika.duckdb"
    load(STUDY, shards=folder / "shards", database=database, origin="responses", threads=1)
    return database


def score_all(results: Path) -> None:
    folder = results / STUDY.name
    score(
        STUDY,
        database=folder / "clika.duckdb",
        scores=folder / "scores",
        tables=folder / "tables",
        threads=1,
    )


def ship_codes(folder: Path, database: Path) -> None:
    """Put the codes of a database where a packaged study would have them."""
    ship(
        STUDY,
        database=database,
        shards=database.parent / "shards",
        into=folder / "studies" / STUDY.name,
    )
