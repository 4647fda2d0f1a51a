"""What holds of the images' files without an engine; tests/machine builds and runs them."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CONTAINERS = REPOSITORY / "containers"


def instructions(name: str) -> list[str]:
    """Return the lines of a Dockerfile that are no comments, with the image's own name left out."""
    lines = (CONTAINERS / f"{name}.Dockerfile").read_text(encoding="utf-8").splitlines()
    return [line.replace(name, "NAME") for line in lines if not line.startswith("#")]


def test_the_images_differ_in_name_description_and_gpu_alone() -> None:
    inference = instructions("inference")
    # The stage between, of the image for older models, is the next test's.
    del inference[inference.index("FROM NAME AS legacy") : inference.index("FROM ${IMAGE}")]
    differing = [
        line[2:].strip().replace("${IMAGE}", "NAME")
        for line in difflib.ndiff(instructions("scoring"), inference)
        if line.startswith(("- ", "+ "))
    ]
    stages = ("ARG IMAGE", "FROM NAME", "FROM ${BASE}", "sh /mnt/install.sh clika", "LABEL ")
    named = ("org.opencontainers.image.title=clika-NAME", "org.opencontainers.image.description=")
    allowed = (*stages, *named, "NVIDIA_", "HF_HUB_DISABLE_TELEMETRY=1")
    assert [line for line in differing if line and not line.startswith(allowed)] == []


def test_the_image_of_older_models_installs_as_that_of_inference_does() -> None:
    lines = [line for line in instructions("inference") if not line.startswith("LABEL")]
    starts = [
        lines.index(f"FROM {one}") for one in ("${BASE} AS NAME", "NAME AS legacy", "${IMAGE}")
    ]
    below, over = (lines[start + 1 : end] for start, end in pairwise(starts))
    assert [line.replace("locks legacy", "locks NAME") for line in over] == below


def test_every_lock_of_an_image_is_sent_to_the_engine() -> None:
    sent = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8")
    script = (CONTAINERS / "install.sh").read_text(encoding="utf-8")
    chosen = re.findall(r'locks="(.*?)"', script)
    assert len(chosen) == 3
    for lock in {"bootstrap", "build", *" ".join(chosen).split()}:
        assert f"!locks/{lock}.txt\n" in sent


@pytest.mark.parametrize("script", [".ci/base-image.sh", ".ci/apptainer.sh", ".ci/slurm.sh"])
def test_who_may_not_set_up_a_machine_is_told_so(script: str, tmp_path: Path) -> None:
    anyone = tmp_path / "id"
    anyone.write_text("#!/bin/sh\necho 1000\n", encoding="utf-8")
    anyone.chmod(0o755)
    done = refused(script, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert "run it as root" in done


def test_another_apptainer_is_used(tmp_path: Path) -> None:
    for name, says in {"id": "0", "apptainer": "apptainer version 1.3.0"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\necho {says}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    done = run(".ci/apptainer.sh", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (done.returncode, done.stdout) == (0, "apptainer version 1.3.0\n")


def test_an_unknown_image_is_refused() -> None:
    assert "There is no image 'scorring'" in refused("containers/build.sh", "images", "scorring")


def test_a_client_that_is_not_there_is_named() -> None:
    found = refused("containers/build.sh", "images", DOCKER="no-such-client")
    assert "No Docker client that runs BuildKit was found as no-such-client" in found


def run(script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [REPOSITORY / script, *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def refused(script: str, *words: str, **environment: str) -> str:
    """Run a script that must refuse, and return the one sentence that it says."""
    done = run(script, *words, **environment)
    # Of those that set up a machine, 77 says that none of it was begun.
    assert done.returncode == (77 if script.startswith(".ci/") else 1)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr
