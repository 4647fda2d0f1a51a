"""Which cells of conductivity a study has: outcomes there, gate missed, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.metrics.conductivity_scores import gate_of_seeds
from clika.report.conductivity_cells import missed_text, ordered
from clika.steps.score_conductivity import arrange_outcomes, expected_cells
from clika.store.outcomes import read_outcomes

if TYPE_CHECKING:
    from clika.store.connection import Connection
    from clika.study import Study

__all__ = ["ConductivityCell", "read_conductivity"]


class ConductivityCell(NamedTuple):
    """What there is of one model, pair of languages and task.

    Attributes
    ----------
    task, model, source, target
        Which.
    state
        ``there``: a seed met the gate.
    met, asked, seeds
        Training seeds that met the gate, that have outcomes, and that there should be.
    detail
        Of a gate that is not met, its figures; else empty.
    """

    task: str
    model: str
    source: str
    target: str
    state: Literal["there", "gate not met", "missing"]
    met: int
    asked: int
    seeds: int
    detail: str = ""


def read_conductivity(connection: Connection, study: Study) -> tuple[ConductivityCell, ...]:
    """Return every cell that a study is to have or has, in the order of the tables."""
    outcomes = read_outcomes(connection)
    wanted = len(study.training.seeds) if study.training else 0
    found = []
    for cell in ordered(study, {*expected_cells(study), *outcomes}):
        rows = outcomes.get(cell)
        if rows is None:
            found.append(ConductivityCell(*cell, "missing", 0, 0, wanted))
            continue
        gate = gate_of_seeds([arrange_outcomes(of_seed) for of_seed in rows.values()])
        met, asked = sum(gate.met), len(rows)
        seeds = max(asked, wanted)
        if met:
            found.append(ConductivityCell(*cell, "there", met, asked, seeds))
            continue
        figures = {figure.name: figure.share.value for figure in gate.figures}
        detail = missed_text(figures, gate.reason, seeds=asked)
        found.append(ConductivityCell(*cell, "gate not met", met, asked, seeds, detail))
    return tuple(found)
