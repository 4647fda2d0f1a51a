"""What a simulation reports of one number in one design, and the files and tables of it."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from clika.metrics.measure import Floats, Interval, Reasons

__all__ = ["Covered", "Design", "Size", "covered", "markdown", "percent", "write_csv"]

#: Coverage outside of these limits is marked.
LEAST, MOST = 0.92, 0.985


class Design(NamedTuple):
    """What is simulated.

    Attributes
    ----------
    answers
        How the models answer, in words.
    n
        Number of items.
    per_cluster
        Items in each cluster.
    """

    answers: str
    n: int
    per_cluster: int


class Covered(NamedTuple):
    """How often intervals contain the true value.

    Attributes
    ----------
    number
        Metric, with its variant after a colon.
    method
        How the interval is made.
    cells
        Which languages or pairs are pooled.
    design
        What is simulated.
    sets
        Number of data sets.
    truth
        Mean true value of the cells.
    coverage
        Share of the intervals that contain the true value; NaN where there is none.
    below, above
        Share of the intervals that lie wholly below it and wholly above it.
    width
        Mean width.
    without
        Share of values without an interval, or undefined.
    reasons
        Why, the most frequent first, with their numbers.
    """

    number: str
    method: str
    cells: str
    design: Design
    sets: int
    truth: float
    coverage: float
    below: float
    above: float
    width: float
    without: float
    reasons: str

    @property
    def marked(self) -> bool:
        """Whether the coverage is far from the nominal one."""
        return not LEAST <= self.coverage <= MOST


class Size(NamedTuple):
    """How often a test rejects although there is no difference.

    Attributes
    ----------
    number
        Metric, with its variant after a colon.
    test
        Which test p is of.
    design
        What is simulated.
    sets
        Number of data sets.
    size, unstudentised
        Share of p at most .05, of the test and of the swaps of the plain difference; NaN: not run.
    family
        Share of data sets in which some adjusted p of the metric's cells is at most .05.
    interval
        Share of intervals of the difference that do not contain 0.
    """

    number: str
    test: str
    design: Design
    sets: int
    size: float
    unstudentised: float
    family: float
    interval: float


def covered(
    name: tuple[str, str, str], design: Design, interval: Interval, truth: Floats
) -> Covered:
    """Return how often intervals contain the true value.

    Parameters
    ----------
    name
        Number, method and cells, as of :class:`Covered`.
    design
        What is simulated.
    interval
        ``(n_sets, n_cells)``.
    truth
        ``(n_cells,)``.
    """
    has = ~np.isnan(interval.low)
    below, above = (interval.high < truth) & has, (interval.low > truth) & has
    count = has.sum()

    def share(held: NDArray[np.bool_]) -> float:
        return float(held.sum() / count) if count else np.nan

    return Covered(
        *name,
        design,
        sets=len(has),
        truth=float(truth.mean()),
        coverage=1 - share(below) - share(above),
        below=share(below),
        above=share(above),
        width=float(np.mean((interval.high - interval.low)[has])) if count else np.nan,
        without=float(1 - has.mean()),
        reasons=_counted(interval.reason[~has]),
    )


def _counted(reasons: Reasons) -> str:
    found = Counter(map(str, reasons.tolist())).most_common()
    return "; ".join(f"{reason} ({times})" for reason, times in found)


def percent(share: float) -> str:
    """Return a share in percent with one decimal; a dash for none."""
    return "–" if np.isnan(share) else f"{100 * share:.1f}"


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]], *, texts: int = 1) -> str:
    """Return a Markdown table: columns of text first, then numbers, at the right."""
    rules = ["---"] * texts + ["---:"] * (len(heads) - texts)
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, rules, *rows])


def write_csv(path: Path, rows: Sequence[Covered] | Sequence[Size]) -> None:
    """Write rows, the fields of the design as columns of their own."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_flat(type(rows[0])._fields, Design._fields))
        writer.writerows(_flat(row, row.design) for row in rows)


def _flat(row: Sequence[object], design: Sequence[object]) -> list[object]:
    """Return a row with its design (of the fields, the name of it) unfolded."""
    cells: list[object] = []
    for cell in row:
        unfolded = isinstance(cell, Design) or cell == "design"
        cells += design if unfolded else [cell]
    return [f"{cell:.4f}" if isinstance(cell, float) else cell for cell in cells]
