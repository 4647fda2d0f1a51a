"""What the views ask of shards, and of what ships with a study, without a database."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.store.connection import in_memory
from clika.store.queries import query
from clika.store.view_queries import CellCoverage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["OutcomesOfSeed", "TextSize", "answer_cells", "outcome_cells", "text_sizes"]


class OutcomesOfSeed(NamedTuple):
    """A cell of conductivity, and a seed that has outcomes of it."""

    task: str
    model: str
    source: str
    target: str
    seed: int


class TextSize(NamedTuple):
    """How much text a model can be asked of a task in one language.

    Attributes
    ----------
    task, language
        Which.
    n_items
        Items with a question and at least two options, whose texts a table need not have.
    n_bytes
        Bytes of their questions and options, in UTF-8.
    """

    task: str
    language: str
    n_items: int
    n_bytes: int


def answer_cells(files: Sequence[Path]) -> list[CellCoverage]:
    """Return every cell that response shards or answer codes hold; none for no files."""
    return [CellCoverage(*row) for row in _of_files("shard_answer_cells", files)]


def outcome_cells(files: Sequence[Path]) -> list[OutcomesOfSeed]:
    """Return every cell of conductivity, by seed, that files of outcomes hold; none for none."""
    return [OutcomesOfSeed(*row) for row in _of_files("shard_outcome_cells", files)]


def text_sizes(items: Path) -> list[TextSize]:
    """Return what a model can be asked of an items shard, by task and language."""
    return [TextSize(*row) for row in _of_files("shard_text_sizes", [items])]


def _of_files(name: str, files: Sequence[Path]) -> list[tuple[Any, ...]]:
    if not files:
        return []
    with closing(in_memory()) as connection:
        return connection.execute(query(name), {"paths": [str(path) for path in files]}).fetchall()
