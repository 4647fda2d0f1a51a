"""Every benchmark, as one table: `make bench`.

The figures of a run are kept under benches/results/ with the hardware's name; nothing tests them.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from timing import hardware, markdown

#: The benchmarks in the order of the table: each module has `run()`, which returns rows.
BENCHMARKS = (
    "parser",
    "ingest",
    "pair_counts",
    "scale",
    "bootstrap",
    "rankc",
    "paired",
    "score",
    "infer",
)
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run what is asked for, print the table, and write it where --save names a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmarks", nargs="*", metavar="|".join(BENCHMARKS))
    parser.add_argument("--save", metavar="NAME", help="write benches/results/NAME.md")
    arguments = parser.parse_args()
    unknown = set(arguments.benchmarks) - set(BENCHMARKS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    rows = []
    for name in arguments.benchmarks or BENCHMARKS:
        print(f"{name} ...", file=sys.stderr)
        rows += importlib.import_module(name).run()
    text = "\n".join(
        [
            "# Speed",
            "",
            f"{hardware()}. Medians of 5 pairs, run in turn;",
            "ratio = peer / clika, so above 1 clika is faster.",
            "",
            markdown(rows),
            "",
        ]
    )
    print(text)
    if arguments.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{arguments.save}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
