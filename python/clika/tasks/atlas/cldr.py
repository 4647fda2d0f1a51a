"""The Unicode CLDR, as Babel brings it: the only import of Babel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.errors import PrerequisiteError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Source", "babel", "source"]


class Source(NamedTuple):
    """Versions of what the items are made from."""

    cldr: str
    babel: str


def source() -> Source:
    """Return the versions at hand.

    Raises
    ------
    PrerequisiteError
        Babel is not installed.
    """
    return Source(str(babel().core.get_cldr_version()), str(babel().__version__))


def babel() -> ModuleType:
    """Return the package Babel.

    Raises
    ------
    PrerequisiteError
        It is not installed.
    """
    try:
        import babel as package  # noqa: PLC0415 (only the atlas needs it)
    except ImportError as error:
        command = "pip install 'clika[atlas]'"
        raise PrerequisiteError("The atlas needs Babel.", command=command) from error
    found: ModuleType = package
    return found
