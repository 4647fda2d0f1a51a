"""One metric: a value for each language, for each ordered pair, or for all languages together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.api.rendering import FLAGGED, UNDEFINED, Table, notes, value_text
from clika.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from clika.metrics.measure import Bools, Floats, Ints, Measure, Reasons

__all__ = ["CellValues", "OverallValues", "PairValues", "Value", "Values"]

#: A matrix of more languages is printed without intervals: its lines would be too long to read.
_MOST_WITH_INTERVALS = 4


class Value(NamedTuple):
    """One number.

    Attributes
    ----------
    value
        A share, unless the metric is another thing; ``None`` where it is undefined.
    low, high
        Ends of its interval; ``None`` where it has none.
    n
        Items that it rests on: its denominator.
    n_invalid_source, n_invalid_target
        INVALID answers among the items asked, in the language or in the pair's two; the second is
        ``None`` for a number of one language.
    flags
        Names of :data:`clika.schema.FLAGS`: a flagged number carries no verdict.
    reason
        Why it is undefined; else ``None``.
    interval_reason
        Why it has no interval where intervals were asked for; else ``None``.

    Examples
    --------
    >>> print(Value(0.5, 0.25, 0.75, 20, 0, None))
    0.500 [0.250, 0.750], n = 20
    >>> print(Value(None, None, None, 0, 0, 0, reason="nothing was asked in both languages"))
    undefined: nothing was asked in both languages
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    n_invalid_source: int
    n_invalid_target: int | None
    flags: tuple[str, ...] = ()
    reason: str | None = None
    interval_reason: str | None = None

    def __str__(self) -> str:
        """Return the number, its interval, n and flags; or why it is undefined."""
        if self.value is None:
            return f"undefined: {self.reason}"
        shown = value_text(self.value, self.low, self.high)
        return ", ".join([shown, f"n = {self.n:,}", *self.flags])

    def __float__(self) -> float:
        """Return the number.

        Raises
        ------
        ValueError
            It is undefined; the message says why.
        """
        if self.value is None:
            raise ValueError(f"undefined: {self.reason}")
        return self.value

    @property
    def cell(self) -> str:
        """The number as a cell of a table: marked where flagged, a dash where undefined."""
        if self.value is None:
            return UNDEFINED
        return value_text(self.value, self.low, self.high) + FLAGGED * bool(self.flags)

    @property
    def short_cell(self) -> str:
        """The same without its interval."""
        return self._replace(low=None, high=None).cell

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a note below a table says of it."""
        if self.value is None:
            return (f"{UNDEFINED} {self.reason}",)
        return tuple(f"{FLAGGED} {flag}" for flag in self.flags)


@dataclass(frozen=True, repr=False, eq=False)
class Values(ABC):
    """The values of one metric.

    Attributes
    ----------
    metric, variant
        As in :data:`clika.schema.METRICS`; the variant is ``None`` where it has none.
    languages
        Names of each axis.
    measure
        Values with the reasons of the undefined ones, and intervals where they were asked for.
    n
        Items that each value rests on.
    n_invalid
        INVALID answers: of each language or of all; for pairs of the source and of the target.
    held
        Each flag, and where it holds.
    """

    metric: str
    variant: str | None
    languages: tuple[str, ...]
    measure: Measure
    n: Ints
    n_invalid: tuple[Ints, ...]
    held: dict[str, Bools]

    @property
    def name(self) -> str:
        """The metric and its variant: what an :class:`~clika.api.Alignment` is indexed by."""
        return self.metric if self.variant is None else f"{self.metric}:{self.variant}"

    @property
    def values(self) -> Floats:
        """The numbers as an array; NaN where undefined, as :attr:`reason` says."""
        return self.measure.value.copy()

    @property
    def low(self) -> Floats:
        """Lower ends of the intervals; NaN where there is none."""
        interval = self.measure.interval
        return np.full(self.n.shape, np.nan) if interval is None else interval.low.copy()

    @property
    def high(self) -> Floats:
        """Upper ends of the intervals; NaN where there is none."""
        interval = self.measure.interval
        return np.full(self.n.shape, np.nan) if interval is None else interval.high.copy()

    @property
    def reason(self) -> Reasons:
        """Why a value is undefined; ``None`` where it is defined."""
        return self.measure.reason.copy()

    @property
    def interval_reason(self) -> Reasons:
        """Why a value has no interval; ``None`` where it has one or none was asked for."""
        interval = self.measure.interval
        return np.full(self.n.shape, None, object) if interval is None else interval.reason.copy()

    @property
    def flags(self) -> NDArray[np.object_]:
        """Names of the flags that hold at each place, comma-separated; empty for none."""
        joined = np.full(self.n.shape, "", dtype=object)
        for place in np.ndindex(self.n.shape):
            joined[place] = ",".join(name for name, held in self.held.items() if held[place])
        return joined

    @abstractmethod
    def at(self, *languages: str) -> Value:
        """Return the value of a language, or of a pair of languages."""

    @abstractmethod
    def table(self) -> Table:
        """Return the values as a table to print."""

    @abstractmethod
    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Return the values as rows of the long table, see :meth:`clika.api.Alignment.columns`."""

    def __len__(self) -> int:
        """Return the number of languages."""
        return len(self.languages)

    def __iter__(self) -> Iterator[str]:
        """Yield the languages."""
        return iter(self.languages)

    def __repr__(self) -> str:
        """Return the table as text."""
        return self.table().text()

    def _repr_html_(self) -> str:
        return self.table().html()

    def _place(self, language: str) -> int:
        if language not in self.languages:
            raise UnknownNameError("language", str(language), self.languages)
        return self.languages.index(language)

    def _value(self, place: tuple[int, ...]) -> Value:
        def number(array: Floats) -> float | None:
            return None if np.isnan(array[place]) else float(array[place])

        value, interval = number(self.measure.value), self.measure.interval
        invalid = [int(counts[place]) for counts in self.n_invalid]
        return Value(
            value=value,
            low=None if interval is None else number(interval.low),
            high=None if interval is None else number(interval.high),
            n=int(self.n[place]),
            n_invalid_source=invalid[0],
            n_invalid_target=invalid[1] if len(invalid) > 1 else None,
            flags=tuple(name for name, held in self.held.items() if held[place]),
            reason=self.measure.reason[place],
            interval_reason=None if interval is None else interval.reason[place],
        )

    def _columns(self) -> dict[str, NDArray[np.generic]]:
        def constant(text: str | None) -> NDArray[np.object_]:
            return np.full(self.n.size, text, dtype=object)

        return {
            "metric": constant(self.metric),
            "variant": constant(self.variant),
            "value": self.values.ravel(),
            "low": self.low.ravel(),
            "high": self.high.ravel(),
            "n": self.n.ravel(),
            "n_invalid_source": self.n_invalid[0].ravel(),
            "flags": self.flags.ravel(),
            "reason": self.reason.ravel(),
            "interval_reason": self.interval_reason.ravel(),
        }


