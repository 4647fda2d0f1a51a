"""How far CAPA of pairs of languages varies when the items are drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.intervals.ranking_bootstrap import resampled_means, rounded
from clika.metrics.intervals.resampling import weights
from clika.metrics.intervals.uncertainty import percentile_interval
from clika.metrics.measure import Interval
from clika.metrics.probabilities import CapaSums, capa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.metrics.intervals.resampling import Draws
    from clika.metrics.measure import Bools, Floats, Ints

__all__ = ["capa_interval"]

#: Pairs that are looked at together.
_PAIRS = 16
#: The least number of options with which two languages can disagree.
_FEWEST_OPTIONS = 2


class _Parts(NamedTuple):
    """What CAPA averages, for some pairs: float64 ``(n_pairs, n_items)``; 0 where not counted."""

    agreement: Floats
    gold_source: Floats
    gold_target: Floats
    spread: Floats


def capa_interval(
    probabilities: Floats,
    options: NDArray[np.uint8],
    gold: NDArray[np.int8],
    *,
    draws: Draws,
    threads: int | None = None,
) -> Interval:
    """Return percentile bootstrap intervals of CAPA for all pairs of languages.

    Parameters
    ----------
    probabilities, options, gold
        As of :func:`clika.metrics.probabilities.sum_capa`, items in the order of their ids.
    draws
        What is drawn; all pairs share the draws.
    threads
        ``None`` = as many as the process may run on. The result does not depend on it.

    Returns
    -------
    Interval
        ``(n_languages, n_languages)``, symmetric. None where
        :func:`~clika.metrics.intervals.uncertainty.percentile_interval` has none, as where CAPA is
        undefined.

    Notes
    -----
    O(n_languages^2 n_items replicates), as products of matrices.
    """
    drawn = weights(len(options), draws, threads=threads)
    source, target = np.triu_indices(probabilities.shape[1])
    blocks = [
        _interval(probabilities, options, gold, pairs=pairs, drawn=drawn)
        for start in range(0, len(source), _PAIRS)
        for pairs in [(source[start : start + _PAIRS], target[start : start + _PAIRS])]
    ]
    found = Interval(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))
    place = np.empty((probabilities.shape[1],) * 2, np.int64)
    place[source, target] = place[target, source] = np.arange(len(source))
    return found.at(place)


def _interval(
    probabilities: Floats,
    options: NDArray[np.uint8],
    gold: NDArray[np.int8],
    *,
    pairs: tuple[Ints, Ints],
    drawn: NDArray[np.uint16],
) -> Interval:
    counted, parts = _parts(probabilities, options, gold, pairs)
    means = [resampled_means(rounded(part), counted, drawn) for part in parts]
    # The mean of nothing is NaN: such a replicate has no items, and CAPA is undefined in it.
    n = (~np.isnan(means[0])).astype(np.int64)
    return percentile_interval(capa(CapaSums(n, *means)).value)


def _parts(
    probabilities: Floats,
    options: NDArray[np.uint8],
    gold: NDArray[np.int8],
    pairs: tuple[Ints, Ints],
) -> tuple[Bools, _Parts]:
    """Return which items count for each pair, ``(n_pairs, n_items)``, and what is averaged."""
    known = np.nan_to_num(probabilities)
    asked = ~np.isnan(probabilities[:, :, 0]) & (options >= _FEWEST_OPTIONS)[:, None]
    items = np.arange(len(options))
    of_gold = known[items, :, gold]
    source, target = pairs
    counted = (asked[:, source] & asked[:, target]).T
    agreement = np.einsum("ipo,ipo->pi", known[:, source], known[:, target])
    spread = np.broadcast_to(1 / np.maximum(options.astype(np.float64) - 1, 1), counted.shape)
    parts = _Parts(agreement, of_gold[:, source].T, of_gold[:, target].T, spread)
    return counted, _Parts(*(np.where(counted, part, 0.0) for part in parts))
