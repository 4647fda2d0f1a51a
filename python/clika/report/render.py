"""Tables as text: terminal, Markdown, LaTeX, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from itertools import groupby
from typing import TYPE_CHECKING

from clika.report.sheets import (
    Line,
    sheet_csv,
    sheet_data,
    sheets_grid,
    sheets_text,
    text_grid,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clika.report.sheets import Sheet
    from clika.report.tables import PaperTable, TableRow

__all__ = ["FORMATS", "intervals_csv", "render", "table_csv"]


def _terminal(tables: Sequence[PaperTable], sheets: Sequence[Sheet]) -> str:
    parts = [_terminal_table(table) for table in tables]
    others = sheets_text(sheets)
    return "\n\n".join([*parts, *([others] if others else [])])


def _terminal_table(table: PaperTable) -> str:
    lines = []
    for group, members in groupby(table.rows, key=lambda row: row.group):
        lines.append(Line(f"[{group}]"))
        lines += [line for row in members for line in _lines(row)]
    shown = [table.title, *text_grid(table.columns, lines)]
    shown += [
        f"{row.model}: no mean without {', '.join(row.missing)}"
        for row in table.rows
        if row.missing
    ]
    shown += _without_interval(table)
    return "\n".join(shown)


def _lines(row: TableRow) -> list[Line]:
    """Return a row's lines: the ends of its intervals stand under it."""
    lines = [Line(row.model, row.cells)]
    if row.intervals:
        lines.append(Line("  from", tuple(interval.low for interval in row.intervals)))
        lines.append(Line("  to", tuple(interval.high for interval in row.intervals)))
    return lines


def _without_interval(table: PaperTable) -> list[str]:
    """Return a line for each reason why numbers have no interval."""
    places: dict[str, dict[str, list[str]]] = {}
    for row in table.rows:
        for column, interval in zip(table.columns, row.intervals, strict=False):
            if interval.reason is not None:
                of_reason = places.setdefault(interval.reason, {})
                of_reason.setdefault(column, []).append(row.model)
    return [
        f"No interval ({reason}): "
        + "; ".join(
            column if len(models) == len(table.rows) else f"{column} of {', '.join(models)}"
            for column, models in columns.items()
        )
        for reason, columns in places.items()
    ]


def _grid(table: PaperTable, tablefmt: str) -> str:
    # Imported here: it takes longer to load than everything else that prints a table.
    from tabulate import tabulate  # noqa: PLC0415

    body = [[row.group, row.model, *_with_intervals(row)] for row in table.rows]
    return tabulate(
        body,
        ["regime", "model", *table.columns],
        tablefmt=tablefmt,
        disable_numparse=True,
        colalign=("left", "left", *("right" for _ in table.columns)) if body else None,
    )


def _with_intervals(row: TableRow) -> Sequence[str]:
    """Return a row's cells, each with its interval behind it."""
    if not row.intervals:
        return row.cells
    return [
        f"{cell} [{interval.low}, {interval.high}]" if interval.low else cell
        for cell, interval in zip(row.cells, row.intervals, strict=True)
    ]


def _markdown(tables: Sequence[PaperTable], sheets: Sequence[Sheet]) -> str:
    parts = [f"**{table.title}**\n\n{_grid(table, 'github')}" for table in tables]
    others = sheets_grid(sheets, tablefmt="github", title="**{}**", prose="{}")
    return "\n\n".join([*parts, *([others] if others else [])])


def _latex(tables: Sequence[PaperTable], sheets: Sequence[Sheet]) -> str:
    parts = [f"% {table.title}\n{_grid(table, 'latex_booktabs')}" for table in tables]
    others = sheets_grid(sheets, tablefmt="latex_booktabs", title="% {}", prose="% {}")
    return "\n\n".join([*parts, *([others] if others else [])])


def _csv(tables: Sequence[PaperTable], sheets: Sequence[Sheet]) -> str:
    return "\n\n".join([_paper_csv(tables), *(sheet_csv(sheet).rstrip("\n") for sheet in sheets)])


