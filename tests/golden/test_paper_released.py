"""``paper-released`` from the shipped answer codes: tables byte for byte, measured figures."""

from __future__ import annotations

import csv
import hashlib
import os
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pytest

from clika.report.names import CELLS, table_names
from clika.schema import METRICS, SCORE_COLUMNS, SCORE_FILES
from clika.steps.fetch import fetch
from clika.steps.ingest import ingest_released
from clika.steps.load import load
from clika.steps.score import ScoreReport, score
from clika.study import load_study

if TYPE_CHECKING:
    from collections.abc import Iterator

STUDY = load_study("paper-released")
GOLDEN = Path(__file__).with_name("paper-released")
CELLS_SHA256 = "bfd0671401df862628cd8e5fbc3699d26c0cdc14ccbc5108277dc8b3f283e3f2"


class Run(NamedTuple):
    folder: Path
    report: ScoreReport
    connection: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()


def scored(folder: Path, origin: str) -> ScoreReport:
    database = folder / "clika.duckdb"
    load(STUDY, shards=folder / "shards", database=database, origin=origin)
    return score(STUDY, database=database, scores=folder / "scores", tables=folder / "tables")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("paper-released")
    report = scored(folder, "codes")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder / 'clika.duckdb'}' as store (read_only)")
        for name in SCORE_FILES:
            path = folder / "scores" / f"{name}.parquet"
            connection.execute(f"create view {name} as from read_parquet('{path}')")
        connection.execute(
            "create view ct as from consistency where rule = 'first-letter'"
            " and source_language < target_language"
        )
        connection.execute("create view pf as from performance where rule = 'first-letter'")
        yield Run(folder, report, connection)


def test_the_golden_tables_are_those_of_the_study() -> None:
    assert {path.stem for path in GOLDEN.glob("*.csv")} == set(table_names(STUDY)) - {CELLS}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.csv")), ids=lambda path: path.stem)
def test_a_table_is_the_same_byte_for_byte(run: Run, path: Path) -> None:
    assert (run.folder / "tables" / path.name).read_bytes() == path.read_bytes()


