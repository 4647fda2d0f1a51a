"""Conductivity among the scores: from stored outcomes to the rows of a long table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clika.metrics.conductivity import Outcomes, chance_share
from clika.metrics.conductivity_scores import CellNumber, cell_numbers
from clika.metrics.intervals.uncertainty import NO_VALUE, Resampling
from clika.report.conductivity_cells import CellFigures
from clika.schema import CONDUCTIVITY_FILE, Coded
from clika.steps.training.seed_worlds import taught_cells
from clika.store.outcomes import OutcomeCell, read_outcomes
from clika.store.scores import write_scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from clika.store.connection import Connection
    from clika.store.outcomes import OutcomeRows
    from clika.study import Study

__all__ = [
    "CONTINENT_RULE",
    "arrange_outcomes",
    "conductivity_columns",
    "expected_cells",
    "measure_conductivity",
    "write_conductivity",
]

#: The rule by which an answer is right: it names the gold continent and no other.
CONTINENT_RULE = "continent-name"

_NOT_ASKED, _NOT_KEPT = -1, -2
#: Kind of a place about which no fact was asked.
_NO_FACT = -1


def arrange_outcomes(rows: OutcomeRows, continents: NDArray[np.int64] | None = None) -> Outcomes:
    """Return the questions of one cell and seed as arrays over places and continents.

    Parameters
    ----------
    rows
        The questions. What has no row was not asked.
    continents
        Codes of the continents, sorted, each of the rows' among them; ``None`` = those of the rows.
        They are numbered in this order.
    """
    if continents is None:
        continents = np.unique(rows.cluster)
    of_continents = rows.question_set == "continent"
    places, first = np.unique(rows.item[~of_continents], return_index=True)

    def asked(name: str) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        held = np.asarray(rows.question_set == name, np.bool_)
        return held, np.searchsorted(places, rows.item[held])

    def outcome(*names: str) -> NDArray[np.int8]:
        found = np.full(len(places), _NOT_ASKED, np.int8)
        for name in names:
            held, place = asked(name)
            found[place] = rows.is_right[held]
        return found

    kind = np.full(len(places), _NO_FACT, np.int64)
    for number in (0, 1):
        for end in ("source", "target"):
            kind[asked(f"{end}-{number}")[1]] = number
    named = np.full(len(continents), _NOT_ASKED, np.int8)
    named[np.searchsorted(continents, rows.cluster[of_continents])] = rows.is_right[of_continents]
    identical = np.zeros(len(continents), np.bool_)
    identical[np.searchsorted(continents, rows.cluster[rows.is_identical])] = True
    ambiguous = np.zeros(len(places), np.bool_)
    marked = rows.is_ambiguous & ~of_continents
    ambiguous[np.searchsorted(places, rows.item[marked])] = True
    return Outcomes(
        continent=np.searchsorted(continents, rows.cluster[~of_continents][first]),
        kind=kind,
        source=outcome("source-0", "source-1"),
        target=outcome("target-0", "target-1"),
        place_named=outcome("place"),
        continent_named=named,
        identical=identical,
        ambiguous=ambiguous,
        answered=_answered(rows, continents, places, asked("target-1")),
    )


def _answered(
    rows: OutcomeRows,
    continents: NDArray[np.int64],
    places: NDArray[np.int64],
    asked: tuple[NDArray[np.bool_], NDArray[np.int64]],
) -> NDArray[np.int64] | None:
    held, place = asked
    named = rows.answered[held]
    if (named == _NOT_KEPT).any():
        return None
    found = np.full(len(places), -1, np.int64)
    known = np.isin(named, continents)
    found[place[known]] = np.searchsorted(continents, named[known])
    return found


def measure_conductivity(
    connection: Connection, resampling: Resampling | None = None
) -> dict[OutcomeCell, CellFigures]:
    """Return every number of each cell with outcomes; none where there are no outcomes.

    Parameters
    ----------
    connection
        To a database.
    resampling
        What the intervals over several training seeds are a function of; those of one seed are
        closed forms and always there.
    """
    chosen = resampling or Resampling()
    measured = {}
    for cell, rows in read_outcomes(connection).items():
        seeds = [arrange_outcomes(found) for found in rows.values()]
        numbers = cell_numbers(seeds, replicates=chosen.replicates, seed=chosen.seed)
        tested = [chance_share(outcomes) for outcomes in seeds if outcomes.tested.any()]
        measured[cell] = CellFigures(
            {(number.metric, number.variant): number for number in numbers},
            float(np.mean(tested)) if tested else None,
        )
    return measured


def expected_cells(study: Study) -> tuple[OutcomeCell, ...]:
    """Return the cells that a study is to have outcomes of; none for one that trains nothing."""
    if study.training is None:
        return ()
    cells = taught_cells(study.training)
    return tuple(OutcomeCell(cell.task, cell.model, cell.source, cell.target) for cell in cells)


def conductivity_columns(
    study: str, measured: Mapping[OutcomeCell, CellFigures]
) -> dict[str, NDArray[np.generic] | Coded]:
    """Return the columns of ``conductivity.parquet``.

    Parameters
    ----------
    study
        Name of the study.
    measured
        At least one cell.

    Returns
    -------
    dict
        Columns of :data:`clika.schema.SCORE_COLUMNS`, rows in the order task, model, source,
        target, metric, stratum.
    """
    rows = [(cell, number) for cell, found in measured.items() for number in found.numbers.values()]
    return _columns(study, rows)


def write_conductivity(
    connection: Connection,
    study: str,
    scores: Path,
    measured: Mapping[OutcomeCell, CellFigures],
    *,
    key: str,
) -> None:
    """Write the numbers of conductivity where there are any, else remove those of before.

    Parameters
    ----------
    connection
        Any connection: it only does the writing.
    study
        Name of the study.
    scores
        Folder of the long files.
    measured
        The numbers of each cell.
    key
        Content key of the scores.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    path = scores / f"{CONDUCTIVITY_FILE}.parquet"
    if measured:
        write_scores(connection, path, conductivity_columns(study, measured), key=key)
    else:
        path.unlink(missing_ok=True)


