"""The docs say what the code says."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from clika.schema import CONDUCTIVITY_METRICS, FLAGS, METRICS

REPOSITORY = Path(__file__).resolve().parents[2]


def page(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def test_the_generated_reference_is_current() -> None:
    run = subprocess.run(
        [sys.executable, REPOSITORY / "docs/generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", [*METRICS, *CONDUCTIVITY_METRICS, *FLAGS])
def test_every_metric_and_flag_is_defined(name: str) -> None:
    assert f"| `{name}` |" in page("docs/metrics.md")


def test_every_variant_is_defined() -> None:
    definitions = page("docs/metrics.md")
    variants = {
        variant
        for names in (*METRICS.values(), *CONDUCTIVITY_METRICS.values())
        for variant in names
    }
    assert not [variant for variant in variants if f"`{variant}`" not in definitions]


def test_every_package_is_on_the_map() -> None:
    folders = (p.parent.name for p in (REPOSITORY / "python/clika").glob("*/__init__.py"))
    assert not [name for name in folders if f"  {name}/" not in page("CONTRIBUTING.md")]


def test_the_citation_names_this_version_and_the_paper() -> None:
    citation = yaml.safe_load(page("CITATION.cff"))
    project = tomllib.loads(page("pyproject.toml"))["project"]
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert len(citation["preferred-citation"]["authors"]) == 6


def test_the_changelog_has_a_heading_for_changed_numbers() -> None:
    versions = page("CHANGELOG.md").split("\n## [")[1:]
    assert versions
    assert all("### Numbers changed" in version for version in versions)
