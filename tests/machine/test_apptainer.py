"""The workflow's jobs in images, through Apptainer: the same tables as without."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from made_pages import documented, type_in
from made_runs import command, first_difference, run_whole, save_smallest, tables_of

from clika.workflow.surroundings import IMAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.machine

ROOT = Path(__file__).parents[2]
IN_IMAGES = ("--profile", "apptainer", "--images")


def finished(said: str) -> set[str]:
    """Return the steps of which a run says that a job ended."""
    return {line.split(":")[0].split()[0] for line in said.splitlines() if "finished after" in line}


def test_the_tables_are_those_of_a_run_without_images(
    tmp_path: Path, sifs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    run_whole(plain, "mini-tiny")
    # Nothing of the caller's environment enters: PyTorch refuses to be imported where it sees this.
    monkeypatch.setenv("TORCH_LOGS", "nonsense")
    (tmp_path / "images").symlink_to(sifs)
    done = type_in(documented("apptainer.md", "clika reproduce"), tmp_path)
    assert finished(done.stderr) == {"train", "gather", "load", "score", "verify"}
    expected = tables_of(plain, "mini-tiny")
    assert first_difference(tables_of(tmp_path, "mini-tiny"), expected) == ""
    again = run_whole(tmp_path, "mini-tiny", *IN_IMAGES, str(sifs))
    assert "Nothing was left to do" in again.stdout
    record = json.loads((tmp_path / "results" / "mini-tiny" / "run.json").read_bytes())
    digests = {name: (sifs / f"clika-{name}.sif.sha256").read_text()[:64] for name in IMAGES}
    assert (record["profiles"], record["images"]) == (["apptainer"], digests)


def test_another_image_makes_again_what_it_makes(tmp_path: Path, sifs: Path) -> None:
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for path in sifs.glob("clika-*.sif*"):
        (moved / path.name).symlink_to(path)
    study = save_smallest(tmp_path)
    run_whole(tmp_path, study, *IN_IMAGES, str(sifs))
    # The same image at another place is the same image.
    assert "Nothing was left to do" in run_whole(tmp_path, study, *IN_IMAGES, str(moved)).stdout
    digest = moved / "clika-scoring.sif.sha256"
    digest.unlink()
    digest.write_text(f"{'0' * 64}  clika-scoring.sif\n", encoding="utf-8")
    again = run_whole(tmp_path, study, *IN_IMAGES, str(moved))
    assert finished(again.stderr) == {"gather", "load", "score"}


def test_jobs_of_a_cluster_run_in_images_too(
    tmp_path: Path,
    sifs: Path,
    cluster: None,
    profile: Path,
    smallest_tables: dict[str, bytes],
) -> None:
    said = yaml.safe_load(profile.read_text(encoding="utf-8"))
    said["set-resources"]["train"]["mem_mb"] = 4000
    profile.write_text(yaml.safe_dump(said), encoding="utf-8")
    study = save_smallest(tmp_path)
    run_whole(tmp_path, study, "--profile", str(profile.parent), *IN_IMAGES, str(sifs))
    assert first_difference(tables_of(tmp_path, study), smallest_tables) == ""


@pytest.fixture
def folder_of_a_user() -> Iterator[tuple[Path, list[str]]]:
    """Return a folder of an ordinary user, and the words that make a command that user's."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid() != 0:
            yield Path(name), []
            return
        shutil.chown(name, "nobody")
        yield Path(name), ["runuser", "-u", "nobody", "--", "env", f"HOME={name}", f"TMPDIR={name}"]


def test_apptainer_alone_makes_the_image_that_docker_makes(
    images: Path, folder_of_a_user: tuple[Path, list[str]]
) -> None:
    if shutil.which("apptainer") is None:
        pytest.skip("Apptainer is not installed; run .ci/apptainer.sh")
    folder, as_user = folder_of_a_user
    for needed in ("containers", "locks", "dist"):
        shutil.copytree(ROOT / needed, folder / needed)
    bundle = os.environ.get("CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    base = os.environ.get("BASE", "debian:bookworm-slim")
    subprocess.run(["docker", "save", base, "-o", folder / "base.tar"], check=True)
    (folder / "base.tar").chmod(0o644)
    done = subprocess.run(
        [*as_user, "apptainer", "build", "--build-arg", "REVISION=a-commit"]
        + ["--build-arg", "BOOTSTRAP=docker-archive", "--build-arg", "FROM=base.tar"]
        + (["--bind", f"{bundle}:/mnt/ca.crt"] if bundle else [])
        + ["made.sif", "containers/clika.def"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    facts = "/opt/clika/image.json"
    made, expected = (
        json.loads(subprocess.run(look, capture_output=True, check=True).stdout)
        for look in (
            ["apptainer", "exec", "--cleanenv", folder / "made.sif", "cat", facts],
            ["docker", "run", "--rm", "--entrypoint", "cat", "clika-scoring", facts],
        )
    )
    assert made == {**expected, "revision": "a-commit"}
    run = ["apptainer", "run", "--cleanenv", folder / "made.sif", "--version"]
    assert subprocess.run(run, capture_output=True, check=True).stdout.startswith(b"clika, ")


def test_folders_may_lie_behind_links(tmp_path: Path, sifs: Path) -> None:
    (tmp_path / "real" / "work").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    # A shell keeps the link's name in PWD, which Apptainer goes by.
    words = command("gemma-taught", "--results", str(link / "results"), *IN_IMAGES, str(sifs))
    done = subprocess.run(
        ["bash", "-c", f"cd {link / 'work'} && exec {shlex.join(words)}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "verdicts.json" in tables_of(tmp_path / "real", "gemma-taught")
