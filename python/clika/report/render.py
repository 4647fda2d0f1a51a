"""Tables as text: terminal, Markdown, LaTeX, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clika.report.tables import PaperTable

__all__ = ["FORMATS", "render", "table_csv"]


def _terminal(tables: Sequence[PaperTable]) -> str:
    return "\n\n".join(_terminal_table(table) for table in tables)


def _terminal_table(table: PaperTable) -> str:
    # Laid out here and not by tabulate, which knows no groups of rows.
    names = [row.model for row in table.rows]
    first = max(map(len, ["", *names]))
    widths = [
        max(len(text) for text in (heading, *(row.cells[place] for row in table.rows)))
        for place, heading in enumerate(table.columns)
    ]

    def line(name: str, cells: Sequence[str]) -> str:
        aligned = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
        return "  ".join([name.ljust(first), *aligned]).rstrip()

    shown = [table.title, line("", table.columns)]
    shown.append("  ".join("-" * width for width in (first, *widths)))
    for group, members in groupby(table.rows, key=lambda row: row.group):
        shown += [f"[{group}]", *(line(row.model, row.cells) for row in members)]
    shown += [
        f"{row.model}: no mean without {', '.join(row.missing)}"
        for row in table.rows
        if row.missing
    ]
    return "\n".join(shown)


def _grid(table: PaperTable, tablefmt: str) -> str:
    # Imported here: it takes longer to load than everything else that prints a table.
    from tabulate import tabulate  # noqa: PLC0415

    body = [[row.group, row.model, *row.cells] for row in table.rows]
    return tabulate(
        body,
        ["regime", "model", *table.columns],
        tablefmt=tablefmt,
        disable_numparse=True,
        colalign=("left", "left", *("right" for _ in table.columns)) if body else None,
    )


def _markdown(tables: Sequence[PaperTable]) -> str:
    return "\n\n".join(f"**{table.title}**\n\n{_grid(table, 'github')}" for table in tables)


def _latex(tables: Sequence[PaperTable]) -> str:
    return "\n\n".join(f"% {table.title}\n{_grid(table, 'latex_booktabs')}" for table in tables)


def _csv(tables: Sequence[PaperTable]) -> str:
    # One header for all: a table that lacks a column leaves it empty.
    columns = dict.fromkeys(column for table in tables for column in table.columns[:-1])
    header = [*columns, "mean"] if tables else []
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["table", "regime", "model", *header])
    for table in tables:
        for row in table.rows:
            cells = dict(zip(table.columns, row.cells, strict=True))
            found = [cells.get(column, "") for column in header]
            writer.writerow([table.name, row.group, row.model, *found])
    return stream.getvalue().rstrip("\n")


def _json(tables: Sequence[PaperTable]) -> str:
    content = [
        {
            "name": table.name,
            "title": table.title,
            "rows": [
                {
                    "regime": row.group,
                    "model": row.model,
                    "values": {
                        column: float(cell) if cell else None
                        for column, cell in zip(table.columns, row.cells, strict=True)
                    },
                    "missing": row.missing,
                }
                for row in table.rows
            ],
        }
        for table in tables
    ]
    return json.dumps(content, indent=1, ensure_ascii=False)


#: Output formats by name.
FORMATS: dict[str, Callable[[Sequence[PaperTable]], str]] = {
    "table": _terminal,
    "json": _json,
    "csv": _csv,
    "latex": _latex,
    "markdown": _markdown,
}


def render(tables: Sequence[PaperTable], *, form: str) -> str:
    """Return tables as text in one of :data:`FORMATS`, without a line end at its end.

    Parameters
    ----------
    tables
        The tables; they may have different columns.
    form
        ``table`` groups the rows by regime and names what an empty mean wants; ``json`` holds the
        printed numbers, ``null`` for an empty one, and the wants; ``csv`` is one table with a
        column for the table's name; ``latex`` (booktabs) and ``markdown`` are one table each.
    """
    return FORMATS[form](tables)


def table_csv(table: PaperTable) -> str:
    """Return a table as the CSV file that a run leaves: regime, model, languages, mean."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["regime", "model", *table.columns])
    writer.writerows([row.group, row.model, *row.cells] for row in table.rows)
    return stream.getvalue()
