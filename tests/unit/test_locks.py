"""The lock files answer to pyproject.toml, name no index, and agree with each other."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

REPOSITORY = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))

BASE: list[str] = PYPROJECT["project"]["dependencies"]
EXTRAS: dict[str, list[str]] = PYPROJECT["project"]["optional-dependencies"]
GROUPS: dict[str, list[str]] = PYPROJECT["dependency-groups"]

REQUIREMENTS: dict[str, list[str]] = {
    "atlas": [*BASE, *EXTRAS["atlas"]],
    "base": BASE,
    "bootstrap": GROUPS["bootstrap"],
    "build": GROUPS["build"],
    "dev": [*BASE, *GROUPS["build"], *GROUPS["dev"]],
    "docs": [*BASE, *GROUPS["build"], *GROUPS["docs"]],
    "gemma": [*BASE, *EXTRAS["gemma"]],
    "inference": [*BASE, *EXTRAS["inference"]],
    "legacy": [*BASE, *EXTRAS["legacy"]],
    "maps": [*BASE, *EXTRAS["maps"]],
    "sbom": GROUPS["sbom"],
    "toolchain": GROUPS["toolchain"],
    "workflow": [*BASE, *EXTRAS["workflow"]],
}

# uv writes "name==version ; marker \" and indents the hashes and the comments below it.
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ]+)")


def lines(name: str) -> list[str]:
    return (REPOSITORY / "locks" / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def pins(name: str) -> dict[str, set[Version]]:
    found: dict[str, set[Version]] = defaultdict(set)
    for match in filter(None, map(PIN.match, lines(name))):
        found[canonicalize_name(match[1])].add(Version(match[2]))
    return found


def test_every_lock_file_is_tested() -> None:
    assert {path.stem for path in (REPOSITORY / "locks").glob("*.txt")} == set(REQUIREMENTS)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_lock_satisfies_pyproject(name: str) -> None:
    locked = pins(name)
    unmet = [
        text
        for text in REQUIREMENTS[name]
        for requirement in [Requirement(text)]
        for versions in [locked.get(canonicalize_name(requirement.name), set())]
        if not versions or not all(requirement.specifier.contains(v) for v in versions)
    ]
    assert not unmet, f"run `make locks`: locks/{name}.txt does not meet {unmet}"


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_pin_has_a_hash(name: str) -> None:
    text = lines(name)
    bare = [
        line
        for line, following in zip(text, [*text[1:], ""], strict=True)
        if PIN.match(line) and not following.lstrip().startswith("--hash=sha256:")
    ]
    assert not bare


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_lock_names_no_place(name: str) -> None:
    places = re.compile(r"://|--index|--extra-index|--find-links|^\s*-[if]\b|[ =](/|~|file:)")
    assert not [line for line in lines(name) if places.search(line)]


def test_locks_agree_on_versions() -> None:
    """A lock can be installed over another without changing what is there."""
    everything = pins("dev")
    for name in ("atlas", "base", "build", "docs", "gemma", "inference", "maps", "workflow"):
        shared = {package: v for package, v in pins(name).items() if package in everything}
        assert shared == {package: everything[package] for package in shared}


def test_the_lock_of_older_models_has_few_versions_of_its_own() -> None:
    """Its image lies over that of inference, so above all PyTorch is the same in both."""
    older, current = pins("legacy"), pins("inference")
    shared = older.keys() & current.keys()
    assert {package for package in shared if older[package] != current[package]} == {
        "accelerate",
        "huggingface-hub",
        "tokenizers",
        "transformers",
    }
    assert "torch" in shared
    assert {package for package in shared if package.startswith("nvidia-")} == {
        package for package in current if package.startswith("nvidia-")
    }
    assert older.keys() - current.keys() == {"sentencepiece"}
