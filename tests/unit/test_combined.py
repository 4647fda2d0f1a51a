"""Means over cells and seeds of conductivity: against the twin, and where nothing varies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from reference import combined_twin as twin
from scipy import stats

from clika.metrics.intervals.clustered import Sums, Term, mean_over_seeds, resampled_means
from clika.metrics.intervals.combined import (
    Counted,
    SeedNumber,
    World,
    combined_bounds,
    combined_value,
)
from clika.metrics.intervals.uncertainty import Resampling, wilson

CLUSTERS, ITEMS = 20, 10
RESAMPLING = Resampling(replicates=500)


def number(generator: np.random.Generator, *, rate: float) -> SeedNumber:
    """Return the difference of two models, right at a rate and at .3, each over its own items."""
    terms, counted = [], []
    for sign, level in ((1, rate), (-1, 0.3)):
        right = generator.binomial(ITEMS, level, CLUSTERS).astype(float)
        items = generator.integers(5, ITEMS + 1, CLUSTERS).astype(float)
        terms.append(Term(sign, Sums(np.minimum(right, items), items)))
        n = int(items.sum())
        counted.append(Counted(sign, int(np.minimum(right, items).sum()), n, 1.1))
    return SeedNumber(tuple(terms), tuple(counted))


def constant(*, right: int, seeds: int = 1) -> World:
    """Return one cell in which every cluster has as many right of 10."""
    sums = Sums(np.full(CLUSTERS, float(right)), np.full(CLUSTERS, float(ITEMS)))
    counted = Counted(1, CLUSTERS * right, CLUSTERS * ITEMS, 1.0)
    return [(SeedNumber((Term(1, sums),), (counted,)),) * seeds]


def plain(worlds: list[World]) -> list[twin.World]:
    def ratio(term: Term) -> twin.Ratio:
        return term.sign, term.sums.numerator.tolist(), term.sums.denominator.tolist()

    return [
        [
            [([ratio(term) for term in n.terms], [tuple(c) for c in n.counted]) for n in seeds]
            for seeds in cells
        ]
        for cells in worlds
    ]


def made_worlds(*seeds_of_cells: int, number_of_worlds: int = 1) -> list[World]:
    generator = np.random.default_rng(5)
    return [
        [tuple(number(generator, rate=0.6) for _ in range(seeds)) for seeds in seeds_of_cells]
        for _ in range(number_of_worlds)
    ]


@pytest.mark.parametrize(("cells", "number_of_worlds"), [((1,), 1), ((1, 1, 1), 1), ((1, 1), 2)])
def test_the_interval_of_one_seed_is_the_hull_of_the_twins(
    cells: tuple[int, ...], number_of_worlds: int
) -> None:
    worlds = made_worlds(*cells, number_of_worlds=number_of_worlds)
    written = plain(worlds)
    found = combined_value(worlds)
    assert found == pytest.approx(twin.value(written), abs=1e-12)
    for level, bounds in zip(
        (0.95, 0.9), combined_bounds(worlds, RESAMPLING, (0.95, 0.9)), strict=True
    ):
        half = stats.t.ppf((1 + level) / 2, CLUSTERS - 1) * twin.linearised_error(written)
        below, above = twin.item_reach(written, level)
        assert bounds.low == pytest.approx(found - max(half, below), abs=1e-12)
        assert bounds.high == pytest.approx(found + max(half, above), abs=1e-12)


def test_seeds_and_then_clusters_are_resampled_as_the_twin_does() -> None:
    (world,) = made_worlds(3, 2)
    replicates = 40
    drawn = resampled_means(
        [[n.terms for n in seeds] for seeds in world],
        np.random.Generator(np.random.Philox(key=9)),
        replicates,
    )
    generator = np.random.Generator(np.random.Philox(key=9))
    of_most = generator.integers(3, size=(replicates, 3))
    clusters = (generator.random((replicates, CLUSTERS)) * CLUSTERS).astype(int)
    of_fewer = generator.integers(2, size=(replicates, 2))
    (written,) = plain([world])
    wanted = [
        twin.replicate(written, [list(of_most[b]), list(of_fewer[b])], list(clusters[b]))
        for b in range(replicates)
    ]
    assert drawn.tolist() == pytest.approx(wanted, abs=1e-12)


def test_several_seeds_of_one_cell_have_the_interval_of_their_scores() -> None:
    generator = np.random.default_rng(2)
    # Far apart, so that the seeds and not the items make the interval.
    sums = [
        Sums(generator.binomial(ITEMS, rate, CLUSTERS).astype(float), np.full(CLUSTERS, 10.0))
        for rate in (0.2, 0.5, 0.8)
    ]
    counted = [Counted(1, int(each.numerator.sum()), 200, 1.0) for each in sums]
    seeds = tuple(SeedNumber((Term(1, each),), (c,)) for each, c in zip(sums, counted, strict=True))
    (bounds,) = combined_bounds([[seeds]], RESAMPLING, (0.95,))
    scored = mean_over_seeds(sums, n=600, replicates=500)
    assert bounds[:2] == pytest.approx(scored[1:3], abs=1e-12)


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("right", [0, 10])
def test_where_all_clusters_are_alike_the_items_make_the_interval(right: int, seeds: int) -> None:
    (bounds,) = combined_bounds([constant(right=right, seeds=seeds)], RESAMPLING, (0.95,))
    share = wilson(np.array(20 * right), np.array(200))
    reach = 200 / (200 + 1.959963984540054**2)  # Wilson's interval of none and of all ends there.
    assert float(share.low if right else 1 - share.high) == pytest.approx(reach)
    wide = (1 - reach) / math.sqrt(seeds)
    ends = (1 - wide, 1) if right else (0, wide)
    assert bounds[:2] == pytest.approx(ends, abs=1e-12)


def test_where_one_item_differs_the_interval_is_no_narrower_than_where_none_does() -> None:
    def difference(gained: int) -> tuple[float, float]:
        above = np.zeros(CLUSTERS)
        above[:gained] = 1
        sums = Sums(above, np.full(CLUSTERS, float(ITEMS)))
        counted = (Counted(1, gained, 200, 1.0), Counted(-1, 0, 200, 1.0))
        world: World = [(SeedNumber((Term(1, sums),), counted),)]
        (bounds,) = combined_bounds([world], RESAMPLING, (0.9,))
        return bounds[:2]

    none, one = difference(0), difference(1)
    assert one[1] - one[0] > none[1] - none[0] > 0


def test_clusters_without_items_in_any_cell_do_not_count() -> None:
    (world,) = made_worlds(1, 1)

    def longer(term: Term) -> Term:
        return Term(term.sign, Sums(*(np.append(each, [0.0, 0.0]) for each in term.sums)))

    padded: World = [
        tuple(SeedNumber(tuple(map(longer, n.terms)), n.counted) for n in seeds) for seeds in world
    ]
    assert combined_bounds([padded], RESAMPLING, (0.95,)) == combined_bounds(
        [world], RESAMPLING, (0.95,)
    )


def test_one_cluster_gives_no_interval() -> None:
    world = [(SeedNumber((Term(1, Sums(np.array([1.0]), np.array([2.0]))),), ()),)]
    (bounds,) = combined_bounds([world], RESAMPLING, (0.95,))
    assert bounds.reason == "there is but one cluster"
