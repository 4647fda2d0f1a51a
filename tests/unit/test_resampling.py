"""The bootstrap: its plain-Python twin, its independence of threads and order, bad input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import resampling_twin as twin

from clika import _native
from clika.metrics.intervals import resampling
from clika.metrics.intervals.resampling import NO_INTERVAL, Draws

if TYPE_CHECKING:
    from numpy.typing import NDArray

METRICS = (
    *("acc", "bias", "co:union", "co:source", "co:min", "co_star:gold-letter"),
    *("co_star:marginal", "co_star_max:gold-letter", "co_star_max:marginal", "log_or"),
    *("ag", "ag_wrong", "kappa", "kappa_valid"),
)
OWN = ("acc", "bias")
TOLERANCE = 1e-11


class Drawn(NamedTuple):
    """A task of one model, and how to resample it."""

    codes: NDArray[np.int8]  # items by languages
    gold: NDArray[np.int8]
    options: int
    draws: Draws

    def pair(self, source: int, target: int) -> twin.Pair:
        languages = self.codes.T.tolist()
        return twin.Pair(languages[source], languages[target], self.gold.tolist(), self.options)

    def twin_draws(self) -> twin.Draws:
        codes = [None if group is None else group.tolist() for group in self.draws[:2]]
        return twin.Draws(len(self.gold), *codes, *self.draws[2:])


def groups(n_items: int, most: int) -> st.SearchStrategy[Any]:
    codes = st.lists(st.integers(-3, most), min_size=n_items, max_size=n_items)
    return st.none() | codes.map(lambda found: np.array(found, np.int32))


@st.composite
def tasks(draw: st.DrawFn, *, most_items: int = 70) -> Drawn:
    """Draw a task: mixed, constant, all right, all INVALID, never asked."""
    n_items, n_languages = draw(st.integers(1, most_items)), draw(st.integers(1, 3))
    options = draw(st.sampled_from([2, 3, 4, 5, 9]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gold = rng.integers(0, options, n_items).astype(np.int8)
    lowest = draw(st.sampled_from([0, 0, -1, -2]))
    codes = rng.integers(lowest, options, (n_items, n_languages)).astype(np.int8)
    right = rng.random(codes.shape) < draw(st.sampled_from([0.0, 0.5, 0.95, 1.0]))
    codes[right] = np.broadcast_to(gold[:, None], codes.shape)[right]
    if draw(st.integers(0, 4)) == 0:
        codes[:, 0] = draw(st.integers(-2, options - 1))
    draws = Draws(
        draw(groups(n_items, n_items // 2)),
        draw(groups(n_items, 2)),
        replicates=draw(st.integers(1, 25)),
        seed=draw(st.sampled_from([0, 20240404, 2**64 - 1])),
        purpose=draw(st.sampled_from([0, 7])),
    )
    return Drawn(codes, gold, options, draws)


def made(n_items: int, n_languages: int, *, lowest: int = 0, options: int = 4) -> Any:
    """Make a task of two models, right about half the time."""
    rng = np.random.default_rng(n_items)
    codes = rng.integers(lowest, options, (2, n_items, n_languages)).astype(np.int8)
    gold = rng.integers(0, options, n_items).astype(np.int8)
    right = rng.random(codes.shape) < 0.5
    codes[right] = np.broadcast_to(gold[None, :, None], codes.shape)[right]
    return codes, gold


@given(tasks())
@settings(max_examples=60)
def test_weights_equal_their_twin(drawn: Drawn) -> None:
    found = resampling.weights(len(drawn.gold), drawn.draws, threads=1)
    draws = drawn.twin_draws()
    assert found.dtype == np.uint16
    assert found.tolist() == [draws.weights(replicate) for replicate in range(draws.replicates)]


@given(tasks())
@settings(max_examples=60)
def test_replicates_equal_their_twin(drawn: Drawn) -> None:
    found = resampling.replicates(
        drawn.codes[None], drawn.gold, options=drawn.options, metrics=METRICS, draws=drawn.draws
    )
    n_languages, draws = drawn.codes.shape[1], drawn.twin_draws()
    assert found.shape == (len(METRICS), 1, draws.replicates, n_languages, n_languages)
    for replicate in range(draws.replicates):
        items = draws.items(replicate)
        for source, target in np.ndindex(n_languages, n_languages):
            pair = drawn.pair(source, target).of(items)
            for place, metric in enumerate(METRICS):
                absent = metric in OWN and source != target
                wanted = np.nan if absent else pair.value(metric)
                value = found[place, 0, replicate, source, target]
                np.testing.assert_allclose(value, wanted, TOLERANCE, TOLERANCE, err_msg=metric)


@given(tasks(most_items=25))
@settings(max_examples=60)
def test_intervals_equal_their_twin(drawn: Drawn) -> None:
    level = 0.8
    found = _native.bootstrap_intervals(
        drawn.codes[None],
        drawn.gold,
        n_options=drawn.options,
        metrics=METRICS,
        level=level,
        **drawn.draws._asdict(),
    )
    n_languages, draws = drawn.codes.shape[1], drawn.twin_draws()
    for source, target in np.ndindex(n_languages, n_languages):
        pair = drawn.pair(source, target)
        for place, metric in enumerate(METRICS):
            at = place, 0, source, target
            if metric in OWN and source != target:
                assert found["outcome"][at] == twin.UNDEFINED
                continue
            wanted = twin.interval(pair, metric, draws, level)
            assert found["outcome"][at] == wanted.outcome, metric
            ends = found["low"][at], found["high"][at]
            np.testing.assert_allclose(ends, wanted[:2], 1e-9, 1e-9, err_msg=metric)


def test_quantiles_are_numpy_s_to_the_last_bit() -> None:
    codes, gold = made(300, 3)
    metrics = [metric for metric in METRICS if not metric.startswith("kappa")]
    values = resampling.replicates(codes, gold, options=4, metrics=metrics)
    found = resampling.intervals(codes, gold, options=4, metrics=metrics)
    tail = (1 - resampling.LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail], axis=2)
    there = ~np.isnan(found.low)
    np.testing.assert_array_equal(found.low[there], low[there])
    np.testing.assert_array_equal(found.high[there], high[there])
    assert there.any()


def test_one_source_gives_its_row_of_all_pairs() -> None:
    codes, gold = made(130, 4, lowest=-2)
    draws = Draws(replicates=50)
    row = resampling.replicates(codes, gold, options=4, metrics=METRICS, source=2, draws=draws)
    whole = resampling.replicates(codes, gold, options=4, metrics=METRICS, draws=draws)
    wanted = whole[:, :, :, 2].copy()
    own = np.diagonal(whole[: len(OWN)], axis1=3, axis2=4)
    wanted[: len(OWN)] = own
    np.testing.assert_array_equal(row, wanted)


@pytest.mark.parametrize("lowest", [0, -1, -2])
def test_neither_threads_nor_company_nor_labels_matter(lowest: int) -> None:
    codes, gold = made(700, 5, lowest=lowest)
    clusters = (np.arange(700) // 2).astype(np.int32)
    strata = (np.arange(700) % 3).astype(np.int32)
    draws = Draws(clusters, strata, replicates=400)

    def found(which: Any, draws: Draws = draws, threads: int = 1) -> Any:
        return resampling.intervals(
            which, gold, options=4, metrics=METRICS, draws=draws, threads=threads
        )

    whole = found(codes)
    for threads in (2, 8):
        for one, other in zip(whole, found(codes, threads=threads), strict=True):
            np.testing.assert_array_equal(one, other)
    relabelled = draws._replace(clusters=-5 * clusters, strata=np.int32(9) - strata)
    np.testing.assert_array_equal(found(codes, relabelled).low, whole.low)
    second = found(codes[1:])
    np.testing.assert_array_equal(second.high, whole.high[:, 1:])


def test_seed_and_purpose_choose_the_draws() -> None:
    first = resampling.weights(200, Draws(replicates=5))
    for other in (Draws(replicates=5, seed=1), Draws(replicates=5, purpose=1)):
        assert not np.array_equal(first, resampling.weights(200, other))
    np.testing.assert_array_equal(first, resampling.weights(200, Draws(replicates=9))[:5])


def test_clusters_stay_together_and_strata_keep_their_size() -> None:
    clusters = np.repeat(np.arange(30), 3).astype(np.int32)
    strata = np.repeat([0, 1, 2], 30).astype(np.int32)
    weights = resampling.weights(90, Draws(clusters, strata, replicates=100)).reshape(100, 30, 3)
    assert (weights == weights[:, :, :1]).all()
    assert (weights[:, :, 0].reshape(100, 3, 10).sum(axis=2) == 10).all()


def test_ends_of_the_data_have_reasons() -> None:
    gold = (np.arange(60) % 3).astype(np.int8)
    right, constant, invalid = gold, np.zeros(60, np.int8), np.full(60, -1, np.int8)
    codes = np.stack([right, right, constant, constant, invalid], axis=1)[None]
    metrics = ["co:union", "co_star:gold-letter", "kappa", "ag", "kappa_valid"]
    reason = resampling.intervals(codes, gold, options=3, metrics=metrics).reason[:, 0]
    assert reason[:, 0, 1].tolist() == [
        *("degenerate", "the value is undefined", "fewer than 3 items disagree"),
        *("degenerate", "fewer than 3 items disagree"),
    ]
    assert reason[:, 2, 3].tolist() == [
        *("degenerate", "the value is undefined", "the value is undefined"),
        *("degenerate", "the value is undefined"),
    ]
    assert reason[:, 0, 4].tolist() == [
        *("degenerate", "the value is undefined", "degenerate"),
        *("degenerate", "the value is undefined"),
    ]


def test_a_metric_undefined_in_many_replicates_has_no_interval() -> None:
    gold = np.zeros(100, np.int8)
    codes = np.ones((1, 100, 2), np.int8)
    codes[0, 0] = 0
    found = resampling.intervals(codes, gold, options=3, metrics=["co:union"])
    assert found.reason[0, 0, 0, 1] == "undefined in more than 1 % of the replicates"


@pytest.mark.parametrize("n_items", [0, 1])
def test_no_items_and_one_item_give_no_interval(n_items: int) -> None:
    codes, gold = made(n_items, 2)
    found = resampling.intervals(codes, gold, options=4, metrics=METRICS)
    assert found.low.shape == (len(METRICS), 2, 2, 2)
    assert np.isnan(found.low).all()
    assert all(reason in NO_INTERVAL[1:] for reason in found.reason.ravel())
    assert resampling.weights(n_items, Draws(replicates=3)).tolist() == [[1] * n_items] * 3


@pytest.mark.parametrize("shape", [(0, 5, 2), (3, 5, 0), (0, 0, 0)])
def test_no_models_and_no_languages_give_empty_results(shape: tuple[int, int, int]) -> None:
    codes, gold = np.zeros(shape, np.int8), np.zeros(shape[1], np.int8)
    found = resampling.intervals(codes, gold, options=2, metrics=METRICS)
    assert found.low.shape == (len(METRICS), shape[0], shape[2], shape[2])


def test_any_memory_layout_is_taken() -> None:
    codes, gold = made(90, 3)
    draws = Draws(replicates=20)
    expected = resampling.intervals(codes, gold, options=4, metrics=METRICS, draws=draws)
    found = resampling.intervals(
        np.asfortranarray(codes), gold, options=4, metrics=METRICS, draws=draws
    )
    np.testing.assert_array_equal(found.low, expected.low)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n_options": 1}, "n_options is 1, but must be 2 to 64"),
        ({"n_options": 3}, r"codes\[0, \d+, \d\] is 3, but must be -2"),
        ({"gold": np.zeros(9, np.int8)}, "gold has 9 items, codes has 10"),
        ({"gold": np.full(10, -1, np.int8)}, r"gold\[0\] is -1"),
        ({"metrics": ["co"]}, 'there is no metric "co" to resample: choose from acc, bias, co:'),
        ({"clusters": np.zeros(9, np.int32)}, "clusters has 9 items, not 10"),
        ({"strata": np.zeros(11, np.int32)}, "strata has 11 items, not 10"),
        ({"replicates": 0}, "replicates is 0, but must be 1 to 16777216"),
        ({"replicates": 2**40}, "replicates is 1099511627776"),
        ({"level": 1.0}, "level is 1, but must lie between 0 and 1"),
        ({"level": float("nan")}, "level is NaN"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], message: str) -> None:
    codes, gold = made(10, 4)
    arguments: dict[str, Any] = {"gold": gold, "n_options": 4, "metrics": ["acc"], **changed}
    with pytest.raises(ValueError, match=message):
        _native.bootstrap_intervals(codes, **arguments)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"codes": np.zeros((3, 2), np.int8)}, r"codes must be an int8 array of shape \(n_models"),
        ({"codes": np.zeros((1, 3, 2))}, r"not float64 of shape \[1, 3, 2\]"),
        ({"gold": [0, 0]}, "gold must be an int8 array"),
        ({"clusters": np.zeros(10, np.int64)}, "clusters must be an int32 array"),
    ],
)
def test_other_types_are_refused(changed: dict[str, Any], message: str) -> None:
    codes, gold = made(10, 4)
    arguments: dict[str, Any] = {"codes": codes, "gold": gold, **changed}
    with pytest.raises(TypeError, match=message):
        _native.bootstrap_intervals(**arguments, n_options=4, metrics=["acc"])


def test_a_source_must_be_a_language() -> None:
    codes, gold = made(10, 4)
    with pytest.raises(ValueError, match="source is 4, but there are 4 languages"):
        resampling.replicates(codes, gold, options=4, metrics=["acc"], source=4)