def _paper_csv(tables: Sequence[PaperTable]) -> str:
    # One header for all: a table that lacks a column leaves it empty.
    columns = dict.fromkeys(column for table in tables for column in table.columns[:-1])
    header = [*columns, "mean"] if tables else []
    has_intervals = any(row.intervals for table in tables for row in table.rows)
    if has_intervals:
        header = [name for column in header for name in _with_ends(column)]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["table", "regime", "model", *header])
    for table in tables:
        for row in table.rows:
            cells = _cells(table, row)
            found = [cells.get(column, "") for column in header]
            writer.writerow([table.name, row.group, row.model, *found])
    return stream.getvalue().rstrip("\n")


def _with_ends(column: str) -> tuple[str, str, str]:
    return column, f"{column}_low", f"{column}_high"


def _cells(table: PaperTable, row: TableRow) -> dict[str, str]:
    """Return a row by the names of its columns, those of the intervals' ends among them."""
    cells = dict(zip(table.columns, row.cells, strict=True))
    for column, interval in zip(table.columns, row.intervals, strict=False):
        _, low, high = _with_ends(column)
        cells |= {low: interval.low, high: interval.high}
    return cells


def _json(tables: Sequence[PaperTable], sheets: Sequence[Sheet]) -> str:
    content: list[dict[str, object]] = [
        {
            "name": table.name,
            "title": table.title,
            "rows": [_json_row(table, row) for row in table.rows],
        }
        for table in tables
    ]
    content += map(sheet_data, sheets)
    return json.dumps(content, indent=1, ensure_ascii=False)


def _json_row(table: PaperTable, row: TableRow) -> dict[str, object]:
    found: dict[str, object] = {
        "regime": row.group,
        "model": row.model,
        "values": dict(zip(table.columns, map(_number, row.cells), strict=True)),
        "missing": row.missing,
    }
    if row.intervals:
        found["intervals"] = {
            column: {
                "low": _number(interval.low),
                "high": _number(interval.high),
                "reason": interval.reason,
            }
            for column, interval in zip(table.columns, row.intervals, strict=True)
        }
    return found


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


#: Output formats by name.
FORMATS: dict[str, Callable[[Sequence[PaperTable], Sequence[Sheet]], str]] = {
    "table": _terminal,
    "json": _json,
    "csv": _csv,
    "latex": _latex,
    "markdown": _markdown,
}


def render(tables: Sequence[PaperTable], sheets: Sequence[Sheet] = (), *, form: str) -> str:
    """Return tables as text in one of :data:`FORMATS`, without a line end at its end.

    Parameters
    ----------
    tables
        The tables; they may have different columns.
    sheets
        Others, after them: in ``csv`` each behind an empty line with a header of its own.
    form
        ``table`` groups the rows by regime and names what an empty mean wants; ``json`` holds the
        printed numbers, ``null`` for an empty one, and the wants; ``csv`` is one table with a
        column for the table's name; ``latex`` (booktabs) and ``markdown`` are one table each.
        Intervals, where the tables have them, stand in ``table`` on two lines under the model, so
        that a line is no wider than without; in ``csv`` in two columns behind each; in ``latex``
        and ``markdown`` as ``74.6 [71.8, 77.2]``.
    """
    return FORMATS[form](tables, sheets)


def table_csv(table: PaperTable) -> str:
    """Return a table as the CSV file that a run leaves: regime, model, languages, mean."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["regime", "model", *table.columns])
    writer.writerows([row.group, row.model, *row.cells] for row in table.rows)
    return stream.getvalue()


def intervals_csv(tables: Sequence[PaperTable]) -> str:
    """Return the intervals of all tables as one CSV file: a line for each number printed.

    Its columns are table, model, column, value, low, high and reason, which says why a number has
    no interval.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["table", "model", "column", "value", "low", "high", "reason"])
    for table in tables:
        for row in table.rows:
            for column, cell, interval in zip(table.columns, row.cells, row.intervals, strict=True):
                if cell:
                    writer.writerow([table.name, row.model, column, cell, *interval])
    return stream.getvalue()