class CellValues(Values):
    """A value for each language: ``values["de"]`` is a :class:`Value`."""

    def __getitem__(self, language: str) -> Value:
        """Return the value of a language.

        Raises
        ------
        UnknownNameError
            It is not one of the languages.
        """
        return self._value((self._place(language),))

    def at(self, *languages: str) -> Value:
        """Return the value of a language; see :meth:`__getitem__`.

        Raises
        ------
        ConfigError
            Not one language is given.
        """
        if len(languages) != 1:
            raise ConfigError(f"{self.name} has a value for each language: give one.")
        return self[languages[0]]

    def table(self) -> Table:
        """Return a line for each language."""
        rows = [(language, [str(self[language])]) for language in self.languages]
        return Table(self.name, ["value"], rows)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Return a row for each language."""
        nothing = np.full(self.n.size, None, dtype=object)
        return {
            **self._columns(),
            "source_language": np.array(self.languages, dtype=object),
            "target_language": nothing,
            "n_invalid_target": np.full(self.n.size, np.nan),
        }


class PairValues(Values):
    """A value for each ordered pair: ``values["en", "de"]`` is a :class:`Value`."""

    def __getitem__(self, pair: tuple[str, str]) -> Value:
        """Return the value of a pair of languages, the source first.

        Raises
        ------
        ConfigError
            It is not a pair.
        UnknownNameError
            One of the two is not one of the languages.
        """
        return self.at(pair) if isinstance(pair, str) else self.at(*pair)

    def at(self, *languages: str) -> Value:
        """Return the value of a pair of languages; see :meth:`__getitem__`.

        Raises
        ------
        ConfigError
            Not two languages are given.
        """
        if len(languages) != 2:  # noqa: PLR2004
            raise ConfigError(f"{self.name} has a value for each pair of languages: give two.")
        return self._value((self._place(languages[0]), self._place(languages[1])))

    def row(self, source: str) -> dict[str, Value]:
        """Return the values from one language to each: the paper's en-CO is ``row("en")``."""
        return {target: self[source, target] for target in self.languages}

    def table(self) -> Table:
        """Return the matrix, a line for each source language, with notes on what is undefined."""
        has_intervals = self.measure.interval is not None
        is_wide = has_intervals and len(self.languages) > _MOST_WITH_INTERVALS
        rows, remarked = [], dict[str, list[str]]()
        for source in self.languages:
            found = self.row(source)
            cells = [value.short_cell if is_wide else value.cell for value in found.values()]
            rows.append((source, cells))
            for target, value in found.items():
                for remark in value.remarks:
                    remarked.setdefault(remark, []).append(f"{source}-{target}")
        below = notes(remarked)
        if is_wide:
            first, second = self.languages[:2]
            below.append(f'With its interval: ["{first}", "{second}"]; all ends: .low, .high')
        return Table(self.name, self.languages, rows, below)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Return a row for each ordered pair."""
        names = np.array(self.languages, dtype=object)
        return {
            **self._columns(),
            "source_language": np.repeat(names, len(names)),
            "target_language": np.tile(names, len(names)),
            "n_invalid_target": self.n_invalid[1].ravel().astype(np.float64),
        }


class OverallValues(Values):
    """One value for all languages together: ``values.total`` is a :class:`Value`."""

    @property
    def total(self) -> Value:
        """The value."""
        return self._value(())

    def at(self, *languages: str) -> Value:
        """Return the value.

        Raises
        ------
        ConfigError
            A language is given.
        """
        if languages:
            raise ConfigError(f"{self.name} has one value for all languages: give none.")
        return self.total

    def table(self) -> Table:
        """Return the one line."""
        return Table(self.name, ["value"], [("all languages", [str(self.total)])])

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Return the one row."""
        return {
            **self._columns(),
            "source_language": np.array([None], dtype=object),
            "target_language": np.array([None], dtype=object),
            "n_invalid_target": np.array([np.nan]),
        }
