"""How sizes are said: memory in powers of two, disks in powers of ten, as their makers do."""

from __future__ import annotations

__all__ = ["gb", "gib", "hours"]

#: Below, a size on a disk is said in MB, or in kB.
_SMALL, _TINY = 10**8, 10**5


def gib(size: float) -> str:
    """Return a size in memory.

    Examples
    --------
    >>> gib(3 << 29)
    '1.5 GiB'
    """
    return f"{size / (1 << 30):,.1f} GiB"


def gb(size: float) -> str:
    """Return a size on a disk.

    Examples
    --------
    >>> gb(2_500_000_000), gb(2_500_000), gb(2_500)
    ('2.5 GB', '2.5 MB', '2.5 kB')
    """
    if size < _TINY:
        return f"{size / 1000:,.1f} kB"
    if size < _SMALL:
        return f"{size / 10**6:,.1f} MB"
    return f"{size / 10**9:,.1f} GB"


def hours(time: float) -> str:
    """Return a time that is given in hours.

    Examples
    --------
    >>> hours(0.01), hours(0.5), hours(12.34)
    ('under a minute', '30 minutes', '12.3 hours')
    """
    minutes = time * 60
    if minutes < 1:
        return "under a minute"
    return f"{minutes:,.0f} minutes" if time < 1 else f"{time:,.1f} hours"
