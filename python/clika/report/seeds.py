"""``seeds.csv``: accuracy and the pivot's row of CO by training seed."""

from __future__ import annotations

import math
import statistics
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.report.names import SEEDS
from clika.report.paper import row_groups
from clika.report.sheets import Block, Line, Sheet
from clika.report.tables import NumberStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clika.metrics.measure import Floats
    from clika.report.scored import Scored

__all__ = ["SeedValues", "seeds_sheet"]

_HEADER = ("task", "metric", "regime", "model", "language")
_SUMMARY = ("mean", "sd", "least", "most")
_LINES = ("  SD", "  least", "  most")
_ABOUT = (
    "Each number is the mean over {seeds} training seeds, which have worlds, weights and orders of "
    "their own; SD is the standard deviation between them, least and most are the range. {scale} "
    "Every seed is in {file}.csv; the tables above are of all seeds' items together."
)


class SeedValues(NamedTuple):
    """One task by training seed.

    Attributes
    ----------
    seeds
        Two or more, ascending.
    accuracy, overlap
        float64 ``(n_seeds, n_models, n_languages)``, of the models and languages of the scores: the
        accuracy in the language, and CO of the pivot with it; NaN where undefined.
    """

    seeds: tuple[int, ...]
    accuracy: Floats
    overlap: Floats


class _Metric(NamedTuple):
    """What one metric is called, how it is printed, and in which languages."""

    name: str
    title: str
    scale: str
    style: NumberStyle
    languages: tuple[str, ...]


class _Row(NamedTuple):
    """One model in one language: a printed number for each seed, and their summary."""

    seeds: tuple[str, ...]
    summary: tuple[str, ...]


def seeds_sheet(scored: Scored, tasks: Mapping[str, SeedValues]) -> Sheet:
    """Return the values of each seed with their mean, standard deviation and range.

    Parameters
    ----------
    scored
        The scores, and what is selected of them.
    tasks
        Those with items of several seeds.

    Returns
    -------
    Sheet
        A row for each task, metric, model and language. Where a seed has no value, so has none of
        the summary.
    """
    seeds = sorted({seed for values in tasks.values() for seed in values.seeds})
    rows, blocks = [], []
    for task, _ in scored.headline():
        if task.name not in tasks:
            continue
        values = tasks[task.name]
        for metric, of_metric in _metrics(scored, values, task.options):
            found = _rows(scored, metric, of_metric)
            for (model, regime, language), row in found.items():
                by_seed = dict(zip(values.seeds, row.seeds, strict=True))
                cells = (*(by_seed.get(seed, "") for seed in seeds), *row.summary)
                rows.append((task.name, metric.name, regime, model, language, *cells))
            title = f"{task.heading} by training seed: {metric.title}"
            blocks.append(_block(title, metric, found, n_seeds=len(values.seeds)))
    header = (*_HEADER, *(f"seed_{seed}" for seed in seeds), *_SUMMARY)
    return Sheet(SEEDS, header, tuple(rows), tuple(blocks))


def _metrics(scored: Scored, values: SeedValues, options: int) -> Iterator[tuple[_Metric, Floats]]:
    study, selection = scored.study, scored.selection
    percent, share = NumberStyle(scale=100, decimals=1), NumberStyle(scale=1, decimals=2)
    pivot = study.pivot
    languages = [pivot, *(code for code in study.languages if code != pivot)]
    chosen = tuple(code for code in languages if code in selection.sources)
    if chosen:
        scale = f"Chance is {percent.render(1 / options)}, 100 is every item right."
        yield _Metric("acc", "accuracy, percent", scale, percent, chosen), values.accuracy
    others = tuple(code for code in languages[1:] if code in selection.targets)
    if pivot in selection.sources and others:
        scale = (
            "0 is no item right in both, 1 the same items right in both; of right answers by "
            "chance and of unequal accuracies see co_star and co_star_max in scores/."
        )
        title = f"correctness overlap ({pivot}-CO)"
        yield _Metric(f"{pivot}_co", title, scale, share, others), values.overlap


def _rows(scored: Scored, metric: _Metric, values: Floats) -> dict[tuple[str, str, str], _Row]:
    groups = row_groups(model for model in scored.models if model in scored.selection.models)
    found = {}
    for model, regime in groups.items():
        for language in metric.languages:
            column = scored.study.languages.index(language)
            shares = values[:, scored.models.index(model), column].tolist()
            found[model, regime, language] = _Row(*_printed(shares, metric.style))
    return found


def _printed(
    shares: Sequence[float], style: NumberStyle
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the number of each seed, and mean, standard deviation, least and most of all."""
    seeds = tuple("" if math.isnan(share) else style.render(share) for share in shares)
    if any(np.isnan(shares)):
        return seeds, ("",) * len(_SUMMARY)
    summary = (statistics.fmean(shares), statistics.stdev(shares), min(shares), max(shares))
    return seeds, tuple(style.render(number) for number in summary)


def _block(
    title: str, metric: _Metric, rows: Mapping[tuple[str, str, str], _Row], *, n_seeds: int
) -> Block:
    lines = []
    for regime, of_regime in groupby(rows.items(), lambda item: item[0][1]):
        lines.append(Line(f"[{regime}]"))
        for model, of_model in groupby(of_regime, lambda item: item[0][0]):
            mean, *more = zip(*(row.summary for _, row in of_model), strict=True)
            lines.append(Line(model, mean))
            lines += [Line(name, cells) for name, cells in zip(_LINES, more, strict=True)]
    about = _ABOUT.format(seeds=n_seeds, scale=metric.scale, file=SEEDS)
    return Block(title, about, metric.languages, tuple(lines))
