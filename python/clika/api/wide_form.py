"""Answers with a column for each language: a matrix, or a wide table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.api.codes import Problems, as_column, label_codes
from clika.api.layout import Frame, Layout
from clika.errors import ConfigError, UnknownNameError
from clika.languages import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.store.foreign import ForeignColumn, ForeignTable

__all__ = ["check_column", "check_distinct", "known_column", "matrix_frame", "table_frame"]

#: Columns of a wide table that hold no language.
_ITEM, _MODEL = "item", "model"
_MATRIX = 2


class _Source(NamedTuple):
    """Where columns over items come from: a table, where there is one, or sequences."""

    table: ForeignTable | None
    n_items: int

    def fact(self, given: object, what: str) -> ForeignColumn:
        """Return a column of the table by name, or a sequence as a column."""
        if isinstance(given, str):
            if self.table is None:
                raise ConfigError(f"A matrix has no column {given!r}: give {what} as a sequence.")
            column = known_column(self.table, given)
        else:
            found = as_column(given)
            if found is None:
                raise ConfigError(f"{what} must be a sequence over items, or a column's name.")
            column = found
        if len(column.values) != self.n_items:
            raise ConfigError(
                f"{what} has {len(column.values)} entries, answers has {self.n_items} items."
            )
        return column


def matrix_frame(matrix: object, layout: Layout, problems: Problems) -> Frame:
    """Return a matrix ``(n_items, n_languages)`` of options as a frame.

    Raises
    ------
    ConfigError
        It is no matrix, or ``languages`` does not name its columns.
    """
    found = matrix if isinstance(matrix, np.ndarray) else _matrix(matrix)
    if found.dtype.kind == "U":
        found = np.asarray(matrix, dtype=object)
    if found.ndim != _MATRIX:
        raise ConfigError(
            f"answers has {found.ndim} dimensions; a matrix has two, items and languages."
        )
    if layout.languages is None:
        raise ConfigError("A matrix does not name its columns: give languages=[...].")
    languages = check_distinct(layout.languages)
    if len(languages) != found.shape[1]:
        raise ConfigError(
            f"languages names {len(languages)} columns, the matrix has {found.shape[1]}."
        )
    columns = {name: as_column(found[:, place]) for place, name in enumerate(languages)}
    frame = Frame(
        np.empty(found.shape, np.int8),
        languages,
        _Source(None, len(found)).fact,
        np.arange(len(found)),
        np.arange(len(found)),
    )
    return _filled(frame, columns, layout, problems)


def _matrix(rows: object) -> np.ndarray:
    try:
        return np.asarray(rows)
    except ValueError as error:
        raise ConfigError(
            "answers is a list of rows of different lengths: each needs an entry for each language "
            "(-2 or None where it was not asked)."
        ) from error


def table_frame(table: ForeignTable, layout: Layout, problems: Problems) -> Frame:
    """Return a wide table as a frame; a column ``item`` orders its rows.

    Raises
    ------
    ConfigError
        It has no column for a language, or two rows for an item.
    UnknownNameError
        A column that is named is not there.
    """
    given = (layout.gold, layout.clusters, layout.strata)
    named = [name for name in given if isinstance(name, str)]
    for name in named:
        check_column(table, name)
    taken = {_ITEM, _MODEL, *named}
    if layout.languages is None:
        languages = _all_languages([name for name in table.names if name not in taken])
    else:
        languages = check_distinct(layout.languages)
    if not languages:
        raise ConfigError("The table has no column of answers: it needs one for each language.")
    columns = {name: known_column(table, name) for name in languages}
    n_items = len(columns[languages[0]].values)
    order = np.arange(n_items)
    if _ITEM in table.names:
        items = label_codes(table.column(_ITEM), what="items")
        if len(np.unique(items)) < len(items):
            raise ConfigError(
                "Rows share an item: a wide table has one row for each item, and a long one the "
                "columns item, language and answer."
            )
        order = np.argsort(items)
    codes = np.empty((n_items, len(languages)), np.int8)
    frame = Frame(codes, languages, _Source(table, n_items).fact, np.arange(n_items), order)
    return _filled(frame, columns, layout, problems)


def _all_languages(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns, which are the languages: all known ones, or all of a caller's own making.

    Raises
    ------
    ConfigError
        Some are known languages and others are not: these may hold anything, and single letters in
        them would be read as answers.
    """
    others = [name for name in names if not _is_language(name)]
    if others and len(others) < len(names):
        raise ConfigError(
            f"Not every column is a language that clika knows: {', '.join(others)}. Say which ones "
            "hold answers with languages=[...]."
        )
    return tuple(names)


def _is_language(name: str) -> bool:
    try:
        normalise(name)
    except UnknownNameError:
        return False
    return True


def _filled(
    frame: Frame,
    columns: Mapping[str, ForeignColumn | None],
    layout: Layout,
    problems: Problems,
) -> Frame:
    for place, (name, column) in enumerate(columns.items()):
        if column is not None:
            read = problems.codes(column, place=("answers", name), options=layout.options)
            frame.codes[:, place] = read
    return frame


def known_column(table: ForeignTable, name: str) -> ForeignColumn:
    """Return a column of a table.

    Raises
    ------
    UnknownNameError
        The table has no such column.
    """
    check_column(table, name)
    return table.column(name)


def check_column(table: ForeignTable, name: str) -> None:
    """Raise where a table has no such column.

    Raises
    ------
    UnknownNameError
        The nearest are suggested.
    """
    if name not in table.names:
        raise UnknownNameError("column", name, table.names)


def check_distinct(languages: Sequence[str]) -> tuple[str, ...]:
    """Return names of languages.

    Raises
    ------
    ConfigError
        They are one text, or one of them is there twice, or there is none.
    """
    if isinstance(languages, str):
        raise ConfigError(f"languages is one text, {languages!r}: give a list of names.")
    names = tuple(str(name) for name in languages)
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ConfigError(f"languages names {repeated!r} twice.")
    if not names:
        raise ConfigError("languages is empty.")
    return names
