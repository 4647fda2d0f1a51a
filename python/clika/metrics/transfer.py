"""X-FaKT: how far facts cross from the language of their own country into others.

Aggarwal et al. (2025), *Language Models' Factuality Depends on the Language of Inquiry*
(arXiv 2502.17955), as the script ``src/eval.py`` of ``AggarwalTushar/multilingual_benchmark``
computes it. Its table has the share of wrong answers for each language and each country; a cell is
*associative* where the language is the country's own. Where this project deviates: origins are
languages, as the tasks have them, and the cells are not rounded to two decimals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.measure import Measure, first_reason, share

if TYPE_CHECKING:
    from clika.metrics.measure import Floats
    from clika.metrics.origins import OriginCounts

__all__ = ["KnowledgeTransfer", "knowledge_transfer", "transfer_scores"]

_LACKING = "no own-language item, or no item of another language's origin, was asked"


class KnowledgeTransfer(NamedTuple):
    """The three scores, each in [0, 1].

    Attributes
    ----------
    recall
        FRS, the factual recall score: 1 where nothing is wrong, 0 where everything is.
    transfer
        KTS, the knowledge transferability score: 1 where errors are as many on either kind of cell,
        0 where one kind is all wrong and the other all right.
    both
        X-FaKT, their harmonic mean.
    """

    recall: Measure
    transfer: Measure
    both: Measure


def transfer_scores(associative: Floats, other: Floats) -> tuple[Floats, Floats, Floats]:
    """Return FRS, KTS and X-FaKT from the mean shares of errors.

    Parameters
    ----------
    associative, other
        float64 of one shape, in [0, 1]: mean error of the associative cells and of the others.

    Returns
    -------
    tuple of ndarray
        ``FRS = 3/2 (1 / (a + o + 1) - 1/3)``, ``KTS = 2 (1 / (|a - o| + 1) - 1/2)``, and their
        harmonic mean. They are never both 0.

    Examples
    --------
    >>> [round(float(score), 3) for score in transfer_scores(0.3474, 0.6596)]
    [0.247, 0.524, 0.336]
    """
    recall = 1.5 * (1 / (np.add(associative, other) + 1) - 1 / 3)
    transfer = 2 * (1 / (np.abs(np.subtract(associative, other)) + 1) - 1 / 2)
    return recall, transfer, 2 * recall * transfer / (recall + transfer)


def knowledge_transfer(counts: OriginCounts) -> KnowledgeTransfer:
    """Return the scores of each model on a task whose items say where their entity comes from.

    Parameters
    ----------
    counts
        Counts by origin; only origins that are languages of the task make cells.

    Returns
    -------
    KnowledgeTransfer
        Measures of shape ``(n_models,)``. Each cell weighs the same, however many items it has;
        cells without any are left out. Undefined where either kind of cell has none left.
    """
    languages = counts.asked.shape[-1]
    asked, right = (array[:, :languages] for array in counts)
    errors = 1 - share(right, asked)
    own = np.eye(languages, dtype=np.bool_)
    known = ~np.isnan(errors)
    associative, other = (
        share(np.where(known & kind, errors, 0.0).sum(axis=(1, 2)), (known & kind).sum(axis=(1, 2)))
        for kind in (own, ~own)
    )
    reason = first_reason(associative.shape, (np.isnan(associative + other), _LACKING))
    scores = transfer_scores(associative, other)
    return KnowledgeTransfer(*(Measure(score, reason) for score in scores))
