"""The bootstrap of the released answers, against the best NumPy form that we know and SciPy's own.

The NumPy form multiplies a matrix of weights by 0/1 columns in float32, so that BLAS does it
(exact, since no count passes 2**24), and computes each metric of all replicates and pairs at once.
It is given its weights, takes percentiles also where clika corrects for bias and acceleration, and
does not look for undefined replicates: all in its favour. Both it and SciPy are timed on a part of
the work, which the table names, and their time is scaled to the whole.
"""

from __future__ import annotations

import time
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import numpy as np
from scipy import stats
from timing import Row, paired

from clika.metrics.intervals import resampling
from clika.metrics.intervals.resampling import Draws

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Codes = NDArray[np.int8]
    Floats = NDArray[np.float64]

__all__ = ["run"]

METRICS = ("co:min", "co_star:gold-letter", "co_star_max:gold-letter", "kappa", "kappa_valid")
#: Only of tasks with clusters: elsewhere these have closed forms.
CLUSTERED = (
    *("acc", "co:union", "co:source", "co_star:marginal", "co_star_max:marginal", "log_or"),
    *("ag", "ag_wrong"),
)
TAIL = (1 - resampling.LEVEL) / 2
#: One model in so many is given to NumPy.
NUMPY_MODELS = 8
SCIPY_METRICS = ("co:min", "co_star:gold-letter", "kappa")
SCIPY_PAIRS = ((0, 1), (2, 7))


class Task(NamedTuple):
    """The answers of all models to one task."""

    codes: Codes
    gold: Codes
    options: int
    draws: Draws

    @property
    def metrics(self) -> tuple[str, ...]:
        clusters = self.draws.clusters
        clustered = clusters is not None and len(np.unique(clusters)) < len(clusters)
        return METRICS + CLUSTERED if clustered else METRICS

    def models(self, which: slice) -> Task:
        return self._replace(codes=np.ascontiguousarray(self.codes[which]))


def _released() -> list[Task]:
    """Read the answer codes that ship with clika."""
    folder = resources.files("clika") / "studies" / "paper-released"
    answers, items = str(folder / "answers.parquet"), str(folder / "items.parquet")
    tasks = []
    for purpose, name in enumerate(("x_csqa", "x_copa", "x_name", "x_geo")):
        found = duckdb.execute(
            "select item, gold, k, cluster, stratum from read_parquet($file)"
            " where task = $task order by item",
            {"file": items, "task": name},
        ).fetchall()
        rows = duckdb.execute(
            "select model, language, item, code from read_parquet($file)"
            " where task = $task and rule = 'first-letter'",
            {"file": answers, "task": name},
        ).fetchnumpy()
        places = [np.unique(rows[column], return_inverse=True) for column in ("model", "language")]
        (models, model), (languages, language) = places
        ids = np.array([row[0] for row in found])
        codes = np.full((len(models), len(ids), len(languages)), -2, np.int8)
        codes[model, np.searchsorted(ids, rows["item"]), language] = rows["code"]
        strata = np.unique([str(row[4]) for row in found], return_inverse=True)[1].astype(np.int32)
        clusters = np.array([row[3] for row in found], np.int32)
        gold = np.array([row[1] for row in found], np.int8)
        draws = Draws(clusters, strata, purpose=purpose)
        tasks.append(Task(codes, gold, int(found[0][2]), draws))
    return tasks


def _ours(tasks: list[Task]) -> list[resampling.Intervals]:
    return [
        resampling.intervals(
            task.codes, task.gold, options=task.options, metrics=task.metrics, draws=task.draws
        )
        for task in tasks
    ]


class _Counts(NamedTuple):
    """Weighted counts of one model: replicates by pairs, and by options where they say so."""

    n: Floats
    both: Floats
    agree: Floats
    right: tuple[Floats, Floats]
    gold_n: Floats
    gold_right: tuple[Floats, Floats]
    letters: tuple[Floats, Floats]
    letters_valid: tuple[Floats, Floats]
    width: int


