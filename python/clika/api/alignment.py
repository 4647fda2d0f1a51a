"""What the functions of the API return: every metric of one model on one task."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from clika.api.rendering import Table, notes
from clika.api.values import CellValues, OverallValues, PairValues, Value, Values
from clika.errors import PrerequisiteError, UnknownNameError
from clika.schema import METRICS, SCORE_COLUMNS, Column
from clika.store.foreign import arrow_stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType
    from typing import overload

    from numpy.typing import NDArray

__all__ = ["Alignment"]

#: Columns that name what one call has only one of.
_OF_A_STUDY = frozenset({"study", "rule", "task", "model"})
#: The columns of an alignment as a table: those of the files of a study that have a meaning here.
COLUMNS: tuple[Column, ...] = tuple(c for c in SCORE_COLUMNS if c.name not in _OF_A_STUDY)


class Alignment:
    """Every metric of one model on one task.

    Index by metric, ``alignment["co"]``, and on by language: ``alignment["acc", "de"]``,
    ``alignment["co", "en", "de"]``. A metric without its variant is the first of its variants.

    Attributes
    ----------
    metrics
        The metrics, in the order of :data:`clika.schema.METRICS`.
    languages
        In the order of the columns.
    n_items
        Items of the task.
    options
        Number of options.
    """

    def __init__(
        self, metrics: Sequence[Values], *, languages: tuple[str, ...], n_items: int, options: int
    ) -> None:
        self.metrics = tuple(metrics)
        self._by_name = {metric.name: metric for metric in metrics}
        self.languages = languages
        self.n_items = n_items
        self.options = options

    if TYPE_CHECKING:
        # Not at run time: what is overloaded is kept for ever and with it DuckDB, which complains.

        @overload
        def __getitem__(self, key: str) -> Values: ...
        @overload
        def __getitem__(self, key: tuple[str, ...]) -> Value: ...

    def __getitem__(self, key: str | tuple[str, ...]) -> Values | Value:
        """Return a metric by its name, or a value by metric and languages.

        Raises
        ------
        ConfigError
            The metric is of one language and two are given, or the other way round.
        UnknownNameError
            A metric or a language of that name is not there.
        """
        if isinstance(key, str):
            return self._metric(key)
        return self._metric(key[0]).at(*key[1:])

    def _metric(self, name: str) -> Values:
        variants = METRICS.get(name, ())
        full = name if name in self._by_name or not variants else f"{name}:{variants[0]}"
        if full not in self._by_name:
            raise UnknownNameError("metric", name, list(self._by_name))
        return self._by_name[full]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the metrics."""
        return iter(self._by_name)

    def __len__(self) -> int:
        """Return the number of metrics."""
        return len(self.metrics)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Return every number as a long table: a row for each metric, language or pair.

        Returns
        -------
        dict
            Columns named as in the files of a study (see the reference of tables): object arrays
            with ``None`` for texts, int64, and float64 with NaN where a number is undefined or has
            no interval; ``reason`` says why.
        """
        blocks = [metric.columns() for metric in self.metrics]
        return {
            column.name: np.concatenate([block[column.name] for block in blocks])
            for column in COLUMNS
        }

    def to_pandas(self) -> Any:  # noqa: ANN401 (pandas is no dependency)
        """Return :meth:`columns` as a pandas DataFrame.

        Raises
        ------
        PrerequisiteError
            pandas is not installed.
        """
        return _library("pandas").DataFrame(self.columns())

    def to_polars(self) -> Any:  # noqa: ANN401 (polars is no dependency)
        """Return :meth:`columns` as a polars DataFrame, null where a number is undefined.

        Raises
        ------
        PrerequisiteError
            polars is not installed.
        """
        return _library("polars").DataFrame(self)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return :meth:`columns` as an Arrow stream, null where a number is undefined."""
        return arrow_stream(self.columns(), COLUMNS, requested_schema)

    def __repr__(self) -> str:
        """Return the numbers of each language, and the matrix of the first metric of pairs."""
        return "\n\n".join([self._head(), *(table.text() for table in self._tables())])

    def _repr_html_(self) -> str:
        return f"<p>{self._head()}</p>{''.join(table.html() for table in self._tables())}"

    def _head(self) -> str:
        return f"{self.n_items:,} items, {self.options} options, {len(self.languages)} languages"

    def _tables(self) -> Iterator[Table]:
        cells = [metric for metric in self.metrics if isinstance(metric, CellValues)]
        pairs = [metric for metric in self.metrics if isinstance(metric, PairValues)]
        if cells:
            yield _by_language(cells, self.languages)
        if pairs:
            first = pairs[0].table()
            others = ", ".join(metric.name for metric in pairs[1:])
            also = (f"In here too: {others}",) if others else ()
            yield first._replace(below=(*first.below, *also))
        overall = [metric for metric in self.metrics if isinstance(metric, OverallValues)]
        if overall:
            rows = [(metric.name, [str(metric.total)]) for metric in overall]
            yield Table("All languages together", ["value"], rows)


def _by_language(metrics: Sequence[CellValues], languages: Sequence[str]) -> Table:
    remarked: dict[str, list[str]] = {}
    rows = []
    for language in languages:
        found = [metric[language] for metric in metrics]
        counts = [f"{found[0].n:,}", f"{found[0].n_invalid_source:,}"]
        rows.append((language, [*counts, *(value.cell for value in found)]))
        for remark in dict.fromkeys(remark for value in found for remark in value.remarks):
            remarked.setdefault(remark, []).append(language)
    headings = ["n", "invalid", *(metric.name for metric in metrics)]
    return Table("By language", headings, rows, notes(remarked))


def _library(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        missing = f"{name} is not installed."
        raise PrerequisiteError(missing, command=f"pip install {name}") from error