def _columns(
    study: str, rows: Sequence[tuple[OutcomeCell, CellNumber]]
) -> dict[str, NDArray[np.generic] | Coded]:
    numbers = [number for _, number in rows]
    estimates = [number.estimate for number in numbers]
    undefined = [estimate.value is None for estimate in estimates]

    def ends(name: str) -> NDArray[np.float64]:
        found = [getattr(estimate, name) for estimate in estimates]
        return np.array([np.nan if value is None else value for value in found])

    return {
        "study": _coded([study for _ in rows]),
        "rule": _coded([CONTINENT_RULE for _ in rows]),
        "metric": _coded([number.metric for number in numbers]),
        "variant": _coded([number.variant for number in numbers]),
        **{
            name: _coded([getattr(cell, name) for cell, _ in rows])
            for name in ("task", "model", "source_language", "target_language")
        },
        "value": ends("value"),
        "low": ends("low"),
        "high": ends("high"),
        "interval_reason": _coded(
            [NO_VALUE if gone else e.reason for e, gone in zip(estimates, undefined, strict=True)]
        ),
        "n": np.array([estimate.n for estimate in estimates], np.int64),
        "flags": _coded([",".join(number.flags) for number in numbers]),
        "reason": _coded(
            [e.reason if gone else None for e, gone in zip(estimates, undefined, strict=True)]
        ),
    }


def _coded(texts: Sequence[str | None]) -> Coded:
    known = tuple(dict.fromkeys(text for text in texts if text is not None))
    places = {text: place for place, text in enumerate(known)}
    return Coded(np.array([-1 if t is None else places[t] for t in texts], np.int64), known)
