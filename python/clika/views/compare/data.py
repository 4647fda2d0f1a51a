"""A comparison as data and as tables for other programs: JSON, CSV, Markdown, LaTeX."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from clika.views.terminal_text import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from clika.views.compare.model import ComparedTask, CompareView, Row

__all__ = ["FORMATS", "comparison_data", "render"]

_COLUMNS = (
    *("metric", "variant", "task", "source_language", "target_language", "first", "second"),
    *("difference", "low", "high", "only_first", "only_second", "p", "p_adjusted", "exact"),
    *("n_first", "n_second", "flags_first", "flags_second", "reason", "verdict"),
)


def comparison_data(view: CompareView) -> dict[str, Any]:
    """Return a comparison as data that JSON can hold; values are shares, undefined ones null."""
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
    name, _, variant = metric.partition(":")
    values = {
        "metric": name,
        "variant": variant or None,
        **row._asdict(),
        "first": row.values[0],
        "second": row.values[1],
        "n_first": row.n[0],
        "n_second": row.n[1],
        "flags_first": ",".join(row.flags[0]),
        "flags_second": ",".join(row.flags[1]),
    }
    return {column: values[column] for column in _COLUMNS}


def _records(view: CompareView) -> list[list[Any]]:
    return [
        list(_row_data(family.metric, row).values())
        for family in view.families
        for row in family.rows
    ]


def _json(view: CompareView) -> str:
    return json_text(comparison_data(view))


def _csv(view: CompareView) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_records(view))
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


#: Formats other than a terminal's table, by name.
FORMATS: dict[str, Callable[[CompareView], str]] = {
    "json": _json,
    "csv": _csv,
    "latex": lambda view: _grid(view, "latex_booktabs"),
    "markdown": lambda view: _grid(view, "github"),
}


def render(view: CompareView, *, form: str) -> str:
    """Return a comparison in one of :data:`FORMATS`, without a line end at its end."""
    return FORMATS[form](view)
