"""Models that come as Python packages: put together from their parts, and checked."""

from __future__ import annotations

import hashlib
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from clika.errors import BadInputError, PrerequisiteError
from clika.infer import packaged
from clika.infer.packaged import PackagedModel, assemble, packaged_models

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Install a made-up package of two parts."""
    paths = [tmp_path / "part0", tmp_path / "part1"]
    for path, content in zip(paths, (b"first ", b"second"), strict=True):
        path.write_bytes(content)
    digest = hashlib.sha256(b"first second").hexdigest()
    model = PackagedModel("made-up", "made", "made_up_model", "made.gguf", digest, "here", "none")
    monkeypatch.setattr(packaged, "packaged_models", lambda: {"made": model})
    module = SimpleNamespace(chunk_paths=lambda: paths)
    monkeypatch.setitem(sys.modules, "made_up_model", module)
    return paths


def test_the_parts_become_one_file(tmp_path: Path, parts: list[Path]) -> None:
    assert assemble("made", tmp_path / "spool").read_bytes() == b"first second"


def test_a_whole_file_is_left_alone(tmp_path: Path, parts: list[Path]) -> None:
    assemble("made", tmp_path)
    parts[0].unlink()
    assert assemble("made", tmp_path).read_bytes() == b"first second"


def test_another_sum_leaves_no_file(tmp_path: Path, parts: list[Path]) -> None:
    parts[1].write_bytes(b"secret")
    with pytest.raises(BadInputError, match="SHA-256"):
        assemble("made", tmp_path / "spool")
    assert not list((tmp_path / "spool").iterdir())


def test_a_missing_package_names_its_extra(
    tmp_path: Path, parts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "made_up_model", None)
    with pytest.raises(PrerequisiteError, match=r"clika\[made,inference\]"):
        assemble("made", tmp_path)


@pytest.mark.parametrize("name", packaged_models())
def test_a_packaged_model_is_in_its_extra(name: str) -> None:
    extras = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    model = packaged_models()[name]
    listed = extras["optional-dependencies"][model.extra]
    assert model.package in {Requirement(text).name for text in listed}


@pytest.mark.slow
@pytest.mark.parametrize("name", packaged_models())
def test_an_installed_model_is_the_known_one(name: str, tmp_path: Path) -> None:
    model = packaged_models()[name]
    if find_spec(model.module) is None:
        pytest.skip(f"{model.package} is not installed")
    assert assemble(name, tmp_path).name == model.file
