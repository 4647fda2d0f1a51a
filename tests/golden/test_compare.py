"""What continued pretraining on Chinese took from llama_13b, from the shipped answer codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clika.steps.load import load
from clika.study import load_study
from clika.views.compare import compare
from clika.views.compare.model import Question, Side

if TYPE_CHECKING:
    from clika.views.compare.model import CompareView, Row

STUDY = load_study("paper-released")
LOST = {
    "x_csqa": {"en", "de", "fr", "it", "pl", "ru"},
    "x_copa": {"it"},
    "x_name": {"en", "de", "fr", "it", "pl", "ru"},
    "x_geo": {"en", "de", "fr", "it", "pl", "ru"},
}


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> CompareView:
    folder = tmp_path_factory.mktemp("compare")
    database = folder / "clika.duckdb"
    load(STUDY, shards=folder / "shards", database=database, origin="codes")
    models = [Side(STUDY, name, database) for name in ("llama_13b", "chinese_llama_13b")]
    return compare(*models, Question(metrics=("acc", "co")))


def of(view: CompareView, metric: str, verdict: str) -> dict[str, set[str]]:
    (family,) = (each for each in view.families if each.metric == metric)
    return {
        task.task.name: {
            row.cell for row in family.rows if row.task == task.task.name and row.verdict == verdict
        }
        for task in view.tasks
    }


def cell(view: CompareView, task: str, language: str) -> Row:
    (found,) = (r for r in view.families[0].rows if (r.task, r.cell) == (task, language))
    return found


def test_these_languages_are_lost_and_none_is_gained(view: CompareView) -> None:
    assert of(view, "acc", "lost") == LOST
    assert of(view, "acc", "gained") == {task: set() for task in LOST}


def test_a_family_is_one_metric_in_all_languages_and_tasks(view: CompareView) -> None:
    assert [family.n_tests for family in view.families] == [40, 36]


def test_discordant_counts_and_exact_p_values_are_these(view: CompareView) -> None:
    row = cell(view, "x_geo", "de")
    assert (row.only_first, row.only_second, row.exact) == (48, 5, True)
    assert row.p == pytest.approx(7.0774e-10, rel=1e-4)


def test_items_in_clusters_are_swapped_in_clusters(view: CompareView) -> None:
    assert {task.task.name: task.n_clusters for task in view.tasks} == {
        "x_csqa": 1000,
        "x_copa": 498,
        "x_name": 90,
        "x_geo": 200,
    }
    assert {row.task for row in view.families[0].rows if not row.exact} == {"x_copa", "x_name"}
