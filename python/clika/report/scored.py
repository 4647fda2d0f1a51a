"""What a study's scores are, and which part of them is asked for: the input of every report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clika.metrics.scorecard import Scorecard
    from clika.report.means import MeanIntervals
    from clika.study import Study, Task
    from clika.where import Selection

__all__ = ["Scored"]


class Scored(NamedTuple):
    """The scores of a study.

    Attributes
    ----------
    study
        Its languages give the second and third axis of the scorecards' arrays.
    models
        The first axis of the scorecards' arrays.
    rules
        Extraction rules; the first is the headline.
    cards
        Everything computed, by rule and task.
    selection
        The part that is written and shown.
    means
        The intervals of the tables' means; ``None`` where no intervals were asked for.
    """

    study: Study
    models: tuple[str, ...]
    rules: tuple[str, ...]
    cards: Mapping[tuple[str, str], Scorecard]
    selection: Selection
    means: MeanIntervals | None = None

    def headline(self) -> Iterator[tuple[Task, Scorecard]]:
        """Yield each selected task with its scores by the headline rule, in the study's order."""
        for task in self.study.tasks:
            if task.name in self.selection.tasks:
                yield task, self.cards[self.rules[0], task.name]
