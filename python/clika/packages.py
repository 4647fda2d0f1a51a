"""Which packages are installed, told without importing one."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["installed"]


def installed(package: str) -> str | None:
    """Return the version of an installed package without importing it; ``None`` for none.

    Examples
    --------
    >>> installed("no-such-package") is None
    True
    """
    try:
        # The metadata of a half-removed package has no version.
        return version(package) or None
    except PackageNotFoundError:
        return None
