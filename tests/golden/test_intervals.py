"""Intervals of ``paper-released``: pinned, and whatever the number of threads."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pytest

from clika.metrics.intervals.uncertainty import Resampling
from clika.report.names import INTERVALS
from clika.schema import SCORE_FILES
from clika.steps.load import load
from clika.steps.score import score
from clika.study import load_study

if TYPE_CHECKING:
    from pathlib import Path

STUDY = load_study("paper-released")
INTERVALS_SHA256 = "43a01822a7a6b542e1503374ec2954809fdb289e3c8820bc8767394c2e829151"


class Run(NamedTuple):
    folder: Path
    database: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            for name in SCORE_FILES:
                path = self.folder / "scores" / f"{name}.parquet"
                connection.execute(f"create view {name} as from read_parquet('{path}')")
            return connection.execute(sql).fetchall()


def scored(folder: Path, database: Path, resampling: Resampling, threads: int | None) -> Run:
    score(
        STUDY,
        database=database,
        scores=folder / "scores",
        tables=folder / "tables",
        resampling=resampling,
        threads=threads,
    )
    return Run(folder, database)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("intervals")
    database = folder / "clika.duckdb"
    load(STUDY, shards=folder / "shards", database=database, origin="codes")
    return scored(folder, database, Resampling(), None)


def test_the_intervals_of_the_tables_are_the_same_byte_for_byte(run: Run) -> None:
    content = (run.folder / "tables" / f"{INTERVALS}.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() == INTERVALS_SHA256


@pytest.mark.parametrize(
    "line",
    [
        # Wilson: 194 of 200 and 190 of 200.
        "acc_x_geo,chatgpt,en,97.0,93.6,98.6,",
        "acc_x_geo,chatgpt,de,95.0,91.0,97.3,",
        # Clusters; means over languages, then over two tasks.
        "en_co_x_copa,chatgpt,de,0.93,0.91,0.95,",
        "acc_x_geo,chatgpt,mean,81.9,79.9,83.9,",
        "ra_basic,llama_13b,mean,0.18,0.15,0.21,",
        "en_co_factual,bloomz_7b1,mean,0.53,0.49,0.57,",
        "en_co_x_csqa,chatgpt,en,1.00,,,degenerate",
    ],
)
def test_an_interval_of_the_tables(run: Run, line: str) -> None:
    text = (run.folder / "tables" / f"{INTERVALS}.csv").read_text(encoding="utf-8")
    assert line in text.splitlines()


@pytest.mark.parametrize(
    ("task", "metric", "low", "high"),
    [
        ("x_csqa", "co union", 0.41320187, 0.49020107),
        ("x_csqa", "co_star gold-letter", 0.16043148, 0.24337708),
        ("x_csqa", "co_star marginal", 0.19155925, 0.27924756),
        ("x_csqa", "log_or", 1.33710397, 1.93099457),
        ("x_csqa", "kappa", 0.27707938, 0.35333471),
        ("x_name", "co union", 0.83216783, 0.92957746),
        ("x_name", "co_star marginal", 0.58549163, 0.81521066),
        ("x_name", "kappa", 0.80699370, 0.91802074),
    ],
)
def test_an_interval_of_llama_13b_from_english_to_german(
    run: Run, task: str, metric: str, low: float, high: float
) -> None:
    (found,) = run.rows(
        "select low, high from consistency where rule = 'first-letter' and model = 'llama_13b'"
        f" and source_language = 'en' and target_language = 'de' and task = '{task}'"
        f" and concat_ws(' ', metric, variant) = '{metric}'"
    )
    assert found == pytest.approx((low, high), abs=1e-7)


@pytest.mark.parametrize("name", SCORE_FILES)
def test_every_number_has_an_interval_or_a_reason(run: Run, name: str) -> None:
    broken = (
        "(low is null) <> (interval_reason is not null) or (low is null) <> (high is null)"
        " or isnan(low) or isnan(high) or low > high"
        " or (value is null) <> (interval_reason is not distinct from 'the value is undefined')"
    )
    assert run.rows(f"select count(*) from {name} where {broken}") == [(0,)]


def test_few_numbers_are_without_the_interval_of_their_method(run: Run) -> None:
    shares = run.rows(
        "select metric, avg((low is not null)::int) from consistency where value is not null"
        " and source_language <> target_language and metric in ('co', 'co_star', 'ag', 'kappa')"
        " group by metric order by metric"
    )
    assert [metric for metric, _ in shares] == ["ag", "co", "co_star", "kappa"]
    assert all(share > 0.98 for _, share in shares)
    assert run.rows(
        "select count(*) from performance where metric in ('acc', 'ra') and low is null"
    ) == [(0,)]


@pytest.mark.slow
def test_one_thread_and_two_give_the_same_files(run: Run, tmp_path: Path) -> None:
    few = Resampling(replicates=500)
    one, two = (scored(tmp_path / str(threads), run.database, few, threads) for threads in (1, 2))
    for path in (one.folder / "tables").iterdir():
        assert path.read_bytes() == (two.folder / "tables" / path.name).read_bytes(), path.name
    for name in SCORE_FILES:
        assert one.rows(f"from {name}") == two.rows(f"from {name}")
