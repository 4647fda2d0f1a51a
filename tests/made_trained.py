"""A made-up study that trains its models, and databases of made-up outcomes and answers of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
from made_outcomes import made

from clika.store.connection import building, in_memory
from clika.store.outcomes import OutcomeCell, write_outcomes
from clika.store.queries import query
from clika.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from made_outcomes import Columns

MODELS = ("tiny_a", "tiny_b")
LANGUAGES = ("en", "de", "he")
ITEMS = 8
_STAGE = {"learning_rate": 0.001, "epochs": 1, "batch": 1}
_READS = {"stage": "pretrain", "mixture": {"en": 1.0}}


def study_of(*seeds: int, name: str = "made") -> Study:
    """Return a study of two models, two pairs of languages, three doses and those seeds."""
    training = {
        "shape": {"hidden": 8, "layers": 1, "heads": 1, "intermediate": 8, "vocabulary": 300},
        "known": {"places": 8, "continents": 4},
        "taught": {
            "places": 8,
            "continents": 4,
            "stage": "teach",
            "pairs": [LANGUAGES[:2], ("en", "he")],
        },
        "controls": {
            "model": "tiny_b",
            "stage": "teach",
            "source": "en",
            "target": "he",
            "doses": [0, 0.5],
        },
        "stages": {kind: {"kind": kind, **_STAGE} for kind in ("pretrain", "teach")},
        "models": dict.fromkeys(MODELS, _READS),
        "seeds": seeds or (0,),
    }
    data = {
        "name": name,
        "title": "Made up",
        "kind": "trained",
        "languages": LANGUAGES,
        "pivot": "en",
        "rules": ["choice"],
        "tasks": [{"name": "known", "options": 4, "title": "Known places"}],
        "models": MODELS,
        "training": training,
    }
    return msgspec.convert(data, Study)


def cell(task: str, model: str, target: str = "de") -> OutcomeCell:
    return OutcomeCell(task, model, "en", target)


def write_database(
    folder: Path,
    shards: Iterable[Columns] = (),
    answers: Iterable[tuple[str, str, int, int]] = (),
    *,
    study: Study | None = None,
) -> Path:
    """Build a database of outcomes, and of answers given as (model, language, item, option).

    The right option of each item is its number modulo 4.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with closing(in_memory()) as connection:
        for number, columns in enumerate(shards):
            paths.append(str(folder / f"{number}.parquet"))
            write_outcomes(connection, folder / f"{number}.parquet", columns, key=f"k{number}")
    given = list(answers)
    items = sorted({item for _, _, item, _ in given})
    facts = {"content_key": "k", "origin": "responses", "study": (study or study_of()).name}
    path = folder / "clika.duckdb"
    with building(path, facts, threads=1) as connection:
        if paths:
            connection.execute(query("load_outcomes"), {"paths": paths})
        if items:
            connection.executemany(
                "insert into items values ('known', ?, 4, ?, ?, null)",
                [(item, item % 4, item) for item in items],
            )
            connection.executemany(
                "insert into answers values (?, 'known', ?, ?, ?, 'choice', ?, '', '')",
                [(model, code, item, item % 4, given) for model, code, item, given in given],
            )
    return path


def all_right(seeds: Sequence[int] = (0,)) -> list[tuple[str, str, int, int]]:
    """Return right answers of both models in all languages to the items of those seeds."""
    return [
        (model, language, seed * 100_000 + item, item % 4)
        for model in MODELS
        for language in LANGUAGES
        for seed in seeds
        for item in range(ITEMS)
    ]


def outcomes(
    where: OutcomeCell, *, seed: int = 0, target: float = 0.5, gate: float = 1.0
) -> Columns:
    return made(cell=where, seed=seed, target=target, gate_target=gate)
