"""Degenerate answers through ``clika score --ci``: a number or a reason, never NaN."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import NamedTuple

import duckdb
import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from made_scores import STUDY

from clika.cli import main
from clika.metrics.comparison.paired_card import COMPARABLE
from clika.schema import CONDUCTIVITY_METRICS, METRICS, QUESTION_SETS
from clika.store.connection import building
from clika.study import Reference, Task, save_study

MODELS = ("llama_7b", "our_own")
LANGUAGES = ("en", "de", "he")
#: How a model answers in one language.
HABITS = ("constant", "invalid", "absent", "gold", "wrong", "random", "half asked")
#: How the questions of one set of conductivity turn out.
TURNS = ("right", "wrong", "random", "absent")
#: Each is one of a row's faults.
FAULTS = (
    "(value is null) <> (reason is not null)",
    "isnan(value) or isinf(value)",
    "isnan(low) or isinf(low) or isnan(high) or isinf(high)",
    "(low is null) <> (high is null)",
    "(low is null) <> (interval_reason is not null)",
    "value is null and low is not null",
    "low > high",
    "n < 0 or n is null",
    "metric in ('acc', 'co', 'ag', 'ag_wrong', 'bias') and not value between 0 and 1",
    "metric in ('acc', 'co', 'ag', 'ag_wrong') and (low < 0 or high > 1)",
    "metric in ('kappa', 'kappa_valid', 'co_star', 'alpha', 'rankc') and value > 1 + 1e-12",
)


class Degenerate(NamedTuple):
    """A study of one task.

    Attributes
    ----------
    k
        Options.
    gold
        Right option by item.
    habits
        By model and language.
    clusters, strata
        By item.
    scored
        Whether options have scores, and whether those are all alike.
    reference
        The reference of RA; ``None`` for none.
    seed
        Of what is random.
    outcomes
        How each question set of conductivity turned out, one for each training seed.
    """

    k: int
    gold: tuple[int, ...]
    habits: tuple[tuple[str, ...], ...]
    clusters: tuple[int, ...]
    strata: tuple[str | None, ...]
    scored: str
    reference: Reference | None
    seed: int
    outcomes: tuple[tuple[str, ...], ...] = ()


@st.composite
def degenerate(draw: st.DrawFn) -> Degenerate:
    k = draw(st.integers(2, 4))
    n_items = draw(st.sampled_from([1, 2, 3, 12]))
    n_languages = draw(st.integers(1, len(LANGUAGES)))
    habits = st.tuples(*[st.sampled_from(HABITS)] * n_languages)
    gold = st.sampled_from([range(n_items), [0] * n_items])
    clusters = st.sampled_from([range(n_items), [0] * n_items, [i // 2 for i in range(n_items)]])
    strata = st.sampled_from([[None], ["en"], ["en", "de"], ["xx", None]])
    drawn_strata = draw(strata)
    turns = st.tuples(*[st.sampled_from(("right", *TURNS))] * len(QUESTION_SETS))
    return Degenerate(
        k=k,
        gold=tuple(item % k for item in draw(gold)),
        habits=tuple(draw(habits) for _ in range(draw(st.integers(1, 2)))),
        clusters=tuple(draw(clusters)),
        strata=tuple(drawn_strata[item % len(drawn_strata)] for item in range(n_items)),
        scored=draw(st.sampled_from(["no", "alike", "random"])),
        reference=draw(st.sampled_from([None, Reference(1, 1), Reference(1, 8)])),
        seed=draw(st.integers(0, 2**16)),
        outcomes=tuple(draw(st.lists(turns, max_size=2))),
    )


def made(habits: tuple[tuple[str, ...], ...], *, k: int = 3, n_items: int = 12) -> Degenerate:
    gold, own = tuple(item % k for item in range(n_items)), tuple(range(n_items))
    return Degenerate(k, gold, habits, own, (None,) * n_items, "no", None, 0)


def codes(case: Degenerate, habit: str, random: np.random.Generator) -> np.ndarray:
    """Return a model's answers in one language; -2 = not asked."""
    gold = np.array(case.gold)
    guesses = random.integers(-1, case.k, len(gold))
    return {
        "constant": np.zeros_like(gold),
        "invalid": np.full_like(gold, -1),
        "absent": np.full_like(gold, -2),
        "gold": gold,
        "wrong": (gold + 1) % case.k,
        "random": guesses,
        "half asked": np.where(np.arange(len(gold)) % 2, -2, guesses),
    }[habit]


