"""What the scores of a task are computed from: sums over its items, so shares of items add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.all_languages import ItemRatings, RightCounts, count_right, rate_items
from clika.metrics.baseline import Baseline, baseline_of_counts, compare_models
from clika.metrics.counts import PairCounts, count_pairs, stack_counts
from clika.metrics.origins import OriginCounts, OverlapCounts, count_by_origin, count_overlaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from clika.metrics.measure import Ints
    from clika.metrics.performance import ReferenceAccuracy
    from clika.metrics.task_answers import TaskAnswers

__all__ = ["ItemSums", "TaskSums", "count_share", "join_shares", "sum_task"]

#: Answers that are looked at together: some 100 MB of the arrays between them and their sums.
_ANSWERS_AT_ONCE = 1 << 21


class ItemSums(NamedTuple):
    """Sums over items, model by model, beside the counts of pairs.

    Attributes
    ----------
    origin_items
        int64 ``(n_origins + 1,)``: items by origin; the last is the unknown.
    origins
        What was asked and right, by origin.
    overlaps
        What is right in both and in either language, among the items of the two languages.
    rated
        int64 ``(n_models,)``: items with a valid answer in two languages.
    ratings
        What goes into Krippendorff's alpha.
    right
        How often the items asked in every language are right.
    """

    origin_items: Ints
    origins: OriginCounts
    overlaps: OverlapCounts
    rated: Ints
    ratings: ItemRatings
    right: RightCounts


class TaskSums(NamedTuple):
    """Everything that the scores of one task are computed from.

    Attributes
    ----------
    options, reference
        As of :class:`clika.metrics.task_answers.TaskAnswers`.
    counts
        Of all pairs of languages of each model, with a first axis for the model.
    items
        The other sums.
    baseline
        What each model is compared with.
    """

    options: int
    reference: ReferenceAccuracy
    counts: PairCounts
    items: ItemSums
    baseline: Baseline


def sum_task(task: TaskAnswers, *, threads: int | None = None) -> TaskSums:
    """Return the sums of a task whose answers are all at hand.

    Parameters
    ----------
    task
        Its answers.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Raises
    ------
    ValueError
        A code or a gold is out of range.
    """
    counts = stack_counts(
        [
            count_pairs(codes, task.gold, options=task.options, threads=threads)
            for codes in task.codes
        ]
    )
    baseline = compare_models(
        task.codes, task.gold, options=task.options, families=task.families, threads=threads
    )
    return TaskSums(task.options, task.reference, counts, _sum_items(task, None), baseline)


def _sum_items(task: TaskAnswers, origins: int | None) -> ItemSums:
    """Return the sums beside the counts; ``origins``: how many there are, ``None`` as in strata."""
    strata = task.origins()
    if origins is None:
        origins = max(task.codes.shape[-1], int(strata.max(initial=-1)) + 1)
    known = np.where(strata < 0, origins, strata)
    parts = [
        _sum_models(codes, task, strata=strata, origins=origins) for codes in _few_models(task)
    ]
    by_model = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return _item_sums(np.bincount(known, minlength=origins + 1), *by_model)


def _few_models(task: TaskAnswers) -> Iterator[NDArray[np.int8]]:
    """Yield the answers of a few models at a time, once also where there is no model."""
    models, items, languages = task.codes.shape
    step = max(1, _ANSWERS_AT_ONCE // max(1, items * languages))
    for start in range(0, max(1, models), step):
        yield task.codes[start : start + step]


def _sum_models(
    codes: NDArray[np.int8], task: TaskAnswers, *, strata: NDArray[np.int32], origins: int
) -> tuple[Ints, ...]:
    by_origin = count_by_origin(codes, task.gold, strata, origins=origins)
    overlaps = count_overlaps(codes, task.gold, strata)
    ratings = rate_items(codes, options=task.options)
    rated = (ratings.letters.sum(axis=-1) > 0).sum(axis=-1)
    right = count_right(codes, task.gold)
    return (*by_origin, *overlaps, rated, *ratings.total(), *right)


def _item_sums(origin_items: Ints, *by_model: Ints) -> ItemSums:
    """Return the sums from their arrays, in the order of :data:`_ITEM_SUMS`."""
    asked, right, both, either, rated, letters, apart, languages, items = by_model
    return ItemSums(
        origin_items,
        OriginCounts(asked, right),
        OverlapCounts(both, either),
        rated,
        ItemRatings(letters, apart),
        RightCounts(languages, items),
    )


#: The names by which a share holds :class:`ItemSums`.
_ITEM_SUMS = (
    "origin_items",
    *("origin_asked", "origin_right", "own_both", "own_either"),
    *("rated", "rated_letters", "rated_apart", "right_languages", "right_items"),
)


def count_share(task: TaskAnswers, *, origins: int, threads: int | None = None) -> dict[str, Ints]:
    """Return the sums over a share of a task's items, under the names that a file has them by.

    Parameters
    ----------
    task
        The answers to the items of the share.
    origins
        Origins of the whole task's items, the languages among them.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Returns
    -------
    dict
        The shapes are those of :func:`clika.shares.shapes`.

    Notes
    -----
    Counts all pairs of (model, language) with (model, language), since which models are compared
    is known only when all items are.
    """
    models, items, languages = task.codes.shape
    columns = task.codes.transpose(1, 0, 2).reshape(items, models * languages)
    counts = count_pairs(columns, task.gold, options=task.options, threads=threads)
    items = _sum_items(task, origins)
    arrays = (
        items.origin_items,
        *(*items.origins, *items.overlaps, items.rated, *items.ratings, *items.right),
    )
    return {**counts.sums(), **dict(zip(_ITEM_SUMS, arrays, strict=True))}


def join_shares(
    sums: Mapping[str, Ints],
    *,
    options: int,
    reference: ReferenceAccuracy,
    languages: int,
    families: Sequence[str] | None,
) -> TaskSums:
    """Return the sums of a task from those of all its shares, added up.

    Parameters
    ----------
    sums
        As of :func:`count_share`.
    options, reference, families
        As of :class:`clika.metrics.task_answers.TaskAnswers`.
    languages
        Number of languages.
    """
    everyone = PairCounts.of_sums(sums)
    models = len(everyone.n) // languages
    model = np.arange(models)

    def within(array: Ints) -> Ints:
        """Return each model's languages with each other."""
        axes = (models, languages, models, languages, *array.shape[2:])
        return np.ascontiguousarray(array.reshape(axes)[model, :, model])

    return TaskSums(
        options,
        reference,
        PairCounts(*map(within, everyone)),
        _item_sums(*(sums[name] for name in _ITEM_SUMS)),
        baseline_of_counts(everyone, languages=languages, families=families),
    )
