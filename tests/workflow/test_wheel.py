"""The built wheel, alone in an empty environment and an empty folder, reproduces the tables."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
GOLDEN = REPOSITORY / "tests" / "golden"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (REPOSITORY / "Cargo.toml").is_file():
        pytest.skip("the wheel is built from a clone, and this is none")
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "maturin", "build", "--release", "--locked", "--out", target],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    (built,) = target.glob("clika-*.whl")
    return built


def test_one_wheel_serves_every_python(wheel: Path) -> None:
    assert "-cp311-abi3-" in wheel.name


def test_everything_a_command_needs_is_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    needed = [
        "clika/py.typed",
        "clika/_native.pyi",
        "clika/models.toml",
        "clika/studies/paper-released/study.yaml",
        "clika/studies/paper-released/answers.parquet",
        "clika/studies/paper-released/items.parquet",
        "clika/studies/paper-released/expected.csv",
        "clika/studies/paper-released/expected_verdicts.json",
        "clika/workflow/Snakefile",
        "clika/workflow/config.schema.json",
        "clika/fetching/manifests/released.sha256",
    ]
    assert [name for name in needed if name not in names] == []


def test_the_wheel_reproduces_the_tables_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    uv = shutil.which("uv") or str(REPOSITORY / ".bootstrap" / "bin" / "uv")
    if not Path(uv).is_file():
        pytest.skip("uv makes the empty environment, and it is not installed: pip install uv")
    environment, folder = tmp_path / "environment", tmp_path / "folder"
    folder.mkdir()
    subprocess.run([uv, "venv", "--python", sys.executable, environment], check=True)
    python = environment / "bin" / "python"
    locked = REPOSITORY / "locks" / "base.txt"
    subprocess.run(
        [uv, "pip", "install", "--python", python, "--constraint", locked, wheel], check=True
    )
    # Nothing of this environment may help: neither its PATH nor the data that it knows of.
    bare = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    clika = environment / "bin" / "clika"
    done = subprocess.run(
        [clika, "reproduce", "paper-released"],
        cwd=folder,
        env={**bare, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Read from the answer codes that ship with clika" in done.stdout
    made = folder / "results" / "paper-released" / "tables"
    expected = {path.name: path.read_bytes() for path in (GOLDEN / "paper-released").glob("*.csv")}
    assert expected
    differing = [name for name in expected if (made / name).read_bytes() != expected[name]]
    assert differing == []