def outcomes(case: Degenerate, random: np.random.Generator) -> list[tuple[object, ...]]:
    """Return the rows of the table ``outcomes``: 40 places on as many continents as options."""
    rows = []
    for training, turns in enumerate(case.outcomes):
        for questions, turn in zip(QUESTION_SETS, turns, strict=True):
            # Places of type 0 and 1 are different ones; the names of continents are few.
            first, count = {"continent": (0, case.k), "place": (0, 80)}.get(questions, (0, 40))
            first += 40 * questions.endswith("1")
            for item in range(first, first + count):
                right = {"right": True, "wrong": False, "random": random.random() < 0.5}.get(turn)
                if right is not None:
                    cluster = item % case.k
                    answered = cluster if right else -1
                    cell = ("world", "tiny", training, "en", "de", questions, item, cluster)
                    rows.append((*cell, answered, right, cluster == 0, item % 7 == 0, None))
    return rows


def write(case: Degenerate, results: Path) -> None:
    languages = LANGUAGES[: len(case.habits[0])]
    study = msgspec.structs.replace(
        STUDY,
        languages=languages,
        rules=("first-letter",),
        tasks=(Task(name="colours", options=case.k, reference=case.reference),),
        models=MODELS[: len(case.habits)],
    )
    save_study(study, results / "made" / "study.yaml")
    random = np.random.default_rng(case.seed)
    items = [
        ("colours", item, case.k, gold, case.clusters[item], case.strata[item])
        for item, gold in enumerate(case.gold)
    ]
    answers, scores = [], []
    for model, of_model in zip(MODELS, case.habits, strict=False):
        for language, habit in zip(languages, of_model, strict=True):
            for item, code in enumerate(codes(case, habit, random).tolist()):
                if code == -2:
                    continue
                cell = (model, "colours", language, item)
                answers.append((*cell, case.gold[item], "first-letter", code, "", ""))
                drawn = random.normal(size=case.k) * (case.scored == "random")
                ranks = (-drawn).argsort(kind="stable").argsort(kind="stable") + 1
                scores.append((*cell, drawn.tolist(), ranks.tolist()))
    meta = {"content_key": "made", "origin": "codes", "study": "made"}
    with building(results / "made" / "clika.duckdb", meta, threads=1) as connection:
        connection.executemany("insert into items values (?, ?, ?, ?, ?, ?)", items)
        if answers:
            row = ", ".join("?" * 9)
            connection.executemany(f"insert into answers values ({row})", answers)
        held = outcomes(case, random)
        if held:
            row = ", ".join("?" * len(held[0]))
            connection.executemany(f"insert into outcomes values ({row})", held)
        if answers and case.scored != "no":
            connection.executemany("insert into option_scores values (?, ?, ?, ?, ?, ?)", scores)


def scored(case: Degenerate, results: Path) -> int | str | None:
    """Score a case by the command; return its exit code."""
    write(case, results)
    with pytest.raises(SystemExit) as ended:
        main(["score", "made", "--ci", "--replicates", "100", "--quiet", "--results", str(results)])
    return ended.value.code


def found(results: Path, sql: str) -> list[tuple[object, ...]]:
    """Return the rows of a query on ``scores``, all score files in one."""
    paths = [str(path) for path in (results / "made" / "scores").glob("*.parquet")]
    with duckdb.connect() as connection:
        connection.execute(f"create view scores as from read_parquet({paths})")
        return connection.execute(sql).fetchall()


CONSTANT = made((("constant", "constant"), ("constant", "random")))


