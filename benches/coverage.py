"""How far intervals and tests are to be trusted: simulated coverage and size.

python benches/coverage.py           prints the tables; it takes about ten minutes on two processors
python benches/coverage.py --save    also writes benches/results/coverage.md, and every row as CSV
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import coverage_conductivity as conductivity
import coverage_contrasts as contrasts
import coverage_intervals as intervals
import coverage_tests as tests
from coverage_rows import LEAST, MOST, Covered, Size, markdown, percent, write_csv
from simulated import LAWS, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

RESULTS = Path(__file__).parent / "results"
#: Numbers with a corner where two accuracies are equal.
CORNERED = ("co:min", "co_star_max:gold-letter", "co_star_max:marginal")
#: Numbers without an interval in more data sets than this are listed.
OFTEN_WITHOUT = 0.05


class Found(NamedTuple):
    """Everything that was simulated."""

    intervals: Sequence[Covered]
    conductivity: Sequence[Covered]
    contrasts: Sequence[Covered]
    tests: Sequence[Size]


def simulate_all() -> Found:
    """Run every simulation, saying on standard error which one."""
    found = []
    for part in (intervals, conductivity, contrasts, tests):
        print(f"{part.__name__} ...", file=sys.stderr)
        found.append([*part.run()])
    return Found(*found)


def report(found: Found) -> str:
    """Return the page of tables."""
    in_grid = [row for row in found.intervals if _in_grid(row)]
    others = [row for row in found.intervals if not _in_grid(row)]
    return "\n\n".join(
        [
            "# Coverage and size",
            _settings(),
            "## 95 % intervals: coverage in percent",
            _grid(in_grid, _coverages),
            "## Values without an interval, in percent",
            "Where it is more than one data set in twenty in some design; the most over the sizes.",
            _grid(_often_without(in_grid), _most_without),
            "## Other designs: coverage in percent",
            _listed(others),
            "## Conductivity: coverage in percent",
            _worlds(row for row in found.conductivity if row.design.answers.startswith("one")),
            _listed(row for row in found.conductivity if not row.design.answers.startswith("one")),
            "## Claims about conductivity: coverage in percent",
            _listed(found.contrasts),
            "## Tests at 5 %: rejections in percent where there is no difference",
            _sizes(found.tests),
        ]
    )


def _settings() -> str:
    accuracies = "; ".join(
        f"*{name}* {', '.join(f'{share:.2f}' for share in law.accuracies)}"
        for name, law in LAWS.items()
    )
    sizes = ", ".join(f"{n:,}" for n in intervals.SIZES)
    return (
        f"{intervals.SETS:,} made-up data sets of each design, {OPTIONS} options, a pivot and two\n"
        f"other languages; accuracies: {accuracies}.\n"
        f"{intervals.REPLICATES:,} bootstrap replicates and draws and {tests.SWAPS} swaps, fewer\n"
        "than clika's own 10,000. The error of a coverage near 95 % is ±1.4 points (two standard\n"
        "errors), less where languages or pairs are pooled.\n"
        f"A range is over n = {sizes}. **Bold**: some coverage below {100 * LEAST:.0f} % or above\n"
        f"{100 * MOST} %. Every row, with widths and the share of intervals on either side of the\n"
        "truth, is in `benches/results/coverage-*.csv`."
    )


def _in_grid(row: Covered) -> bool:
    """Whether the row's number was simulated in every design, by its own method."""
    ranked = row.number.startswith("rankc")
    return row.design.answers in LAWS and not ranked and row.method != intervals.NOT_USED


def _grid(rows: Sequence[Covered], shown: Callable[[Sequence[Covered]], str]) -> str:
    """Return a table of numbers by regime and cluster size."""
    names = dict.fromkeys(map(_name, rows))
    designs = [(law, size) for size in intervals.CLUSTERS for law in LAWS]
    heads = ["", *(f"{law}, {_clusters(size)}" for law, size in designs)]
    lines = []
    for name in names:
        cells = [
            [row for row in rows if _name(row) == name and row.design[::2] == design]
            for design in designs
        ]
        lines.append([name, *(shown(cell) if cell else "" for cell in cells)])
    return markdown(heads, lines)


def _clusters(size: int) -> str:
    return "single" if size == 1 else f"by {size}"


def _name(row: Covered) -> str:
    """Return a number's name, with the kind of its pairs where that matters."""
    return f"`{row.number}`, {row.cells}" if row.number in CORNERED else f"`{row.number}`"


def _coverages(rows: Sequence[Covered]) -> str:
    """Return the coverage, or the least and the greatest."""
    found = sorted({row.coverage for row in rows})
    text = "–".join(map(percent, found[:: max(1, len(found) - 1)]))
    return f"**{text}**" if any(row.marked for row in rows) else text


def _often_without(rows: Sequence[Covered]) -> list[Covered]:
    names = {_name(row) for row in rows if row.without > OFTEN_WITHOUT}
    return [row for row in rows if _name(row) in names]


def _most_without(rows: Sequence[Covered]) -> str:
    return percent(max(row.without for row in rows))


def _listed(rows: Iterable[Covered]) -> str:
    """Return a table with a line for each number in each kind of data sets, sizes together."""
    together: dict[tuple[str, ...], list[Covered]] = {}
    for row in rows:
        what = f"`{row.number}`", row.method, row.design.answers, _clusters(row.design.per_cluster)
        together.setdefault(what, []).append(row)
    heads = ["", "method", "design", "clusters", "n", "coverage"]
    lines = ([*what, _items(found), _coverages(found)] for what, found in together.items())
    return markdown(heads, lines, texts=5)


def _items(rows: Sequence[Covered]) -> str:
    return ", ".join(f"{n:,}" for n in sorted({row.design.n for row in rows}))


def _worlds(rows: Iterable[Covered]) -> str:
    """Return a table of numbers and methods by world."""
    by_name: dict[str, dict[str, str]] = {}
    for row in rows:
        world = row.design.answers.partition(", ")[2]
        by_name.setdefault(f"`{row.number}`, {row.method}", {})[world] = _coverages([row])
    worlds = [*next(iter(by_name.values()))]
    return markdown(["", *worlds], ([name, *found.values()] for name, found in by_name.items()))


def _sizes(rows: Iterable[Size]) -> str:
    heads = [
        "",
        "test",
        "models",
        "clusters",
        "n",
        "test rejects",
        "unstudentised",
        "family, max-T",
        "interval without 0",
    ]
    return markdown(heads, map(_size, rows), texts=4)


def _size(row: Size) -> list[str]:
    shares = row.size, row.unstudentised, row.family, row.interval
    return [
        f"`{row.number}`",
        row.test,
        row.design.answers,
        _clusters(row.design.per_cluster),
        f"{row.design.n:,}",
        *map(percent, shares),
    ]


def _files(found: Found) -> Iterator[tuple[str, Sequence[Covered] | Sequence[Size]]]:
    yield "coverage-intervals.csv", [*found.intervals, *found.conductivity, *found.contrasts]
    yield "coverage-tests.csv", found.tests


def main() -> None:
    """Simulate, print the tables, and keep them where --save is given."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--save", action="store_true", help="write benches/results/coverage*")
    arguments = parser.parse_args()
    found = simulate_all()
    text = report(found)
    print(text)
    if arguments.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "coverage.md").write_text(f"{text}\n", encoding="utf-8")
        for name, rows in _files(found):
            write_csv(RESULTS / name, rows)


if __name__ == "__main__":
    main()
