"""Which paper-shaped tables there are: accuracy, RA and the pivot's row of CO."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.registry import registered_models
from clika.report.tables import Ends, NumberStyle, TableHead, Values, build_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from clika.metrics.measure import Floats
    from clika.metrics.scorecard import Score, Scorecard
    from clika.report.scored import Scored
    from clika.report.tables import PaperTable

__all__ = ["paper_tables", "row_groups", "row_order"]

_UNREGISTERED = "Not in the registry"


class _Shown(NamedTuple):
    """One metric of the tables.

    Attributes
    ----------
    metric, variant
        Ids.
    name
        Beginning of the tables' names.
    label
        End of their titles.
    style
        How its numbers are printed.
    columns
        The languages that are selected.
    """

    metric: str
    variant: str | None
    name: str
    label: str
    style: NumberStyle
    columns: tuple[str, ...]


def row_order(models: Iterable[str]) -> tuple[str, ...]:
    """Return models in the row order of the tables: the registry's, then the others by name."""
    present = frozenset(models)
    registered = [model.name for model in registered_models() if model.name in present]
    return (*registered, *sorted(present.difference(registered)))


def row_groups(models: Iterable[str]) -> dict[str, str]:
    """Return the regime of each model, in their order."""
    regimes = {model.name: model.regime for model in registered_models()}
    return {model: regimes.get(model, _UNREGISTERED) for model in models}


def paper_tables(scored: Scored) -> list[PaperTable]:
    """Lay out the paper-shaped tables of the headline rule.

    Parameters
    ----------
    scored
        The scores and what is selected of them. Accuracy and RA have the languages that may stand
        first in a pair; CO has those that may stand second, and no table unless the pivot may stand
        first. A stream has a table where all its tasks are selected.

    Returns
    -------
    list of PaperTable
        For each metric its tasks, then its streams. The last column is the mean of all languages of
        the study but the pivot.
    """
    study = scored.study
    languages = [study.pivot, *(code for code in study.languages if code != study.pivot)]
    groups = row_groups(model for model in scored.models if model in scored.selection.models)
    made = []
    for shown in _metrics(scored, languages):
        members = {
            task.name: _values(scored, _score(card, shown)) for task, card in scored.headline()
        }
        for head, names in _heads(scored, shown):
            made.append(
                build_table(
                    head,
                    {name: members[name] for name in names},
                    groups=groups,
                    columns=shown.columns,
                    averaged=languages[1:],
                    intervals=_intervals(scored, shown, tuple(names)),
                )
            )
    return made


def _metrics(scored: Scored, languages: Sequence[str]) -> list[_Shown]:
    pivot = scored.study.pivot
    sources = tuple(code for code in languages if code in scored.selection.sources)
    targets = tuple(code for code in languages if code in scored.selection.targets)
    percent = NumberStyle(scale=100, decimals=1)
    clipped = NumberStyle(scale=1, decimals=2, floor=0.0)
    share = NumberStyle(scale=1, decimals=2)
    shown = []
    if sources:
        shown += [
            _Shown("acc", None, "acc", "accuracy, percent", percent, sources),
            _Shown("ra", None, "ra", "re-scaled accuracy (RA)", clipped, sources),
        ]
    if pivot in sources and targets:
        label = f"correctness overlap ({pivot}-CO)"
        shown.append(_Shown("co", "union", f"{pivot}_co", label, share, targets))
    return shown


def _heads(scored: Scored, shown: _Shown) -> list[tuple[TableHead, list[str]]]:
    """Return the head of each table of a metric with the tasks that it is the mean of."""
    selected = [task for task, _ in scored.headline()]
    label = shown.label if scored.means is None else f"{shown.label}, with 95 % intervals"
    heads = [
        (
            TableHead(f"{shown.name}_{task.name}", f"{task.heading}: {label}", shown.style),
            [task.name],
        )
        for task in selected
    ]
    for stream, tasks in scored.study.streams.items():
        if all(task in selected for task in tasks):
            of = " and ".join(task.heading for task in tasks)
            title = f"{stream} stream, mean of {of}: {label}"
            head = TableHead(f"{shown.name}_{stream.lower()}", title, shown.style)
            heads.append((head, [task.name for task in tasks]))
    return heads


def _score(card: Scorecard, shown: _Shown) -> Score:
    entries: Mapping[tuple[str, str | None], Score] = {
        (entry.metric, entry.variant): entry for entry in (*card.cells, *card.pairs)
    }
    return entries[shown.metric, shown.variant]


def _row(scored: Scored, values: Floats) -> tuple[int | slice, ...]:
    """Return the place of a metric's ``(n_models, n_languages)``: of a pair's, the pivot's row."""
    if values.ndim == 2:  # noqa: PLR2004 - models, languages
        return (slice(None),)
    return slice(None), scored.study.languages.index(scored.study.pivot)


def _values(scored: Scored, score: Score) -> Values:
    matrix = score.measure.value[_row(scored, score.measure.value)]
    undefined = np.isnan(matrix).tolist()
    shares = matrix.tolist()
    return {
        (model, language): None if undefined[row][column] else shares[row][column]
        for row, model in enumerate(scored.models)
        for column, language in enumerate(scored.study.languages)
    }


def _intervals(
    scored: Scored, shown: _Shown, tasks: tuple[str, ...]
) -> dict[tuple[str, str], Ends] | None:
    """Return the interval of each model and column; those of a single task's cells are its own."""
    if scored.means is None:
        return None
    columns = {
        column: interval
        for (metric, variant, of, column), interval in scored.means.items()
        if (metric, variant, of) == (shown.metric, shown.variant, tasks)
    }
    if len(tasks) == 1:
        measure = _score(scored.cards[scored.rules[0], tasks[0]], shown).measure
        if measure.interval is not None:
            cells = measure.interval.at(_row(scored, measure.value))
            for place, language in enumerate(scored.study.languages):
                columns[language] = cells.at((slice(None), place))
    return {
        (model, column): Ends(None, None, reason) if reason else Ends(low, high, None)
        for column, interval in columns.items()
        for model, low, high, reason in zip(
            scored.models, *(part.tolist() for part in interval), strict=True
        )
    }
