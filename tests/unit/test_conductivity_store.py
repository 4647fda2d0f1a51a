"""Outcomes of conductivity: written, loaded, arranged, and scored over seeds."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_colours import STUDY as COLOURS
from made_colours import ingest, load_shards, score_all, write_release
from made_outcomes import CELL, Columns, database, made

from clika.errors import BadInputError
from clika.metrics.conductivity import STRATA, conduction, gate, ratio
from clika.metrics.conductivity_scores import cell_numbers
from clika.schema import CONDUCTIVITY_METRICS
from clika.steps.score_conductivity import (
    arrange_outcomes,
    conductivity_columns,
    measure_conductivity,
    write_conductivity,
)
from clika.store.connection import in_memory, open_database
from clika.store.outcomes import read_outcomes, write_outcomes
from clika.store.scores import write_scores

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_is_read_and_arranged(tmp_path: Path) -> None:
    with closing(open_database(database(tmp_path, made()), command="")) as connection:
        found = read_outcomes(connection)
    assert list(found) == [CELL]
    outcomes = arrange_outcomes(found[CELL][1])
    assert gate(outcomes).met
    assert outcomes.identical.tolist() == [True] * 5 + [False] * 15
    assert {stratum: ratio(outcomes, stratum).n for stratum in STRATA} == {
        "non-identical": 150,
        "identical": 50,
        "all": 200,
        "with-ambiguous": 150,
    }
    assert ratio(outcomes, "all").value == pytest.approx((0.495 - 0.05) / 0.95, abs=0.01)


def test_the_order_of_rows_makes_no_difference(tmp_path: Path) -> None:
    columns = made()
    turned = {name: column[::-1] for name, column in columns.items()}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    database(tmp_path / "a", columns)
    database(tmp_path / "b", turned)
    one, other = ((tmp_path / name / "0.parquet").read_bytes() for name in "ab")
    assert one == other


def test_a_database_without_outcomes_has_no_numbers(tmp_path: Path) -> None:
    with closing(open_database(database(tmp_path), command="")) as connection:
        assert read_outcomes(connection) == {}
        assert measure_conductivity(connection) == {}


def test_answers_that_were_not_kept_leave_the_output_chance_undefined(tmp_path: Path) -> None:
    columns = made()
    del columns["answered"]
    with closing(open_database(database(tmp_path, columns), command="")) as connection:
        outcomes = arrange_outcomes(read_outcomes(connection)[CELL][1])
    assert ratio(outcomes, chance="output").reason == "the answers were not kept"


def test_outcomes_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    columns = made()
    columns["cluster"] = columns["cluster"].copy()
    columns["cluster"][0] = 7  # place 1000 is on continent 0 in its other rows
    twice = {name: np.concatenate([column, column[:1]]) for name, column in made().items()}
    odd = made()
    odd["question_set"] = np.where(odd["question_set"] == "place", "places", odd["question_set"])
    with closing(in_memory()) as connection:
        for wrong, told in (
            (columns, "item 1000: is on two continents"),
            (twice, "item 1000: place is there twice"),
            (odd, "places is not a question set"),
        ):
            with pytest.raises(BadInputError, match=told):
                write_outcomes(connection, tmp_path / "x.parquet", wrong, key="k")
    assert not (tmp_path / "x.parquet").exists()


def arranged(*columns: Columns, folder: Path) -> list:
    with closing(open_database(database(folder, *columns), command="")) as connection:
        return [arrange_outcomes(rows) for rows in read_outcomes(connection)[CELL].values()]


def test_every_metric_of_the_schema_is_given_once_for_each_variant(tmp_path: Path) -> None:
    numbers = cell_numbers(arranged(made(), folder=tmp_path))
    wanted = {
        (metric, variant)
        for metric, variants in CONDUCTIVITY_METRICS.items()
        for variant in (variants or (None,))
    }
    given = [(number.metric, number.variant) for number in numbers]
    assert len(given) == len(set(given))
    assert set(given) == wanted


def test_one_seed_gives_the_numbers_of_its_outcomes(tmp_path: Path) -> None:
    (outcomes,) = arranged(made(), folder=tmp_path)
    found = {(n.metric, n.variant): n for n in cell_numbers([outcomes])}
    assert found["xrr", "non-identical"].estimate == ratio(outcomes)
    assert found["xrr_c", "all"].estimate == conduction(outcomes, "all")
    assert found["xrr_sd", "all"].estimate.reason == "there is but one seed"
    assert found["seeds", None].estimate[:1] == (1,)


def test_several_seeds_are_averaged_and_their_spread_is_shown(tmp_path: Path) -> None:
    seeds = arranged(*(made(seed=s, target=0.3 + 0.1 * s) for s in range(3)), folder=tmp_path)
    found = {(n.metric, n.variant): n.estimate for n in cell_numbers(seeds, replicates=500)}
    values = [ratio(one).value for one in seeds]
    assert found["xrr", "non-identical"].value == pytest.approx(np.mean(values))
    assert found["xrr_sd", "non-identical"].value == pytest.approx(np.std(values, ddof=1))
    low, high = found["xrr", "non-identical"][1:3]
    alone = ratio(seeds[1])
    assert high - low > (alone.high or 0) - (alone.low or 0)  # type: ignore[operator]
    assert found["gate", "translate"].n == 3 * 420


def test_a_missed_gate_leaves_its_figures_and_no_ratio(tmp_path: Path) -> None:
    missed = made(gate_target=0.6)
    found = {(n.metric, n.variant): n for n in cell_numbers(arranged(missed, folder=tmp_path))}
    assert found["gate", "target-0"].estimate.value == pytest.approx(0.6)
    assert found["a_t1", "all"].estimate.value is not None
    assert found["xrr", "all"].estimate.reason == "gate not met: target-0 0.600"
    assert found["xrr_c", "all"].estimate.value is None


def test_seeds_that_missed_the_gate_are_left_out_and_flagged(tmp_path: Path) -> None:
    columns = made(seed=1), made(seed=2, gate_target=0.6)
    seeds = arranged(*columns, folder=tmp_path)
    found = {(n.metric, n.variant): n for n in cell_numbers(seeds)}
    assert found["xrr", "all"].flags == ("gate-partly",)
    assert found["xrr", "all"].estimate == ratio(seeds[0], "all")
    assert found["seeds", None].estimate[0] == 1
    none = {(n.metric, n.variant): n for n in cell_numbers([seeds[1]] * 2)}
    assert none["xrr", "all"].estimate.reason == "no seed of 2 met the gate"


def test_the_numbers_are_a_long_table(tmp_path: Path) -> None:
    with closing(open_database(database(tmp_path, made()), command="")) as connection:
        columns = conductivity_columns("made", measure_conductivity(connection))
        write_scores(connection, tmp_path / "conductivity.parquet", columns, key="k")
        rows = connection.execute(
            "select metric, rule, value, low, high, n, reason, n_invalid_source "
            "from read_parquet($path) where metric in ('xrr', 'xrr_sd') and variant = 'all'",
            {"path": str(tmp_path / "conductivity.parquet")},
        ).fetchall()
    (ratio_row, deviation) = rows
    assert ratio_row[:2] == ("xrr", "continent-name")
    assert ratio_row[3] < ratio_row[2] < ratio_row[4]
    assert (ratio_row[5], ratio_row[6], ratio_row[7]) == (200, None, None)
    assert deviation[2:7] == (None, None, None, 1, "there is but one seed")


def test_scoring_writes_the_file_where_there_are_outcomes_and_removes_it_where_there_are_none(
    tmp_path: Path,
) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    scores = tmp_path / "scores"
    scores.mkdir()
    for folder, shards, there in (("with", [made()], True), ("without", [], False)):
        path = database(tmp_path / folder, *shards)
        with closing(open_database(path, command="")) as connection:
            measured = measure_conductivity(connection)
            write_conductivity(connection, "made", scores, measured, key="k")
        assert (scores / "conductivity.parquet").exists() is there


def test_the_loader_takes_outcomes_that_an_inventory_lists(tmp_path: Path) -> None:
    results = tmp_path / "results"
    ingest(write_release(tmp_path / "release"), results)
    shards = results / COLOURS.name / "shards"
    with closing(in_memory()) as connection:
        write_outcomes(connection, shards / "outcomes" / "x.parquet", made(), key="k")
    inventory = json.loads((shards / "ingest.json").read_bytes())
    inventory["outcomes"] = [{"path": "outcomes/x.parquet", "content_key": "k"}]
    (shards / "ingest.json").write_text(json.dumps(inventory))
    load_shards(results)
    score_all(results)
    path = results / COLOURS.name
    with closing(
        open_database(path / "clika.duckdb", command="", scores=path / "scores")
    ) as connection:
        rows = connection.execute(
            "select value from conductivity where metric = 'gate' and variant = 'translate'"
        ).fetchall()
    assert rows == [(1.0,)]
