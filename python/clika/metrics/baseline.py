"""The baseline between models: how much of a model's consistency other models would share.

Two languages of one model agree in what is right also because some items are easy for everyone.
``excess`` takes out what the model in one language has in common with *other* models, as accurate
as itself, in the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.consistency import corrected_overlap
from clika.metrics.counts import PairCounts, count_pairs
from clika.metrics.measure import Bools, Ints, Measure, first_reason, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Baseline", "count_across_models", "excess_overlap", "find_baseline"]

#: Accuracies are alike within 1 / _ALIKE.
_ALIKE = 20


def count_across_models(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    threads: int | None = None,
) -> PairCounts:
    """Count all pairs of (model, language) with (model, language).

    Parameters
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.
    options
        Number of options (k).
    threads
        ``None`` = as many as the process may run on. No count depends on it.

    Returns
    -------
    PairCounts
        ``(n_models * n_languages, n_models * n_languages)``, languages of one model side by side.
        Memory grows with its square: 310 respondents take some 30 MB.
    """
    models, items, languages = codes.shape
    respondents = codes.transpose(1, 0, 2).reshape(items, models * languages)
    return count_pairs(np.ascontiguousarray(respondents), gold, options=options, threads=threads)


class Baseline(NamedTuple):
    """Which other models a model is compared with.

    Attributes
    ----------
    members
        bool ``(n_models, n_models, n_languages, n_languages)``: the second model is of another
        family than the first, as accurate in both languages, and their CO* is defined.
    overlap
        float64, same axes: CO* of the first model in the source with the second in the target; NaN
        where it is undefined and where the models are not alike.
    """

    members: Bools
    overlap: NDArray[np.float64]

    @property
    def size(self) -> Ints:
        """How many models there are to compare with, ``(n_models, n_languages, n_languages)``."""
        size: Ints = self.members.sum(axis=1)
        return size


def find_baseline(
    across: PairCounts, *, languages: int, families: Sequence[str] | None
) -> Baseline:
    """Return what each model is compared with in each pair of languages.

    Parameters
    ----------
    across
        Counts from :func:`count_across_models`.
    languages
        How many languages each model has.
    families
        Lineage of each model; ``None``: each is its own.
    """
    alike = _alike(across, languages)
    names = np.array(families if families is not None else range(len(alike)))
    foreign = names[:, None] != names
    alike &= foreign[:, :, None]
    members = alike[:, :, :, None] & alike[:, :, None, :]
    model, other, source, target = np.nonzero(members)
    # Most pairs of models are not alike: only of those that are is anything computed.
    first, second = model * languages + source, other * languages + target
    chosen = PairCounts(*(counts[first, second] for counts in across))
    overlap = np.full(members.shape, np.nan)
    overlap[members] = corrected_overlap(chosen, "gold-letter").value
    return Baseline(members & ~np.isnan(overlap), overlap)


def _alike(across: PairCounts, languages: int) -> Bools:
    """Return where two models are as accurate in a language, (model, model, language)."""
    right = np.diagonal(across.right_source).reshape(-1, languages)
    asked = np.diagonal(across.n).reshape(-1, languages)
    # In whole numbers, so that a difference of exactly .05 is within it.
    apart = np.abs(right[:, None] * asked[None] - right[None] * asked[:, None])
    size = asked[:, None] * asked[None]
    alike: Bools = (apart * _ALIKE <= size) & (size > 0)
    return alike


def excess_overlap(baseline: Baseline, own: Measure) -> Measure:
    """Return CO* of a model with itself minus the mean of its CO* with the models of its baseline.

    ``CO*(m,l; m,h) - mean over m' of CO*(m,l; m',h)``, variant ``gold-letter``: what a model's
    languages share beyond what any model as accurate shares with it. Not the same from either side
    of a pair. On the diagonal it is 1 minus what other models share in the same language.

    Parameters
    ----------
    baseline
        From :func:`find_baseline`.
    own
        CO*, variant ``gold-letter``, ``(n_models, n_languages, n_languages)``.

    Returns
    -------
    Measure
        Undefined where CO* is, and where no model of another family has accuracies within .05 in
        both languages.
    """
    shared = np.where(baseline.members, baseline.overlap, 0.0).sum(axis=1)
    value = own.value - share(shared, baseline.size)
    alone = "no model of another family has accuracies within .05 in both languages"
    reason = first_reason(value.shape, (np.isnan(value), alone))
    undefined = np.isnan(own.value)
    reason[undefined] = own.reason[undefined]
    return Measure(value, reason)
