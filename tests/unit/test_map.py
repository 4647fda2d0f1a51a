"""``clika map``: what it shows of a made-up study."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from made_scores import STUDY, write_database
from msgspec.structs import replace

from clika.cli import cli
from clika.errors import ConfigError, PrerequisiteError, UnknownNameError
from clika.store.connection import building
from clika.study import Task, save_study
from clika.views.map import map_languages
from clika.views.map_rendering import map_data, map_lines

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

LANGUAGES = ("de", "en", "fr", "he", "it")
ITEMS = 120
#: How often a language gives the common answer; Italian is never asked.
FOLLOWS = {"de": 0.95, "en": 0.9, "fr": 0.5, "he": 0.1}
MAPPED = replace(
    STUDY,
    name="mapped",
    languages=LANGUAGES,
    tasks=(Task(name="places", options=3), Task(name="unasked", options=2)),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study under ``results`` whose languages differ in how far they follow one answer."""
    folder = tmp_path_factory.mktemp("results") / MAPPED.name
    save_study(MAPPED, folder / "study.yaml")
    draw = random.Random(5)
    gold = [draw.randrange(3) for _ in range(ITEMS)]
    common = [g if draw.random() < 0.7 else draw.randrange(3) for g in gold]
    origins = [draw.choice(["de", "it", "xh", None]) for _ in range(ITEMS)]
    rows = []
    for language, often in FOLLOWS.items():
        for item, right in enumerate(gold):
            code = common[item] if draw.random() < often else draw.randrange(3)
            cell = ("our_own", "places", language, item)
            rows.append((*cell, right, "first-letter", code, "letter", "0" * 64))
    path = folder / "clika.duckdb"
    meta = {"content_key": "made", "origin": "codes", "study": MAPPED.name}
    with building(path, meta, threads=1) as connection:
        connection.executemany(
            "insert into items values ('places', ?, 3, ?, ?, ?)",
            [(item, gold[item], item, origins[item]) for item in range(ITEMS)],
        )
        connection.executemany("insert into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return path


def command(database: Path, *arguments: str) -> Result:
    results = str(database.parents[1])
    return CliRunner().invoke(
        cli,
        ["map", "our_own", "--study", "mapped", "--results", results, *arguments],
        catch_exceptions=False,
    )


def data(database: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(command(database, "--task", "places", "--json").output)
    return found


def test_only_languages_that_were_asked_are_shown(database: Path) -> None:
    found = data(database)
    assert [row["language"] for row in found["languages"]] == list(FOLLOWS)
    assert list(found["coordinates"]) == list(FOLLOWS)


def test_items_from_a_language_that_was_not_asked_are_other_items(database: Path) -> None:
    german, *others = data(database)["languages"]
    assert german["own"] is not None
    assert german["other"] is not None
    assert {row["own"] for row in others} == {None}
    # Items of unknown origin always stay, those of each of three origins are left out once.
    assert german["least"] < german["acc"] < german["most"]


def test_the_page_has_the_points_and_the_tree(database: Path) -> None:
    found = data(database)
    assert found["reliability"] >= 0.8
    assert found["reason"] is None
    assert found["tree"].startswith("(")
    assert found["tree"].endswith(");")
    page = command(database, "--task", "places").output
    assert "├─ " in page
    assert "Krippendorff's alpha" in page
    # The two that follow most are nearest.
    lines = [line.lstrip(" │├└─") for line in page.splitlines()]
    assert lines.index("en") - lines.index("de") == 1


def test_what_is_not_reliable_is_refused_with_the_figure(tmp_path: Path) -> None:
    path = write_database(tmp_path / "clika.duckdb")
    view = map_languages(STUDY, "llama_7b", task="colours", database=path)
    assert map_data(view)["coordinates"] is None
    assert map_data(view)["tree"] is None
    (refusal,) = [line.plain for line in map_lines(view) if line.plain.startswith("No map")]
    assert "fewer than 4 languages" in refusal


def test_a_task_without_answers_is_said(database: Path) -> None:
    with pytest.raises(ConfigError, match="no answers of our_own to unasked"):
        map_languages(MAPPED, "our_own", task="unasked", database=database)


def test_unknown_names_are_said(database: Path) -> None:
    with pytest.raises(UnknownNameError, match="place"):
        map_languages(MAPPED, "our_own", task="place", database=database)
    with pytest.raises(UnknownNameError, match="our_one"):
        map_languages(MAPPED, "our_one", task="places", database=database)
    with pytest.raises(PrerequisiteError, match="clika load mapped"):
        map_languages(MAPPED, "our_own", task="places", database=database / "none")
