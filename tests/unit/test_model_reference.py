"""A reference of RA that is a model in a language: what a study may name, what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import msgspec
import pytest
from made_scores import STUDY, rows_of_answers, write_database

from clika.claims import Claim
from clika.errors import ConfigError
from clika.metrics.comparison.paired_card import Sampling
from clika.metrics.intervals.uncertainty import Resampling
from clika.steps.merge import merge
from clika.steps.score import score
from clika.steps.score_share import score_share
from clika.steps.verify import verify
from clika.study import Reference, Study, load_study, save_study
from clika.views.compare import compare
from clika.views.compare.model import Question, Side

if TYPE_CHECKING:
    from pathlib import Path

CELL = Reference(model="our_own", language="he")


def study(reference: Reference, **more: Any) -> Study:
    colours = msgspec.structs.replace(STUDY.tasks[0], reference=reference)
    return msgspec.structs.replace(STUDY, tasks=(colours, STUDY.tasks[1]), **more)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("made") / "clika.duckdb")


def files(folder: Path) -> dict[str, bytes]:
    found = [*folder.glob("scores/*.parquet"), *folder.glob("tables/*.csv")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(found)}


def scored(of: Study, database: Path, folder: Path, **options: Any) -> dict[str, bytes]:
    score(of, database=database, scores=folder / "scores", tables=folder / "tables", **options)
    return files(folder)


def ra(folder: Path) -> set[tuple[object, ...]]:
    path = str(folder / "scores" / "performance.parquet")
    with duckdb.connect() as connection:
        return set(
            connection.execute(
                "select model, source_language, rule, value, low, high, reason "
                "from read_parquet($path) where metric = 'ra' and task = 'colours'",
                {"path": path},
            ).fetchall()
        )


def written(folder: Path, reference: str) -> Path:
    (folder / "mine").mkdir()
    text = (
        "name: mine\ntitle: t\nkind: table\nlanguages: [en, de]\npivot: en\n"
        "rules: [first-letter]\nmodels: [a]\n"
        f"tasks: [{{name: t, options: 4, reference: {reference}}}]\n"
    )
    (folder / "mine" / "study.yaml").write_text(text, encoding="utf-8")
    return folder


# What a study may name


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("{model: b, language: en}", "the reference of t, 'b', is not one of the models"),
        ("{model: a, language: xx}", "the reference of t: 'xx' is not one of the languages"),
        ("{correct: 3, items: 4, model: a, language: en}", r"nothing else .*tasks\[0\]\.reference"),
        ("{correct: 3, items: 4, language: en}", "give correct and items, or model and language"),
        ("{model: a}", "give correct and items, or model and language"),
        ("{}", "give correct and items, or model and language"),
        ("{correct: 5, items: 4}", "more answers are correct than there are items"),
    ],
)
def test_what_is_no_reference_is_refused(reference: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        load_study("mine", written(tmp_path, reference))


def test_a_study_with_a_model_as_reference_is_read_back_equal(tmp_path: Path) -> None:
    save_study(study(CELL), tmp_path / STUDY.name / "study.yaml")
    assert load_study(STUDY.name, tmp_path) == study(CELL)


# What comes of it


@pytest.mark.parametrize("resampling", [None, Resampling(replicates=200)], ids=["values", "ci"])
def test_a_model_as_reference_is_the_fraction_that_it_has_right(
    database: Path, tmp_path: Path, resampling: Resampling | None
) -> None:
    of_model = scored(study(CELL), database, tmp_path / "model", resampling=resampling)
    # CBAABB has three of the golds ABCABC right.
    of_fraction = scored(
        study(Reference(3, 6)), database, tmp_path / "fraction", resampling=resampling
    )
    assert ra(tmp_path / "model") == ra(tmp_path / "fraction")
    tables = [name for name in of_model if name.startswith("tables")]
    assert all(of_model[name] == of_fraction[name] for name in tables)


def test_the_reference_has_one_accuracy_whichever_rule_is_scored(
    database: Path, tmp_path: Path
) -> None:
    # All that was read of it by the headline rule is INVALID; the other rule reads two as right.
    reference = study(Reference(model="our_own", language="de"))
    scored(reference, database, tmp_path, rules=["robust"])
    assert {row[-1] for row in ra(tmp_path)} == {"the reference is not above chance"}


def test_only_what_was_asked_counts(tmp_path: Path) -> None:
    cell = ("our_own", "colours", "he")
    fewer = [row for row in rows_of_answers() if (*row[:3], row[3]) != (*cell, 0)]
    database = write_database(tmp_path / "clika.duckdb", fewer)
    scored(study(CELL), database, tmp_path / "model")
    scored(study(Reference(3, 5)), database, tmp_path / "fraction")
    assert ra(tmp_path / "model") == ra(tmp_path / "fraction")


def test_a_reference_without_answers_leaves_ra_undefined_and_is_named(tmp_path: Path) -> None:
    there = [row for row in rows_of_answers() if row[:3] != ("our_own", "colours", "he")]
    database = write_database(tmp_path / "clika.duckdb", there)
    scored(study(CELL), database, tmp_path)
    found = {row[3:] for row in ra(tmp_path)}
    assert found == {(None, None, None, "the reference, our_own in he, has no answers")}


# Wherever RA is computed


def test_shares_give_what_the_whole_gives(database: Path, tmp_path: Path) -> None:
    of = study(CELL)
    whole = scored(of, database, tmp_path / "whole")
    shards = [
        score_share(of, database=database, scores=tmp_path, shard=f"{number}/2").path
        for number in (1, 2)
    ]
    folder = tmp_path / "merged"
    merge(
        of,
        shards=shards,
        database=database,
        scores=folder / "scores",
        tables=folder / "tables",
    )
    assert files(folder) == whole


def test_a_comparison_uses_the_same_fraction(database: Path) -> None:
    asked = Question(metrics=("ra",), sampling=Sampling(replicates=200, threads=1))

    def compared(reference: Reference) -> object:
        of = study(reference)
        return compare(Side(of, "our_own", database), Side(of, "chatgpt", database), asked).families

    assert compared(CELL) == compared(Reference(3, 6))


def test_claims_are_judged_by_the_same_fraction(database: Path) -> None:
    up = {"name": "all", "metric": "ra", "languages": "targets", "side": "up"}
    pair = {"before": "our_own", "after": "chatgpt", "targets": ["de", "he"]}
    data = {"name": "better", "title": "Better.", "tasks": ["colours"]}
    claim = msgspec.convert(data | {"parts": [up], "pairs": [pair]}, Claim)

    def judged(reference: Reference) -> object:
        of = study(reference, claims=(claim,))
        few = Resampling(replicates=200)
        found = verify(of, database=database, verdicts=None, resampling=few)
        return found.judged.claims[0].pairs[0].parts[0].whole

    assert judged(CELL) == judged(Reference(3, 6))
