"""Studies that are rescored from what ships with them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from clika.steps.load import load
from clika.store.connection import open_database
from clika.store.outcomes import read_outcomes

if TYPE_CHECKING:
    from pathlib import Path

    from clika.store.outcomes import OutcomeCell, OutcomeRows
    from clika.study import Study


def load_shipped(study: Study, folder: Path) -> Path:
    """Return a database of the codes and outcomes that ship with a study."""
    database = folder / "clika.duckdb"
    load(study, shards=folder / "shards", database=database, origin="codes")
    return database


def outcomes_of(database: Path) -> dict[OutcomeCell, dict[int, OutcomeRows]]:
    """Return all outcomes of a database."""
    with closing(open_database(database, command="")) as connection:
        return read_outcomes(connection)
