"""The accuracies at which RA is 1: as a study gives them, or read from the answers it names."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from clika.store.queries import query

if TYPE_CHECKING:
    from clika.store.connection import Connection
    from clika.study import Study, Task

__all__ = ["read_references"]


def read_references(connection: Connection, study: Study) -> dict[str, Fraction | str | None]:
    """Return the reference of RA of each task of a study.

    Parameters
    ----------
    connection
        To the study's database.
    study
        Its tasks. A reference that is a model in a language is counted by the study's headline
        rule, whichever rule is scored: RA has one scale.

    Returns
    -------
    dict
        By task the accuracy, exactly; a text that says why there is none, where the named model has
        no answers; ``None`` where the task names no reference.
    """
    return {task.name: _accuracy(connection, study, task) for task in study.tasks}


def _accuracy(connection: Connection, study: Study, task: Task) -> Fraction | str | None:
    if task.reference is None:
        return None
    if task.reference.cell is None:
        return task.reference.accuracy
    model, language = task.reference.cell
    asked = {"task": task.name, "model": model, "language": language, "rule": study.rule}
    right, answers = connection.execute(query("reference_answers"), asked).fetchall()[0]
    if not answers:
        return f"the reference, {model} in {language}, has no answers"
    return Fraction(right, answers)
