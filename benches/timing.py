"""Timing one thing against another in one run on one machine, and the table of it."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["RUNS", "Peak", "Row", "hardware", "markdown", "paired"]

#: Timed runs of each side, after one that is not counted.
RUNS = 5


class Row(NamedTuple):
    """One line of the table.

    Attributes
    ----------
    what
        What was done.
    peer
        What it is compared with.
    ours, theirs
        Median seconds of each.
    ratio
        Median over the pairs of theirs / ours: above 1 we are faster.
    note
        What else was seen: throughput, peak memory.
    """

    what: str
    peer: str
    ours: float
    theirs: float
    ratio: float
    note: str = ""


def paired(
    what: str,
    ours: Callable[[], object],
    peer: str,
    theirs: Callable[[], object],
    *,
    runs: int = RUNS,
    note: str = "",
) -> Row:
    """Time two callables in turn, A B A B ..., so that a drift of the machine hits both."""
    ours()
    theirs()
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(runs)]
    return Row(
        what,
        peer,
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(b / a for a, b in pairs),
        note,
    )


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


#: Run from a small process: a child begins with the peak of whom it was forked from.
_MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


class Peak:
    """The greatest resident memory of any process so far, in bytes."""

    def __init__(self) -> None:
        self.bytes = 0

    def call(self, *command: str | Path) -> None:
        """Run a command to its end; what it prints is thrown away."""
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, *command], check=True, stdout=subprocess.PIPE
        )
        self.bytes = max(self.bytes, int(done.stdout) * 1024)


def hardware() -> str:
    """Return the processor, how many of it this process may use, and the system."""
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    count = len(os.sched_getaffinity(0))
    return f"{model}, {count} processors, {platform.system()}, Python {platform.python_version()}"


def markdown(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| what | against | clika | peer | ratio | note |",
        "|---|---|---:|---:|---:|---|",
    ]
    lines += [
        f"| {row.what} | {row.peer} | {_shown(row.ours)} | {_shown(row.theirs)} "
        f"| {row.ratio:.2f}x | {row.note} |"
        for row in rows
    ]
    return "\n".join(lines)


def _shown(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
