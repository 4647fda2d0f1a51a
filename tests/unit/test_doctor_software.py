"""What made-up installations mean and what mends them, and what studies need."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_facts import ABSENT, BROKEN, EXTENSION, FRAMEWORK, HUNG, REPORT, WELL, Case, checks, hold
from msgspec.structs import replace

from clika.study import Asked, load_study
from clika.views.doctor.facts.engines import Slurm
from clika.views.doctor.facts.software import Framework, Installation
from clika.views.doctor.model import Needs, needs_of

TRAINS, ON_GPU = Needs(framework=True), Needs(framework=True, gpu=True)
IN_BFLOAT16 = Needs(framework=True, bfloat16=True)
NO_TORCH = Framework(None, None)

CASES = [
    Case("clika", "ok", "1.2.3, Python 3.11.2"),
    Case(
        "clika",
        "fail",
        "not installed",
        "pip install",
        worse={"installation": Installation(None, "3.11.2", "Linux x86_64", 0, ())},
    ),
    Case("dependencies", "ok", "all 11"),
    Case(
        "dependencies",
        "fail",
        "rich, numpy",
        "pip install",
        worse={"installation": Installation("1.2.3", "3.11.2", "x", 11, ("rich", "numpy"))},
    ),
    Case("extension", "ok", "release"),
    Case("extension", "fail", "it is broken", "make setup", worse={"extension": BROKEN}),
    Case(
        "extension",
        "warn",
        "debug",
        "--release",
        worse={"extension": replace(EXTENSION, profile="debug")},
    ),
    Case(
        "extension",
        "warn",
        "version 0.9",
        "make setup",
        worse={"extension": replace(EXTENSION, version="0.9")},
    ),
    Case("duckdb", "ok", "1.4.0; databases are written in storage version v1.2.0"),
    Case("duckdb", "fail", "it is broken", "pip install", worse={"duckdb": BROKEN}),
    Case("snakemake", "ok", "9.27.1"),
    Case("snakemake", "fail", "not installed", "pip install", worse={"snakemake": None}),
    Case("pytorch", "ok", "2.9.0, transformers 5.0.0, built for CUDA 12.4", needs=TRAINS),
    Case(
        "pytorch",
        "ok",
        "built for ROCm 6.3",
        worse={"framework": FRAMEWORK._replace(report=replace(REPORT, cuda=None, hip="6.3"))},
        needs=TRAINS,
    ),
    Case("pytorch", "none", "PyTorch, transformers", "inference", worse={"framework": NO_TORCH}),
    Case("pytorch", "none", "PyTorch", "inference", worse={"framework": NO_TORCH}, needs=Needs()),
    Case(
        "pytorch",
        "fail",
        "PyTorch",
        "clika[inference]",
        worse={"framework": NO_TORCH},
        needs=TRAINS,
    ),
    Case(
        "pytorch",
        "fail",
        "not installed: transformers",
        "clika[inference]",
        worse={"framework": Framework("2.9.0", None)},
        needs=TRAINS,
    ),
    Case(
        "pytorch",
        "fail",
        "it is broken",
        "--force-reinstall",
        worse={"framework": FRAMEWORK._replace(report=BROKEN)},
        needs=TRAINS,
    ),
    Case(
        "pytorch",
        "warn",
        "it is broken",
        "--force-reinstall",
        worse={"framework": FRAMEWORK._replace(report=BROKEN)},
    ),
    Case(
        "pytorch",
        "fail",
        "no answer within 90 s",
        "nvidia-smi",
        worse={"framework": FRAMEWORK._replace(report=HUNG)},
        needs=TRAINS,
    ),
    Case("slurm-plugin", "ok", "2.8.0"),
    Case("slurm-plugin", "warn", "Slurm is here", "clika[workflow]", worse={"plugin": None}),
    Case(
        "slurm-plugin",
        "none",
        "not installed",
        "clika[workflow]",
        worse={"plugin": None, "slurm": Slurm(ABSENT)},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check(case: Case) -> None:
    hold(case)


@pytest.mark.parametrize("needs", [None, Needs(), TRAINS, ON_GPU, IN_BFLOAT16])
def test_a_machine_on_which_all_is_well(needs: Needs | None) -> None:
    found = checks(WELL, needs).values()
    assert {check.state for check in found} == {"ok"}
    assert not [check for check in found if check.remedy]


def test_every_check_is_in_the_docs() -> None:
    page = Path(__file__).resolve().parents[2] / "docs/doctor.md"
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if "| `" in line]
    assert [line.split("`")[1] for line in lines] == list(checks(WELL))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("paper-released", Needs(release=True)),
        ("mini", TRAINS),
        ("mini-medium", ON_GPU),
        ("mini-seeds", Needs()),
        ("gemma-taught", Needs()),
    ],
)
def test_what_a_study_needs(name: str, expected: Needs) -> None:
    assert needs_of(load_study(name)) == expected


def test_a_study_may_train_in_bfloat16() -> None:
    mini = load_study("mini")
    assert mini.training is not None
    stages = {
        name: replace(stage, precision="bfloat16") for name, stage in mini.training.stages.items()
    }
    halved = replace(mini, training=replace(mini.training, stages=stages))
    assert needs_of(halved) == IN_BFLOAT16


@pytest.mark.parametrize(("device", "expected"), [("cpu", TRAINS), ("cuda", ON_GPU)])
def test_a_study_may_be_there_for_models_to_be_asked(device: str, expected: Needs) -> None:
    asked = {"m": Asked("models/m", device=device)}
    study = replace(load_study("paper-released"), kind="asked", claims=(), asked=asked)
    assert needs_of(study) == expected
