"""The verdicts of a study among its stages: in the plan, in the status, at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from made_colours import STUDY, ingest, load_shards, score_all, write_release

from clika.claims import Claim
from clika.metrics.intervals.uncertainty import Resampling
from clika.steps.expectations import WrittenClaim, expected_verdicts
from clika.steps.verify import verify
from clika.study import Study, load_study
from clika.views.plan import Step, plan
from clika.views.status import status
from clika.views.verdicts import summary_lines

if TYPE_CHECKING:
    from pathlib import Path

    from clika.steps.expectations import ClaimVerdicts
    from clika.views.stages import Stage

CLAIM = msgspec.convert(
    {
        "name": "worse",
        "title": "Models get worse.",
        "parts": [{"name": "RA", "metric": "ra", "languages": "others", "side": "down"}],
        "pairs": [{"before": "chatgpt", "after": "llama_7b"}],
    },
    Claim,
)
CLAIMED = msgspec.structs.replace(STUDY, claims=(CLAIM,))
RELEASED = load_study("paper-released")


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of results of a run over the tiny release that has all but verdicts."""
    monkeypatch.chdir(tmp_path)
    data = write_release(tmp_path / "data-here")
    monkeypatch.setenv("CLIKA_DATA", str(data))
    folder = tmp_path / "results"
    ingest(data, folder)
    load_shards(folder)
    score_all(folder)
    return folder


def judge(results: Path, study: Study = CLAIMED, *, replicates: int = 10_000) -> Path:
    folder = results / study.name
    path = folder / "verdicts.json"
    resampling = Resampling(replicates)
    verify(study, database=folder / "clika.duckdb", verdicts=path, resampling=resampling)
    return path


def stage(results: Path, study: Study = CLAIMED) -> Stage:
    (found,) = (s for s in status(study, results=results).stages if s.name == "verdicts")
    return found


def test_a_study_without_claims_has_no_verdicts_to_look_for(results: Path) -> None:
    assert "verdicts" not in [s.name for s in status(STUDY, results=results).stages]
    assert "verify" not in [step.name for step in plan(STUDY, results=results).steps]


def test_missing_verdicts_are_made_by_verify(results: Path) -> None:
    found = stage(results)
    assert (found.state, found.command) == ("missing", f"clika verify tiny --results {results}")
    assert plan(CLAIMED, results=results).steps[-1][:2] == ("verify", True)


def test_verdicts_of_the_answers_that_are_there_are_current(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(results)
    assert stage(results).state == "there"
    assert status(CLAIMED, results=results).command is None
    # The shards are the record, so no run reads the data again.
    monkeypatch.delenv("CLIKA_DATA")
    assert plan(CLAIMED, results=results).steps[-1] == Step("verify", runs=False, why="")


def test_edited_claims_make_the_verdicts_stale(results: Path) -> None:
    judge(results)
    edited = msgspec.structs.replace(CLAIMED, claims=(msgspec.structs.replace(CLAIM, margin=0.1),))
    assert stage(results, edited).state == "stale"


def test_verdicts_from_other_replicates_are_stale_and_verify_mends_them(results: Path) -> None:
    judge(results, replicates=100)
    assert stage(results).state == "stale"
    command = status(CLAIMED, results=results).command
    assert command == f"clika verify tiny --results {results}"


def test_a_file_that_holds_no_verdicts_is_stale(results: Path) -> None:
    judge(results).write_text("{}")
    assert stage(results).detail.endswith("holds no verdicts of this version")


def test_where_the_database_is_made_again_so_are_the_verdicts(results: Path) -> None:
    judge(results)
    (results / CLAIMED.name / "clika.duckdb").unlink()
    assert stage(results).detail == "the database is missing"
    assert plan(CLAIMED, results=results).steps[-1].runs


def written(verdicts: dict[str, ClaimVerdicts]) -> list[WrittenClaim]:
    data = [
        {
            "name": claim.name,
            "title": claim.title,
            "verdict": verdicts[claim.name].verdict,
            "pairs": [
                {
                    "name": name,
                    "verdict": pair.verdict,
                    "parts": [
                        {"name": part, "verdict": verdict, "decides": True}
                        for part, verdict in pair.parts.items()
                    ],
                }
                for name, pair in verdicts[claim.name].pairs.items()
            ],
        }
        for claim in RELEASED.claims
    ]
    return msgspec.convert(data, list[WrittenClaim])


def summary(verdicts: dict[str, ClaimVerdicts]) -> list[str]:
    return [line.plain for line in summary_lines(RELEASED, written(verdicts), width=100)]


def expected() -> dict[str, ClaimVerdicts]:
    found = expected_verdicts(RELEASED)
    assert found is not None
    return found


def test_a_run_ends_with_each_claim_and_its_verdict() -> None:
    lines = summary(expected())
    assert lines[1].startswith("  1. contradicted Continued pretraining improves")
    assert lines[-1] == "Every verdict is the expected one."
    assert max(map(len, lines)) <= 100


def test_a_run_says_of_how_many_claims_a_verdict_is_not_the_expected_one() -> None:
    verdicts = expected()
    first = verdicts["continued-pretraining"]
    first.verdict = "supported"
    next(iter(first.pairs.values())).verdict = "supported"
    told = "1 of 5 claims differs from the expected verdicts: `clika verify paper-released` says"
    assert summary(verdicts)[-1] == f"{told} where."
