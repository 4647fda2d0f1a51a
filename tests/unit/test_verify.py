"""``clika verify`` on a study whose claims are true and false by construction."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from click.testing import CliRunner
from made_claims import judged, run_verify, verified
from made_scores import STUDY

from clika.claims import Claim
from clika.cli import cli
from clika.errors import BadInputError, ConfigError
from clika.store.connection import building
from clika.study import Reference, Study, Task, load_study, save_study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

LANGUAGES = ("en", "de", "fr", "zh")
TASKS = ("animals", "places")
ITEMS = 300
OPTIONS = 4
#: How often a model answers right in each language, in the order of LANGUAGES.
KNOWS = {
    "base": (0.9, 0.8, 0.8, 0.4),
    "chinese": (0.9, 0.5, 0.5, 0.8),
    "worse": (0.7, 0.4, 0.4, 0.3),
    "late": (0.9, 0.8, 0.25, 0.4),
}
UP = {"name": "RA", "metric": "ra", "languages": "others", "side": "up"}
TARGET = UP | {"name": "target RA", "languages": "targets"}
CO = TARGET | {"name": "target en-CO", "metric": "co:union"}
NONE = UP | {"side": "none"}


def pair(before: str, after: str, *targets: str, **more: object) -> dict[str, object]:
    return {"before": before, "after": after, "targets": targets, **more}


def claim(
    name: str, parts: list[dict[str, object]], *pairs: dict[str, object], **more: object
) -> Claim:
    data = {"name": name, "title": f"{name}.", "parts": parts, "pairs": pairs, **more}
    return msgspec.convert(data, Claim)


CLAIMS = (
    claim("at-a-cost", [TARGET, CO, UP | {"side": "down"}], pair("base", "chinese", "zh")),
    claim("all-better", [UP], pair("base", "chinese", "zh"), pair("base", "worse", decides=False)),
    claim("no-change", [NONE], pair("base", "twin")),
    claim("change", [NONE], pair("base", "worse")),
    claim("only-from-chance", [UP], pair("late", "base")),
    claim(
        "less-lost", [UP], pair("base", "chinese", "zh"), against=[pair("base", "worse")], margin=0
    ),
    claim("high", [UP | {"side": "below", "bound": 0.5}], {"after": "base"}, {"after": "worse"}),
    claim("of-the-absent", [UP], pair("base", "absent")),
    claim("taught", [UP | {"metric": "xrr_c"}], pair("base", "chinese")),
)
VERDICTS = {
    "at-a-cost": "supported",
    "all-better": "contradicted",
    "no-change": "supported",
    "change": "contradicted",
    "only-from-chance": "undecided",
    "less-lost": "supported",
    "high": "contradicted",
    "of-the-absent": "not judged",
    "taught": "not judged",
}
CLAIMED = Study(
    name="claimed",
    title="Claims that are true and false",
    kind="table",
    languages=LANGUAGES,
    pivot="en",
    rules=("first-letter",),
    tasks=tuple(Task(name=name, options=OPTIONS, reference=Reference(9, 10)) for name in TASKS),
    models=(*KNOWS, "twin", "absent"),
    claims=CLAIMS,
)


def answers() -> list[tuple[object, ...]]:
    """Return answers of every model; the twin differs from the base in one item of a hundred."""
    draw = random.Random(11)
    rows: list[tuple[object, ...]] = []
    for task in TASKS:
        for item in range(ITEMS):
            gold = item % OPTIONS
            for place, language in enumerate(LANGUAGES):
                given = {
                    model: gold if draw.random() < share[place] else (gold + 1) % OPTIONS
                    for model, share in KNOWS.items()
                }
                given["twin"] = draw.randrange(OPTIONS) if draw.random() < 0.01 else given["base"]
                for model, code in given.items():
                    cell = (model, task, language, item, gold)
                    rows.append((*cell, "first-letter", code, "letter", "0" * 64))
    return rows


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    save_study(CLAIMED, folder / CLAIMED.name / "study.yaml")
    meta = {"content_key": "made", "origin": "codes", "study": CLAIMED.name}
    items = [
        (task, item, OPTIONS, item % OPTIONS, item, None) for task in TASKS for item in range(ITEMS)
    ]
    with building(folder / CLAIMED.name / "clika.duckdb", meta, threads=1) as connection:
        connection.executemany("insert into items values (?, ?, ?, ?, ?, ?)", items)
        connection.executemany("insert into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?)", answers())
    return folder


def command(results: Path, *arguments: str) -> Result:
    return run_verify(CLAIMED, results, *arguments, replicates=2000)


@pytest.fixture(scope="module")
def found(results: Path) -> dict[str, Any]:
    return verified(CLAIMED, results, replicates=2000)


def test_true_and_false_claims_are_told_apart(found: dict[str, Any]) -> None:
    assert {each["name"]: each["verdict"] for each in found["claims"]} == VERDICTS


def test_a_pair_beside_counts_for_nothing(found: dict[str, Any]) -> None:
    data = judged(found, "all-better")
    assert [each["verdict"] for each in data["pairs"]] == ["contradicted", "contradicted"]
    assert data["pairs_by_verdict"]["contradicted"] == 1


def test_what_only_flagged_cells_show_is_undecided(found: dict[str, Any]) -> None:
    (part,) = judged(found, "only-from-chance")["pairs"][0]["parts"]
    assert part["all_cells"]["verdict"] == "supported"
    assert part["without_flagged"]["verdict"] == "undecided"
    assert (part["all_cells"]["n_cells"], part["without_flagged"]["n_cells"]) == (6, 4)


def test_a_pair_without_answers_says_whose(found: dict[str, Any]) -> None:
    (data,) = judged(found, "of-the-absent")["pairs"]
    assert data["reason"] == "no answers of absent"


def test_the_number_is_the_mean_over_tasks_and_languages(found: dict[str, Any]) -> None:
    rows = answers()

    def rescaled(model: str, task: str, language: str) -> float:
        cell = [r for r in rows if r[:3] == (model, task, language)]
        accuracy = sum(r[4] == r[6] for r in cell) / len(cell)
        return (accuracy - 0.25) / (0.9 - 0.25)

    part = judged(found, "at-a-cost")["pairs"][0]["parts"][2]
    assert part["languages"] == ["de", "fr"]
    of_tasks = {
        task: sum(rescaled("chinese", task, c) - rescaled("base", task, c) for c in ("de", "fr"))
        / 2
        for task in TASKS
    }
    for task, value in of_tasks.items():
        assert part["tasks"][task]["value"] == pytest.approx(value, abs=1e-6)
    mean = sum(of_tasks.values()) / len(of_tasks)
    assert part["all_cells"]["value"] == pytest.approx(mean, abs=1e-6)


def test_a_difference_of_differences_subtracts_the_other_change(found: dict[str, Any]) -> None:
    data = judged(found, "less-lost")["pairs"][0]["parts"][0]
    of_change = judged(found, "all-better")["pairs"][0]["parts"][0]["all_cells"]["value"]
    (against,) = (
        p for p in judged(found, "all-better")["pairs"] if p["change"]["after"] == "worse"
    )
    # The other change has no target, so its own mean is over Chinese too; here it is over the same.
    assert data["languages"] == ["de", "fr"]
    assert data["all_cells"]["value"] > 0 > of_change
    assert against["parts"][0]["languages"] == ["de", "fr", "zh"]


def test_the_file_is_equal_byte_for_byte_for_any_threads(results: Path, tmp_path: Path) -> None:
    paths = []
    for threads in ("1", "3"):
        paths.append(tmp_path / f"{threads}.json")
        command(results, "--threads", threads, "--verdicts", str(paths[-1]))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_without_expectations_the_exit_code_is_0(results: Path) -> None:
    run = command(results)
    assert not run.return_value
    assert "No verdicts are expected of this study" in run.stdout
    assert (results / CLAIMED.name / "verdicts.json").is_file()


def test_pinned_verdicts_are_met(results: Path, tmp_path: Path) -> None:
    pin = str(tmp_path / "pin.json")
    command(results, "--pin", pin)
    run = command(results, "--expected", pin)
    assert not run.return_value
    assert "Every verdict is the expected one." in run.stdout


def expectations(results: Path, path: Path) -> dict[str, Any]:
    command(results, "--pin", str(path))
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def test_another_verdict_than_expected_exits_with_1(results: Path, tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    data = expectations(results, path)
    data["change"]["verdict"] = "supported"
    path.write_text(json.dumps(data), encoding="utf-8")
    run = command(results, "--expected", str(path))
    assert run.return_value == 1
    assert "change: expected supported, found contradicted" in run.stdout


def test_a_run_that_only_writes_exits_with_0_all_the_same(results: Path, tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    data = expectations(results, path)
    data["change"]["verdict"] = "supported"
    path.write_text(json.dumps(data), encoding="utf-8")
    run = command(results, "--expected", str(path), "--exit-zero")
    assert not run.return_value
    assert "Not as expected: 1" in run.stdout


def test_what_was_not_judged_when_pinned_expects_nothing(results: Path, tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    data = expectations(results, path)
    data["change"] = {"verdict": "not judged", "pairs": {}}
    path.write_text(json.dumps(data), encoding="utf-8")
    assert not command(results, "--expected", str(path)).return_value


@pytest.mark.parametrize("text", ["", "[]", '{"change": {"verdict": 1}}'])
def test_a_file_that_holds_no_verdicts_is_refused(results: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "expected.json"
    path.write_text(text, encoding="utf-8")
    run = command(results, "--expected", str(path))
    assert isinstance(run.exception, BadInputError)
    assert run.exception.exit_code == 2
    assert str(path) in str(run.exception)


def test_an_unknown_model_in_a_claim_is_refused_with_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / CLAIMED.name / "study.yaml"
    save_study(CLAIMED, path)
    path.write_text(path.read_text(encoding="utf-8").replace("after: twin", "after: twins"))
    run = command(tmp_path)
    assert isinstance(run.exception, ConfigError)
    assert run.exception.exit_code == 2
    key = "claims[2].pairs[0].after"
    assert str(run.exception).startswith(f"{path}: {key}: Unknown model 'twins'")


def test_a_study_without_claims_is_refused(tmp_path: Path) -> None:
    save_study(STUDY, tmp_path / STUDY.name / "study.yaml")
    run = CliRunner().invoke(
        cli, ["verify", STUDY.name, "--results", str(tmp_path)], standalone_mode=False
    )
    assert isinstance(run.exception, ConfigError)


def test_claims_are_saved_with_their_study(results: Path) -> None:
    assert load_study(CLAIMED.name, results) == CLAIMED


def test_no_line_is_wider_than_a_page(results: Path) -> None:
    assert max(map(len, command(results).stdout.splitlines())) <= 100
