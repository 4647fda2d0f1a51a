"""Where the released data lies, and so what a study's answers are read from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, NamedTuple

from clika.errors import PrerequisiteError
from clika.fetching.locate import ENVIRONMENT_VARIABLE, environment_source, find_fetched
from clika.fetching.sources import find_data_set

__all__ = [
    "FETCH_INTO",
    "Origin",
    "find_origin",
    "released_data",
    "released_folder",
    "unpacked_release",
]

#: Where fetched data goes, below the working folder.
FETCH_INTO = Path("data")


class Origin(NamedTuple):
    """What the answers of ``paper-released`` are read from.

    Attributes
    ----------
    kind
        ``responses``: released data or its shards are at hand; ``codes``: the answer codes that
        ship with clika.
    data
        The folder of released data, there already or to be fetched; ``None`` where the answers are
        read from shards that an earlier ingest left, or from codes.
    source
        What is still to be fetched from on this machine, ``None`` for nothing.
    """

    kind: Literal["responses", "codes"]
    data: Path | None = None
    source: Path | None = None


def released_folder() -> Path:
    """Return the folder that ``clika fetch released`` fills, whether it is there or not."""
    return FETCH_INTO / find_data_set("released").folder_name


def find_origin(inventory: Path) -> Origin:
    """Return what is at hand.

    In this order: data fetched before, data that CLIKA_DATA names, shards that an ingest from
    elsewhere left, the shipped codes.

    Parameters
    ----------
    inventory
        The last file that an ingest writes.

    Raises
    ------
    PrerequisiteError
        CLIKA_DATA is set and leads to no released data.
    """
    data_set = find_data_set("released")
    if find_fetched(FETCH_INTO, data_set) is not None:
        return Origin("responses", released_folder())
    source = environment_source(data_set)
    if source is not None:
        return Origin("responses", released_folder(), source.absolute())
    if os.environ.get(ENVIRONMENT_VARIABLE):
        raise PrerequisiteError(
            f"{ENVIRONMENT_VARIABLE} names {os.environ[ENVIRONMENT_VARIABLE]}, "
            "which holds no released data.",
            command=f"unset {ENVIRONMENT_VARIABLE}",
        )
    return Origin("responses" if inventory.is_file() else "codes")


def released_data(data: Path | None) -> Path:
    """Return the folder of unpacked released data: the one given, or the fetched one.

    Raises
    ------
    PrerequisiteError
        There is none.
    """
    folder = data or find_fetched(FETCH_INTO, find_data_set("released"))
    if folder is None or not folder.is_dir():
        raise PrerequisiteError(
            f"There is no released data at {folder or released_folder()}.",
            command="clika fetch released",
        )
    return folder


def unpacked_release() -> Path | None:
    """Return the unpacked release that was fetched or that CLIKA_DATA leads to, if there is one."""
    data_set = find_data_set("released")
    folder = find_fetched(FETCH_INTO, data_set) or environment_source(data_set)
    return folder if folder is not None and folder.is_dir() else None
