"""The images, built and run as docs/docker.md says: read-only, no network, any user."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from made_answers import make_study
from made_own_code import save_own_code_model
from made_pages import documented
from made_runs import first_difference, tables_of
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.machine

REPOSITORY = Path(__file__).parents[2]
PAGE = "docker.md"
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAMES = ("scoring", "inference")
#: Whoever runs the tests; where that is root, a user that neither the image nor the host knows.
USER = os.getuid() or 12345


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)


def as_user(command: str) -> str:
    """Return a command of the page for USER, once it is seen to be a hardened one."""
    for flag in ("--network none", "--read-only", "--tmpfs /tmp"):
        assert flag in command
    return command.replace('"$(id -u):$(id -g)"', f"{USER}:{USER}")


def inside(name: str, program: str, *words: str) -> str:
    """Return what a program prints in an image."""
    image = f"clika-{name}"
    done = run("docker", "run", "--rm", "--network", "none", "--entrypoint", program, image, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def give_to_user(folder: Path) -> None:
    if os.getuid() != USER:
        os.chown(folder, USER, USER)


def reproduced(name: str, study: str, folder: Path) -> Path:
    """Return a folder in which a study has run in an image, in `inside`, and here, in `outside`."""
    mounted, here = folder / "inside", folder / "outside"
    mounted.mkdir(mode=0o700)
    give_to_user(mounted)
    here.mkdir()
    done = run(
        "bash", "-c", as_user(documented(PAGE, f"clika-{name} reproduce {study}")), cwd=mounted
    )
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(sys.executable, "-m", "clika", "reproduce", study, cwd=here)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def rescored(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reproduced("scoring", "gemma-taught", tmp_path_factory.mktemp("scoring"))


@pytest.fixture(scope="session")
def trained(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reproduced("inference", "mini-tiny", tmp_path_factory.mktemp("inference"))


def test_the_images_are_made_as_the_page_says() -> None:
    for command in ("make images", "make sbom", "make sifs"):
        assert documented(PAGE, command) == command


@pytest.mark.parametrize(
    ("fixture", "study"), [("rescored", "gemma-taught"), ("trained", "mini-tiny")]
)
def test_the_tables_are_those_of_a_run_outside(
    fixture: str, study: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(fixture)
    made, expected = (tables_of(folder / place, study) for place in ("inside", "outside"))
    assert first_difference(made, expected) == ""


@pytest.mark.parametrize("fixture", ["rescored", "trained"])
def test_every_file_belongs_to_the_caller(fixture: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(fixture) / "inside"
    owners = {(path.lstat().st_uid, path.lstat().st_gid) for path in folder.rglob("*")}
    assert owners == {(USER, USER)}


@pytest.mark.parametrize(
    ("name", "study"), [("scoring", "gemma-taught"), ("inference", "mini-tiny")]
)
def test_a_typo_is_told_in_a_sentence(images: Path, name: str, study: str, tmp_path: Path) -> None:
    command = as_user(documented(PAGE, f"clika-{name} reproduce {study}")).replace(
        study, "paper-relaesed"
    )
    give_to_user(tmp_path)
    done = run("bash", "-c", command, cwd=tmp_path)
    assert done.returncode == 2
    assert "Did you mean 'paper-released'" in done.stderr
    assert "Traceback" not in done.stderr


def test_docker_stop_is_heard(images: Path, tmp_path: Path) -> None:
    name, logs = f"clika-stopped-{os.getpid()}", tmp_path / "results/mini-tiny/logs/train"
    give_to_user(tmp_path)
    command = as_user(documented(PAGE, "clika-inference reproduce mini-tiny"))
    detached = command.replace("docker run", f"docker run --detach --name {name}")
    assert run("bash", "-c", detached, cwd=tmp_path).returncode == 0
    waiting = subprocess.Popen(["docker", "wait", name], stdout=subprocess.PIPE, text=True)
    while not any(path.stat().st_size for path in logs.glob("*.log")):
        assert waiting.poll() is None
        time.sleep(0.2)
    run("docker", "stop", "--time", "120", name)
    # It ended by itself: 137 would say that it was killed.
    assert waiting.communicate()[0].strip() == "130"


@pytest.mark.parametrize("name", NAMES)
def test_the_user_of_an_image_is_not_root(images: Path, name: str) -> None:
    assert inside(name, "id", "-u").strip() == "10001"


def test_no_deep_learning_is_in_the_scoring_image(images: Path) -> None:
    packages = json.loads(inside("scoring", "cat", "/opt/clika/image.json"))["packages"]
    assert not {"torch", "transformers", "triton"} & packages.keys()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_built_it_is_in_an_image(images: Path, name: str) -> None:
    look = "for name in uv pip gcc cc maturin sh; do command -v $name; done; ls -A /mnt /tmp"
    assert "".join(inside(name, "sh", "-c", look).split()) == "/usr/bin/sh/mnt:/tmp:"


@pytest.mark.parametrize("name", NAMES)
def test_an_image_says_what_is_in_it(images: Path, name: str) -> None:
    facts = json.loads(inside(name, "cat", "/opt/clika/image.json"))
    head = run("git", "rev-parse", "HEAD", cwd=REPOSITORY).stdout.strip()
    assert facts["revision"].removesuffix("-modified") == head
    assert facts["packages"]["clika"] == PROJECT["version"]
    # The versions that the locks pin are those that the tests run with.
    for package in ("duckdb", "numpy") + (("torch", "transformers") if name == "inference" else ()):
        assert facts["packages"][package] == version(package)
    labels = json.loads(
        run(
            "docker", "image", "inspect", "--format", "{{json .Config.Labels}}", f"clika-{name}"
        ).stdout
    )
    named = {key.removeprefix("org.opencontainers.image."): value for key, value in labels.items()}
    assert named["title"] == f"clika-{name}"
    assert named["version"] == PROJECT["version"]
    assert named["revision"] == facts["revision"]
    assert named["licenses"] == PROJECT["license"]


@pytest.mark.parametrize("name", NAMES)
def test_the_bill_of_materials_names_every_package(images: Path, name: str) -> None:
    facts = json.loads(inside(name, "cat", "/opt/clika/image.json"))
    listed = json.loads((REPOSITORY / f"images/clika-{name}.cdx.json").read_text())["components"]
    found = {part["purl"].partition("?")[0] for part in listed if "purl" in part}
    expected = {f"pkg:pypi/{canonicalize_name(p)}@{v}" for p, v in facts["packages"].items()}
    assert expected - found == set()
    libc = inside(name, "dpkg-query", "--show", "--showformat", "${Version}", "libc6")
    assert f"pkg:deb/debian/libc6@{libc.replace('+', '%2B')}" in found


def test_the_image_of_older_models_shares_the_layers_of_inference(legacy: str) -> None:
    words = ("docker", "image", "inspect", "--format", "{{json .RootFS.Layers}}")
    older, current = (json.loads(run(*words, name).stdout) for name in (legacy, "clika-inference"))
    # All but those of clika itself and of the empty working directory.
    below = current[:-2]
    assert len(below) > 1
    assert older[: len(below)] == below


def test_the_image_of_older_models_holds_its_locks_and_no_more(legacy: str) -> None:
    facts = json.loads(inside("legacy", "cat", "/opt/clika/image.json"))
    locks = "".join(
        (REPOSITORY / f"locks/{name}.txt").read_text() for name in ("legacy", "atlas", "maps")
    )
    assert facts["title"] == legacy
    assert facts["locks"].keys() == {"legacy", "atlas", "maps"}
    assert facts["packages"]["transformers"] == "4.33.3"
    assert facts["packages"]["torch"] == version("torch")
    pinned = set(re.findall(r"^(\S+)==(\S+)", locks, re.MULTILINE))
    held = {(canonicalize_name(name), found) for name, found in facts["packages"].items()}
    assert held - pinned == {("clika", PROJECT["version"])}


def test_a_model_is_asked_by_its_own_code_with_nothing_writable(
    legacy: str, tmp_path: Path
) -> None:
    make_study(tmp_path / "work" / "results")
    save_own_code_model(tmp_path / "models" / "fused")
    for path in [tmp_path, *tmp_path.rglob("*")]:
        give_to_user(path)
    hardened = f"--network none --read-only --tmpfs /tmp --user {USER}:{USER}".split()
    mounted = (f"{tmp_path}/work:/work", f"{tmp_path}/models:/models:ro")
    asking = ("infer", "colours", "--model", "old", "--from", "/models/fused", "--model-code")
    where = [word for path in mounted for word in ("--volume", path)]
    done = run("docker", "run", "--rm", *hardened, *where, legacy, *asking, "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert "old: 720 questions asked." in done.stdout


def test_the_contents_are_what_the_table_says(images: Path) -> None:
    command = documented(PAGE, "clika-scoring", "sha256sum")
    done = run("bash", "-c", command)
    with (REPOSITORY / "images/digests.csv").open(newline="") as stream:
        (row,) = [row for row in csv.DictReader(stream) if row["image"] == "clika-scoring"]
    assert done.stdout.split()[0] == row["contents_sha256"]


def test_the_table_of_digests_names_the_images(images: Path) -> None:
    head = run("git", "rev-parse", "HEAD", cwd=REPOSITORY).stdout.strip()
    with (REPOSITORY / "images/digests.csv").open(newline="") as stream:
        rows = {row["image"]: row for row in csv.DictReader(stream)}
    # And that of older models, once it was made.
    assert rows.keys() - {"clika-legacy"} == {f"clika-{name}" for name in NAMES}
    for image, row in rows.items():
        inspected = run("docker", "image", "inspect", "--format", "{{.Id}}", image)
        assert row["image_id"] == inspected.stdout.strip()
        assert row["commit"].removesuffix("-modified") == head
