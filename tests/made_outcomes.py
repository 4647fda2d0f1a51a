"""Made-up outcomes of conductivity: worlds whose every share is chosen."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from clika.store.connection import building, in_memory
from clika.store.outcomes import OutcomeCell, write_outcomes
from clika.store.queries import query

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Columns = dict[str, "NDArray[np.generic]"]
CELL = OutcomeCell("world", "tiny", "en", "de")


def made(
    *,
    seed: int = 1,
    target: float = 0.5,
    gate_target: float = 1.0,
    spread: float = 0.1,
    cell: OutcomeCell = CELL,
    places: int = 400,
) -> Columns:
    """20 continents of 10 places of each type; a share of each continent is right in the target.

    Parameters
    ----------
    seed, cell
        Whose outcomes.
    target, gate_target
        Shares of type 1 and of type 0.
    spread
        How far apart the shares of type 1 of the continents are, so that there is an interval.
    places
        How many were asked about, of 400; the last ones of type 1 are left out.
    """
    rows = []
    for place in range(places):
        continent, kind, within = place % 20, place // 200, place // 20 % 10
        right = {"place": True, f"source-{kind}": True}
        share = gate_target if kind == 0 else target + spread * (continent % 3 - 1)
        right[f"target-{kind}"] = within < round(10 * share)
        rows += [(name, 1000 + place, 7 * continent, held) for name, held in right.items()]
    rows += [("continent", 7 * continent, 7 * continent, True) for continent in range(20)]
    sets, items, clusters, rights = (np.array(column) for column in zip(*rows, strict=True))
    constant = {**cell._asdict(), "seed": seed, "is_ambiguous": False}
    return {
        **{name: np.full(len(rows), value) for name, value in constant.items()},
        **{name: np.full(len(rows), getattr(cell, name), object) for name in cell._fields},
        "question_set": sets.astype(object),
        "item": items,
        "cluster": clusters,
        "answered": np.where(rights, clusters, -1),
        "is_right": rights,
        "is_identical": clusters < 7 * 5,
    }


def database(folder: Path, *shards: Columns) -> Path:
    """Build a database of nothing but outcomes, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with closing(in_memory()) as connection:
        for number, columns in enumerate(shards):
            paths.append(folder / f"{number}.parquet")
            write_outcomes(connection, paths[-1], columns, key=f"k{number}")
    path = folder / "clika.duckdb"
    with building(path, {"content_key": "k", "origin": "responses"}, threads=1) as connection:
        if paths:
            parameters = {"paths": [str(shard) for shard in paths]}
            connection.execute(query("load_outcomes"), parameters)
    return path