CASES = {
    "constant": CONSTANT,
    "all INVALID": made((("invalid", "invalid", "invalid"),)),
    "not asked in two languages": made((("absent", "gold", "absent"), ("gold", "gold", "gold"))),
    "one item": made((("gold",),), n_items=1),
    "one language": made((("random",), ("gold",))),
    "two options, two models": made((("random", "random"), ("random", "random")), k=2),
    "one cluster, scores alike": made((("random", "wrong"),))._replace(
        clusters=(0,) * 12, scored="alike"
    ),
    "one letter is always right, one origin": made((("gold", "gold"), ("gold", "gold")))._replace(
        gold=(0,) * 12, strata=("en",) * 12
    ),
    "perfect conductor": made((("random", "random"),))._replace(
        outcomes=(("right",) * len(QUESTION_SETS),) * 2
    ),
    "continents not asked": made((("random", "random"),))._replace(
        outcomes=(("right", "absent", "right", "right", "right", "random"),)
    ),
}


def assert_sound(case: Degenerate, results: Path) -> None:
    assert scored(case, results) in {0, None}
    for fault in FAULTS:
        columns = "metric, variant, value, reason, low, high, interval_reason, n, flags"
        assert found(results, f"select {columns} from scores where {fault}") == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_row_has_a_number_or_a_reason(case: Degenerate, tmp_path: Path) -> None:
    assert_sound(case, tmp_path)


@pytest.mark.slow
@given(degenerate())
@settings(max_examples=40, deadline=None)
def test_every_row_of_any_such_study_has_a_number_or_a_reason(case: Degenerate) -> None:
    assume(any(habit != "absent" for habits in case.habits for habit in habits))
    with tempfile.TemporaryDirectory() as folder:
        assert_sound(case, Path(folder))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if len(case.habits) == 2])
def test_every_line_of_a_comparison_has_its_numbers_or_a_reason(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(CASES[name], tmp_path)
    metrics = [part for metric in COMPARABLE for part in ("--metric", metric)]
    arguments = ["--study", "made", "--replicates", "100", "--format", "json", *metrics]
    with pytest.raises(SystemExit) as ended:
        main(["compare", *MODELS, *arguments, "--results", str(tmp_path)])
    assert ended.value.code in {0, None}
    # NaN and Infinity are constants to the parser.
    data = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    rows = [row for family in data["families"] for row in family["rows"]]
    assert rows
    for row in rows:
        tested = ("p", "p_adjusted") if row["method"] else ()
        wanted = ("first", "second", "difference", "low", "high", *tested)
        assert row["reason"] or all(row[column] is not None for column in wanted), row


def test_nothing_asked_at_all_names_the_command(tmp_path: Path) -> None:
    assert scored(made((("absent", "absent"),)), tmp_path) == 2


def test_co_of_constant_answerers_is_1_and_flagged_and_what_is_corrected_is_null(
    tmp_path: Path,
) -> None:
    assert scored(CONSTANT, tmp_path) in {0, None}
    rows = found(
        tmp_path,
        "select concat_ws(':', metric, variant), value, reason, flags from scores"
        " where model = 'llama_7b' and source_language = 'en' and target_language = 'de'",
    )
    numbers = {str(name): rest for name, *rest in rows}
    value, _, flags = numbers["co:union"]
    assert value == 1
    assert "not-above-chance" in str(flags)
    for metric in ("co_star:gold-letter", "kappa", "kappa_valid"):
        value, reason, flags = numbers[metric]
        assert value is None
        assert reason
        assert "position-bound" in str(flags)


def test_the_cases_reach_every_metric(tmp_path: Path) -> None:
    asked = made((("random", "random", "random"), ("random", "gold", "random")))
    world = (("right",) * 5 + ("random",),)
    scored(asked._replace(scored="random", strata=("en", "de") * 6, outcomes=world), tmp_path)
    metrics = {row[0] for row in found(tmp_path, "select distinct metric from scores")}
    assert metrics == {*METRICS, *CONDUCTIVITY_METRICS}
