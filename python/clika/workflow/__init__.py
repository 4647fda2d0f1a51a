"""The Snakemake workflow: package data, and where to find it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

__all__ = ["snakefile"]


def snakefile() -> Path:
    """Return the path of the packaged Snakefile."""
    return Path(str(files("clika.workflow").joinpath("Snakefile")))
