"""Tables that are no matrix of models by languages: a CSV file each, printed in blocks."""

from __future__ import annotations

import csv
import io
import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "Block",
    "Line",
    "Sheet",
    "sheet_csv",
    "sheet_data",
    "sheets_grid",
    "sheets_text",
    "text_grid",
]

#: Terminal columns that a text is wrapped to.
_WIDTH = 100
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class Line(NamedTuple):
    """One line of a block: a name with its cells; without cells a heading of the lines below."""

    name: str
    cells: tuple[str, ...] = ()


class Block(NamedTuple):
    """A part of a table as it is printed.

    Attributes
    ----------
    title
        What it shows, in one line.
    about
        What the numbers mean: what is chance, what are 0 and 1.
    columns
        Heads of the cells.
    lines
        The lines.
    notes
        What the cells cannot say, a sentence each.
    """

    title: str
    about: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


class Sheet(NamedTuple):
    """A table with everything that its file has, and the blocks that are printed of it.

    Attributes
    ----------
    name
        Also the name of its CSV file.
    header, rows
        Of the file, as printed there; empty where there is nothing.
    blocks
        What a terminal shows.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    blocks: tuple[Block, ...]


def text_grid(columns: Sequence[str], lines: Sequence[Line]) -> list[str]:
    """Return lines of text with aligned columns: the head, a rule, and a line for each.

    Names stand left, cells right. Laid out here and not by tabulate, which knows no headings.
    """
    printed = [("", columns), *(line for line in lines if line.cells)]
    first = max(len(name) for name, _ in printed)
    widths = [max(len(cells[place]) for _, cells in printed) for place in range(len(columns))]

    def aligned(name: str, cells: Sequence[str]) -> str:
        right = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
        return "  ".join([name.ljust(first), *right]).rstrip()

    rule = "  ".join("-" * width for width in (first, *widths))
    body = [aligned(line.name, line.cells) if line.cells else line.name for line in lines]
    return [aligned("", columns), rule, *body]


def sheets_text(sheets: Iterable[Sheet]) -> str:
    """Return the blocks of tables as a terminal shows them, at most 100 columns wide in prose."""
    return "\n\n".join("\n".join(_block_lines(block)) for sheet in sheets for block in sheet.blocks)


def _block_lines(block: Block) -> list[str]:
    shown = [block.title, *textwrap.wrap(block.about, _WIDTH)]
    shown += text_grid(block.columns, block.lines)
    for note in block.notes:
        shown += textwrap.wrap(note, _WIDTH, subsequent_indent="  ")
    return shown


def sheet_csv(sheet: Sheet) -> str:
    """Return a table as the CSV file that a run leaves."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(sheet.header)
    writer.writerows(sheet.rows)
    return stream.getvalue()


def sheet_data(sheet: Sheet) -> dict[str, object]:
    """Return a table as data that JSON can hold: its rows by the names of the columns.

    Printed numbers are numbers, and an empty cell is ``None``.
    """
    return {
        "name": sheet.name,
        "title": "; ".join(block.title for block in sheet.blocks),
        "rows": [dict(zip(sheet.header, map(_value, row), strict=True)) for row in sheet.rows],
    }


def _value(cell: str) -> str | float | None:
    return float(cell) if _NUMBER.fullmatch(cell) else cell or None


def sheets_grid(sheets: Iterable[Sheet], *, tablefmt: str, title: str, prose: str) -> str:
    """Return the blocks of tables in a format of tabulate, each with its text and notes.

    Parameters
    ----------
    sheets
        The tables.
    tablefmt
        As tabulate names it.
    title, prose
        What frames a title and any other line of text, with ``{}`` in its place.
    """
    # Imported here: it takes longer to load than everything else that prints a table.
    from tabulate import tabulate  # noqa: PLC0415

    found = []
    for block in (block for sheet in sheets for block in sheet.blocks):
        empty = ("",) * len(block.columns)
        body = [[line.name, *(line.cells or empty)] for line in block.lines]
        grid = tabulate(
            body,
            ["", *block.columns],
            tablefmt=tablefmt,
            disable_numparse=True,
            colalign=("left", *("right" for _ in block.columns)) if body else None,
        )
        notes = (prose.format(note) for note in block.notes)
        found += [title.format(block.title), prose.format(block.about), grid, *notes]
    return "\n\n".join(found)
