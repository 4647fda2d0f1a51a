"""From the cells of a column to option codes: integers or letters, missing or INVALID."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.errors import BadInputError, ConfigError, Problem
from clika.schema import INVALID, NOT_ASKED, letters
from clika.store.foreign import ForeignColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "MOST_OPTIONS",
    "Misread",
    "Problems",
    "as_column",
    "label_codes",
    "read_codes",
    "whole_number",
]

#: The compiled kernels hold no more options.
MOST_OPTIONS = 64
#: Options that have a letter.
_LETTERED = 26
#: Problems that are listed one by one; the rest are counted.
_MOST_LISTED = 20

_BY_TEXT: dict[str, int] = {
    **{letter: code for code, letter in enumerate(letters(_LETTERED))},
    **{letter.lower(): code for code, letter in enumerate(letters(_LETTERED))},
    "": INVALID,
    str(INVALID): INVALID,
}


class Misread(NamedTuple):
    """A cell that is not an option: its 0-based row, and what is wrong with it."""

    row: int
    reason: str


def as_column(values: object) -> ForeignColumn | None:
    """Return a sequence or a one-dimensional array as a column; ``None`` where it is neither.

    Parameters
    ----------
    values
        Integers, floats, texts, ``None``; the masked places of a masked array are missing.
    """
    if isinstance(values, str | bytes):
        return None
    array = np.ma.getdata(values) if np.ma.isMaskedArray(values) else _array(values)
    if array.ndim != 1:
        return None
    missing = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else _missing(array)
    if array.dtype.kind in "iu":
        return ForeignColumn("integer", array.astype(np.int64), missing)
    if array.dtype.kind == "f":
        return ForeignColumn("number", array.astype(np.float64), missing | np.isnan(array))
    if array.dtype.kind in "UO":
        return _objects(array.astype(object), missing)
    return ForeignColumn("other", array, missing)


def _array(values: object) -> NDArray[np.generic]:
    found = np.asarray(values)
    # NumPy turns [0, "A"] and ["A", None] into texts of its own making.
    return np.asarray(values, dtype=object) if found.dtype.kind == "U" else found


def _missing(array: NDArray[np.generic]) -> NDArray[np.bool_]:
    if array.dtype.kind != "O":
        return np.zeros(array.shape, np.bool_)
    return np.array([cell is None or cell != cell for cell in array.tolist()], np.bool_)  # noqa: PLR0124 (NaN)


def _objects(array: NDArray[np.object_], missing: NDArray[np.bool_]) -> ForeignColumn:
    there = [type(cell) for cell in array[~missing].tolist()]
    if all(issubclass(kind, int | np.integer) and kind is not bool for kind in there):
        return ForeignColumn("integer", np.where(missing, 0, array).astype(np.int64), missing)
    if all(issubclass(kind, float | int | np.number) and kind is not bool for kind in there):
        return ForeignColumn("number", np.where(missing, np.nan, array).astype(float), missing)
    if all(issubclass(kind, str | int | np.integer) and kind is not bool for kind in there):
        texts = [None if gone else str(cell) for cell, gone in zip(array, missing, strict=True)]
        return ForeignColumn("text", np.array(texts, dtype=object), missing)
    return ForeignColumn("other", array, missing)


def read_codes(
    column: ForeignColumn, *, options: int | None
) -> tuple[NDArray[np.int8], list[Misread]]:
    """Return the option codes of a column, and every cell that is none.

    Parameters
    ----------
    column
        Integers (0-based options; -1 INVALID, -2 not asked), whole floating-point numbers, or texts
        (a letter ``A``, ``B``, ... in either case; empty or ``-1`` INVALID). Missing = not asked.
    options
        Number of options; ``None`` where the data says.

    Returns
    -------
    tuple
        int8 ``(n_rows,)``, and the misread cells in the order of rows.
    """
    if column.kind == "other":
        found = next((cell for cell in column.values.tolist() if cell is not None), None)
        return _nothing(column), [
            Misread(0, f"{found!r} is neither an integer nor a letter{_hint(found)}")
        ]
    if column.kind == "text":
        return _from_texts(column, options=options)
    numbers = np.where(column.missing, NOT_ASKED, column.values).astype(np.float64)
    most = MOST_OPTIONS if options is None else options
    wrong = (numbers != np.floor(numbers)) | (numbers < NOT_ASKED) | (numbers >= most)
    expected = f"an option 0..{most - 1}, -1 (INVALID) or -2 (not asked)"
    misread = [
        Misread(int(row), f"{_plain(column.values[row])} is not {expected}")
        for row in np.flatnonzero(wrong)
    ]
    return np.where(wrong, NOT_ASKED, numbers).astype(np.int8), misread


def _hint(cell: object) -> str:
    booleans = {True, False, "true", "false"}
    return ": give the option that was chosen, not whether it is right" * (cell in booleans)


def _nothing(column: ForeignColumn) -> NDArray[np.int8]:
    return np.full(len(column.values), NOT_ASKED, np.int8)


def _plain(cell: object) -> str:
    number = float(cell)  # type: ignore[arg-type]
    return str(int(number)) if math.isfinite(number) and number == int(number) else str(number)


def _from_texts(
    column: ForeignColumn, *, options: int | None
) -> tuple[NDArray[np.int8], list[Misread]]:
    most = _LETTERED if options is None else min(options, _LETTERED)
    expected = f"a letter A..{letters(most)[-1]}, nor empty or -1 (INVALID)"
    distinct, place = np.unique(
        np.where(column.missing, "", column.values).astype(str), return_inverse=True
    )
    known = np.array([_BY_TEXT.get(text, most) for text in distinct.tolist()], np.int64)
    read = known[place]
    codes = np.where(column.missing | (read >= most), NOT_ASKED, read).astype(np.int8)
    misread = [
        Misread(row, _misread_text(str(column.values[row]), expected))
        for row in np.flatnonzero(~column.missing & (read >= most)).tolist()
    ]
    return codes, misread


def whole_number(value: object, what: str) -> int:
    """Return an argument that must be a whole number.

    Raises
    ------
    ConfigError
        It is none.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ConfigError(f"{what} must be a whole number, not {value!r}.")
    return operator.index(value)


