"""Every metric of a study at once: each task's in the order of :data:`clika.schema.METRICS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics import all_languages, baseline, origins
from clika.metrics import consistency as ct
from clika.metrics import performance as pf
from clika.metrics.measure import Measure, first_reason
from clika.metrics.task_sums import sum_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clika.metrics.counts import PairCounts
    from clika.metrics.measure import Bools, Floats, Ints
    from clika.metrics.performance import ReferenceAccuracy
    from clika.metrics.task_answers import TaskAnswers
    from clika.metrics.task_sums import ItemSums, TaskSums

__all__ = [
    "Score",
    "Scorecard",
    "cell_scores",
    "excess_scores",
    "origin_scores",
    "overall_scores",
    "pair_scores",
    "score_sums",
    "scorecards",
]

_FALSE_DISCOVERY = 0.05


class Score(NamedTuple):
    """One metric of one task, for all models and languages.

    Attributes
    ----------
    metric, variant
        Ids; the variant is ``None`` where the metric has none.
    measure
        Values and reasons, ``(n_models, n_languages)`` for a cell's metric,
        ``(n_models, n_languages, n_languages)`` for a pair's, ``(n_models,)`` for one of all
        languages together.
    n
        Items that each value rests on: its denominator.
    flags
        Flag name with where it holds, each of the shape of the values.
    """

    metric: str
    variant: str | None
    measure: Measure
    n: Ints
    flags: dict[str, Bools]


class Scorecard(NamedTuple):
    """Everything computed for one task.

    Attributes
    ----------
    counts
        What it was computed from, with a first axis for the model.
    p_chance, q_chance
        float64 ``(n_models, n_languages)``: the test of each cell against chance, raw and adjusted
        over all cells that were tested together; p is 1 and q NaN where nothing was asked.
    cells, pairs
        The PF and the CT metrics.
    overall
        The metrics of all languages together.
    compared
        What ``excess`` compares the models with; ``None`` where it is not among the pairs.
    """

    counts: PairCounts
    p_chance: Floats
    q_chance: Floats
    cells: tuple[Score, ...]
    pairs: tuple[Score, ...]
    overall: tuple[Score, ...]
    compared: baseline.Baseline | None = None


def scorecards(tasks: Sequence[TaskAnswers], *, threads: int | None = None) -> list[Scorecard]:
    """Compute every metric of every task.

    Parameters
    ----------
    tasks
        The tasks of a study. The test against chance is adjusted over all their cells together, so
        what is flagged in one task depends on the others.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Returns
    -------
    list of Scorecard
        One for each task, in their order; without intervals, which
        :func:`clika.metrics.intervals.scorecards.with_intervals` adds.

    Raises
    ------
    ValueError
        A code or a gold is out of range.
    """
    return score_sums([sum_task(task, threads=threads) for task in tasks])


def score_sums(tasks: Sequence[TaskSums]) -> list[Scorecard]:
    """Compute what :func:`scorecards` computes, from the sums over the items of each task."""
    p_values = [_chance_p(task.counts) for task in tasks]
    asked = [_own(task.counts.n) > 0 for task in tasks]
    tested = [p[there] for p, there in zip(p_values, asked, strict=True)]
    adjusted = pf.false_discovery_q(np.concatenate([np.empty(0), *tested]))
    ends = np.cumsum([len(part) for part in tested])[:-1]
    cards = []
    for task, p, there, found in zip(tasks, p_values, asked, np.split(adjusted, ends), strict=True):
        q = np.full(p.shape, np.nan)
        q[there] = found
        at_chance = there & (q > _FALSE_DISCOVERY)
        counts = task.counts
        cells = cell_scores(
            counts, options=task.options, reference=task.reference, at_chance=at_chance
        )
        pairs = pair_scores(counts, options=task.options, at_chance=at_chance)
        own_cells, own_pairs = origin_scores(task.items, counts)
        beyond = excess_scores(task.baseline, counts, pairs)
        cards.append(
            Scorecard(
                counts,
                p,
                q,
                cells=(*cells, *own_cells),
                pairs=(*pairs, *own_pairs, *beyond),
                overall=tuple(overall_scores(task.items, pairs)),
                compared=task.baseline,
            )
        )
    return cards


def _own(pairs: Ints) -> Ints:
    """Return the diagonal over languages: what concerns one language alone."""
    diagonal = np.diagonal(pairs, axis1=1, axis2=2)
    # Counts by option have a fourth axis, before which numpy does not put the diagonal.
    return np.ascontiguousarray(np.moveaxis(diagonal, -1, 1))


def _chance_p(counts: PairCounts) -> Floats:
    n = _own(counts.n)
    options = counts.gold_n.shape[-1]
    p = pf.chance_p_values(
        _own(counts.right_source).ravel(),
        _own(counts.letters_source).reshape(-1, options),
        _own(counts.gold_n).reshape(-1, options),
        n.ravel(),
    )
    return p.reshape(n.shape)


def cell_scores(
    counts: PairCounts, *, options: int, reference: ReferenceAccuracy, at_chance: Bools
) -> list[Score]:
    """Return the PF metrics of a task.

    Parameters
    ----------
    counts
        Counts with a first axis for the model.
    options
        Number of options (k).
    reference
        The accuracy at which RA is 1, or ``None``.
    at_chance
        ``(n_models, n_languages)``: cells that are not above chance.
    """
    n = _own(counts.n)
    letters = _own(counts.letters_source)
    acc = pf.accuracy(_own(counts.right_source), n)
    ra = pf.rescaled_accuracy(acc, options=options, reference=reference)
    bias = pf.answer_bias(letters, n - letters.sum(axis=-1), _own(counts.gold_n))
    flags = {"not-above-chance": at_chance}
    return [
        Score("acc", None, acc, n, flags),
        Score("ra", None, ra, n, flags),
        Score("bias", None, bias, n, {}),
    ]


def pair_scores(counts: PairCounts, *, options: int, at_chance: Bools) -> list[Score]:
    """Return the CT metrics of a task; the parameters are those of :func:`cell_scores`.

    A pair is flagged ``not-above-chance`` where either of its cells is.
    """
    n = counts.n
    union = counts.right_source + counts.right_target - counts.both_right
    fewer = np.minimum(counts.right_source, counts.right_target)
    chance = {"not-above-chance": at_chance[:, :, None] | at_chance[:, None, :]}
    bound = {**chance, "position-bound": ct.position_bound(counts)}
    corrected = {**bound, "few": ct.few_right_or_wrong(counts)}
    by_letter = ct.corrected_overlap(counts, "gold-letter")
    by_margin = ct.corrected_overlap(counts, "marginal")
    most_by_letter = ct.corrected_overlap_ceiling(counts, "gold-letter")
    most_by_margin = ct.corrected_overlap_ceiling(counts, "marginal")
    same_mistake = ct.agreement_in_error(counts, options=options)
    return [
        Score("co", "union", ct.overlap(counts, "union"), union, chance),
        Score("co", "source", ct.overlap(counts, "source"), counts.right_source, chance),
        Score("co", "min", ct.overlap(counts, "min"), fewer, chance),
        Score("co_star", "gold-letter", by_letter, n, corrected),
        Score("co_star", "marginal", by_margin, n, corrected),
        Score("co_star_max", "gold-letter", most_by_letter, n, corrected),
        Score("co_star_max", "marginal", most_by_margin, n, corrected),
        Score("log_or", None, ct.log_odds_ratio(counts), n, chance),
        Score("ag", None, ct.agreement(counts), n, chance),
        Score("ag_wrong", None, same_mistake, counts.wrong_both, chance),
        Score("kappa", None, ct.kappa(counts), n, bound),
        Score("kappa_valid", None, ct.kappa_valid(counts), counts.valid_both, bound),
    ]


def origin_scores(items: ItemSums, counts: PairCounts) -> tuple[list[Score], list[Score]]:
    """Return accuracies and overlaps of own-language and other items: of cells, and of pairs.

    Both are empty for a task without an item whose entity comes from one of the languages.
    """
    languages = counts.n.shape[-1]
    if not items.origin_items[:languages].any():
        return [], []
    by_origin, own = items.origins, items.overlaps
    either = counts.right_source + counts.right_target - counts.both_right
    whole = origins.OverlapCounts(counts.both_right, either)
    parts: tuple[origins.Part, ...] = ("own", "other")
    ends: tuple[origins.End, ...] = ("least", "most")
    cells = [
        *(
            Score("acc_origin", part, *origins.accuracy_by_origin(by_origin, part), {})
            for part in parts
        ),
        Score("acc_origin", "advantage", *origins.accuracy_advantage(by_origin), {}),
        *(
            Score("acc_without_origin", end, *origins.accuracy_without_origin(by_origin, end), {})
            for end in ends
        ),
    ]
    pairs = [
        Score("co_origin", part, *origins.overlap_by_origin(own, whole, part), {}) for part in parts
    ]
    return cells, pairs


def excess_scores(
    compared: baseline.Baseline, counts: PairCounts, pairs: Sequence[Score]
) -> list[Score]:
    """Return what a model's languages share beyond what other models share with it.

    The flags are those of ``co_star``, which it is made of.
    """
    corrected = next(s for s in pairs if (s.metric, s.variant) == ("co_star", "gold-letter"))
    excess = baseline.excess_overlap(compared, corrected.measure)
    size = Measure(compared.size.astype(np.float64), first_reason(compared.size.shape))
    return [
        Score("excess", None, excess, counts.n, corrected.flags),
        Score("excess_models", None, size, counts.n, {}),
    ]


def overall_scores(items: ItemSums, pairs: Sequence[Score]) -> list[Score]:
    """Return the metrics of all languages together; their values are ``(n_models,)``.

    Alpha is flagged where kappa of some pair of two languages is.
    """
    kappa = next(score for score in pairs if score.metric == "kappa")
    two = ~np.eye(kappa.n.shape[-1], dtype=np.bool_)
    flags = {name: np.any(held & two, axis=(1, 2)) for name, held in kappa.flags.items()}
    alpha = all_languages.krippendorff_alpha(*items.ratings)
    right = items.right
    test = all_languages.cochran_test(right)
    return [
        Score("alpha", None, alpha, items.rated, flags),
        Score("cochran_q", None, test.statistic, right.n, {}),
        Score("cochran_q_p", None, test.p, right.n, {}),
        Score("right_in_all", None, all_languages.right_in_all(right), right.n, {}),
        Score("right_in_none", None, all_languages.right_in_none(right), right.n, {}),
    ]
