"""What a comparison of two models is asked, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.metrics.comparison.paired_card import Sampling

if TYPE_CHECKING:
    from pathlib import Path

    from clika.study import Study, Task

__all__ = [
    "DEFAULT_METRICS",
    "Adjustment",
    "CompareView",
    "ComparedTask",
    "Family",
    "Flips",
    "Question",
    "Row",
    "Side",
    "Verdict",
]

Adjustment = Literal["max-t", "holm"]

#: Significant at 5 % in either direction, or not; or not told, since flags make the values unfit.
Verdict = Literal["lost", "gained", "undecided", "flagged"]

#: The headlines of PF and CT.
DEFAULT_METRICS = ("acc", "co")


class Side(NamedTuple):
    """One of the two models.

    Attributes
    ----------
    study
        The study that it belongs to.
    model
        Its name, spelled in any of the accepted ways.
    database
        The study's database; only read.
    """

    study: Study
    model: str
    database: Path


@dataclass(frozen=True)
class Question:
    """What is asked about two models.

    Attributes
    ----------
    metrics
        Ids; a bare id means its first variant, else ``METRIC:VARIANT``.
    rule
        Extraction rule; ``None`` for the first study's headline rule.
    where
        ``KEY=V[,V...]`` conditions on what is shown; tests and families stay whole. ``source``
        also chooses the rows of the language matrices that pair metrics are compared in, by
        default the pivot's.
    adjustment
        How p-values are adjusted over a family.
    sampling
        How much is drawn.
    """

    metrics: tuple[str, ...] = DEFAULT_METRICS
    rule: str | None = None
    where: tuple[str, ...] = ()
    adjustment: Adjustment = "max-t"
    sampling: Sampling = field(default_factory=Sampling)


class Flips(NamedTuple):
    """Items that one model alone has right, in one language.

    Attributes
    ----------
    language
        The language.
    lost, gained
        Ids of the items right in the first model alone, and in the second alone, ascending.
    """

    language: str
    lost: tuple[int, ...]
    gained: tuple[int, ...]


class ComparedTask(NamedTuple):
    """What two models have in common of one task.

    Attributes
    ----------
    task
        The task.
    n_shared, n_only_first, n_only_second
        Items that both were asked in some language, and that only one of them was.
    n_clusters
        Clusters of the shared items: fewer than items where some rise and fall together.
    flips
        By language, in the order of the study; of the languages that are shown.
    """

    task: Task
    n_shared: int
    n_only_first: int
    n_only_second: int
    n_clusters: int
    flips: tuple[Flips, ...]


class Row(NamedTuple):
    """One metric of two models in one cell; the pairs have the first model first.

    Attributes
    ----------
    task
        Name of the task.
    source_language, target_language
        The language, or the pair of languages; the second is ``None`` for one language.
    values
        ``None`` where undefined.
    difference
        The second's value minus the first's.
    low, high
        95 % interval of the difference.
    p, p_adjusted
        Two-sided p-value, and the same adjusted over the family; ``None`` for no test.
    exact
        Whether ``p`` is exact; ``None`` for no test.
    only_first, only_second
        Discordant counts: items that the numerator counts for one model alone.
    n
        Items that each value rests on.
    flags
        Of each value.
    reason
        Why something above is ``None``.
    verdict
        By the adjusted p-value; ``None`` for no test.
    """

    task: str
    source_language: str
    target_language: str | None
    values: tuple[float | None, float | None]
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    exact: bool | None
    only_first: int | None
    only_second: int | None
    n: tuple[int, int]
    flags: tuple[tuple[str, ...], tuple[str, ...]]
    reason: str | None
    verdict: Verdict | None

    @property
    def cell(self) -> str:
        """The language, or the pair as ``en-zh``."""
        pair = (self.source_language, self.target_language)
        return "-".join(code for code in pair if code is not None)


class Family(NamedTuple):
    """The tests of one metric, over all languages and tasks: what p-values are adjusted over.

    Attributes
    ----------
    metric
        Id with its variant.
    n_tests
        Tests of the family, shown or not; 0 for a metric that has none.
    rows
        Those that are shown, in the order of tasks and languages.
    """

    metric: str
    n_tests: int
    rows: tuple[Row, ...]


class CompareView(NamedTuple):
    """Two models compared.

    Attributes
    ----------
    names
        Of both models, with their study where those differ.
    models
        Of both models without it, as their studies spell them.
    rule
        Extraction rule that the answers were read by.
    question
        What was asked.
    tasks
        What was compared, in the order of the first study.
    left_out
        Tasks and languages that only one of the studies has, a sentence each.
    families
        One for each metric.
    """

    names: tuple[str, str]
    models: tuple[str, str]
    rule: str
    question: Question
    tasks: tuple[ComparedTask, ...]
    left_out: tuple[str, ...]
    families: tuple[Family, ...]