def _misread_text(text: str, expected: str) -> str:
    reason = f"{text[:40]!r} is neither {expected}"
    return f"{reason}: make options that are numbers integers" if text.isdecimal() else reason


def label_codes(column: ForeignColumn, *, what: str) -> NDArray[np.int32]:
    """Return equal codes for equal labels, in the order of the labels.

    Parameters
    ----------
    column
        Integers, numbers or texts, none missing.
    what
        What the labels are, for the error.

    Returns
    -------
    ndarray
        int32 ``(n_rows,)``, 0-based.

    Raises
    ------
    ConfigError
        A label is missing, or no label.
    """
    if column.kind == "other":
        raise ConfigError(f"The column of {what} holds neither integers nor texts.")
    if column.missing.any():
        row = int(np.flatnonzero(column.missing)[0]) + 1
        raise ConfigError(f"The column of {what} is empty in row {row}: each needs a label.")
    values = column.values.astype(str) if column.kind == "text" else column.values
    codes: NDArray[np.int32] = np.unique(values, return_inverse=True)[1].astype(np.int32)
    return codes


class Problems:
    """The bad places of an argument, collected until all of it is read."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, argument: str, row: int, column: str | None, reason: str) -> None:
        """Note what is wrong in a 0-based row."""
        self._found.append(Problem(argument, row + 1, column, reason))

    def codes(
        self, column: ForeignColumn, *, place: tuple[str, str | None], options: int | None
    ) -> NDArray[np.int8]:
        """Return the option codes of a column, noting every cell that is none."""
        argument, name = place
        codes, misread = read_codes(column, options=options)
        for row, reason in misread:
            self.add(argument, row, name, reason)
        return codes

    def end(self) -> None:
        """Raise what was noted; do nothing where nothing was.

        Raises
        ------
        BadInputError
            With the first places one by one, and how many more there are.
        """
        if not self._found:
            return
        more = len(self._found) - _MOST_LISTED
        counted = f"and {more:,} more. " if more > 0 else ""
        advice = f"{counted}Rows are counted from 1."
        raise BadInputError(self._found[:_MOST_LISTED], advice=advice)
