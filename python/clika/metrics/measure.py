"""What every metric returns: values, and why the undefined ones are undefined."""

from __future__ import annotations

from types import EllipsisType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "Measure", "first_reason", "ratio", "share", "undefined"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Reasons = NDArray[np.object_]
Place = int | slice | tuple[int | slice | EllipsisType, ...] | tuple[Ints, ...] | Ints


class Interval(NamedTuple):
    """Intervals about the values of one metric.

    Attributes
    ----------
    low, high
        float64 of the values' shape; NaN where there is no interval, both or neither.
    reason
        object array of the same shape: a sentence part where there is no interval, else ``None``.
    """

    low: Floats
    high: Floats
    reason: Reasons

    def at(self, place: Place) -> Interval:
        """Return the intervals at an index, as NumPy would take it."""
        return Interval(self.low[place], self.high[place], self.reason[place])


class Measure(NamedTuple):
    """Values of one metric.

    Attributes
    ----------
    value
        float64 of any shape; NaN where undefined, and nowhere else.
    reason
        object array of the same shape: a sentence part where ``value`` is NaN, else ``None``.
    interval
        Their intervals; ``None`` where none were asked for.
    """

    value: Floats
    reason: Reasons
    interval: Interval | None = None


def first_reason(shape: tuple[int, ...], *cases: tuple[Bools, str]) -> Reasons:
    """Return for each place the reason of the first case that holds there, else ``None``."""
    reasons: Reasons = np.full(shape, None, dtype=object)
    for holds, reason in reversed(cases):
        reasons[np.broadcast_to(holds, shape)] = reason
    return reasons


def share(numerator: Floats | Ints, denominator: Floats | Ints) -> Floats:
    """Return ``numerator / denominator``, NaN where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.true_divide(numerator, denominator)
    return np.where(np.asarray(denominator) == 0, np.nan, quotient)


def ratio(numerator: Floats | Ints, denominator: Floats | Ints, *, reason: str) -> Measure:
    """Return ``numerator / denominator``, undefined for that reason where the denominator is 0."""
    value = share(numerator, denominator)
    return Measure(value, first_reason(value.shape, (np.isnan(value), reason)))


def undefined(shape: tuple[int, ...], *, reason: str) -> Measure:
    """Return a measure that is undefined everywhere, for one reason."""
    return Measure(np.full(shape, np.nan), np.full(shape, reason, dtype=object))