def _numpy_counts(codes: Codes, task: Task, weights: NDArray[np.float32]) -> _Counts:
    gold, options = task.gold[:, None], np.arange(task.options)
    sources, targets = np.triu_indices(codes.shape[1], 1)
    right, valid = codes == gold, codes >= 0
    letters = codes[:, :, None] == options
    of_gold = gold == options
    a, b = codes[:, sources], codes[:, targets]
    parts = [
        of_gold,
        right[:, sources] & right[:, targets],
        (a == b) & (a >= 0),
        right[:, :, None] & of_gold[:, None, :],
        letters,
    ]
    if not valid.all():
        parts += [
            letters[:, sources] & valid[:, targets, None],
            letters[:, targets] & valid[:, sources, None],
        ]
    columns = [part.reshape(len(gold), -1) for part in parts]
    sums = weights @ np.concatenate(columns, axis=1).astype(np.float32)
    ends = np.cumsum([column.shape[1] for column in columns])[:-1]
    counted = [
        part.reshape(len(weights), *shape.shape[1:]).astype(np.float64)
        for part, shape in zip(np.split(sums, ends, axis=1), parts, strict=True)
    ]
    gold_n, both, agree, gold_right, letter = counted[:5]
    total = gold_right.sum(axis=2)
    sides = letter[:, sources], letter[:, targets]
    return _Counts(
        gold_n.sum(axis=1)[:, None],
        both,
        agree,
        (total[:, sources], total[:, targets]),
        gold_n[:, None, :],
        (gold_right[:, sources], gold_right[:, targets]),
        sides,
        (counted[5], counted[6]) if len(counted) > 5 else sides,
        codes.shape[1],
    )


def _corrected(raw: Floats, chance: Floats) -> Floats:
    return (raw - chance) / (1 - chance)


def _kappa(agree: Floats, letters: tuple[Floats, Floats], n: Floats) -> Floats:
    expected = (letters[0] * letters[1]).sum(axis=2)
    return (agree * n - expected) / (n * n - expected)


def _numpy_values(counts: _Counts, metrics: tuple[str, ...]) -> list[Floats]:
    """Return replicates by pairs (``acc``: by languages) for each metric."""
    width = counts.width
    n, both, (p, q) = counts.n, counts.both, counts.right
    fewer, more, union = np.minimum(p, q), np.maximum(p, q), p + q - both
    by_letter = (counts.gold_right[0] * counts.gold_right[1] / counts.gold_n).sum(axis=2)
    by_letter /= p + q - by_letter
    by_margin = p * q / n
    by_margin /= p + q - by_margin
    values: dict[str, Callable[[], Floats]] = {
        "co:union": lambda: both / union,
        "co:source": lambda: np.concatenate([both / p, both / q], axis=1),
        "co:min": lambda: both / fewer,
        "co_star:gold-letter": lambda: _corrected(both / union, by_letter),
        "co_star:marginal": lambda: _corrected(both / union, by_margin),
        "co_star_max:gold-letter": lambda: _corrected(fewer / more, by_letter),
        "co_star_max:marginal": lambda: _corrected(fewer / more, by_margin),
        "log_or": lambda: np.log(
            (both + 0.5) * (n - union + 0.5) / ((p - both + 0.5) * (q - both + 0.5))
        ),
        "ag": lambda: counts.agree / n,
        "ag_wrong": lambda: (counts.agree - both) / (n - union),
        "kappa": lambda: _kappa(counts.agree, counts.letters, n),
        "kappa_valid": lambda: _kappa(
            counts.agree, counts.letters_valid, counts.letters_valid[0].sum(axis=2)
        ),
        # The first pairs are those of the first language with each of the others.
        "acc": lambda: np.concatenate([p[:, :1], q[:, : width - 1]], axis=1) / n,
    }
    return [values[metric]() for metric in metrics]


def _numpy(tasks: list[Task], drawn: list[NDArray[np.float32]]) -> list[list[list[Floats]]]:
    found = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for task, weights in zip(tasks, drawn, strict=True):
            of_models = []
            for codes in task.codes:
                values = _numpy_values(_numpy_counts(codes, task, weights), task.metrics)
                of_models.append([np.percentile(v, [2.5, 97.5], axis=0) for v in values])
            found.append(of_models)
    return found


