"""A comparison as data and as tables for other programs: JSON, CSV, Markdown, LaTeX."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from clika.errors import ConfigError
from clika.files import write_text
from clika.schema import COMPARISON_COLUMNS
from clika.store.columns import write_columns
from clika.views.compare.flips import flipped_data

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from clika.views.compare.flips import FlippedItems
    from clika.views.compare.model import ComparedTask, CompareView, Row

__all__ = [
    "FORMATS",
    "check_ending",
    "comparison_columns",
    "comparison_data",
    "render",
    "write_comparison",
]

_ENDINGS = (".parquet", ".csv")

#: Columns that have the same value in all rows of a family, or of the whole comparison.
_SHARED = frozenset(
    {"first_model", "second_model", "rule", "adjustment", "n_tests", "replicates", "seed"}
)


def comparison_data(view: CompareView, flipped: FlippedItems | None = None) -> dict[str, Any]:
    """Return a comparison as data that JSON can hold; values are shares, undefined ones null.

    Parameters
    ----------
    view
        The comparison.
    flipped
        Items to be held with both answers.
    """
    return {
        "first": view.names[0],
        "second": view.names[1],
        "rule": view.rule,
        "adjustment": view.question.adjustment,
        "replicates": view.question.sampling.replicates,
        "seed": view.question.sampling.seed,
        "left_out": list(view.left_out),
        "tasks": [_task_data(task) for task in view.tasks],
        "families": [
            {
                "metric": family.metric,
                "n_tests": family.n_tests,
                "rows": [_row_data(family.metric, row) for row in family.rows],
            }
            for family in view.families
        ],
        **({} if flipped is None else {"items": flipped_data(flipped)}),
    }


def _task_data(task: ComparedTask) -> dict[str, Any]:
    return {
        "task": task.task.name,
        "n_shared": task.n_shared,
        "n_only_first": task.n_only_first,
        "n_only_second": task.n_only_second,
        "n_clusters": task.n_clusters,
        "flips": [flips._asdict() for flips in task.flips],
    }


def _row_data(metric: str, row: Row) -> dict[str, Any]:
    """Return what a row says beyond what its family and its comparison say."""
    name, _, variant = metric.partition(":")
    values = {
        "metric": name,
        "variant": variant or None,
        **row._asdict(),
        "first": row.values[0],
        "second": row.values[1],
        "method": None if row.exact is None else "mcnemar" if row.exact else "swaps",
        "n_first": row.n[0],
        "n_second": row.n[1],
        "flags_first": ",".join(row.flags[0]),
        "flags_second": ",".join(row.flags[1]),
    }
    return {c.name: values[c.name] for c in COMPARISON_COLUMNS if c.name not in _SHARED}


def comparison_columns(view: CompareView) -> dict[str, list[Any]]:
    """Return a comparison as :data:`clika.schema.COMPARISON_COLUMNS`, rows as they are printed."""
    shared = {
        "first_model": view.names[0],
        "second_model": view.names[1],
        "rule": view.rule,
        "adjustment": view.question.adjustment,
        "replicates": view.question.sampling.replicates,
        "seed": view.question.sampling.seed,
    }
    records = [
        {**shared, "n_tests": family.n_tests, **_row_data(family.metric, row)}
        for family in view.families
        for row in family.rows
    ]
    return {c.name: [record[c.name] for record in records] for c in COMPARISON_COLUMNS}


def _csv(view: CompareView) -> str:
    columns = comparison_columns(view)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return stream.getvalue().rstrip("\n")


def _grid(view: CompareView, tablefmt: str) -> str:
    # Imported here: it takes longer to load than everything else that prints a table.
    from tabulate import tabulate  # noqa: PLC0415

    body = [
        [
            *(family.metric, row.task, row.cell, *row.values, row.difference, row.low, row.high),
            *(row.only_first, row.only_second, row.p, row.p_adjusted),
        ]
        for family in view.families
        for row in family.rows
    ]
    heads = ["metric", "task", "cell", *view.names, "difference", "low", "high"]
    heads += ["only first", "only second", "p", "adjusted p"]
    return tabulate(body, heads, tablefmt=tablefmt, floatfmt=".4f", missingval="")


#: Formats other than a terminal's table, by name; :func:`comparison_data` is the one for JSON.
FORMATS: dict[str, Callable[[CompareView], str]] = {
    "csv": _csv,
    "latex": lambda view: _grid(view, "latex_booktabs"),
    "markdown": lambda view: _grid(view, "github"),
}


def render(view: CompareView, *, form: str) -> str:
    """Return a comparison in one of :data:`FORMATS`, without a line end at its end."""
    return FORMATS[form](view)


def check_ending(path: Path) -> None:
    """Raise where a comparison cannot be written to such a file.

    Raises
    ------
    ConfigError
        Its name ends in neither ``.parquet`` nor ``.csv``.
    """
    if path.suffix not in _ENDINGS:
        raise ConfigError(f"{path} ends in neither {' nor '.join(_ENDINGS)}: name it so.")


def write_comparison(view: CompareView, path: Path) -> None:
    """Write a comparison as Parquet or CSV, by the ending of the file's name.

    Parameters
    ----------
    view
        The comparison; what is shown of it is written.
    path
        The file; it appears when it is whole.

    Raises
    ------
    ConfigError
        Its name ends in neither ``.parquet`` nor ``.csv``.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    check_ending(path)
    if path.suffix == ".csv":
        write_text(path, _csv(view) + "\n")
    else:
        write_columns(path, comparison_columns(view), COMPARISON_COLUMNS)
