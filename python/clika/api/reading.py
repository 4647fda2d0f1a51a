"""From a matrix, a wide table or a long table to the answers of one model to one task."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import TYPE_CHECKING, Any

import numpy as np

from clika.api.codes import MOST_OPTIONS, Problems, label_codes, read_codes, whole_number
from clika.api.layout import Answers, Frame, Layout
from clika.api.long_form import LONG_COLUMNS, long_frame
from clika.api.wide_form import matrix_frame, table_frame
from clika.errors import ConfigError
from clika.store.foreign import foreign_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.store.foreign import ForeignColumn

__all__ = ["read_answers"]

_FEWEST_OPTIONS = 2


def read_answers(answers: object, layout: Layout) -> Answers:
    """Read answers.

    Parameters
    ----------
    answers
        A matrix ``(n_items, n_languages)``; or a table of any library (see
        :func:`clika.store.foreign.foreign_table`), wide with a column for each language, or long
        with the columns ``item``, ``language`` and ``answer``, and ``model`` where it has several.
    layout
        Where things are in it.

    Returns
    -------
    Answers

    Raises
    ------
    BadInputError
        Cells are not options, or rows contradict each other; every place is collected.
    ConfigError
        The arguments do not fit together.
    UnknownNameError
        A column, language or model is named that is not there.
    """
    if layout.options is not None:
        options = whole_number(layout.options, "options")
        if not _FEWEST_OPTIONS <= options <= MOST_OPTIONS:
            raise ConfigError(f"options must be {_FEWEST_OPTIONS}..{MOST_OPTIONS}, not {options}.")
    for what in ("gold", "clusters", "strata"):
        _check_index(answers, getattr(layout, what), what)
    problems = Problems()
    if isinstance(answers, np.ndarray | list | tuple):
        return _assembled(matrix_frame(answers, layout, problems), layout, problems)
    if isinstance(answers, Mapping):
        _check_lengths(answers)
    with foreign_table(answers) as table:
        if table is None:
            raise ConfigError(
                f"answers is of type {type(answers).__name__}. Give a matrix of items by "
                "languages, a DataFrame, an Arrow table, a DuckDB relation, or a mapping of names "
                "to arrays."
            )
        form = long_frame if set(LONG_COLUMNS) <= set(table.names) else table_frame
        return _assembled(form(table, layout, problems), layout, problems)


def _check_index(answers: object, given: object, what: str) -> None:
    """Raise where a pandas Series does not stand in the rows' order: entries go by their place."""
    rows: Any = getattr(answers, "index", None)
    labels: Any = getattr(given, "index", None)
    if hasattr(rows, "equals") and hasattr(labels, "equals") and not rows.equals(labels):
        raise ConfigError(
            f"{what} has another index than answers, and is read by place: give "
            f"{what}.loc[answers.index] to go by the index, {what}.to_numpy() to go by place."
        )


def _check_lengths(columns: Mapping[str, object]) -> None:
    lengths = {name: len(held) for name, held in columns.items() if isinstance(held, Sized)}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ConfigError(f"The columns of answers differ in length: {listed}.")


def _assembled(frame: Frame, layout: Layout, problems: Problems) -> Answers:
    gold = _gold(frame, layout, problems)
    clusters = strata = None
    if layout.clusters is not None:
        column = frame.fact(layout.clusters, "clusters")
        clusters = label_codes(column, what="clusters")[frame.order]
    if layout.strata is not None:
        strata = _origins(frame.fact(layout.strata, "strata"), frame.languages)[frame.order]
    problems.end()
    most = max(int(frame.codes.max(initial=0)), int(gold.max(initial=0))) + 1
    options = max(most, _FEWEST_OPTIONS) if layout.options is None else layout.options
    return Answers(
        np.ascontiguousarray(frame.codes[frame.order]),
        gold[frame.order],
        options,
        frame.languages,
        clusters,
        strata,
    )


def _origins(column: ForeignColumn, languages: tuple[str, ...]) -> NDArray[np.int32]:
    """Return codes of strata: a language's place for its name, codes beyond for the others."""
    codes = label_codes(column, what="strata")
    names = [str(column.values[np.flatnonzero(codes == code)[0]]) for code in np.unique(codes)]
    others = [name for name in names if name not in languages]
    places = {name: place for place, name in enumerate((*languages, *others))}
    return np.array([places[name] for name in names], np.int32)[codes]


def _gold(frame: Frame, layout: Layout, problems: Problems) -> NDArray[np.int8]:
    given = frame.fact(layout.gold, "gold")
    gold, misread = read_codes(given, options=layout.options)
    named = isinstance(layout.gold, str)
    argument, column = ("answers", str(layout.gold)) if named else ("gold", None)
    reasons = dict(misread)
    # Of a column of another kind altogether the first cell says it all.
    absent = [0] if given.kind == "other" else np.flatnonzero(gold < 0).tolist()
    for item in absent:
        row = int(frame.rows[item]) if named else item
        problems.add(argument, row, column, reasons.get(item, "there is no right option"))
    return gold
