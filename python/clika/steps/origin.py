"""What the answers of a study are read from, where nobody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.steps.data import Origin, find_origin
from clika.steps.load import shipped_codes

if TYPE_CHECKING:
    from pathlib import Path

    from clika.study import Study

__all__ = ["study_origin"]


def study_origin(study: Study, inventory: Path) -> Origin:
    """Return what the answers of a study are read from.

    A study that trains or teaches its models has its shards, unless it ships the codes of a
    training; a table of one's own, and items that models are asked, have their shards.

    Parameters
    ----------
    study
        The study.
    inventory
        The last file that its ingest writes.

    Raises
    ------
    PrerequisiteError
        CLIKA_DATA is set and leads to no released data.
    """
    if study.kind == "released":
        return find_origin(inventory)
    if study.kind in {"trained", "taught"} and not inventory.is_file():
        with shipped_codes(study) as codes:
            return Origin("responses" if codes is None else "codes")
    return Origin("responses")
