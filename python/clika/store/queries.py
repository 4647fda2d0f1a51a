"""The queries: one named ``.sql`` file each, with a comment that says what a row is."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["query"]


@cache
def query(name: str) -> str:
    """Return the text of ``sql/<name>.sql``; parameters in it are written ``$name``."""
    return files("clika.store").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
