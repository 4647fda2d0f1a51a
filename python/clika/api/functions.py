"""The functions: answers in, every number out."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from clika.api.alignment import Alignment
from clika.api.codes import whole_number
from clika.api.layout import Layout
from clika.api.reading import read_answers
from clika.api.values import CellValues, OverallValues, PairValues, Values
from clika.errors import ConfigError, UnknownNameError
from clika.metrics.intervals.resampling import LEVEL, REPLICATES, SEED
from clika.metrics.intervals.scorecards import with_intervals
from clika.metrics.intervals.uncertainty import Resampling
from clika.metrics.measure import Interval, Measure
from clika.metrics.scorecard import Score, scorecards
from clika.metrics.task_answers import TaskAnswers
from clika.schema import NOT_ASKED
from clika.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from clika.api.layout import Answers
    from clika.metrics.counts import PairCounts
    from clika.metrics.measure import Ints
    from clika.metrics.scorecard import Scorecard

__all__ = ["consistency", "performance"]

Kind = TypeVar("Kind", bound=np.generic)

#: Metrics that compare a model with others: a call has one model.
_BETWEEN_MODELS = frozenset({"excess", "excess_models"})


def consistency(
    answers: object,
    gold: object,
    *,
    options: int | None = None,
    metrics: Iterable[str] | None = None,
    ci: bool | float | None = None,
    clusters: object = None,
    strata: object = None,
    languages: Sequence[str] | None = None,
    model: str | None = None,
    seed: int = SEED,
    replicates: int = REPLICATES,
    threads: int | None = None,
) -> Alignment:
    """Return how consistent a model's answers are across languages, for every pair of them.

    Parameters
    ----------
    answers
        A matrix of integers ``(n_items, n_languages)``; or a table (pandas, polars, Arrow, a DuckDB
        relation, a mapping of names to arrays), wide with a column for each language, or long with
        the columns ``item``, ``language``, ``answer``, and ``model`` where it has several. An
        answer is a 0-based option or a letter ``A``, ``B``, ...; -1 or an empty text is INVALID:
        asked, and no option could be read. Missing (NULL, ``None``, NaN; in integers -2) was not
        asked.
    gold
        The right options: a sequence over items, or the name of a column; for a long table also a
        mapping from item to option.
    options
        Number of options (k); ``None`` takes the highest option that occurs.
    metrics
        Ids of :data:`clika.schema.METRICS`, with (``"co:union"``) or without (all) their variant;
        ``None`` for all.
    ci
        ``True`` or 0.95 for 95 % intervals, each by the method that its metric has.
    clusters
        Given as ``gold`` is: items with equal labels rise and fall together (questions about one
        person), so they are resampled together.
    strata
        Given as ``gold`` is: items are resampled within equal labels. A label that is a language
        says that the item is that language's own.
    languages
        Names of the columns of a matrix; of a table, which of its languages, in which order.
    model
        Which model of a long table.
    seed, replicates
        Of the intervals by resampling: a number is a function of the data and these.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Returns
    -------
    Alignment
        ``["co", "en", "de"]`` is CO from English to German with n, flags and reason; ``["co"]`` is
        the whole matrix. Cells are flagged ``not-above-chance`` by a false discovery rate over the
        languages of this call.

    Raises
    ------
    BadInputError
        Cells are not options, or rows contradict each other; every place is collected.
    ConfigError
        The arguments do not fit together.
    UnknownNameError
        A metric, column, language or model is named that is not there.

    Examples
    --------
    >>> import numpy as np, clika
    >>> answers = np.array([[0, 0], [1, 1], [2, 0], [1, -1]])
    >>> found = clika.consistency(answers, [0, 1, 2, 0], languages=["en", "de"], metrics=["co"])
    >>> print(found["co", "en", "de"])
    0.667, n = 3, not-above-chance
    """
    threads = _threads(threads)
    resampling = _resampling(ci=ci, replicates=replicates, seed=seed, threads=threads)
    read = read_answers(answers, Layout(gold, options, languages, clusters, strata, model))
    card = _card(read, None, resampling, threads=threads)
    scores = (*card.cells, *card.pairs, *card.overall)
    return _alignment(read, card, _chosen(metrics, scores))


def performance(
    answers: object,
    gold: object,
    *,
    options: int | None = None,
    reference: Fraction | float | str | None = None,
    metrics: Iterable[str] | None = None,
    ci: bool | float | None = None,
    clusters: object = None,
    strata: object = None,
    languages: Sequence[str] | None = None,
    model: str | None = None,
    seed: int = SEED,
    replicates: int = REPLICATES,
    threads: int | None = None,
) -> Alignment:
    """Return how well a model does in each language: accuracy, re-scaled accuracy, answer bias.

    Parameters
    ----------
    answers, gold, metrics, ci, clusters, strata, languages, model, seed, replicates, threads
        As of :func:`consistency`.
    options
        Number of options (k); needed where a reference is given, since chance is 1/k.
    reference
        The accuracy at which RA is 1: a number in (0, 1], or the name of one of the languages for
        its accuracy. ``None`` makes RA undefined.

    Returns
    -------
    Alignment
        ``["acc", "de"]`` is the accuracy in German.

    Raises
    ------
    BadInputError, ConfigError, UnknownNameError
        As of :func:`consistency`.

    Examples
    --------
    >>> import numpy as np, clika
    >>> answers = np.array([[0, 0], [1, 1], [2, 0], [1, -1]])
    >>> found = clika.performance(
    ...     answers, [0, 1, 2, 1], options=3, reference="en", languages=["en", "de"]
    ... )
    >>> print(found["acc", "de"].value, found["ra", "de"].value)
    0.5 0.25
    """
    if reference is not None and options is None:
        raise ConfigError("RA needs chance, so give the number of options: options=...")
    threads = _threads(threads)
    resampling = _resampling(ci=ci, replicates=replicates, seed=seed, threads=threads)
    read = read_answers(answers, Layout(gold, options, languages, clusters, strata, model))
    card = _card(read, _reference(reference, read), resampling, threads=threads)
    return _alignment(read, card, _chosen(metrics, card.cells))


def _reference(given: Fraction | float | str | None, read: Answers) -> Fraction | None:
    if isinstance(given, str):
        if given not in read.languages:
            raise UnknownNameError("language", given, read.languages)
        codes = read.codes[:, read.languages.index(given)]
        asked = codes != NOT_ASKED
        right = int((codes == read.gold)[asked].sum())
        return Fraction(right, int(asked.sum())) if asked.any() else None
    if given is None:
        return None
    if not 0 < given <= 1:
        raise ConfigError(f"reference must be an accuracy, a share in (0, 1], not {given}.")
    return Fraction(given)


def _resampling(
    *, ci: bool | float | None, replicates: int, seed: int, threads: int | None
) -> Resampling | None:
    """Return what the intervals are a function of; ``None`` where none are asked for."""
    if ci is None or ci is False:
        return None
    if not isinstance(ci, bool | float) or ci not in {True, LEVEL}:
        raise ConfigError(f"Intervals are of {LEVEL:.0%}: ci is True or {LEVEL}, not {ci!r}.")
    replicates, seed = whole_number(replicates, "replicates"), whole_number(seed, "seed")
    if replicates < 1 or not 0 <= seed < 2**64:
        raise ConfigError("replicates must be at least 1, and seed in 0..2^64 - 1.")
    return Resampling(replicates, seed, threads)


def _threads(given: int | None) -> int:
    return thread_count(None if given is None else whole_number(given, "threads"))


def _card(
    read: Answers,
    reference: Fraction | None,
    resampling: Resampling | None,
    *,
    threads: int | None,
) -> Scorecard:
    task = TaskAnswers(
        read.codes[None],
        read.gold,
        read.options,
        reference,
        clusters=read.clusters,
        strata=read.strata,
    )
    (card,) = scorecards([task], threads=threads)
    if resampling is not None:
        (card,) = with_intervals([card], [task], resampling)
    return card


def _chosen(metrics: Iterable[str] | None, scores: Sequence[Score]) -> list[Score]:
    """Return the scores that are asked for; a metric without a variant asks for all of them."""
    offered = [score for score in scores if score.metric not in _BETWEEN_MODELS]
    if metrics is None:
        return offered
    if isinstance(metrics, str):
        raise ConfigError(f"metrics is one text, {metrics!r}: give a list of ids.")
    wanted = tuple(metrics)
    known = {name: score for score in offered for name in (score.metric, _name(score))}
    for name in wanted:
        if name not in known:
            raise UnknownNameError("metric", str(name), list(known))
    return [score for score in offered if {score.metric, _name(score)} & set(wanted)]


def _name(score: Score) -> str:
    return score.metric if score.variant is None else f"{score.metric}:{score.variant}"


def _alignment(read: Answers, card: Scorecard, scores: Sequence[Score]) -> Alignment:
    return Alignment(
        [_values(score, card.counts, read.languages) for score in scores],
        languages=read.languages,
        n_items=len(read.gold),
        options=read.options,
    )


def _values(score: Score, counts: PairCounts, languages: tuple[str, ...]) -> Values:
    """Return the values of the one model that a scorecard of this API has."""
    source = _first(counts.n - counts.letters_source.sum(axis=-1))
    target = _first(counts.n - counts.letters_target.sum(axis=-1))
    own = np.diagonal(source).copy()
    kinds: dict[int, tuple[type[Values], tuple[Ints, ...]]] = {
        0: (OverallValues, (own.sum(),)),
        1: (CellValues, (own,)),
        2: (PairValues, (source, target)),
    }
    n = _first(score.n)
    kind, invalid = kinds[n.ndim]
    value, reason, interval = score.measure
    ends = interval and Interval(
        _first(interval.low), _first(interval.high), _first(interval.reason)
    )
    measure = Measure(_first(value), _first(reason), ends)
    held = {flag: np.asarray(where[0]) for flag, where in score.flags.items()}
    return kind(score.metric, score.variant, languages, measure, n, invalid, held)


def _first(array: NDArray[Kind]) -> NDArray[Kind]:
    """Return what an array holds of the first model, as an array also where that is one number."""
    return np.asarray(array[0], dtype=array.dtype)
