"""The manifest for Kubernetes: what its API takes, and a command that clika takes."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml
from click.testing import CliRunner
from kubernetes_validate import latest_version, validate

from clika.cli import cli
from clika.study import packaged_studies

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Return the manifest, as a user gets it."""
    run = CliRunner().invoke(cli, ["profile", "kubernetes", "--into", str(tmp_path / "pod")])
    assert run.exit_code == 0, run.output
    path = tmp_path / "pod" / "manifest.yaml"
    assert run.output.endswith(f"kubectl apply -f {path}\n")
    return path


@pytest.fixture
def documents(manifest: Path) -> dict[str, Any]:
    text = manifest.read_text(encoding="utf-8")
    return {document["kind"]: document for document in yaml.safe_load_all(text)}


def test_its_api_takes_every_field(documents: dict[str, Any]) -> None:
    assert set(documents) == {"PersistentVolumeClaim", "Job"}
    for document in documents.values():
        validate(document, latest_version(), strict=True)


def test_its_commented_gpu_is_taken_too(manifest: Path) -> None:
    text = re.sub(r"# (nvidia\.com/gpu)", r"\1", manifest.read_text(encoding="utf-8"))
    job = next(found for found in yaml.safe_load_all(text) if found["kind"] == "Job")
    validate(job, latest_version(), strict=True)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"


def test_clika_takes_its_arguments(documents: dict[str, Any]) -> None:
    (container,) = documents["Job"]["spec"]["template"]["spec"]["containers"]
    name, *arguments = container["args"]
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    given = command.make_context(name, arguments).params
    assert given["study"] in packaged_studies()
    assert str(given["cores"]) == container["resources"]["requests"]["cpu"]


@pytest.mark.slow
def test_its_command_plans_every_step_of_the_study(
    documents: dict[str, Any], tmp_path: Path
) -> None:
    (container,) = documents["Job"]["spec"]["template"]["spec"]["containers"]
    name, study, *others = container["args"]
    dry = tmp_path / "dry"
    dry.mkdir()
    (dry / "config.yaml").write_text("dry-run: true\n", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "clika", name, study, *others, "--profile", dry],
        cwd=tmp_path,
        capture_output=True,
        # Nothing was made, so there is nothing to show.
        check=False,
    )
    log = (tmp_path / "results" / study / "logs" / "snakemake.log").read_text(encoding="utf-8")
    planned = set(re.findall(r"^(?:local)?rule (\w+):$", log, re.MULTILINE))
    assert planned == {"train", "gather", "load", "score", "verify", "all"}
    assert "This was a dry-run" in log


def test_it_mounts_what_it_claims(documents: dict[str, Any]) -> None:
    pod = documents["Job"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    claim = documents["PersistentVolumeClaim"]["metadata"]["name"]
    assert volumes["work"]["persistentVolumeClaim"]["claimName"] == claim
    assert container["securityContext"]["readOnlyRootFilesystem"]
