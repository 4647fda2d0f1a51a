"""Numbers as text for a terminal and as HTML for a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["FLAGGED", "UNDEFINED", "Table", "notes", "value_text"]

#: Stands where a number is undefined; a note below says why.
UNDEFINED = "–"
#: Stands after a flagged number.
FLAGGED = "*"

#: Places that a note names before it counts the rest.
_NAMED = 6


def value_text(value: float, low: float | None, high: float | None) -> str:
    """Return a number with three decimals, with its interval where there is one.

    Examples
    --------
    >>> value_text(0.5, None, None), value_text(-0.0001, -0.1, 0.1)
    ('0.500', '0.000 [-0.100, 0.100]')
    """

    def rounded(number: float) -> str:
        text = f"{number:.3f}"
        return text.removeprefix("-") if float(text) == 0 else text

    if low is None or high is None:
        return rounded(value)
    return f"{rounded(value)} [{rounded(low)}, {rounded(high)}]"


def notes(places: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a line for each text with the places where it holds.

    Examples
    --------
    >>> notes({"* few": ["en-de", "de-en"]})
    ['* few: en-de, de-en']
    """
    lines = []
    for text, where in places.items():
        more = f" and {len(where) - _NAMED} more" if len(where) > _NAMED else ""
        lines.append(f"{text}: {', '.join(where[:_NAMED])}{more}")
    return lines


class Table(NamedTuple):
    """A table to print.

    Attributes
    ----------
    title
        Stands above it.
    columns
        Headings.
    rows
        Name and cells of each row.
    below
        Lines that stand below it.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    below: Sequence[str] = ()

    def text(self) -> str:
        """Return it with right-aligned columns, without a line end at its end."""
        first = max((cell_len(name) for name, _ in self.rows), default=0)
        widths = [
            max(cell_len(text) for text in (heading, *(cells[place] for _, cells in self.rows)))
            for place, heading in enumerate(self.columns)
        ]

        def line(name: str, cells: Sequence[str]) -> str:
            aligned = (
                " " * (width - cell_len(cell)) + cell
                for cell, width in zip(cells, widths, strict=True)
            )
            return "  ".join([name + " " * (first - cell_len(name)), *aligned]).rstrip()

        lines = [self.title, line("", self.columns)]
        return "\n".join([*lines, *(line(*row) for row in self.rows), *self.below])

    def html(self) -> str:
        """Return it as a table with a caption, and a paragraph for each line below."""

        def cells(tag: str, texts: Iterable[str]) -> str:
            return "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts)

        body = "".join(
            f'<tr><th scope="row">{escape(name)}</th>{cells("td", found)}</tr>'
            for name, found in self.rows
        )
        below = "".join(f"<p>{escape(text)}</p>" for text in self.below)
        return (
            f"<table><caption>{escape(self.title)}</caption><thead><tr><th></th>"
            f"{cells('th', self.columns)}</tr></thead><tbody>{body}</tbody></table>{below}"
        )
