"""Compare: values, tests and families of two models, two runs of one model, the printed page."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec
import numpy as np
import pytest
from made_scores import STUDY, rows_of_answers, write_database

from clika.cli import main
from clika.errors import ConfigError, PrerequisiteError, UnknownNameError
from clika.metrics.comparison.paired_card import COMPARABLE, Sampling
from clika.schema import METRICS
from clika.store.connection import building
from clika.study import save_study
from clika.views.compare import compare, find_side, metric_id
from clika.views.compare.model import Question, Side

if TYPE_CHECKING:
    from pathlib import Path

    from clika.views.compare.model import CompareView, Row

QUICK = Sampling(replicates=200, threads=1)
#: Large enough that something is significant.
N_ITEMS = 80
BIG = msgspec.structs.replace(STUDY, name="big", tasks=STUDY.tasks[:1], rules=("first-letter",))


def write_big(path: Path, *, shuffled: bool = False) -> Path:
    """Write answers of two models: the second lost German, and both guess in Hebrew."""
    generator = np.random.default_rng(7)
    gold = generator.integers(0, 3, N_ITEMS)
    known = {("llama_7b", "de"): 0.85, ("our_own", "de"): 0.4}
    known |= {(model, "en"): 0.8 for model in ("llama_7b", "our_own")}
    known |= {(model, "he"): 0.0 for model in ("llama_7b", "our_own")}
    rows = []
    for (model, language), share in known.items():
        guesses = generator.integers(0, 3, N_ITEMS)
        codes = np.where(generator.random(N_ITEMS) < share, gold, guesses)
        rows += [
            (model, "colours", language, item, right, "first-letter", code, "", "")
            for item, (right, code) in enumerate(zip(gold.tolist(), codes.tolist(), strict=True))
        ]
    if shuffled:
        random.Random(1).shuffle(rows)
    items = [
        ("colours", item, 3, right, item // 2, None) for item, right in enumerate(gold.tolist())
    ]
    meta = {"content_key": "big", "origin": "codes", "study": "big"}
    with building(path, meta, threads=1) as connection:
        connection.executemany("insert into items values (?, ?, ?, ?, ?, ?)", items)
        connection.executemany("insert into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("made") / "clika.duckdb")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    save_study(BIG, folder / "big" / "study.yaml")
    write_big(folder / "big" / "clika.duckdb")
    return folder


def of_made(made: Path, first: str, second: str, **asked: Any) -> CompareView:
    question = Question(**{"sampling": QUICK, **asked})
    return compare(Side(STUDY, first, made), Side(STUDY, second, made), question)


def of_big(results: Path, **asked: Any) -> CompareView:
    sides = [find_side(name, study="big", results=results) for name in ("llama_7b", "our_own")]
    return compare(*sides, Question(**{"sampling": QUICK, **asked}))


def rows(view: CompareView) -> dict[tuple[str, str, str], Row]:
    return {(f.metric, row.task, row.cell): row for f in view.families for row in f.rows}


def run(
    arguments: list[str], results: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["compare", *arguments, "--results", str(results), "--replicates", "200"])
    output = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, output.out, output.err


# What is computed


def test_values_and_discordant_counts_are_those_of_the_answers(made: Path) -> None:
    row = rows(of_made(made, "chatgpt", "llama_7b"))["acc", "colours", "de"]
    # ABCABB and ABAA-A, the golds being ABCABC.
    assert row.values == (5 / 6, 3 / 6)
    assert row.difference == 3 / 6 - 5 / 6
    assert (row.only_first, row.only_second, row.n) == (2, 0, (6, 6))
    assert row.p == 0.5
    assert row.exact


def test_what_one_model_was_not_asked_is_compared_for_neither(made: Path) -> None:
    row = rows(of_made(made, "chatgpt", "llama_7b"))["acc", "shapes", "de"]
    # The third item is missing for the second model.
    assert row.n == (5, 5)
    assert row.values == (4 / 5, 4 / 5)
    assert ("acc", "shapes", "he") not in rows(of_made(made, "chatgpt", "llama_7b"))


def test_items_that_flipped_are_listed_by_id(made: Path) -> None:
    colours = of_made(made, "chatgpt", "llama_7b").tasks[0]
    flips = {each.language: (each.lost, each.gained) for each in colours.flips}
    assert flips == {"de": ((2, 4), ()), "en": ((5,), ()), "he": ((1, 2, 4, 5), (0, 3))}


def test_ra_has_the_p_of_accuracy_and_its_differences_on_its_own_scale(results: Path) -> None:
    found = rows(of_big(results, metrics=("acc", "ra")))
    scale = 1 / (2 / 3 - 1 / 3)
    for language in ("de", "en", "he"):
        acc, ra = found["acc", "colours", language], found["ra", "colours", language]
        assert (ra.p, ra.p_adjusted) == (acc.p, acc.p_adjusted)
        for mine, other in ((ra.difference, acc.difference), (ra.low, acc.low)):
            assert mine is not None
            assert other is not None
            assert mine == pytest.approx(other * scale, abs=1e-12)


def test_without_a_reference_ra_has_no_interval_and_no_p_for_a_reason(made: Path) -> None:
    row = rows(of_made(made, "chatgpt", "llama_7b", metrics=("ra",)))["ra", "shapes", "en"]
    assert (row.difference, row.low, row.p, row.p_adjusted) == (None, None, None, None)
    assert row.reason == "no reference"


@pytest.mark.parametrize("metric", ["kappa", "co:min", "co_star:gold-letter"])
def test_a_metric_that_is_no_ratio_has_an_interval_and_no_p(results: Path, metric: str) -> None:
    row = rows(of_big(results, metrics=(metric,)))[metric, "colours", "en-de"]
    assert row.low is not None
    assert (row.p, row.p_adjusted, row.only_first, row.verdict) == (None, None, None, None)


def test_every_metric_that_the_bootstrap_knows_can_be_compared(results: Path) -> None:
    view = of_big(results, metrics=COMPARABLE)
    assert [family.metric for family in view.families] == list(COMPARABLE)
    assert all(row.difference is not None for family in view.families for row in family.rows)
    known = {name if not v else f"{name}:{v}" for name, vs in METRICS.items() for v in vs or ("",)}
    assert set(COMPARABLE) <= known


def test_lost_languages_are_told_and_flagged_ones_are_not_judged(results: Path) -> None:
    found = rows(of_big(results))
    assert found["acc", "colours", "de"].verdict == "lost"
    assert found["acc", "colours", "en"].verdict == "undecided"
    assert found["acc", "colours", "he"].verdict == "flagged"
    assert found["co:union", "colours", "en-de"].verdict == "lost"


def test_the_models_exchanged_give_the_negated_differences_and_the_same_p(results: Path) -> None:
    metrics = ("acc", "co", "co:source", "ag", "ag_wrong", "kappa")
    one, other = (find_side(name, study="big", results=results) for name in ("llama_7b", "our_own"))
    asked = Question(metrics=metrics, sampling=QUICK)
    forth, back = rows(compare(one, other, asked)), rows(compare(other, one, asked))
    assert forth.keys() == back.keys()
    for key, row in forth.items():
        mirrored = back[key]
        assert mirrored.values == row.values[::-1]
        assert mirrored.difference == -row.difference
        assert (mirrored.p, mirrored.p_adjusted) == (row.p, row.p_adjusted)
        assert (mirrored.only_first, mirrored.only_second) == (row.only_second, row.only_first)
        ends = [row.high, row.low] if row.high is not None and row.low is not None else []
        found = [end for end in (mirrored.low, mirrored.high) if end is not None]
        assert found == pytest.approx([-end for end in ends], abs=1e-12)


def test_a_model_against_itself_differs_nowhere(results: Path) -> None:
    side = find_side("llama_7b", study="big", results=results)
    for row in rows(compare(side, side, Question(sampling=QUICK))).values():
        assert (row.difference, row.p, row.p_adjusted) == (0.0, 1.0, 1.0)
        assert (row.low, row.reason) == (None, "degenerate")


def test_neither_row_order_nor_threads_change_anything(results: Path, tmp_path: Path) -> None:
    shuffled = write_big(tmp_path / "clika.duckdb", shuffled=True)
    sides = [Side(BIG, name, shuffled) for name in ("llama_7b", "our_own")]
    asked = Question(sampling=QUICK._replace(threads=2))
    assert compare(*sides, asked).families == of_big(results).families


def test_a_comparison_does_not_depend_on_what_else_is_compared(results: Path) -> None:
    alone, among = of_big(results, metrics=("co",)), of_big(results, metrics=("ag", "acc", "co"))
    assert alone.families[0] == among.families[2]


def test_a_condition_hides_lines_and_changes_no_number(made: Path) -> None:
    whole = of_made(made, "chatgpt", "llama_7b")
    part = of_made(made, "chatgpt", "llama_7b", where=("task=colours", "target=he"))
    shown = rows(part)
    assert {task for _, task, _ in shown} == {"colours"}
    assert {cell for metric, _, cell in shown if metric == "co:union"} == {"en-he"}
    assert all(row == rows(whole)[key] for key, row in shown.items())
    assert [family.n_tests for family in part.families] == [f.n_tests for f in whole.families]


def test_a_source_chooses_the_rows_of_the_matrices(made: Path) -> None:
    view = of_made(made, "chatgpt", "llama_7b", metrics=("ag",), where=("source=he,de",))
    cells = {cell for _, task, cell in rows(view) if task == "colours"}
    assert cells == {"de-en", "de-he", "he-de", "he-en"}


def test_holm_takes_exact_p_values_and_refuses_hopeless_random_ones(
    made: Path, results: Path
) -> None:
    exact = rows(of_made(made, "chatgpt", "llama_7b", metrics=("acc",), adjustment="holm"))
    assert all(row.p_adjusted == 1.0 for row in exact.values())
    few = Sampling(replicates=39, threads=1)
    with pytest.raises(ConfigError, match="could never reject"):
        of_big(results, metrics=("acc",), adjustment="holm", sampling=few)


def test_one_language_has_no_pairs(made: Path) -> None:
    study = msgspec.structs.replace(STUDY, languages=("en",))
    view = compare(
        *(Side(study, name, made) for name in ("chatgpt", "llama_7b")), Question(sampling=QUICK)
    )
    assert {key[0] for key in rows(view)} == {"acc"}
    assert [family.n_tests for family in view.families] == [2, 0]


def test_without_the_pivot_there_are_no_pairs(made: Path) -> None:
    other = msgspec.structs.replace(STUDY, name="other", languages=("de", "he"), pivot="de")
    first, second = Side(STUDY, "chatgpt", made), Side(other, "llama_7b", made)
    view = compare(first, second, Question(sampling=QUICK))
    assert {key[0] for key in rows(view)} == {"acc"}
    assert "Only made has the language en." in view.left_out


# Two runs


def write_two_runs(results: Path, *, without: int | None = None) -> Path:
    """Write a study and a second run of it in fewer languages, ``without`` one of the items."""
    study = msgspec.structs.replace(STUDY, name="second", languages=("en", "de"), pivot="en")
    save_study(study, results / "second" / "study.yaml")
    save_study(STUDY, results / "made" / "study.yaml")
    write_database(results / "made" / "clika.duckdb")
    answers = [row for row in rows_of_answers() if row[3] != without]
    return write_database(results / "second" / "clika.duckdb", answers)


def test_two_runs_of_one_model_are_joined_by_item(tmp_path: Path) -> None:
    write_two_runs(tmp_path, without=3)
    sides = [
        find_side(name, study="made", results=tmp_path) for name in ("llama_7b", "second/llama_7b")
    ]
    view = compare(*sides, Question(sampling=QUICK))
    assert view.names == ("made/llama_7b", "second/llama_7b")
    assert [(task.n_shared, task.n_only_first, task.n_only_second) for task in view.tasks] == [
        (5, 1, 0),
        (5, 1, 0),
    ]
    assert view.left_out == ("Only made has the language he.",)
    assert {row.difference for row in rows(view).values()} == {0.0}


def test_runs_with_other_right_options_are_refused(tmp_path: Path) -> None:
    with duckdb.connect(write_two_runs(tmp_path)) as connection:
        connection.execute("update items set gold = 1 where task = 'colours' and item = 0")
    sides = [
        find_side(name, study="made", results=tmp_path) for name in ("llama_7b", "second/llama_7b")
    ]
    with pytest.raises(ConfigError, match="1 of 6 items with another right option"):
        compare(*sides, Question(sampling=QUICK))


# What cannot be


@pytest.mark.parametrize(
    ("second", "asked", "error", "message"),
    [
        ("lama_7b", {}, UnknownNameError, "Did you mean 'llama_7b'"),
        ("llama_7b", {"rule": "first-leter"}, UnknownNameError, "Did you mean 'first-letter'"),
        ("llama_7b", {"metrics": ("kapa",)}, UnknownNameError, "Did you mean 'kappa'"),
        ("llama_7b", {"where": ("task=colour",)}, UnknownNameError, "Did you mean 'colours'"),
        ("llama_7b", {"where": ("model=chatgpt",)}, ConfigError, "named already"),
    ],
)
def test_an_unknown_name_is_refused(
    made: Path, second: str, asked: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        of_made(made, "chatgpt", second, **asked)


def test_no_database_names_the_command(tmp_path: Path) -> None:
    side = Side(STUDY, "chatgpt", tmp_path / "clika.duckdb")
    with pytest.raises(PrerequisiteError, match="clika load made"):
        compare(side, side)


def test_a_bare_metric_means_its_first_variant() -> None:
    assert metric_id("co_star") == "co_star:gold-letter"


# The page


def test_the_page_fits_and_says_in_words_what_was_lost(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, page, _ = run(["llama-7B", "our_own", "--study", "big"], results, capsys)
    assert code == 0
    assert "B lost de; undecided: en; no verdict (flagged): he." in page
    assert "Family: 3 tests" in page
    assert max(map(len, page.splitlines())) <= 100
    assert "in 40 clusters" in page


def test_items_are_listed_where_they_are_asked_for(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["llama_7b", "our_own", "--study", "big"]
    _, page, _ = run(arguments, results, capsys)
    _, longer, _ = run([*arguments, "--items"], results, capsys)
    assert "only A (" not in page
    assert longer.startswith(page.rstrip("\n"))
    assert longer.count("only A (") == 3


def test_json_and_csv_hold_shares(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["llama_7b", "our_own", "--study", "big", "--metric", "acc", "--format"]
    _, text, _ = run([*arguments, "json"], results, capsys)
    data = json.loads(text)
    (family,) = data["families"]
    assert (data["first"], data["second"], family["n_tests"]) == ("llama_7b", "our_own", 3)
    _, text, _ = run([*arguments, "csv"], results, capsys)
    table = list(csv.DictReader(io.StringIO(text)))
    assert [float(line["difference"]) for line in table] == [
        row["difference"] for row in family["rows"]
    ]
    assert table[0]["verdict"] == "lost"


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_other_formats_have_a_line_for_each_cell(
    results: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    arguments = ["llama_7b", "our_own", "--study", "big", "--metric", "acc", "--format", form]
    _, text, _ = run(arguments, results, capsys)
    assert text.count("colours") == 3


def test_an_unknown_model_exits_with_2(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, error = run(["lama_7b", "our_own", "--study", "big"], results, capsys)
    assert code == 2
    assert "Did you mean 'llama_7b'" in error
