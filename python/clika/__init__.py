"""Cross-lingual knowledge alignment of language models: performance, consistency, conductivity.

Importing this package loads none of the heavy modules (torch, transformers, duckdb, numpy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["__version__"]

__version__: str


if not TYPE_CHECKING:  # a type checker would take it for the type of every module in here

    def __getattr__(name: str) -> str:
        # Reading the installed package's metadata takes longer than all else here; few ask for it.
        if name != "__version__":
            raise AttributeError(f"module 'clika' has no attribute {name!r}")
        from importlib.metadata import version  # noqa: PLC0415 - as the comment says

        return version("clika")
