"""Which cells of a study have answers, and whether shipped answer codes agree with derived ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.report.paper import row_order
from clika.store import view_queries

if TYPE_CHECKING:
    from pathlib import Path

    from clika.store.connection import Connection
    from clika.store.view_queries import CellComparison
    from clika.study import Study

__all__ = ["CodeComparison", "Coverage", "ModelTask", "compare_shipped", "read_coverage"]


class ModelTask(NamedTuple):
    """How much of a task one model was asked.

    Attributes
    ----------
    model, task
        Which.
    whole
        Languages with an answer to every item.
    short
        Languages with answers to some items, as (language, items asked, items in all).
    missing
        Languages without any.
    """

    model: str
    task: str
    whole: tuple[str, ...]
    short: tuple[tuple[str, int, int], ...]
    missing: tuple[str, ...]


class Coverage(NamedTuple):
    """Which cells of a study have answers.

    Attributes
    ----------
    models
        Models with answers, in the order of the tables.
    missing_models
        Models of the study without any.
    cells
        Every model of the study, and every other with answers, by every task.
    """

    models: tuple[str, ...]
    missing_models: tuple[str, ...]
    cells: tuple[ModelTask, ...]

    @property
    def partial(self) -> tuple[ModelTask, ...]:
        """The cells of models with answers that lack a language or an item."""
        return tuple(
            cell
            for cell in self.cells
            if cell.model in self.models and (cell.short or cell.missing)
        )


class CodeComparison(NamedTuple):
    """How shipped answer codes compare with those of a database made from responses.

    Attributes
    ----------
    n_compared
        Answers, by every rule, that both have.
    differing
        Cells and rules where any answer differs, or one of the two lacks some.
    n_only_shipped, n_only_derived
        Cells (model, task, language) that one has alone.
    """

    n_compared: int
    differing: tuple[CellComparison, ...]
    n_only_shipped: int
    n_only_derived: int


def read_coverage(connection: Connection, study: Study) -> Coverage:
    """Return which cells of a study a database has answers for."""
    asked = {
        (cell.model, cell.task, cell.language): cell.n_items
        for cell in view_queries.coverage(connection)
    }
    sizes = view_queries.task_sizes(connection)
    there = row_order({model for model, _, _ in asked})
    cells = []
    for model in row_order({*there, *study.models}):
        for task in study.tasks:
            size = sizes.get(task.name, task.items or 0)
            counts = {code: asked.get((model, task.name, code), 0) for code in study.languages}
            cells.append(
                ModelTask(
                    model,
                    task.name,
                    whole=tuple(code for code, n in counts.items() if n and n == size),
                    short=tuple((code, n, size) for code, n in counts.items() if 0 < n < size),
                    missing=tuple(code for code, n in counts.items() if not n),
                )
            )
    missing = tuple(model for model in study.models if model not in there)
    return Coverage(there, missing, tuple(cells))


def compare_shipped(connection: Connection, answers: Path) -> CodeComparison:
    """Compare shipped answer codes with those of a database.

    Parameters
    ----------
    connection
        A database that was made from responses.
    answers
        The shipped codes: a Parquet file with the columns of the table ``answers``.
    """
    compared = view_queries.compare_codes(connection, answers)
    both = [cell for cell in compared if cell.n_both]
    differing = [
        cell for cell in both if cell.n_differ or cell.n_only_shipped or cell.n_only_derived
    ]
    alone = {cell[:3]: bool(cell.n_only_shipped) for cell in compared if not cell.n_both}
    return CodeComparison(
        n_compared=sum(cell.n_both for cell in both),
        differing=tuple(differing),
        n_only_shipped=sum(alone.values()),
        n_only_derived=len(alone) - sum(alone.values()),
    )
