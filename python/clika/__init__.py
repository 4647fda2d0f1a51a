"""Cross-lingual knowledge alignment of language models: performance, consistency, conductivity.

Importing this package loads none of the heavy modules (torch, transformers, duckdb, numpy); what
needs them is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clika.api import Alignment, consistency, merge_counts, performance, save_counts

__all__ = [
    "Alignment",
    "__version__",
    "consistency",
    "merge_counts",
    "performance",
    "save_counts",
]

__version__: str


if not TYPE_CHECKING:  # a type checker would take it for the type of every module in here

    def __getattr__(name: str) -> object:
        if name == "__version__":
            # Reading the installed package's metadata takes longer than all else here.
            from importlib.metadata import version  # noqa: PLC0415 - as the comment says

            return version("clika")
        if name in __all__:
            from clika import api  # noqa: PLC0415 - loads numpy and duckdb

            return getattr(api, name)
        raise AttributeError(f"module 'clika' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__
