"""What earlier jobs here took: the workflow notes it, and it beats any arithmetic."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Measured", "Timed", "benchmark_seconds", "measured_ratio"]

#: Share of its estimate below which a job cannot have done all of its work: it found some done.
_SHORTEST = 0.05


class Timed(NamedTuple):
    """A job with its times in seconds.

    Attributes
    ----------
    took
        As measured; ``None`` where nobody did.
    estimate
        By arithmetic; ``None`` where it is not known.
    least
        Below this it cannot have done all of its work.
    """

    took: float | None
    estimate: float | None
    least: float = 0.0


class Measured(NamedTuple):
    """What earlier jobs say of the estimates.

    Attributes
    ----------
    ratio
        Measured by estimated time, sum by sum, so that a long job counts more; 1 for no job.
    jobs
        How many jobs say so.
    left_out
        How many were too short to have done all of their work.
    """

    ratio: float
    jobs: int
    left_out: int


def benchmark_seconds(path: Path) -> float | None:
    """Return the seconds that a job took by its benchmark file; ``None`` where there is none.

    Parameters
    ----------
    path
        What Snakemake's ``benchmark:`` wrote: tab-separated, seconds in the column ``s``.
    """
    try:
        with path.open(encoding="utf-8", newline="") as opened:
            rows = [*csv.DictReader(opened, delimiter="\t")]
        return sum(float(row["s"]) for row in rows) / len(rows)
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None


def measured_ratio(timed: Sequence[Timed]) -> Measured:
    """Return how much longer jobs took than arithmetic says.

    A job that was started again notes the time of its last start alone, which may be next to
    nothing: a time below a twentieth of the estimate, or below the least, is left out.

    Parameters
    ----------
    timed
        The jobs; those without both times say nothing.

    Examples
    --------
    >>> measured_ratio([Timed(30.0, 10.0), Timed(None, 5.0), Timed(10.0, 10.0), Timed(1.0, 90.0)])
    Measured(ratio=2.0, jobs=2, left_out=1)
    """
    known = [
        (job.took, job.estimate, job.least)
        for job in timed
        if job.took is not None and job.estimate
    ]
    whole = [(took, said) for took, said, least in known if took >= max(least, _SHORTEST * said)]
    ratio = sum(took for took, _ in whole) / sum(said for _, said in whole) if whole else 1.0
    return Measured(ratio, len(whole), len(known) - len(whole))
