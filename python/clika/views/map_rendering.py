"""What ``clika map`` shows: lines for a terminal, and data for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from clika.metrics.maps import RELIABLE, SPLITS
from clika.views.terminal_text import padded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.metrics.maps import Merge
    from clika.views.map import LanguageNumbers, MapView

__all__ = ["map_data", "map_lines", "newick"]

_HEADS = ("acc", "own", "other", "one origin left out")
_CELL = 8
_INDENT = "  "
_HOW = f"split-half reliability of kappa over {SPLITS} splits"


def map_lines(view: MapView) -> Iterator[Text]:
    """Yield the lines of a page about the languages of a model."""
    yield Text(
        f"{view.model} on {view.task.heading}, read by {view.rule}: {view.n} items in "
        f"{len(view.languages)} languages",
        style="bold",
    )
    for metric, words in _OVERALL.items():
        value = view.overall.get(metric)
        yield Text(f"{padded(words, 34)}{'undefined' if value is None else _number(metric, value)}")
    yield Text()
    yield from _accuracies(view)
    yield Text()
    yield from _drawn(view)


_OVERALL = {
    "alpha": "Krippendorff's alpha",
    "cochran_q": "Cochran's Q",
    "cochran_q_p": "its p, equal accuracies",
    "right_in_all": "right in every language",
    "right_in_none": "right in no language",
}


def _number(metric: str, value: float) -> str:
    if metric.startswith("right_in"):
        return f"{_percent(value)} %"
    return f"{value:.1f}" if metric == "cochran_q" else f"{value:.3g}"


def _accuracies(view: MapView) -> Iterator[Text]:
    by_origin = any(row.own is not None for row in view.languages)
    first = max(len(row.language) for row in view.languages) + 2
    heads = _HEADS if by_origin else _HEADS[:1]
    cells = "".join(padded(head, _CELL) for head in heads)
    yield Text("Accuracy, in percent.", style="bold")
    yield Text((_INDENT + " " * first + cells).rstrip(), style="dim")
    for row in view.languages:
        cells = "".join(padded(text, _CELL) for text in _row(row)[: len(heads)])
        yield Text((_INDENT + padded(row.language, first) + cells).rstrip())


def _row(row: LanguageNumbers) -> list[str]:
    ends = None if row.least is None else f"{_percent(row.least)} to {_percent(row.most)}"
    return [*map(_percent, (row.acc, row.own, row.other)), ends or ""]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _drawn(view: MapView) -> Iterator[Text]:
    reliability, scaling, tree = view.drawn
    if scaling is None:
        yield Text(f"No map: {_refusal(view)}.")
        return
    names = [row.language for row in view.languages]
    yield Text(
        f"Map of 1 - kappa: {_HOW} {reliability.value:.2f}; the plane shows "
        f"{100 * scaling.share:.0f} % of the spread.",
        style="bold",
    )
    first = max(map(len, names)) + 2
    for name, (x, y) in zip(names, scaling.coordinates.tolist(), strict=True):
        yield Text(f"{_INDENT}{padded(name, first)}{x:7.3f} {y:7.3f}")
    yield Text()
    yield Text("Tree by average linkage: each fork at its distance.", style="bold")
    for line in _branch(tree, names, len(names) + len(tree) - 1):
        yield Text(_INDENT + line)


def _refusal(view: MapView) -> str:
    value, reason = view.drawn.reliability
    if value is None:
        return f"{_HOW} is undefined ({reason})"
    return f"{_HOW} is {value:.2f}, below {RELIABLE}"


def _branch(tree: Sequence[Merge], names: Sequence[str], node: int) -> list[str]:
    """Return the lines of one node of the tree, those below it indented."""
    if node < len(names):
        return [names[node]]
    merge = tree[node - len(names)]
    lines = [f"{merge.height:.2f}"]
    for child, first, rest in (
        (merge.first, "├─ ", "│  "),
        (merge.second, "└─ ", "   "),
    ):
        below = _branch(tree, names, child)
        lines += [first + below[0], *(rest + line for line in below[1:])]
    return lines


def newick(tree: Sequence[Merge], names: Sequence[str]) -> str:
    """Return a tree in Newick's notation, lengths to two joined languages' half distance.

    Examples
    --------
    >>> from clika.metrics.maps import Merge
    >>> newick([Merge(0, 1, 0.5), Merge(2, 3, 0.75)], ["de", "en", "he"])
    '(he:0.375000,(de:0.250000,en:0.250000):0.125000);'
    """

    def height(node: int) -> float:
        return tree[node - len(names)].height / 2 if node >= len(names) else 0.0

    def written(node: int) -> str:
        if node < len(names):
            return names[node]
        children = tree[node - len(names)][:2]
        parts = [f"{written(c)}:{height(node) - height(c):.6f}" for c in children]
        return f"({','.join(parts)})"

    return f"{written(len(names) + len(tree) - 1)};"


def map_data(view: MapView) -> dict[str, Any]:
    """Return the page as data that JSON can hold; what is undefined or not drawn is null."""
    reliability, scaling, tree = view.drawn
    names = [row.language for row in view.languages]
    return {
        "study": view.study,
        "model": view.model,
        "task": view.task.name,
        "rule": view.rule,
        "n": view.n,
        "overall": view.overall,
        "languages": [row._asdict() for row in view.languages],
        "reliability": reliability.value,
        "reason": None if scaling is not None else _refusal(view),
        "share": None if scaling is None else round(scaling.share, 6),
        "coordinates": None
        if scaling is None
        else {
            name: [round(place, 6) for place in point]
            for name, point in zip(names, scaling.coordinates.tolist(), strict=True)
        },
        "tree": newick(tree, names) if tree else None,
    }
