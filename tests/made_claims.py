"""Running ``clika verify`` on a study of made-up claims, and what it found of one of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from clika.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from clika.study import Study


def run_verify(study: Study, results: Path, *arguments: str, replicates: int = 500) -> Result:
    common = ["verify", study.name, "--results", str(results), "--replicates", str(replicates)]
    return CliRunner().invoke(cli, [*common, *arguments], standalone_mode=False)


def verified(study: Study, results: Path, *, replicates: int = 500) -> dict[str, Any]:
    run = run_verify(study, results, "--json", replicates=replicates)
    data: dict[str, Any] = json.loads(run.stdout)
    return data


def judged(found: dict[str, Any], name: str) -> dict[str, Any]:
    (data,) = (each for each in found["claims"] if each["name"] == name)
    assert isinstance(data, dict)
    return data
