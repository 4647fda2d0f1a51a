"""Answers with a row for each answer: the columns item, language, answer, perhaps model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.api.codes import Problems, as_column, label_codes
from clika.api.layout import Frame, Layout
from clika.api.wide_form import check_distinct, known_column
from clika.errors import ConfigError, UnknownNameError
from clika.schema import NOT_ASKED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.store.foreign import ForeignColumn, ForeignTable

__all__ = ["LONG_COLUMNS", "long_frame"]

_ITEM, _LANGUAGE, _ANSWER, _MODEL = "item", "language", "answer", "model"
#: A table that has all of these columns is a long one.
LONG_COLUMNS = (_ITEM, _LANGUAGE, _ANSWER)


class _Rows(NamedTuple):
    """The rows of one model.

    Attributes
    ----------
    rows
        int64 ``(n_kept,)``: their 0-based places in the table, ascending.
    item
        int32 ``(n_kept,)``: item of each, 0-based in the order of ids.
    ids
        ``(n_items,)``: the ids.
    first
        int64 ``(n_items,)``: place in ``rows`` of the first row of each item.
    """

    rows: NDArray[np.int64]
    item: NDArray[np.int32]
    ids: NDArray[np.generic]
    first: NDArray[np.int64]


class _Source(NamedTuple):
    """Where columns over items come from: columns of the table that agree within each item."""

    table: ForeignTable
    kept: _Rows
    problems: Problems

    def fact(self, given: object, what: str) -> ForeignColumn:
        """Return a column over items, from the name of a column or from a mapping."""
        if isinstance(given, str):
            return self._reduced(known_column(self.table, given), given)
        if not isinstance(given, Mapping):
            raise ConfigError(
                f"In a long table {what} is the name of a column, or a mapping from item."
            )
        found = [given.get(item) for item in self.kept.ids.tolist()]
        if None in found:
            item = self.kept.ids.tolist()[found.index(None)]
            raise ConfigError(f"{what} has no entry for item {item!r}.")
        column = as_column(found)
        if column is None:
            raise ConfigError(f"{what} must map each item to one option or label.")
        return column

    def _reduced(self, column: ForeignColumn, name: str) -> ForeignColumn:
        values, missing = column.values[self.kept.rows], column.missing[self.kept.rows]
        first = self.kept.first
        same = (values == values[first][self.kept.item]) | missing
        differs = ~same | (missing != missing[first][self.kept.item])
        for place in np.flatnonzero(differs).tolist():
            item = self.kept.ids[self.kept.item[place]]
            earlier = int(self.kept.rows[first[self.kept.item[place]]]) + 1
            reason = f"item {item} has another value in row {earlier}"
            self.problems.add("answers", int(self.kept.rows[place]), name, reason)
        return column._replace(values=values[first], missing=missing[first])


def long_frame(table: ForeignTable, layout: Layout, problems: Problems) -> Frame:
    """Return a long table as a frame; what has no row was not asked.

    Raises
    ------
    ConfigError
        It has several models and none was chosen.
    UnknownNameError
        A column, language or model that is named is not there.
    """
    kept = _kept(table, layout)
    language = table.column(_LANGUAGE)
    label_codes(language, what="languages")
    spoken = language.values[kept.rows].astype(str)
    known = tuple(dict.fromkeys(spoken.tolist()))
    languages = known if layout.languages is None else check_distinct(layout.languages)
    for name in languages:
        if name not in known:
            raise UnknownNameError("language", name, known)
    answers = problems.codes(
        table.column(_ANSWER), place=("answers", _ANSWER), options=layout.options
    )[kept.rows]
    codes = np.full((len(kept.ids), len(languages)), NOT_ASKED, np.int8)
    for place, name in enumerate(languages):
        rows = np.flatnonzero(spoken == name)
        items = kept.item[rows]
        order = np.argsort(items, kind="stable")
        again = order[1:][np.diff(items[order]) == 0]
        for row in rows[again].tolist():
            reason = f"item {kept.ids[kept.item[row]]} is answered a second time in {name}"
            problems.add("answers", int(kept.rows[row]), _ITEM, reason)
        codes[items, place] = answers[rows]
    source = _Source(table, kept, problems)
    return Frame(codes, languages, source.fact, kept.rows[kept.first], np.arange(len(kept.ids)))


def _kept(table: ForeignTable, layout: Layout) -> _Rows:
    items = table.column(_ITEM)
    label_codes(items, what="items")
    rows = np.arange(len(items.values))
    if _MODEL in table.names:
        rows = _rows_of_model(known_column(table, _MODEL), layout.model)
    elif layout.model is not None:
        raise ConfigError(f"The table has no column model to look for {layout.model!r} in.")
    values = items.values[rows]
    sortable = values.astype(str) if items.kind == "text" else values
    ids, first, item = np.unique(sortable, return_index=True, return_inverse=True)
    return _Rows(rows, item.astype(np.int32), ids, first)


def _rows_of_model(column: ForeignColumn, model: str | None) -> NDArray[np.int64]:
    label_codes(column, what="models")
    names = column.values.astype(str)
    known = tuple(dict.fromkeys(names.tolist()))
    if model is not None and model not in known:
        raise UnknownNameError("model", model, known)
    if model is None and len(known) > 1:
        raise ConfigError(
            f"The table holds answers of {len(known)} models: choose one with model=..., "
            f"{known[0]!r} for example."
        )
    return np.flatnonzero(names == (known[0] if model is None and known else model))
