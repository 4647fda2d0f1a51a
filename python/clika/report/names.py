"""Names of the tables that a run leaves, known before any number is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clika.study import Study

__all__ = ["CELLS", "INTERVALS", "table_names"]

#: The table of every cell's counts, which a run leaves beside the paper-shaped ones.
CELLS = "cells"
#: The intervals of the paper-shaped tables, beside them where a run computed any.
INTERVALS = "intervals"


def table_names(study: Study) -> tuple[str, ...]:
    """Return the names of the paper-shaped tables, without ``.csv``, in the order of printing.

    Examples
    --------
    >>> from clika.study import load_study
    >>> table_names(load_study("paper-released"))[:2]
    ('acc_x_csqa', 'acc_x_copa')
    """
    subjects = [*(task.name for task in study.tasks), *(name.lower() for name in study.streams)]
    metrics = ("acc", "ra", f"{study.pivot}_co")
    return tuple(f"{metric}_{subject}" for metric in metrics for subject in subjects)
