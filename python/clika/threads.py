"""How many threads a run uses: one number for the kernels, DuckDB and the workflow."""

from __future__ import annotations

from clika import _native
from clika.errors import ConfigError

__all__ = ["thread_count"]


def thread_count(threads: int | None = None) -> int:
    """Return the number of threads to use.

    Parameters
    ----------
    threads
        What was asked for (``--threads``), at least 1; ``None`` = the default.

    Returns
    -------
    int
        ``threads``; else the environment variable ``RAYON_NUM_THREADS``; else the processors that
        the process may use: the smaller of its affinity mask and its control group's CPU quota
        (version 1 and 2), rounded down, at least 1. No result depends on it.

    Raises
    ------
    ConfigError
        ``threads`` is below 1, or the variable holds anything but a whole number from 1.

    Examples
    --------
    >>> thread_count(3)
    3
    """
    if threads is not None and threads < 1:
        raise ConfigError(f"threads is {threads}, but must be at least 1.")
    try:
        return _native.thread_count(threads)
    except ValueError as error:
        raise ConfigError(f"{error}.") from None
