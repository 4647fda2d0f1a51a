"""Sums over shares of the items: however they are cut, they add up to those of all items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clika.errors import ConfigError
from clika.metrics.task_answers import TaskAnswers
from clika.metrics.task_sums import count_share, join_shares, sum_task
from clika.shares import Block, Share, ShareHeader, parse_share, places_of_share, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LANGUAGES, OPTIONS, ORIGINS = 3, 3, 5


@st.composite
def tasks(draw: st.DrawFn) -> TaskAnswers:
    """Answers of a few models, some not asked, some INVALID, in clusters and from places."""
    models, items = draw(st.integers(1, 4)), draw(st.integers(1, 24))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    return TaskAnswers(
        random.integers(-2, OPTIONS, (models, items, LANGUAGES), dtype=np.int8),
        random.integers(0, OPTIONS, items, dtype=np.int8),
        OPTIONS,
        None,
        clusters=random.integers(0, items, items, dtype=np.int32),
        strata=random.integers(-1, ORIGINS, items, dtype=np.int32),
        families=tuple(draw(st.sampled_from("ab")) for _ in range(models)),
    )


def part_of(task: TaskAnswers, places: NDArray[np.int64]) -> TaskAnswers:
    assert task.strata is not None
    return task._replace(
        codes=task.codes[:, places], gold=task.gold[places], strata=task.strata[places]
    )


def arrays(value: Any) -> Iterator[NDArray[Any]]:
    """Yield every array of nested tuples."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from arrays(part)


@settings(max_examples=50)
@given(task=tasks(), of=st.integers(1, 9), seed=st.integers(0, 99))
def test_shares_in_any_order_add_up_to_the_whole(task: TaskAnswers, of: int, seed: int) -> None:
    assert task.clusters is not None
    assert task.strata is not None
    origins = max(LANGUAGES, int(task.strata.max()) + 1)
    total: dict[str, NDArray[np.int64]] = {}
    for number in np.random.default_rng(seed).permutation(of).tolist():
        places, _ = places_of_share(task.clusters, Share(number + 1, of))
        found = count_share(part_of(task, places), origins=origins)
        total = {name: sums + total.get(name, 0) for name, sums in found.items()}
    joined = join_shares(
        total, options=OPTIONS, reference=None, languages=LANGUAGES, families=task.families
    )
    for mine, whole in zip(arrays(joined), arrays(sum_task(task)), strict=True):
        np.testing.assert_array_equal(mine, whole)


@settings(max_examples=50)
@given(task=tasks())
def test_a_share_has_the_quantities_and_shapes_that_its_file_promises(task: TaskAnswers) -> None:
    models = tuple(f"model {place}" for place in range(len(task.codes)))
    block = Block("rule", "task", OPTIONS, ORIGINS, 0, len(task.gold))
    header = ShareHeader("study", "made", "", Share(1, 1), models, ("de", "en", "he"), (block,))
    found = count_share(task, origins=ORIGINS)
    assert [(name, sums.shape) for name, sums in found.items()] == [*shapes(header, block).items()]


# Which items


@settings(max_examples=50)
@given(st.lists(st.integers(0, 30), max_size=40), st.integers(1, 9))
def test_every_item_is_in_one_share_and_clusters_stay_whole(clusters: list[int], of: int) -> None:
    codes = np.array(clusters, np.int32)
    found = [places_of_share(codes, Share(number, of)) for number in range(1, of + 1)]
    every = np.concatenate([places for places, _ in found])
    assert sorted(every.tolist()) == [*range(len(clusters))]
    spans = [span for _, span in found]
    assert [place for span in spans for place in span] == [*range(len(clusters))]
    assert [len(places) for places, _ in found] == [len(span) for span in spans]
    of_share = [{clusters[place] for place in places.tolist()} for places, _ in found]
    assert sum(map(len, of_share)) == len(set(clusters))


@settings(max_examples=50)
@given(st.integers(0, 60), st.integers(1, 9))
def test_shares_of_independent_items_are_contiguous_and_of_equal_size(items: int, of: int) -> None:
    own = np.arange(items, dtype=np.int32)
    found = [places_of_share(own, Share(number, of)) for number in range(1, of + 1)]
    assert [places.tolist() for places, _ in found] == [[*span] for _, span in found]
    sizes = [len(span) for _, span in found]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    "text", ["0/3", "4/3", "1/0", "3", "1/2/3", "-1/3", "1/2000000", "a/b", ""]
)
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="names no share"):
        parse_share(text)
