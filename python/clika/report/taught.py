"""What one taught model's gate and conductivity are, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.schema import CONDUCTIVITY_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.metrics.conductivity_scores import CellNumber
    from clika.metrics.intervals.clustered import Estimate

__all__ = ["taught_lines"]

_RATIOS = {"xrr": "XRR", "xrr_c": "XRR_c"}
_HEADLINE = "non-identical"
_WIDTH = 12


def taught_lines(numbers: Sequence[CellNumber]) -> Iterator[str]:
    """Yield the figures of the gate, then XRR and XRR_c, or why there is none.

    Parameters
    ----------
    numbers
        Of one cell.
    """
    found = {(number.metric, number.variant): number for number in numbers}
    for figure in CONDUCTIVITY_METRICS["gate"]:
        number = found["gate", figure]
        line = f"  {figure:<{_WIDTH}}{_estimate(number.estimate)}"
        yield f"{line}  borderline" if "borderline" in number.flags else line
    for metric, name in _RATIOS.items():
        estimate = found[metric, _HEADLINE].estimate
        yield f"  {name:<{_WIDTH}}{_estimate(estimate)}"


def _estimate(estimate: Estimate) -> str:
    if estimate.value is None:
        return str(estimate.reason)
    interval = "" if estimate.low is None else f"  [{estimate.low:.3f}, {estimate.high:.3f}]"
    return f"{estimate.value:.3f}{interval}  n = {estimate.n:,}"
