"""Option scores from a table to RankC: shards, ranks, what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest
from reference import rankc_twin as twin

from clika.errors import BadInputError
from clika.metrics.intervals.uncertainty import Resampling
from clika.steps.ingest_table import TableChoices, TableReport, ingest_table
from clika.steps.inventory import read_inventory
from clika.steps.load import load
from clika.steps.score import score
from clika.study import load_study

if TYPE_CHECKING:
    from pathlib import Path

MAPPING = "model=m,task=t,language=l,item=i,gold=g,scores=s"
LANGUAGES = ("en", "de", "zh")

Row = dict[str, Any]


def made_rows() -> list[Row]:
    """Return two models on nine items of one to four options; beta was not asked item 3 in zh."""
    rng = np.random.default_rng(0)
    return [
        {
            "m": model,
            "t": "places",
            "l": language,
            "i": item,
            "g": item % k,
            "s": rng.normal(size=k).round(3).tolist(),
        }
        for item, k in enumerate([1, 2, 3, 4, 4, 4, 2, 3, 4])
        for model in ("alpha", "beta")
        for language in LANGUAGES
        if (model, item, language) != ("beta", 3, "zh")
    ]


def ingested(folder: Path, rows: list[Row], mapping: str = MAPPING) -> TableReport:
    file = folder / "mine.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ingest_table(file, choices=TableChoices(mapping), results=folder / "results")


def scored(
    folder: Path, rows: list[Row], mapping: str = MAPPING, *, resampling: Resampling | None = None
) -> Path:
    ingested(folder, rows, mapping)
    place = folder / "results" / "mine"
    study = load_study("mine", folder / "results")
    database = place / "clika.duckdb"
    load(study, shards=place / "shards", database=database, origin="responses")
    score(study, database=database, scores=place / "scores", tables=None, resampling=resampling)
    return place


def consistency(place: Path, metric: str, model: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(
        f"""select variant, source_language, target_language, value, n, reason
        from '{place}/scores/consistency.parquet'
        where metric = '{metric}' and model = '{model}' and rule = 'first-letter'"""
    ).fetchall()


def rankings(rows: list[Row], model: str) -> list[list[list[int]]]:
    """Return item, language, option to rank, from the scores as they were written."""
    items: dict[int, list[list[int]]] = {}
    for row in rows:
        if row["m"] == model:
            given: Any = row["s"]
            order = sorted(range(len(given)), key=lambda option: -given[option])
            ranks = [order.index(option) + 1 for option in range(len(given))]
            empty: list[list[int]] = [[] for _ in LANGUAGES]
            of_item = items.setdefault(int(str(row["i"])), empty)
            of_item[LANGUAGES.index(str(row["l"]))] = ranks
    return list(items.values())


@pytest.mark.parametrize("model", ["alpha", "beta"])
@pytest.mark.parametrize("metric", ["rankc", "rankc_star"])
def test_rankc_of_a_table_is_that_of_its_scores(tmp_path: Path, metric: str, model: str) -> None:
    rows = made_rows()
    found = consistency(scored(tmp_path, rows), metric, model)
    assert len(found) == 3 * len(LANGUAGES) ** 2
    expected = rankings(rows, model)
    for variant, source, target, value, n, reason in found:
        places = LANGUAGES.index(source), LANGUAGES.index(target)
        wanted = twin.rankc(expected, *places, variant, corrected=metric == "rankc_star")
        assert value == pytest.approx(wanted, abs=1e-12)
        assert n == 8 - (model == "beta" and "zh" in (source, target))
        assert reason is None


def test_intervals_hold_their_values_and_are_symmetric(tmp_path: Path) -> None:
    place = scored(tmp_path, made_rows(), resampling=Resampling(replicates=300))
    rows = duckdb.sql(
        f"""select metric, source_language, target_language, value, low, high, interval_reason
        from '{place}/scores/consistency.parquet'
        where metric in ('rankc', 'rankc_star') and variant = 'norm1' and model = 'beta'"""
    ).fetchall()
    ends = {(metric, source, target): tuple(rest) for metric, source, target, *rest in rows}
    assert len(ends) == 2 * len(LANGUAGES) ** 2
    for (metric, source, target), (value, low, high, reason) in ends.items():
        assert ends[metric, target, source] == (value, low, high, reason)
        if source == target:
            assert (low, high, reason) == (None, None, "degenerate")
        else:
            assert low <= value <= high


def test_capa_is_there_with_its_n(tmp_path: Path) -> None:
    found = consistency(scored(tmp_path, made_rows()), "capa", "alpha")
    assert {(variant, n) for variant, _, _, _, n, _ in found} == {(None, 8)}
    assert all(-1 <= value <= 1 for _, _, _, value, _, _ in found)


def test_a_model_without_scores_has_a_reason(tmp_path: Path) -> None:
    rows = [{**row, "a": 0, "s": None if row["m"] == "beta" else row["s"]} for row in made_rows()]
    found = consistency(scored(tmp_path, rows, f"{MAPPING},answer=a"), "rankc", "beta")
    assert {(value, reason) for _, _, _, value, _, reason in found} == {
        (None, "the model has no option scores")
    }


def test_the_highest_score_is_the_answer_and_a_tie_is_invalid(tmp_path: Path) -> None:
    def row(item: int, scores: list[float]) -> Row:
        return {"m": "alpha", "t": "x", "l": "en", "i": item, "g": 0, "s": scores}

    place = scored(tmp_path, [row(0, [-2.0, -1.0, -3.0]), row(1, [0.5, 0.5, 0.0])])
    with duckdb.connect(str(place / "clika.duckdb"), read_only=True) as connection:
        codes = connection.execute(
            "select item, code from answers where rule = 'first-letter' order by item"
        ).fetchall()
        stored = connection.execute(
            "select item, scores, ranks from option_scores order by item"
        ).fetchall()
    assert codes == [(0, 1), (1, -1)]
    assert stored[0] == (0, [-2.0, -1.0, -3.0], [2, 1, 3])
    assert sorted(stored[1][2]) == [1, 2, 3]
    assert stored[1][2][2] == 3


def test_ties_are_counted_in_the_notes(tmp_path: Path) -> None:
    rows = [{**row, "s": [0.0] * len(row["s"])} for row in made_rows()]
    notes = ingested(tmp_path, rows).notes
    assert any("alpha x places: 24 of 27 rows of scores have ties" in note for note in notes)


def test_shards_of_scores_are_listed_and_replaced(tmp_path: Path) -> None:
    ingested(tmp_path, made_rows())
    shards = tmp_path / "results" / "mine" / "shards"
    inventory = read_inventory(shards)
    assert inventory is not None
    assert [path.stem for path in inventory.option_scores] == ["alpha", "beta"]
    ingested(tmp_path, [row for row in made_rows() if row["m"] == "alpha"])
    assert [path.stem for path in sorted(shards.glob("option_scores/*/*"))] == ["alpha"]


def test_row_order_changes_nothing(tmp_path: Path) -> None:
    rows = [{**row, "s": [0.0] * len(row["s"])} for row in made_rows()]
    for name in "ab":
        (tmp_path / name).mkdir()
    whole, turned = scored(tmp_path / "a", rows), scored(tmp_path / "b", rows[::-1])
    for model in ("alpha", "beta"):
        assert consistency(whole, "rankc", model) == consistency(turned, "rankc", model)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ("high", "not a list of finite numbers"),
        (["a", "b"], "not a list of finite numbers"),
        ([1.0, None], "not a list of finite numbers"),
        ([], "0 scores, but there must be 1 to 64"),
        ([0.0] * 65, "65 scores, but there must be 1 to 64"),
        ([1.0, 2.0, 3.0], "3 scores where the item has 2 in row 4"),
    ],
)
def test_scores_that_are_none_are_refused(tmp_path: Path, scores: object, reason: str) -> None:
    rows = made_rows()
    at = next(index for index, row in enumerate(rows) if row["i"] == 1) + 3
    rows[at] = {**rows[at], "s": scores}
    with pytest.raises(BadInputError) as error:
        ingested(tmp_path, rows)
    assert any(
        (problem.row, problem.column) == (at + 1, "s") and reason[:12] in problem.reason
        for problem in error.value.problems
    )


def test_a_gold_beyond_the_scores_is_refused(tmp_path: Path) -> None:
    rows = [{**row, "g": 3} if row["i"] == 1 else row for row in made_rows()]
    with pytest.raises(BadInputError, match="beyond the 2 scores"):
        ingested(tmp_path, rows)
