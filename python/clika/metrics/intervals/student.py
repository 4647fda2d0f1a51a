"""Student's t distribution with a whole number of degrees of freedom."""

from __future__ import annotations

import math

__all__ = ["t_cumulative", "t_quantile"]

#: Halvings after which the bracket of a quantile is as narrow as floating point allows.
_HALVINGS = 200


def t_cumulative(t: float, df: int) -> float:
    """Return the probability that a t variable with ``df`` degrees of freedom is at most ``t``.

    By the finite series for whole degrees of freedom, exact but for rounding.

    Parameters
    ----------
    t
        Any number.
    df
        Degrees of freedom, at least 1.

    References
    ----------
    Abramowitz, M. and Stegun, I. A. (1964). Handbook of Mathematical Functions, 26.7.3-4.

    Examples
    --------
    >>> t_cumulative(1.0, 1)
    0.75
    """
    angle = math.atan2(t, math.sqrt(df))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = df % 2
    term = cosine if odd else 1.0
    total = term if df > 1 else 0.0
    for step in range(2 + odd, df - 1, 2):
        term *= cosine * cosine * (step - 1) / step
        total += term
    inside = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return (1 + inside) / 2


def t_quantile(probability: float, df: int) -> float:
    """Return the t that a variable with ``df`` degrees of freedom stays below so often.

    Parameters
    ----------
    probability
        In [0.5, 1).
    df
        Degrees of freedom, at least 1.

    Examples
    --------
    >>> round(t_quantile(0.975, 19), 4)
    2.093
    """
    low, high = 0.0, 1.0
    while t_cumulative(high, df) < probability:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if t_cumulative(middle, df) < probability else (low, middle)
    return high
