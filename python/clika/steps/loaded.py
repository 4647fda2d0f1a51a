"""What a study's database was made from, without reading its answers."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from clika.report.paper import row_order
from clika.store.connection import meta, open_database
from clika.store.scores import present_models

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Loaded", "look_at_loaded"]


class Loaded(NamedTuple):
    """What a database holds.

    Attributes
    ----------
    origin
        ``responses`` or ``codes``.
    models
        Those with answers, in the order of the tables; none of a study of outcomes alone.
    """

    origin: str
    models: tuple[str, ...]


def look_at_loaded(database: Path, *, command: str) -> Loaded:
    """Return what a database that ``command`` makes was made from.

    Raises
    ------
    PrerequisiteError
        There is none.
    StaleStoreError
        It is of another schema version.
    """
    with closing(open_database(database, command=command)) as connection:
        return Loaded(meta(connection)["origin"], row_order(present_models(connection)))
