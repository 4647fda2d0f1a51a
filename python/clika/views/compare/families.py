"""The rows of a comparison, and their p-values adjusted over the family that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.comparison.multiplicity import LEVEL, can_reject, holm, max_t
from clika.metrics.comparison.paired_card import OF_ONE_LANGUAGE
from clika.views.compare.model import Family, Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clika.metrics.comparison.paired_card import Comparison, PairedTest
    from clika.metrics.measure import Bools, Floats
    from clika.views.compare.model import Adjustment, Verdict
    from clika.where import Selection

__all__ = ["Axes", "build_family"]


class Axes(NamedTuple):
    """What the cells of a comparison are, and which of them are shown.

    Attributes
    ----------
    languages
        Columns of the codes.
    sources
        Rows of the language matrices that pair metrics are compared in.
    shown
        The part that was asked for.
    """

    languages: tuple[str, ...]
    sources: tuple[str, ...]
    shown: Selection

    def cells(self, metric: str) -> list[tuple[str, str | None]]:
        """Return the language or the pair of each cell, in the order of the comparison."""
        if metric in OF_ONE_LANGUAGE:
            return [(language, None) for language in self.languages]
        return [(a, b) for a in self.sources for b in self.languages if a != b]

    def shows(self, task: str, source: str, target: str | None) -> bool:
        """Whether a cell is asked for; one language alone passes as a source."""
        on_target = target is None or target in self.shown.targets
        return task in self.shown.tasks and source in self.shown.sources and on_target


def build_family(
    metric: str,
    tasks: Mapping[str, Comparison],
    axes: Axes,
    *,
    adjustment: Adjustment,
    replicates: int,
) -> Family:
    """Return the comparison of one metric with p-values adjusted over all its cells and tasks.

    Parameters
    ----------
    metric
        Its id with the variant.
    tasks
        The comparison by task.
    axes
        What the cells are.
    adjustment
        ``max-t`` or ``holm``.
    replicates
        Random swaps behind the p-values that are not exact.

    Raises
    ------
    ConfigError
        Holm's procedure is asked for where it could never reject.
    """
    tests = {name: found.test for name, found in tasks.items() if found.test is not None}
    adjusted = _adjusted(tests, adjustment, replicates) if tests else {}
    rows = [
        _row(name, pair, found, cell, None if name not in adjusted else adjusted[name][cell])
        for name, found in tasks.items()
        for cell, pair in enumerate(axes.cells(metric))
        if axes.shows(name, *pair) and found.n[:, cell].any()
    ]
    n_tests = sum(int((~np.isnan(test.p)).sum()) for test in tests.values())
    return Family(metric, n_tests, tuple(rows))


def _adjusted(
    tests: Mapping[str, PairedTest], adjustment: Adjustment, replicates: int
) -> dict[str, Floats]:
    """Return the adjusted p-values of each task's cells; NaN where there is no test."""
    p = np.concatenate([test.p for test in tests.values()])
    tested = ~np.isnan(p)
    adjusted = np.full(p.shape, np.nan)
    if adjustment == "holm":
        exact = all(test.exact for test in tests.values())
        adjusted[tested] = holm(p[tested], replicates=None if exact else replicates)
    else:
        adjusted[tested] = np.maximum(_step_down(tests, tested), p[tested])
    ends = np.cumsum([len(test.p) for test in tests.values()])[:-1]
    return dict(zip(tests, np.split(adjusted, ends), strict=True))


def _step_down(tests: Mapping[str, PairedTest], tested: Bools) -> Floats:
    swaps = [test.swaps for test in tests.values()]
    able = tested & can_reject(np.concatenate([each.differing for each in swaps]))
    statistic = np.concatenate([each.statistic for each in swaps])
    swapped = np.concatenate([each.swapped for each in swaps], axis=1)
    adjusted = np.ones(tested.shape)
    adjusted[able] = max_t(statistic[able], swapped[:, able])
    return adjusted[tested]


def _row(
    task: str,
    pair: tuple[str, str | None],
    found: Comparison,
    cell: int,
    adjusted: float | None,
) -> Row:
    first, second = (
        tuple(name for name, held in found.flags.items() if held[model, cell]) for model in (0, 1)
    )
    reasons = (*found.reason[:, cell], found.interval.reason[cell])
    difference = _number(found.difference[cell])
    p_adjusted = None if adjusted is None else _number(adjusted)
    test = found.test
    return Row(
        task=task,
        source_language=pair[0],
        target_language=pair[1],
        values=(_number(found.value[0, cell]), _number(found.value[1, cell])),
        difference=difference,
        low=_number(found.interval.low[cell]),
        high=_number(found.interval.high[cell]),
        p=None if test is None else _number(test.p[cell]),
        p_adjusted=p_adjusted,
        exact=None if test is None else test.exact,
        only_first=None if test is None else int(test.only_first[cell]),
        only_second=None if test is None else int(test.only_second[cell]),
        n=(int(found.n[0, cell]), int(found.n[1, cell])),
        flags=(first, second),
        reason=next((reason for reason in reasons if reason is not None), None),
        verdict=_verdict(difference, p_adjusted, unfit=_unfit(pair, first, second)),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _unfit(pair: tuple[str, str | None], first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether flags forbid a verdict.

    An accuracy that falls to chance is a loss; an overlap with a cell at chance is no overlap of
    knowledge.
    """
    if pair[1] is None:
        return bool(first) and bool(second)
    return bool(first) or bool(second)


def _verdict(difference: float | None, p: float | None, *, unfit: bool) -> Verdict | None:
    if difference is None or p is None:
        return None
    if unfit:
        return "flagged"
    if p > LEVEL:
        return "undecided"
    return "lost" if difference < 0 else "gained"
