"""The bootstrap: how far a metric varies when the items are drawn again.

Items (or whole clusters of them) are drawn with replacement within strata, jointly for all models
and languages: replicate ``r`` is one set of weights, the same for everything, so that means over
languages and differences between models can be formed replicate by replicate. Every result is a
function of the data and the seed alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika import _native

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from clika.metrics.measure import Floats, Reasons

__all__ = [
    "LEVEL",
    "NO_INTERVAL",
    "REPLICATES",
    "SEED",
    "Draws",
    "Intervals",
    "intervals",
    "replicates",
    "weights",
]

SEED = 20240404
REPLICATES = 10_000
LEVEL = 0.95

#: Why there is no interval, by the outcome code of the kernel; ``None``: there is one.
NO_INTERVAL: tuple[str | None, ...] = (
    None,
    "degenerate",
    "the value is undefined",
    "undefined in more than 1 % of the replicates",
    "fewer than 3 items disagree",
)


class Draws(NamedTuple):
    """What is drawn, how often, and with which random numbers.

    Attributes
    ----------
    clusters
        int32 ``(n_items,)``: items with the same code are drawn together; ``None``: each by
        itself.
    strata
        int32 ``(n_items,)``: from each stratum as many clusters are drawn as it has, a cluster
        lying in the stratum of its first item; ``None``: one stratum.
    replicates
        Number of replicates, 1 to 2**24.
    seed, purpose
        Below 2**64. Two bootstraps share their draws only where both are equal; tasks of one study
        have different purposes.

    Notes
    -----
    Only the partitions count, not the codes; clusters and strata are numbered as the items first
    name them. So the items must come in an order that is a property of the data: of ascending ids.
    """

    clusters: NDArray[np.int32] | None = None
    strata: NDArray[np.int32] | None = None
    replicates: int = REPLICATES
    seed: int = SEED
    purpose: int = 0


class Intervals(NamedTuple):
    """Intervals of several metrics.

    Every array has the shape ``(n_metrics, n_models, n_languages, n_languages)``, rows = source
    language; metrics of one language stand on the diagonal.

    Attributes
    ----------
    low, high
        float64: the ends; NaN where there is no interval.
    reason
        object: why there is none (one of :data:`NO_INTERVAL`), else ``None``.
    """

    low: Floats
    high: Floats
    reason: Reasons


def weights(n_items: int, draws: Draws, *, threads: int | None = None) -> NDArray[np.uint16]:
    """Return how often each item is drawn in each replicate.

    Parameters
    ----------
    n_items
        Number of items.
    draws
        What is drawn.
    threads
        ``None`` = as many as the process may run on. The result does not depend on it.

    Returns
    -------
    ndarray
        uint16 ``(replicates, n_items)``.

    Raises
    ------
    ValueError
        The clusters, the strata or the number of replicates do not fit.

    Examples
    --------
    >>> weights(4, Draws(replicates=2)).sum(axis=1).tolist()
    [4, 4]
    """
    return _native.resample_weights(n_items, **draws._asdict(), threads=threads)


def intervals(  # noqa: PLR0913 - one call of the kernel
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    metrics: Sequence[str],
    draws: Draws | None = None,
    level: float = LEVEL,
    threads: int | None = None,
) -> Intervals:
    """Return bootstrap intervals of metrics, for all models and pairs of languages.

    Parameters
    ----------
    codes
        int8 ``(n_models, n_items, n_languages)``: option 0..options-1, -1 INVALID, -2 not asked.
    gold
        int8 ``(n_items,)``: the right option.
    options
        Number of options (k), 2..64.
    metrics
        Ids with their variant after a colon: ``acc``, ``bias``, ``co:union``, ``co:source``,
        ``co:min``, ``co_star:gold-letter``, ``co_star:marginal``, ``co_star_max:gold-letter``,
        ``co_star_max:marginal``, ``log_or``, ``ag``, ``ag_wrong``, ``kappa``, ``kappa_valid``.
    draws
        What is drawn; ``None``: single items, 10,000 times.
    level
        Confidence level, between 0 and 1.
    threads
        ``None`` = as many as the process may run on. The result does not depend on it.

    Returns
    -------
    Intervals
        Percentile intervals by linear interpolation; for the kappas bias-corrected and accelerated
        ones (Efron 1987), replicates equal to the value counted half below it, the acceleration by
        leaving out each cluster in turn. A replicate in which the metric is undefined is dropped.

        No interval where all replicates are equal ("degenerate"), where more than 1 % of them are
        undefined, or for a kappa with fewer than 3 disagreements.

    Raises
    ------
    ValueError
        A code, a gold, an id, the level or the number of replicates is out of range, or the shapes
        do not fit.

    Notes
    -----
    O(n_models replicates n_languages^2 (n_items / 64 + options)); memory stays below half a
    gigabyte.
    """
    found = _native.bootstrap_intervals(
        codes,
        gold,
        n_options=options,
        metrics=metrics,
        **(draws or Draws())._asdict(),
        level=level,
        threads=threads,
    )
    reason: Reasons = np.array(NO_INTERVAL, dtype=object)[found["outcome"]]
    return Intervals(found["low"], found["high"], reason)


def replicates(  # noqa: PLR0913 - one call of the kernel
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    metrics: Sequence[str],
    source: int | None = None,
    draws: Draws | None = None,
    threads: int | None = None,
) -> Floats:
    """Return metrics of every replicate, to form means and differences from.

    Parameters
    ----------
    codes, gold, options, metrics, draws, threads
        As in :func:`intervals`.
    source
        Index of one language, for its row of pairs; ``None``: all pairs.

    Returns
    -------
    ndarray
        float64 ``(n_metrics, n_models, replicates, n_languages, n_languages)``, NaN where undefined
        and, for a metric of one language, off the diagonal. With a ``source``: ``(n_metrics,
        n_models, replicates, n_languages)``, a metric of one language being that of each target.

    Raises
    ------
    ValueError
        As in :func:`intervals`, or ``source`` is no language.
    """
    return _native.bootstrap_replicates(
        codes,
        gold,
        n_options=options,
        metrics=metrics,
        source=source,
        **(draws or Draws())._asdict(),
        threads=threads,
    )
