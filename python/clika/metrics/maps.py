"""Maps of one model's languages by how much their answers agree, drawn only where that is reliable.

The distance of two languages is ``1 - kappa``. Kappas of a few hundred items are noisy, and a plane
or a tree can be drawn of noise as well; so the items are split in halves many times, and a map is
made only where the kappas of one half foretell those of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.errors import PrerequisiteError
from clika.metrics.consistency import kappa
from clika.metrics.counts import count_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from clika.metrics.measure import Floats

__all__ = [
    "RELIABLE",
    "SPLITS",
    "LanguageMap",
    "Merge",
    "Reliability",
    "Scaling",
    "average_linkage",
    "classical_scaling",
    "draw_map",
    "split_half_reliability",
]

#: The least reliability that a map is drawn with.
RELIABLE = 0.8
#: How often the items are split in halves.
SPLITS = 200

_FEWEST_LANGUAGES = 4
_MAY_BE_UNDEFINED = 0.01
_SEED = 20240404
#: Tells these draws from every other use of a seed.
_PURPOSE = int.from_bytes(b"halves", "big")
_DIMENSIONS = 2


class Reliability(NamedTuple):
    """How far kappas of one half of the items foretell those of the other.

    Attributes
    ----------
    value
        At most 1; ``None`` where it is undefined.
    reason
        Why it is; else ``None``.
    """

    value: float | None
    reason: str | None


class Scaling(NamedTuple):
    """Points in a plane.

    Attributes
    ----------
    coordinates
        float64 ``(n_languages, 2)``, centred; the first axis has the greater spread, and on each
        the point farthest out has a positive place.
    share
        How much of the spread the plane shows, in [0, 1].
    """

    coordinates: Floats
    share: float


class Merge(NamedTuple):
    """One step of a clustering.

    Attributes
    ----------
    first, second
        What is joined: below ``n_languages`` a language, from there on the outcome of an earlier
        step.
    height
        Their average distance.
    """

    first: int
    second: int
    height: float


class LanguageMap(NamedTuple):
    """The languages of a model as points and as a tree.

    Attributes
    ----------
    reliability
        Of the kappas.
    scaling, tree
        ``None`` and empty where it is undefined or below :data:`RELIABLE`.
    """

    reliability: Reliability
    scaling: Scaling | None
    tree: tuple[Merge, ...]


def draw_map(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    clusters: NDArray[np.int32] | None = None,
    seed: int = _SEED,
) -> LanguageMap:
    """Return the map of a model's languages, or the reliability that speaks against one.

    Parameters
    ----------
    codes
        int8 ``(n_items, n_languages)``: option, -1 INVALID, -2 not asked; items in ascending order
        of their ids.
    gold
        int8 ``(n_items,)``: the right option.
    options
        Number of options (k).
    clusters
        int32 ``(n_items,)``: items of one cluster go to the same half; ``None``: each is its own.
    seed
        Of the splits.

    Raises
    ------
    PrerequisiteError
        A map can be drawn, and SciPy is not installed.
    """
    reliability = split_half_reliability(codes, gold, options=options, clusters=clusters, seed=seed)
    if reliability.value is None or reliability.value < RELIABLE:
        return LanguageMap(reliability, None, ())
    distances = 1 - kappa(count_pairs(codes, gold, options=options)).value
    # A language is where it is, however often its own answers are INVALID.
    np.fill_diagonal(distances, 0.0)
    return LanguageMap(reliability, classical_scaling(distances), average_linkage(distances))


def split_half_reliability(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    options: int,
    clusters: NDArray[np.int32] | None = None,
    seed: int = _SEED,
) -> Reliability:
    """Return the split-half reliability of the kappas of all pairs of languages.

    The clusters of items are halved at random :data:`SPLITS` times. ``r`` is the mean correlation
    of the pairs' kappas in one half with those in the other, and ``2 r / (1 + r)`` what it would be
    of all items (Spearman 1910, Brown 1910); ``r`` itself where it is negative.

    Parameters
    ----------
    codes, gold, options, clusters, seed
        As of :func:`draw_map`.

    Returns
    -------
    Reliability
        Undefined for fewer than four languages, whose few pairs always seem in order, and where the
        correlation is undefined in more than 1 % of the splits.
    """
    if codes.shape[1] < _FEWEST_LANGUAGES:
        return Reliability(None, f"fewer than {_FEWEST_LANGUAGES} languages")
    above = np.triu_indices(codes.shape[1], k=1)

    def kappas(chosen: NDArray[np.bool_]) -> Floats:
        half = count_pairs(np.ascontiguousarray(codes[chosen]), gold[chosen], options=options)
        found: Floats = kappa(half).value[above]
        return found

    found = np.array(
        [_correlation(kappas(half), kappas(~half)) for half in _halves(len(gold), clusters, seed)]
    )
    defined = found[~np.isnan(found)]
    if len(found) - len(defined) > _MAY_BE_UNDEFINED * len(found):
        return Reliability(
            None, "kappa is undefined or the same for all pairs in half of the items"
        )
    mean = float(defined.mean())
    return Reliability(2 * mean / (1 + mean) if mean > 0 else mean, None)


def _halves(
    items: int, clusters: NDArray[np.int32] | None, seed: int
) -> Iterator[NDArray[np.bool_]]:
    codes = np.arange(items) if clusters is None else clusters
    _, first, member = np.unique(codes, return_index=True, return_inverse=True)
    # Numbered as the items first name them, so that only the items' order matters.
    place = np.argsort(np.argsort(first))[member]
    generator = np.random.Generator(np.random.Philox(key=[seed, _PURPOSE]))
    for _ in range(SPLITS):
        order = generator.permutation(len(first))
        yield order[place] < len(first) // 2


def _correlation(first: Floats, second: Floats) -> float:
    first, second = first - first.mean(), second - second.mean()
    spread = np.sqrt((first**2).sum() * (second**2).sum())
    return float((first * second).sum() / spread) if spread > 0 else np.nan


def classical_scaling(distances: Floats) -> Scaling:
    """Return points in a plane whose distances are near the given ones.

    Parameters
    ----------
    distances
        float64 ``(n, n)``, symmetric, 0 on the diagonal.

    Returns
    -------
    Scaling
        All at the origin where every distance is 0.

    Notes
    -----
    Torgerson (1952): the eigenvectors of the doubly centred squares, the greatest eigenvalues
    first. Distances that fit in no space have negative eigenvalues, which no axis shows; ``share``
    is of the positive ones.

    Examples
    --------
    >>> line = np.abs(np.subtract.outer([0.0, 1.0, 3.0], [0.0, 1.0, 3.0]))
    >>> classical_scaling(line).coordinates[:, 0].round(3).tolist()
    [-1.333, -0.333, 1.667]
    """
    squares = distances**2
    centred = squares - squares.mean(axis=0) - squares.mean(axis=1)[:, None] + squares.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    order = np.argsort(values)[::-1]
    positive = np.maximum(values[order], 0.0)
    chosen = vectors[:, order[:_DIMENSIONS]]
    # An eigenvector may as well point the other way: the point farthest out decides.
    farthest = np.take_along_axis(chosen, np.abs(chosen).argmax(axis=0)[None], axis=0)
    coordinates = chosen * np.where(farthest < 0, -1.0, 1.0) * np.sqrt(positive[:_DIMENSIONS])
    total = float(positive.sum())
    return Scaling(coordinates, float(positive[:_DIMENSIONS].sum()) / total if total else 1.0)


def average_linkage(distances: Floats) -> tuple[Merge, ...]:
    """Return the steps of clustering by average linkage, the nearest first.

    Parameters
    ----------
    distances
        float64 ``(n, n)``, symmetric, 0 on the diagonal.

    Returns
    -------
    tuple of Merge
        ``n - 1`` steps of rising height; step ``i`` makes the cluster ``n + i``.

    Raises
    ------
    PrerequisiteError
        SciPy is not installed.
    """
    try:
        from scipy.cluster.hierarchy import linkage  # noqa: PLC0415 (only maps need it)
        from scipy.spatial.distance import squareform  # noqa: PLC0415
    except ImportError as error:
        raise PrerequisiteError(
            "A tree of languages needs SciPy.", command="pip install 'clika[maps]'"
        ) from error
    steps = linkage(squareform(distances, checks=False), method="average")
    return tuple(Merge(int(first), int(second), float(at)) for first, second, at, _ in steps)
