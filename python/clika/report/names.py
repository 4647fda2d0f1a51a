"""Names of the tables that a run leaves, known before any number is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clika.study import Study

__all__ = [
    "CELLS",
    "CONDUCTIVITY",
    "DOSE",
    "GATE",
    "INTERVALS",
    "SEEDS",
    "SHEETS",
    "sheet_names",
    "table_names",
]

#: The table of every cell's counts, which a run leaves beside the paper-shaped ones.
CELLS = "cells"
#: The intervals of the paper-shaped tables, beside them where a run computed any.
INTERVALS = "intervals"
#: The matrix of conductivity, the figures of its gate, and the dose curve with the controls.
CONDUCTIVITY, GATE, DOSE = "conductivity", "gate", "dose"
#: Accuracy and the pivot's row of CO by training seed.
SEEDS = "seeds"
#: All of these.
SHEETS = (CONDUCTIVITY, GATE, DOSE, SEEDS)


def sheet_names(study: Study) -> tuple[str, ...]:
    """Return the names of the tables that a study is known to have beside the paper-shaped ones.

    A study that trains or teaches its models has those of conductivity, whatever came of it; any
    other has them where its database has outcomes.
    """
    if study.kind == "taught":
        return (CONDUCTIVITY, GATE)
    training = study.training
    if training is None:
        return ()
    dose = (DOSE,) * (training.controls is not None)
    seeds = (SEEDS,) * (len(training.seeds) > 1)
    return (CONDUCTIVITY, GATE, *dose, *seeds)


def table_names(study: Study) -> tuple[str, ...]:
    """Return the names of the tables that a study is known to have, in the order of printing.

    They are without ``.csv``.

    Examples
    --------
    >>> from clika.study import load_study
    >>> table_names(load_study("paper-released"))[:2]
    ('acc_x_csqa', 'acc_x_copa')
    """
    if study.kind == "taught":
        return sheet_names(study)
    subjects = [*(task.name for task in study.tasks), *(name.lower() for name in study.streams)]
    metrics = ("acc", "ra", f"{study.pivot}_co")
    paper = (f"{metric}_{subject}" for metric in metrics for subject in subjects)
    return (*paper, *sheet_names(study))