def _check(tasks: list[Task], drawn: list[NDArray[np.float32]]) -> None:
    """Compare the ends wherever both take percentiles over defined replicates."""
    compared = 0
    for task, ours, theirs in zip(tasks, _ours(tasks), _numpy(tasks, drawn), strict=True):
        sources, targets = np.triu_indices(task.codes.shape[2], 1)
        for place, metric in enumerate(task.metrics):
            if metric in ("acc", "co:source") or metric.startswith("kappa"):
                continue
            low = ours.low[place][:, sources, targets]
            peer = np.stack([model[place][0] for model in theirs])
            both = ~np.isnan(low) & ~np.isnan(peer)
            compared += both.sum()
            assert np.allclose(low[both], peer[both], rtol=1e-9, atol=1e-9), metric
    assert compared > 1000


def _scipy_statistic(metric: str, options: int) -> Callable[..., Floats]:
    """Return a metric of drawn items, all resamples at once, as `scipy.stats.bootstrap` asks."""

    def statistic(source: Codes, target: Codes, gold: Codes, *, axis: int) -> Floats:
        a, b = source == gold, target == gold
        p, q, both = a.sum(axis=axis), b.sum(axis=axis), (a & b).sum(axis=axis)
        n = source.shape[axis]
        if metric == "co:min":
            return both / np.minimum(p, q)
        letters = range(options)
        if metric == "kappa":
            expected = sum(
                (source == c).sum(axis=axis) * (target == c).sum(axis=axis) for c in letters
            )
            agree = ((source == target) & (source >= 0)).sum(axis=axis)
            return (agree * n - expected) / (n * n - expected)
        chance = sum(
            (a & (gold == c)).sum(axis=axis)
            * (b & (gold == c)).sum(axis=axis)
            / (gold == c).sum(axis=axis)
            for c in letters
        )
        chance = chance / (p + q - chance)
        return _corrected(both / (p + q - both), chance)

    return statistic


def _scipy_seconds_of_a_cell(task: Task) -> float:
    """Time SciPy on some cells of one model, by the method that clika uses for each."""
    codes, started = task.codes[0], time.perf_counter()
    for metric in SCIPY_METRICS:
        for source, target in SCIPY_PAIRS:
            stats.bootstrap(
                (codes[:, source], codes[:, target], task.gold),
                _scipy_statistic(metric, task.options),
                n_resamples=resampling.REPLICATES,
                paired=True,
                vectorized=True,
                batch=1_000,
                method="BCa" if metric == "kappa" else "percentile",
                rng=np.random.default_rng(1),
            )
    return (time.perf_counter() - started) / (len(SCIPY_METRICS) * len(SCIPY_PAIRS))


def _cells(task: Task) -> int:
    """Count the cells of a task: languages, pairs, and ordered pairs."""
    models, _, width = task.codes.shape
    pairs = width * (width - 1) // 2
    of = {"acc": width, "co:source": 2 * pairs}
    return models * sum(of.get(metric, pairs) for metric in task.metrics)


def run() -> list[Row]:
    """Time all, after checking that the NumPy form gives the same intervals."""
    tasks = _released()
    some = [task.models(slice(None, None, NUMPY_MODELS)) for task in tasks]
    drawn = [resampling.weights(len(task.gold), task.draws).astype(np.float32) for task in tasks]
    _check(some, drawn)
    models = sum(len(task.codes) for task in tasks)
    share = models / sum(len(task.codes) for task in some)
    cells = sum(_cells(task) for task in tasks)
    what = f"bootstrap of the release, {cells:,} cells, 10,000 replicates"
    row = paired(
        what,
        partial(_ours, tasks),
        f"NumPy, weights by columns (one model in {NUMPY_MODELS}, scaled)",
        partial(_numpy, some, drawn),
        runs=3,
    )
    # Whole models of SciPy would take hours: a few cells of each task, once.
    usual = [task.models(slice(8, 9)) for task in tasks]
    theirs = sum(
        _cells(task) * _scipy_seconds_of_a_cell(one) for task, one in zip(tasks, usual, strict=True)
    )
    sampled = len(SCIPY_METRICS) * len(SCIPY_PAIRS)
    return [
        row._replace(theirs=row.theirs * share, ratio=row.ratio * share),
        Row(
            what,
            f"scipy.stats.bootstrap ({sampled} cells of each task, scaled)",
            row.ours,
            theirs,
            theirs / row.ours,
        ),
    ]
