"""Maps of languages: the reliability that guards them, the plane, the tree."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform

from clika.errors import PrerequisiteError
from clika.metrics.maps import (
    RELIABLE,
    Merge,
    average_linkage,
    classical_scaling,
    draw_map,
    split_half_reliability,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

GENERATOR = np.random.default_rng(7)


def answers(following: list[float], *, items: int = 400) -> tuple[NDArray[Any], NDArray[Any]]:
    """Answers of languages that follow one common answer that often, and else guess of four."""
    generator = np.random.default_rng(3)
    gold = generator.integers(4, size=items)
    common = generator.integers(4, size=items)
    guesses = generator.integers(4, size=(items, len(following)))
    follows = generator.random((items, len(following))) < np.array(following)
    codes = np.where(follows, common[:, None], guesses)
    return codes.astype(np.int8), gold.astype(np.int8)


def test_kappas_that_differ_are_reliable_and_those_of_guesses_are_not() -> None:
    structured = split_half_reliability(*answers([0.95, 0.9, 0.5, 0.3, 0.1]), options=4)
    guessed = split_half_reliability(*answers([0.0] * 5), options=4)
    assert structured.value is not None
    assert structured.value > 0.95
    assert guessed.value is not None
    assert guessed.value < RELIABLE


def test_reliability_is_a_function_of_data_and_seed() -> None:
    codes, gold = answers([0.6, 0.5, 0.5, 0.4], items=101)
    one, again = (split_half_reliability(codes, gold, options=4) for _ in range(2))
    renamed = split_half_reliability(
        codes, gold, options=4, clusters=np.arange(101, dtype=np.int32)[::-1] * 3
    )
    assert one == again == renamed
    assert one != split_half_reliability(codes, gold, options=4, seed=1)


def test_a_cluster_is_never_halved() -> None:
    # Each item stands there twice: in halves of items one copy would foretell the other.
    codes, gold = answers([0.0] * 6, items=100)
    twice = np.repeat(codes, 2, axis=0), np.repeat(gold, 2)
    loose = split_half_reliability(*twice, options=4)
    held = split_half_reliability(
        *twice, options=4, clusters=np.repeat(np.arange(100, dtype=np.int32), 2)
    )
    assert held.value is not None
    assert loose.value is not None
    assert held.value < 0.3 < loose.value


@pytest.mark.parametrize(
    ("following", "reason"),
    [
        ([0.9, 0.5, 0.1], "fewer than 4 languages"),
        ([1.0] * 4, "kappa is undefined or the same for all pairs in half of the items"),
    ],
)
def test_reliability_is_undefined(following: list[float], reason: str) -> None:
    assert split_half_reliability(*answers(following), options=4) == (None, reason)


def test_constant_answers_have_no_map() -> None:
    codes, gold = np.zeros((50, 5), np.int8), np.zeros(50, np.int8)
    drawn = draw_map(codes, gold, options=2)
    assert drawn.scaling is None
    assert drawn.tree == ()


def test_what_is_unreliable_is_not_drawn() -> None:
    drawn = draw_map(*answers([0.0] * 5), options=4)
    assert drawn.scaling is None
    assert drawn.tree == ()


def test_what_is_reliable_is_drawn_and_the_nearest_are_joined_first() -> None:
    drawn = draw_map(*answers([0.95, 0.2, 0.95, 0.1, 0.6]), options=4)
    assert drawn.scaling is not None
    assert drawn.scaling.coordinates.shape == (5, 2)
    assert drawn.tree[0][:2] == (0, 2)
    assert [merge.height for merge in drawn.tree] == sorted(merge.height for merge in drawn.tree)


@given(st.lists(st.tuples(*[st.integers(-50, 50)] * 2), min_size=3, max_size=8, unique=True))
@settings(max_examples=50, deadline=None)
def test_distances_of_a_plane_are_shown_as_they_are(points: list[tuple[int, int]]) -> None:
    distances = squareform(pdist(np.array(points, np.float64)))
    found = classical_scaling(distances)
    np.testing.assert_allclose(squareform(pdist(found.coordinates)), distances, atol=1e-6)
    assert found.share == pytest.approx(1.0)
    np.testing.assert_allclose(found.coordinates.mean(axis=0), 0, atol=1e-6)


def test_points_that_do_not_differ_lie_together() -> None:
    found = classical_scaling(np.zeros((4, 4)))
    assert not found.coordinates.any()
    assert found.share == 1.0


def test_the_tree_is_scipys_and_its_heights_are_averages() -> None:
    points = GENERATOR.random((6, 3))
    distances = squareform(pdist(points))
    tree = average_linkage(distances)
    heights = squareform(cophenet(linkage(pdist(points), "average")))
    members = [[place] for place in range(6)]
    for merge in tree:
        first, second = members[merge.first], members[merge.second]
        mean = np.mean([distances[a, b] for a in first for b in second])
        assert merge.height == pytest.approx(mean)
        assert heights[first[0], second[0]] == pytest.approx(merge.height)
        members.append(first + second)
    assert sorted(members[-1]) == list(range(6))
    assert isinstance(tree[0], Merge)


def test_without_scipy_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without_scipy(name: str, *rest: Any) -> Any:
        if name.startswith("scipy"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_scipy)
    with pytest.raises(PrerequisiteError, match=r"pip install 'clika\[maps\]'"):
        average_linkage(np.zeros((3, 3)))
