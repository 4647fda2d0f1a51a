"""All languages at once on the released outputs: other packages' figures, which maps are drawn."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import krippendorff
import numpy as np
import pytest
from statsmodels.stats.contingency_tables import cochrans_q

from clika.metrics.scorecard import scorecards
from clika.metrics.task_answers import TaskAnswers
from clika.steps.load import load
from clika.store.connection import open_database
from clika.store.scores import present_models, read_answers
from clika.study import load_study
from clika.views.map import map_languages

if TYPE_CHECKING:
    from pathlib import Path

    from clika.store.scores import AnswerMatrices

STUDY = load_study("paper-released")
TASKS = [task.name for task in STUDY.tasks]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("languages")
    load(STUDY, shards=folder, database=folder / "clika.duckdb", origin="codes")
    return folder / "clika.duckdb"


@pytest.fixture(scope="module")
def answers(database: Path) -> dict[str, AnswerMatrices]:
    with closing(open_database(database, command="clika load")) as connection:
        found = read_answers(
            connection,
            tasks=TASKS,
            rules=[STUDY.rule],
            models=sorted(present_models(connection)),
            languages=STUDY.languages,
        )
    return {task: found[STUDY.rule, task] for task in TASKS}


@pytest.mark.parametrize("task", TASKS)
def test_alpha_and_cochrans_test_are_those_of_the_packages(
    answers: dict[str, AnswerMatrices], task: str
) -> None:
    found = answers[task]
    (card,) = scorecards([TaskAnswers(found.codes, found.gold, STUDY.task(task).options, None)])
    values = {score.metric: score.measure.value for score in card.overall}
    for place, codes in enumerate(found.codes):
        ratings = np.where(codes < 0, np.nan, codes).T
        alpha = krippendorff.alpha(ratings, level_of_measurement="nominal")
        assert values["alpha"][place] == pytest.approx(alpha, rel=1e-12)
        test = cochrans_q((codes == found.gold[:, None]).astype(int))
        assert values["cochran_q"][place] == pytest.approx(test.statistic, rel=1e-12)
        assert values["cochran_q_p"][place] == pytest.approx(test.pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("model", "reliability"), [("llama_65b", 0.99), ("chinese_alpaca_13b", 0.74)]
)
def test_only_what_is_reliable_is_drawn(database: Path, model: str, reliability: float) -> None:
    drawn = map_languages(STUDY, model, task="x_geo", database=database).drawn
    assert drawn.reliability.value == pytest.approx(reliability, abs=0.005)
    assert (drawn.scaling is not None) == (reliability >= 0.8)
