"""``cells.csv``: one line for each cell, a model's answers to one task in one language."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from clika.schema import letters

if TYPE_CHECKING:
    from clika.report.scored import Scored

__all__ = ["cells_csv"]


def cells_csv(scored: Scored) -> str:
    """Return counts, accuracy, letters and chance test of each cell, by the headline rule.

    Parameters
    ----------
    scored
        The scores; a cell passes the selection by its language as ``source``.

    Returns
    -------
    str
        CSV with the columns of ``expected.csv`` and then ``p_chance`` and ``q_chance``, rows in the
        order model, task, language. A letter beyond a task's options has 0; a cell that was never
        asked has no line.
    """
    study, selection = scored.study, scored.selection
    options = max((task.options for task in study.tasks), default=0)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    header = ["model", "task", "language", "n", "n_correct", "accuracy", "n_invalid"]
    writer.writerow([*header, *letters(options), "p_chance", "q_chance"])
    for row, model in enumerate(scored.models):
        if model not in selection.models:
            continue
        for task, card in scored.headline():
            for column, language in enumerate(study.languages):
                place = row, column, column
                n = int(card.counts.n[place])
                if not n or language not in selection.sources:
                    continue
                right = int(card.counts.right_source[place])
                chosen = card.counts.letters_source[place].tolist()
                beyond = [0] * (options - task.options)
                tests = [f"{p[row, column]:.6g}" for p in (card.p_chance, card.q_chance)]
                counted = [n, right, right / n, n - sum(chosen), *chosen, *beyond]
                writer.writerow([model, task.name, language, *counted, *tests])
    return stream.getvalue()
