"""A study whose worlds have people, from nothing to its tables: the smallest one, for real."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import duckdb
import pytest
from msgspec.structs import replace

from clika.regimes import ITEMS_TO_A_SEED
from clika.steps.gather import gather
from clika.steps.load import load
from clika.steps.score import score
from clika.steps.train import train
from clika.store.connection import open_database
from clika.study import Reference, load_study, save_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clika.store.connection import Connection

pytestmark = pytest.mark.slow

PLACES, PEOPLE = 16, 8
#: How many of each are asked, in each language: instruction is about a quarter.
ASKED_PLACES, ASKED_PEOPLE = 12, 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a study with people that has run to its end."""
    results = tmp_path_factory.mktemp("results")
    tiny = load_study("mini-tiny")
    training = tiny.training
    assert training is not None
    mine = replace(
        tiny,
        name="people",
        models=("mini_base", "mini_base_instructed_en"),
        tasks=(replace(tiny.tasks[0], reference=Reference(model="mini_base", language="en")),),
        claims=(),
        training=replace(
            training,
            known=replace(training.known, places=PLACES, people=PEOPLE),
            taught=replace(training.taught, places=PLACES, people=PEOPLE),
            models={
                name: training.models[name]
                for name in ("mini_base", "mini_base_instructed_en", "mini_control")
            },
        ),
    )
    save_study(mine, results / mine.name / "study.yaml")
    study = load_study("people", results)
    assert study == mine
    for base in ("mini_base", "mini_control"):
        train(study, seed=0, base=base, results=results)
    gather(study, results=results)
    work = results / study.name
    load(study, shards=work / "shards", database=work / "clika.duckdb", origin="responses")
    return work


@pytest.fixture
def store(folder: Path) -> Iterator[Connection]:
    with closing(open_database(folder / "clika.duckdb", command="")) as connection:
        yield connection


def test_every_model_answers_about_places_and_people(store: Connection) -> None:
    counts = store.execute(
        "select model, language, count(*) filter (item % $ids < $places), "
        "count(*) filter (item % $ids >= $places) from answers group by all",
        {"ids": ITEMS_TO_A_SEED, "places": PLACES},
    ).fetchall()
    assert len(counts) == 2 * 10
    assert {(places, people) for *_, places, people in counts} == {(ASKED_PLACES, ASKED_PEOPLE)}


def test_an_item_about_a_person_asks_where_the_person_is_from(store: Connection) -> None:
    questions = store.execute(
        "select question from item_texts where language = 'en' and item % $ids >= $places",
        {"ids": ITEMS_TO_A_SEED, "places": PLACES},
    ).fetchall()
    assert len(questions) == ASKED_PEOPLE
    assert all(text.endswith(" from?") for (text,) in questions)


def test_outcomes_are_kept_of_people_as_of_places(store: Connection) -> None:
    counts = store.execute(
        "select task, model, question_set, count(*) filter (item < $places), "
        "count(*) filter (item >= $places) from outcomes group by all",
        {"places": PLACES},
    ).fetchall()
    assert {(kind, places, people) for *_, kind, places, people in counts} == {
        ("place", PLACES, PEOPLE),
        ("continent", 4, 0),
        *(
            (f"{end}-{kind}", PLACES // 2, PEOPLE // 2)
            for end in ("source", "target")
            for kind in (0, 1)
        ),
    }
    # Two models that read are taught, and one control in a world for each dose and in one for all.
    assert len({(task, model) for task, model, *_ in counts}) == 2 + 3


def test_the_numbers_of_conductivity_count_places_and_people(folder: Path) -> None:
    scores = folder / "scores"
    score(
        load_study("people", folder.parent),
        database=folder / "clika.duckdb",
        scores=scores,
        tables=folder / "tables",
    )
    counts = duckdb.execute(
        "select metric, variant, any_value(n), count(distinct n) from read_parquet($path) "
        "where (metric, variant) in (('a_t1', 'all'), ('gate', 'translate')) group by all "
        "order by metric",
        {"path": str(scores / "conductivity.parquet")},
    ).fetchall()
    assert counts == [
        ("a_t1", "all", PLACES // 2 + PEOPLE // 2, 1),
        ("gate", "translate", PLACES + PEOPLE + 4, 1),
    ]
