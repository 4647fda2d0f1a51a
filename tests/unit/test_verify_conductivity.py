"""``clika verify`` on claims about conductivity, true and false by construction of the outcomes."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from made_claims import judged, run_verify, verified
from made_outcomes import Columns, database, made
from made_scores import STUDY

from clika.claims import Claim
from clika.errors import ConfigError, PrerequisiteError
from clika.store.outcomes import OutcomeCell
from clika.study import Study, save_study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

#: Share of type 1 that each model has right in each target language; French was never asked.
CONDUCTS: dict[str, dict[str, float]] = {
    "low": {"de": 0.1, "zh": 0.2},
    "like-low": {"de": 0.1, "zh": 0.2},
    "mixed": {"de": 0.1, "zh": 0.9},
    "near": {"de": 0.5, "zh": 0.1},
    "perfect": {"de": 1.0, "zh": 1.0},
    "no-gate": {"de": 0.1, "zh": 0.9},
    "half-gate": {"de": 0.1, "zh": 0.9},
    "only-de": {"de": 0.1},
    "fewer-places": {"de": 0.1, "zh": 0.2},
}
SEVERAL = {"steady": (0.2, 0.2, 0.2), "varied": (0.1, 0.3, 0.9), "partly": (0.2, 0.2, 0.9)}
MISSED = {("no-gate", "de"), ("no-gate", "zh"), ("half-gate", "zh")}
BELOW = {"name": "XRR_c", "metric": "xrr_c", "languages": "others", "side": "below", "bound": 0.7}
NONE = {"name": "XRR_c", "metric": "xrr_c", "languages": "others", "side": "none"}
UP = NONE | {"side": "up"}


def claim(name: str, part: dict[str, object], *pairs: str, **more: object) -> Claim:
    changes = [
        dict(zip(("after", "before"), reversed(p.split(" -> ")), strict=False)) for p in pairs
    ]
    data = {"name": name, "title": f"{name}.", "parts": [part], "pairs": changes, **more}
    return msgspec.convert(data, Claim)


WORLD = {"tasks": ["world"]}
CLAIMS = (
    claim("all-below", BELOW, "low", **WORLD),
    claim("one-above", BELOW, "mixed", **WORLD),
    claim("too-near", BELOW | {"bound": 0.5}, "near", **WORLD),
    claim("one-missed", BELOW, "half-gate", **WORLD),
    claim("all-missed", BELOW, "no-gate", **WORLD),
    claim("alike", NONE, "low -> like-low", **WORLD),
    claim("improved", NONE, "low -> perfect", **WORLD),
    claim("up", UP, "low -> perfect", **WORLD),
    claim("ratio", UP | {"metric": "xrr"}, "low -> perfect", **WORLD),
    claim("missed-by-one", NONE, "low -> half-gate", **WORLD),
    claim("asked-in-part", NONE, "low -> only-de", **WORLD),
    claim("asked-others", NONE, "low -> fewer-places", **WORLD),
    claim("absent", BELOW, "low", "absent", **WORLD),
    claim("to-german", BELOW | {"languages": "targets"}, "mixed", **WORLD),
    claim("steady-seeds", BELOW | {"bound": 0.3}, "steady", tasks=["seeds"]),
    claim("varied-seeds", BELOW | {"bound": 0.5}, "varied", tasks=["seeds"]),
    claim("gate-partly", BELOW, "partly", tasks=["seeds"]),
    claim("seeds-alike", NONE, "steady -> steady-too", tasks=["seeds"]),
    claim("every-task", BELOW, "low"),
)
VERDICTS = {
    "all-below": "supported",
    "one-above": "contradicted",
    "too-near": "undecided",
    "one-missed": "supported",
    "all-missed": "undecided",
    "alike": "supported",
    "improved": "contradicted",
    "up": "supported",
    "ratio": "supported",
    "missed-by-one": "supported",
    "asked-in-part": "supported",
    "asked-others": "undecided",
    "absent": "supported",
    "to-german": "supported",
    "steady-seeds": "supported",
    "varied-seeds": "undecided",
    "gate-partly": "undecided",
    "seeds-alike": "supported",
    "every-task": "contradicted",
}
TAUGHT = Study(
    name="taught",
    title="Models that were taught",
    kind="table",
    languages=("en", "de", "fr", "zh"),
    pivot="en",
    rules=("first-letter",),
    tasks=STUDY.tasks,
    models=(*CONDUCTS, *SEVERAL, "steady-too", "absent"),
    claims=tuple(
        msgspec.structs.replace(
            each, pairs=tuple(msgspec.structs.replace(p, targets=("de",)) for p in each.pairs)
        )
        if each.name == "to-german"
        else each
        for each in CLAIMS
    ),
)


def outcomes() -> list[Columns]:
    """Return the outcomes of every model; in the task of controls all is conducted."""
    found = [
        made(
            cell=OutcomeCell("world", model, "en", language),
            target=share,
            gate_target=0.5 if (model, language) in MISSED else 1,
            spread=0 if share in (0.0, 1.0) else 0.1,
            places=380 if model == "fewer-places" else 400,
        )
        for model, shares in CONDUCTS.items()
        for language, share in shares.items()
    ]
    found.append(made(cell=OutcomeCell("controls", "low", "en", "de"), target=1, spread=0))
    for model, shares in {**SEVERAL, "steady-too": SEVERAL["steady"]}.items():
        for seed, share in enumerate(shares):
            gate_target = 0.5 if (model, seed) == ("partly", 2) else 1
            cell = OutcomeCell("seeds", model, "en", "de")
            found.append(made(cell=cell, seed=seed, target=share, gate_target=gate_target))
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    save_study(TAUGHT, folder / TAUGHT.name / "study.yaml")
    database(folder / TAUGHT.name, *outcomes())
    return folder


@pytest.fixture(scope="module")
def found(results: Path) -> dict[str, Any]:
    return verified(TAUGHT, results)


@pytest.fixture(scope="module")
def page(results: Path) -> str:
    return run_verify(TAUGHT, results).stdout


def pair(found: dict[str, Any], name: str, place: int = 0) -> dict[str, Any]:
    chosen = judged(found, name)["pairs"][place]
    assert isinstance(chosen, dict)
    return chosen


def part(found: dict[str, Any], name: str) -> dict[str, Any]:
    (data,) = pair(found, name)["parts"]
    assert isinstance(data, dict)
    return data


def test_true_and_false_claims_are_told_apart(found: dict[str, Any]) -> None:
    assert {each["name"]: each["verdict"] for each in found["claims"]} == VERDICTS


def test_languages_without_outcomes_are_not_asked(found: dict[str, Any]) -> None:
    data = part(found, "all-below")
    assert data["languages"] == ["de", "zh"]
    assert data["all_cells"]["n_cells"] == 2


def test_below_a_bound_the_greatest_of_the_cells_is_given(found: dict[str, Any]) -> None:
    data = part(found, "all-below")
    ends = [cell["interval_95"] for cell in data["cells"]]
    assert data["all_cells"]["interval_95"] == [max(e[0] for e in ends), max(e[1] for e in ends)]
    assert data["all_cells"]["value"] == max(cell["value"] for cell in data["cells"])


def test_a_difference_is_the_mean_of_the_languages_differences(found: dict[str, Any]) -> None:
    data = part(found, "improved")
    of_cells = [cell["value"] for cell in data["cells"]]
    assert data["all_cells"]["value"] == pytest.approx(sum(of_cells) / 2, abs=2e-6)
    # Chance is .05; the fifteen continents with a name of their own have .1 and .2 right.
    assert of_cells == pytest.approx([0.9 / 0.95, 0.8 / 0.95], abs=1e-6)


def test_a_missed_gate_is_listed_with_its_figures_and_left_out(found: dict[str, Any]) -> None:
    data = part(found, "one-missed")
    assert data["all_cells"]["n_cells"] == 1
    cells = {cell["target_language"]: (cell["verdict"], cell["reason"]) for cell in data["cells"]}
    assert cells["de"] == ("supported", None)
    assert cells["zh"] == ("not judged", "gate not met: target-0 0.500")


def test_of_two_models_the_one_that_missed_the_gate_is_named(found: dict[str, Any]) -> None:
    cell = part(found, "missed-by-one")["cells"][1]
    assert cell["reason"] == "half-gate: gate not met: target-0 0.500"


def test_where_every_gate_is_missed_there_is_no_number(found: dict[str, Any]) -> None:
    data = part(found, "all-missed")["all_cells"]
    assert (data["value"], data["n_cells"]) == (None, 0)
    assert data["reason"] == "the gate is met nowhere"


def test_models_that_are_all_alike_have_an_interval_of_some_width(found: dict[str, Any]) -> None:
    data = part(found, "alike")["all_cells"]
    low, high = data["interval_90"]
    assert data["value"] == 0
    # Of 150 places that both know none differs: z^2 / (n + z^2), over two languages.
    reach = 1.6448536269514722**2 / (150 + 1.6448536269514722**2)
    wanted = reach / 0.95 / math.sqrt(2)
    assert (low, high) == pytest.approx((-wanted, wanted), abs=1e-6)


def test_a_language_that_one_model_was_not_asked_in_is_left_out(found: dict[str, Any]) -> None:
    assert part(found, "asked-in-part")["cells"][1]["reason"] == "no outcomes of only-de"


def test_models_that_were_asked_other_questions_are_not_compared(found: dict[str, Any]) -> None:
    reason = part(found, "asked-others")["all_cells"]["reason"]
    assert "the models were not asked the same questions" in reason


def test_a_model_without_outcomes_is_not_judged(found: dict[str, Any]) -> None:
    assert pair(found, "absent", 1)["reason"] == "no outcomes of absent in world"


def test_some_missed_seeds_are_a_flag(found: dict[str, Any]) -> None:
    data = part(found, "gate-partly")
    assert data["cells"][0]["flags"] == ["gate-partly"]
    assert data["all_cells"]["verdict"] == "supported"
    assert data["without_flagged"]["reason"] == "every cell is flagged"


def test_a_claim_without_tasks_is_about_every_task_with_outcomes(found: dict[str, Any]) -> None:
    data = judged(found, "every-task")
    assert data["tasks"] == ["controls", "seeds", "world"]
    assert [cell["task"] for cell in data["pairs"][0]["parts"][0]["cells"]] == [
        "controls",
        "world",
        "world",
    ]


def test_what_is_left_out_is_printed_with_its_reason(page: str) -> None:
    assert "left out: world zh, gate not met: target-0 0.500" in page


def test_each_pair_of_languages_has_a_mark(page: str) -> None:
    (line,) = (
        each
        for each in page.splitlines()
        if "XRR_c" in each and "contradicted" in each and "+-" in each
    )
    assert line.endswith("contradicted +-")


def test_no_line_is_wider_than_a_page(page: str) -> None:
    assert max(map(len, page.splitlines())) <= 100


def test_the_file_is_equal_byte_for_byte_in_a_second_run(results: Path, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.json", "b.json")]
    for path in paths:
        run_verify(TAUGHT, results, "--verdicts", str(path))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def verified_alone(folder: Path, each: Claim, *shards: Columns) -> Result:
    study = msgspec.structs.replace(TAUGHT, claims=(each,))
    save_study(study, folder / study.name / "study.yaml")
    database(folder / study.name, *shards)
    return run_verify(study, folder, "--json")


def test_a_borderline_figure_is_a_flag_unless_nothing_was_wrong(tmp_path: Path) -> None:
    flags = []
    for name, gate_target in (("near", 0.9), ("clear", 1.0)):
        columns = made(
            cell=OutcomeCell("world", "low", "en", "de"), target=0.1, gate_target=gate_target
        )
        run = verified_alone(tmp_path / name, claim("c", BELOW, "low"), columns)
        flags.append(part(json.loads(run.stdout), "c")["cells"][0]["flags"])
    assert flags == [["borderline"], []]


def test_a_database_of_neither_answers_nor_outcomes_is_refused(tmp_path: Path) -> None:
    run = verified_alone(tmp_path, claim("c", BELOW, "low"))
    assert isinstance(run.exception, PrerequisiteError)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"parts": [BELOW, NONE | {"name": "RA", "metric": "ra"}]}, "parts[1].metric"),
        ({"against": [{"after": "near", "before": "mixed"}]}, "against"),
    ],
)
def test_what_conductivity_cannot_be_asked_is_refused(
    tmp_path: Path, more: dict[str, Any], told: str
) -> None:
    data = msgspec.to_builtins(claim("c", NONE, "low -> mixed")) | more
    run = verified_alone(tmp_path, msgspec.convert(data, Claim), made())
    assert isinstance(run.exception, ConfigError)
    assert f"claims[0].{told}: " in str(run.exception)
