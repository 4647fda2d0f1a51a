"""A comparison as lines for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from clika.views.terminal_text import escaped, padded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.views.compare.model import ComparedTask, CompareView, Family, Row

__all__ = ["compare_lines", "wrapped_text"]

_INDENT = "  "
_HEADS = ("", "A", "B", "B - A", "95 % interval", "only A", "only B", "p", "p adj")
_TITLES = {"acc": "Accuracy, percent", "ra": "Re-scaled accuracy", "co": "Overlap of right answers"}
_OTHERS = {"undecided": "undecided", "flagged": "no verdict (flagged)"}
_STYLES = {"lost": "red", "gained": "bold green"}


class _Style(NamedTuple):
    """How the numbers of a metric are printed: a factor, and digits behind the point."""

    factor: float = 1.0
    digits: int = 3

    def number(self, value: float | None, *, signed: bool = False) -> str:
        if value is None:
            return ""
        text = f"{value * self.factor:{'+' if signed else ''}.{self.digits}f}"
        # Not -0.0: a difference that rounds to nothing has no sign.
        return text if float(text) else f"{0:.{self.digits}f}"


def _style(metric: str) -> _Style:
    return _Style(100.0, 1) if metric == "acc" else _Style()


def compare_lines(view: CompareView, *, width: int) -> Iterator[Text]:
    """Yield the lines of a page about two models.

    Parameters
    ----------
    view
        The comparison.
    width
        Terminal cells of a line.
    """
    first, second = map(escaped, view.names)
    yield Text(f"A = {first}, B = {second}, read by {view.rule}", style="bold")
    for task in view.tasks:
        yield from wrapped_text(_shared(task), width)
    for sentence in view.left_out:
        yield from wrapped_text(sentence, width)
    for family in view.families:
        yield Text()
        yield from _family(view, family, width)


def wrapped_text(
    text: str, width: int, *, first: str = "", indent: str = "", style: str = "dim"
) -> Iterator[Text]:
    """Yield a text as lines of ``width`` cells, the first behind ``first``, the rest ``indent``."""
    for line in textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    ):
        yield Text(line, style=style)


def _shared(task: ComparedTask) -> str:
    parts = [f"{escaped(task.task.heading)}: {task.n_shared} items asked of both"]
    if task.n_clusters < task.n_shared:
        parts.append(f"in {task.n_clusters} clusters")
    alone = [
        f"{count} of {name} alone"
        for count, name in ((task.n_only_first, "A"), (task.n_only_second, "B"))
        if count
    ]
    if alone:
        parts.append(f"left out: {' and '.join(alone)}")
    return ", ".join(parts) + "."


def _family(view: CompareView, family: Family, width: int) -> Iterator[Text]:
    yield Text(_title(family.metric), style="bold")
    if not family.rows:
        yield Text(f"{_INDENT}Nothing of this was asked for, or asked of the models.", style="dim")
        return
    yield from wrapped_text(_about(view, family), width)
    for task in view.tasks:
        rows = [row for row in family.rows if row.task == task.task.name]
        if rows:
            yield Text()
            yield Text(escaped(task.task.heading), style="bold")
            yield from _table(rows, _style(family.metric), width)
            yield from wrapped_text(_in_words(rows), width, indent=_INDENT, style="")


def _title(metric: str) -> str:
    title = _TITLES.get(metric.partition(":")[0])
    return f"{title} ({metric})" if title else metric


def _about(view: CompareView, family: Family) -> str:
    """Say what the family is and where its p-values come from."""
    if not family.n_tests:
        return (
            "No p: this is no ratio of sums over items. The interval is a joint bootstrap over "
            f"items, {view.question.sampling.replicates:,} replicates."
        )
    swaps = f"{view.question.sampling.replicates:,} random swaps of A and B"
    exact = dict.fromkeys(row.task for row in family.rows if row.exact)
    drawn = dict.fromkeys(row.task for row in family.rows if row.exact is False)
    sources = []
    if exact:
        sources.append(f"McNemar's exact test ({', '.join(exact)})")
    if drawn:
        sources.append(f"{swaps} ({', '.join(drawn)})")
    adjusted = {
        "max-t": f"by step-down max-T over {swaps}",
        "holm": "by Holm's procedure",
    }[view.question.adjustment]
    return (
        f"Family: {family.n_tests} tests, this metric in all languages and tasks. p: "
        f"{' and '.join(sources)}. p adj: {adjusted}. Only A, only B: items that count for one "
        "model alone. *: p adj is at most 5 %."
    )


def _table(rows: Sequence[Row], style: _Style, width: int) -> Iterator[Text]:
    columns = list(zip(_HEADS, *(_cells(row, style) for row in rows), strict=True))
    # A metric without a test leaves its columns empty.
    columns = [column for column in columns if any(map(str.strip, column[1:]))]
    widths = [max(map(len, column)) for column in columns]
    heads, *lines = zip(*columns, strict=True)
    yield Text(_aligned(heads, widths), style="dim")
    for row, line in zip(rows, lines, strict=True):
        text = Text(_aligned(line, widths), style=_STYLES.get(row.verdict or "", ""))
        notes = _notes(row)
        if notes and len(text) + len(_INDENT) + len(notes) <= width:
            text.append(f"{_INDENT}{notes}", style="dim")
            notes = ""
        yield text
        yield from wrapped_text(notes, width, indent=_INDENT * 4, first=_INDENT * 4)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        padded(cell, width) if place == 0 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([_INDENT + first, *others]).rstrip()


def _cells(row: Row, style: _Style) -> tuple[str, ...]:
    interval = ""
    if row.low is not None and row.high is not None:
        ends = (style.number(end, signed=True) for end in (row.low, row.high))
        interval = f"[{', '.join(ends)}]"
    return (
        row.cell,
        *(style.number(value) for value in row.values),
        style.number(row.difference, signed=True),
        interval,
        "" if row.only_first is None else str(row.only_first),
        "" if row.only_second is None else str(row.only_second),
        _p(row.p),
        _p(row.p_adjusted) + ("*" if row.verdict in _STYLES else " "),
    )


def _p(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if value >= 1e-4 else f"{value:.0e}"  # noqa: PLR2004


def _notes(row: Row) -> str:
    """Say why something is missing, and which flags the values have."""
    both = [flag for flag in row.flags[0] if flag in row.flags[1]]
    alone = [
        f"{flag} ({name})"
        for name, flags in zip("AB", row.flags, strict=True)
        for flag in flags
        if flag not in both
    ]
    reason = [] if row.reason is None else [row.reason]
    return "; ".join([*reason, *both, *alone])


def _in_words(rows: Sequence[Row]) -> str:
    """Say which cells were lost and gained, by the adjusted p-values."""
    cells: dict[str, list[str]] = {}
    for row in rows:
        if row.verdict is not None:
            cells.setdefault(row.verdict, []).append(row.cell)
    parts = [f"{word} {', '.join(cells[word])}" for word in _STYLES if word in cells]
    sentences = [f"B {' and '.join(parts) or 'lost and gained nothing for certain'}"]
    sentences += [
        f"{words}: {', '.join(cells[word])}" for word, words in _OTHERS.items() if word in cells
    ]
    return _INDENT + "; ".join(sentences) + "." if cells else ""