def test_the_table_of_cells_is_the_same_byte_for_byte(run: Run) -> None:
    content = (run.folder / "tables" / f"{CELLS}.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() == CELLS_SHA256


def test_the_table_of_cells_equals_the_expected_values(run: Run) -> None:
    shipped = files("clika").joinpath("studies", "paper-released", "expected.csv")
    expected = list(csv.reader(shipped.read_text(encoding="utf-8").splitlines()))
    cells = csv.reader((run.folder / "tables" / f"{CELLS}.csv").read_text("utf-8").splitlines())
    found = [row[: len(expected[0])] for row in cells]
    assert sorted(found) == sorted(expected)


@pytest.mark.slow
def test_responses_and_codes_give_the_same_tables(run: Run, tmp_path: Path) -> None:
    source = os.environ.get("CLIKA_DATA")
    if not source:
        pytest.skip("needs the released outputs: set CLIKA_DATA to the release or its archive")
    data = fetch("released", source=source, into=tmp_path / "data").folder
    ingest_released(STUDY, data=data, shards=tmp_path / "shards")
    scored(tmp_path, "responses")
    for path in (run.folder / "tables").iterdir():
        assert (tmp_path / "tables" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_report_names_the_models_without_answers(run: Run) -> None:
    assert run.report.origin == "codes"
    assert len(run.report.models) == 31
    assert len(run.report.missing) == 15
    assert set(run.report.models) | set(run.report.missing) == set(STUDY.models)


# Figures measured on the released outputs


def test_ra_is_below_0_in_103_cells(run: Run) -> None:
    assert run.rows("select count(*) from pf where metric = 'ra' and value < 0") == [(103,)]


def test_280_cells_are_not_above_chance(run: Run) -> None:
    flagged = run.rows(
        "select metric, count(*) from pf where flags = 'not-above-chance'"
        " group by metric order by metric"
    )
    assert flagged == [("acc", 280), ("ra", 280)]


@pytest.mark.parametrize(
    ("task", "bound"), [("x_csqa", 48), ("x_copa", 327), ("x_name", 109), ("x_geo", 114)]
)
@pytest.mark.parametrize("metric", ["kappa", "kappa_valid"])
def test_pairs_bound_to_a_position(run: Run, task: str, bound: int, metric: str) -> None:
    counted = run.rows(
        "select count(*),"
        " count(*) filter (list_contains(string_split(flags, ','), 'position-bound'))"
        f" from ct where task = '{task}' and metric = '{metric}'"
    )
    assert counted == [(1395, bound)]


def test_203_letters_are_beyond_the_options(run: Run) -> None:
    counted = run.rows(
        "select count(*) from store.answers"
        " where rule = 'first-letter' and fired = 'out-of-options'"
    )
    assert counted == [(203,)]


@pytest.mark.parametrize(
    ("series", "mean", "digits", "defined"),
    [
        ("bloom_7b1 x_csqa co union", 0.95, 2, 45),
        ("bloom_7b1 x_csqa co_star marginal", 0.94, 2, 45),
        # In 21 of its pairs both languages are constant: no spread within gold letters.
        ("bloom_7b1 x_csqa co_star gold-letter", 0.00, 2, 24),
        ("llama_7b x_geo co_star marginal", 0.535, 3, 45),
        ("llama_7b x_geo co_star gold-letter", 0.190, 3, 45),
        ("chatgpt x_csqa co_star marginal", 0.342, 3, 45),
        ("chatgpt x_csqa co_star gold-letter", 0.332, 3, 45),
    ],
)
def test_mean_over_all_pairs_of_languages(
    run: Run, series: str, mean: float, digits: int, defined: int
) -> None:
    model, task, metric, variant = series.split()
    ((found, count),) = run.rows(
        f"select avg(value), count(value) from ct where model = '{model}' and task = '{task}'"
        f" and metric = '{metric}' and variant = '{variant}'"
    )
    assert count == defined
    assert round(found, digits) == mean


# What every file of scores keeps to


@pytest.mark.parametrize("name", SCORE_FILES)
def test_columns_are_those_of_the_schema(run: Run, name: str) -> None:
    described = run.rows(f"select column_name, column_type from (describe {name})")
    assert described == [(column.name, column.type) for column in SCORE_COLUMNS]


@pytest.mark.parametrize("name", SCORE_FILES)
def test_no_nan_is_stored_and_nothing_is_null_that_must_not_be(run: Run, name: str) -> None:
    broken = " or ".join(
        [f"{column.name} is null" for column in SCORE_COLUMNS if not column.nullable]
        + [f"isnan({column.name})" for column in SCORE_COLUMNS if column.type == "DOUBLE"]
        + ["(value is null) <> (reason is not null)", "n < 0", "reason is null and n = 0"]
    )
    assert run.rows(f"select count(*) from {name} where {broken}") == [(0,)]


def test_every_cell_and_pair_has_every_metric(run: Run) -> None:
    cells, with_origins = 31 * 4 * 10, 31 * 2 * 10
    performance = 3 * cells + 5 * with_origins
    assert run.rows("select count(*) from performance") == [(2 * performance,)]
    consistency = (12 + 2) * cells * 10 + 2 * with_origins * 10 + 5 * 31 * 4
    assert run.rows("select count(*) from consistency") == [(2 * consistency,)]
    repeated = (
        "select count(*) from (select 1 from consistency group by rule, metric, variant, task,"
        " model, source_language, target_language having count(*) > 1)"
    )
    assert run.rows(repeated) == [(0,)]


def test_symmetric_metrics_are_symmetric_and_a_language_agrees_with_itself(run: Run) -> None:
    uneven = (
        "select count(*) from consistency a join consistency b using (rule, metric, task, model)"
        " where a.variant is not distinct from b.variant and a.variant is distinct from 'source'"
        " and a.metric not in ('excess', 'excess_models')"
        " and a.source_language = b.target_language and a.target_language = b.source_language"
        " and (a.value is distinct from b.value or a.n <> b.n)"
    )
    assert run.rows(uneven) == [(0,)]
    itself = (
        "select distinct metric, value from consistency where source_language = target_language"
        " and metric in ('co', 'co_star', 'kappa_valid') and value is not null order by metric"
    )
    assert run.rows(itself) == [("co", 1.0), ("co_star", 1.0), ("kappa_valid", 1.0)]


def test_metrics_of_all_languages_name_none(run: Run) -> None:
    named = (
        "select metric from consistency where source_language is null and target_language is null"
        " group by metric order by metric"
    )
    every = ["alpha", "cochran_q", "cochran_q_p", "right_in_all", "right_in_none"]
    assert run.rows(named) == [(metric,) for metric in every]
    half = (
        "select count(*) from consistency"
        " where (source_language is null) <> (target_language is null)"
    )
    assert run.rows(half) == [(0,)]


def test_own_language_items_are_easier_for_their_language(run: Run) -> None:
    # Of the models with a mean accuracy above .4: below, most answers are guesses.
    advantage = (
        "with able as (select model from performance where rule = 'first-letter'"
        " and task = 'x_geo' and metric = 'acc' group by model having avg(value) > 0.4)"
        " select source_language, round(100 * avg(value), 1) from performance semi join able"
        " using (model) where rule = 'first-letter' and task = 'x_geo'"
        " and metric = 'acc_origin' and variant = 'advantage' group by source_language"
    )
    found = dict(run.rows(advantage))
    wanted = {"zh": 29.1, "he": 26.6, "pl": 25.5, "ru": 25.2, "it": 20.8}
    assert {language: found[language] for language in wanted} == wanted


def test_rows_stand_in_the_order_of_study_and_schema(run: Run) -> None:
    for name in SCORE_FILES:
        rows = run.rows(
            "select rule, task, metric, variant, model, source_language, target_language"
            f" from {name}"
        )
        metrics = list(METRICS)
        variants = {metric: [*(of or (None,))] for metric, of in METRICS.items()}
        tasks = [task.name for task in STUDY.tasks]
        languages = [*STUDY.languages, None]
        places = [
            (
                STUDY.rules.index(rule),
                tasks.index(task),
                metrics.index(metric),
                variants[metric].index(variant),
                run.report.models.index(model),
                languages.index(source),
                languages.index(target),
            )
            for rule, task, metric, variant, model, source, target in rows
        ]
        assert all(one < next_one for one, next_one in pairwise(places)), name
