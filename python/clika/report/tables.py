"""A table as the paper lays it out: rows = models by regime, columns = languages, then a mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "Ends",
    "NumberStyle",
    "PaperTable",
    "PrintedInterval",
    "TableHead",
    "TableRow",
    "Values",
    "build_table",
]

#: Values of one metric: (model, language) to share, ``None`` where it is undefined or missing.
Values = dict[tuple[str, str], float | None]


class Ends(NamedTuple):
    """The interval of one number: its ends, ``None`` both where there is none for a reason."""

    low: float | None
    high: float | None
    reason: str | None


class NumberStyle(NamedTuple):
    """How the numbers of a table are printed.

    Attributes
    ----------
    scale
        100 for percent, 1 for shares.
    decimals
        Digits after the point.
    floor
        What smaller values are printed as (RA is printed clipped at 0); ``None`` for no floor.
    """

    scale: int
    decimals: int
    floor: float | None = None

    def render(self, value: float | None) -> str:
        """Return the printed number, empty for ``None``.

        Examples
        --------
        >>> NumberStyle(scale=1, decimals=2, floor=0.0).render(-0.3)
        '0.00'
        """
        if value is None:
            return ""
        shown = value if self.floor is None else max(value, self.floor)
        text = f"{shown * self.scale:.{self.decimals}f}"
        # A rounded -0.00 is 0.00.
        return text.removeprefix("-") if not text.strip("-0.") else text


class TableHead(NamedTuple):
    """What a table is.

    Attributes
    ----------
    name
        Also the name of its CSV file.
    title
        What it shows, in one line.
    style
        How its numbers are printed.
    """

    name: str
    title: str
    style: NumberStyle


class PrintedInterval(NamedTuple):
    """An interval as printed: empty, with a reason, where there is none.

    Where there is no number either, the reason is ``None``: :attr:`TableRow.missing` tells.
    """

    low: str
    high: str
    reason: str | None


class TableRow(NamedTuple):
    """One model's row.

    Attributes
    ----------
    group
        The regime that the model belongs to.
    model
        Its name.
    cells
        One printed number a column, empty where there is none.
    missing
        For want of what a mean in this row is empty: languages, or of a mean over tasks the task
        and, unless it lacks every language, the language.
    intervals
        One a column; none at all where they were not asked for.
    """

    group: str
    model: str
    cells: tuple[str, ...]
    missing: tuple[str, ...]
    intervals: tuple[PrintedInterval, ...] = ()


class PaperTable(NamedTuple):
    """A table as the paper prints it.

    Attributes
    ----------
    name
        Also the name of its CSV file.
    title
        What it shows, in one line.
    columns
        Languages, then ``mean``.
    rows
        Grouped by regime, in the registry's order.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


def build_table(
    head: TableHead,
    members: Mapping[str, Values],
    *,
    groups: Mapping[str, str],
    columns: Sequence[str],
    averaged: Sequence[str],
    intervals: Mapping[tuple[str, str], Ends] | None = None,
) -> PaperTable:
    """Lay out one table.

    Parameters
    ----------
    head
        What it is.
    members
        The values of each task by its name; of several tasks the table shows the mean.
    groups
        The regime of each model, in the order of the rows.
    columns
        The languages that are shown.
    averaged
        The languages whose mean stands in the last column, whether they are shown or not: a mean
        keeps its meaning when a part of a table is asked for.
    intervals
        The interval of each model and column, ``mean`` among them; ``None`` where they were not
        asked for.

    Returns
    -------
    PaperTable
        A mean with a missing member is empty, and the row names the member. Means are exactly
        rounded sums, divided once, so they are the same on every machine.
    """
    rows = []
    for model, group in groups.items():
        shares = {
            language: _mean(values.get((model, language)) for values in members.values())
            for language in dict.fromkeys([*columns, *averaged])
        }
        mean = _mean(shares[language] for language in averaged)
        cells = [head.style.render(value) for value in [*(shares[c] for c in columns), mean]]
        needed = averaged if len(members) == 1 else tuple(shares)
        row = TableRow(group, model, tuple(cells), _missing(members, model, needed))
        if intervals is not None:
            ends = (intervals[model, column] for column in (*columns, "mean"))
            printed = (_print(*pair, head.style) for pair in zip(cells, ends, strict=True))
            row = row._replace(intervals=tuple(printed))
        rows.append(row)
    return PaperTable(head.name, head.title, (*columns, "mean"), tuple(rows))


def _print(cell: str, ends: Ends, style: NumberStyle) -> PrintedInterval:
    if not cell:
        return PrintedInterval("", "", None)
    return PrintedInterval(style.render(ends.low), style.render(ends.high), ends.reason)


def _mean(values: Iterable[float | None]) -> float | None:
    members = list(values)
    present = [value for value in members if value is not None]
    return math.fsum(present) / len(present) if present and len(present) == len(members) else None


def _missing(
    members: Mapping[str, Values], model: str, languages: Sequence[str]
) -> tuple[str, ...]:
    named: list[str] = []
    for task, values in members.items():
        gaps = [language for language in languages if values.get((model, language)) is None]
        if len(members) == 1:
            named += gaps
        elif gaps == [*languages]:
            named.append(task)
        else:
            named += [f"{task} {language}" for language in gaps]
    return tuple(named)
