"""What the tests of Docker, Apptainer and Slurm set up, or say that it is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from made_pages import documented, type_in
from made_runs import run_whole, save_smallest, tables_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SLURM = ROOT / ".ci" / "slurm.sh"
NO_ROOM = re.compile(r".*(?:no space left on device| are free in ).*", re.IGNORECASE)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)


def make(*words: str) -> None:
    """Run make, or say that the disk is too small for what it makes."""
    done = run("make", *words)
    said = NO_ROOM.search(done.stderr)
    if done.returncode and said is not None:
        pytest.skip(said[0].strip())
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    """Start the cluster, or say what is missing."""
    if os.geteuid() != 0:
        pytest.skip("starting Slurm's daemons needs root")
    if shutil.which("slurmctld") is None:
        pytest.skip("Slurm is not installed; run .ci/slurm.sh install")
    if find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("no executor for Slurm is installed; run make .venv/stamps/workflow")
    up = subprocess.run([SLURM, "up"], capture_output=True, text=True, check=False)
    if up.returncode == 77 and "part of a cluster" in up.stderr:
        pytest.skip(up.stderr)
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        yield
    finally:
        subprocess.run([SLURM, "down"], check=True)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Return a copy of the packaged profile, changed as its page says, and with shorter waits."""
    type_in(documented("slurm.md", "clika profile"), tmp_path)
    path = tmp_path / "cluster" / "config.yaml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    said["default-resources"]["slurm_partition"] = "cpu"
    said["set-resources"] = {"train": {"slurm_partition": "gpu", "gpu": 1}}
    said |= {"latency-wait": 5, "seconds-between-status-checks": 1}
    said["slurm-init-seconds-before-status-checks"] = 2
    path.write_text(yaml.safe_dump(said), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def images() -> Path:
    """Build both images and list their packages; return the folder of what is written of them."""
    if shutil.which("docker") is None:
        pytest.skip("no Docker client: apt-get install --yes docker.io")
    if run("docker", "version").returncode:
        pytest.skip("no Docker engine answers: start one, e.g. systemctl start docker")
    base = os.environ.get("BASE", "debian:bookworm-slim")
    if (
        run("docker", "image", "inspect", base).returncode
        and run("docker", "pull", base).returncode
    ):
        pytest.skip(f"no base image: {base} cannot be pulled; BASE=$(.ci/base-image.sh) makes one")
    make("images")
    make("sbom")
    return ROOT / "images"


@pytest.fixture(scope="session")
def legacy(images: Path) -> str:
    """Build the image for older models over that of inference; return its name."""
    make("images", "IMAGES=legacy")
    return "clika-legacy"


@pytest.fixture(scope="session")
def sifs(images: Path) -> Path:
    """Make Apptainer's files of the images; return their folder."""
    if shutil.which("apptainer") is None:
        pytest.skip("Apptainer is not installed; run .ci/apptainer.sh")
    make("sifs")
    return images


@pytest.fixture(scope="session")
def smallest_tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the tables of the smallest study of a run without a cluster."""
    folder = tmp_path_factory.mktemp("plain")
    study = save_smallest(folder)
    run_whole(folder, study)
    return tables_of(folder, study)
