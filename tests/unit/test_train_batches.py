"""Which examples a step sees, and how they are laid out in rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clika.train.batches import UNLEARNT, lay_out, members, total_steps
from clika.train.examples import Encoded, Example, data_digest, encode

made = st.builds(
    lambda ids, start: Encoded(tuple(ids), min(start, len(ids) - 1)),
    st.lists(st.integers(1, 99), min_size=2, max_size=12),
    st.integers(1, 11),
)


@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 2**40), st.integers(0, 3))
def test_an_epoch_sees_every_example_once(examples: int, batch: int, seed: int, epoch: int) -> None:
    each = math.ceil(examples / batch)
    steps = range(epoch * each, (epoch + 1) * each)
    seen = [members(step, examples, batch=batch, seed=seed) for step in steps]
    assert sorted(np.concatenate(seen)) == list(range(examples))
    assert max(map(len, seen)) <= batch


def test_a_step_is_a_function_of_seed_and_number() -> None:
    def drawn(step: int, seed: int) -> list[int]:
        return members(step, 40, batch=40, seed=seed).tolist()

    first = drawn(0, 1)
    assert drawn(1, 1) != first
    assert drawn(0, 2) != first
    assert drawn(0, 1) == first


@pytest.mark.parametrize(
    ("examples", "epochs", "steps"), [(20, 4, 12), (20, 0.5, 2), (1, 0.01, 1), (8, 3, 3)]
)
def test_a_stage_has_as_many_steps_as_its_epochs(examples: int, epochs: float, steps: int) -> None:
    assert total_steps(examples, batch=8, epochs=epochs) == steps


@given(st.lists(made, min_size=1, max_size=12), st.sampled_from((0, 1, 12, 30)))
def test_rows_hold_every_example_whole_and_nothing_else(
    examples: list[Encoded], row_tokens: int
) -> None:
    rows = lay_out(examples, row_tokens=row_tokens)
    found = []
    for row in range(len(rows.ids)):
        for segment in range(rows.segments[row].max() + 1):
            columns = np.flatnonzero(rows.segments[row] == segment)
            assert columns.tolist() == list(range(columns[0], columns[-1] + 1))
            assert rows.positions[row, columns].tolist() == list(range(len(columns)))
            ids = tuple(rows.ids[row, columns].tolist())
            learnt = np.flatnonzero(rows.following[row, columns] != UNLEARNT)
            start = int(learnt[0]) + 1
            assert tuple(rows.following[row, columns][learnt]) == ids[start:]
            found.append(Encoded(ids, start))
    assert sorted(found) == sorted(examples)
    nothing = rows.segments == -1
    assert (rows.following[nothing] == UNLEARNT).all()


def test_an_example_takes_the_first_row_that_has_room() -> None:
    examples = [Encoded((7,) * size, 1) for size in (6, 5, 4, 3, 2)]
    rows = lay_out(examples, row_tokens=10)
    lengths = [np.unique(row[row >= 0], return_counts=True)[1].tolist() for row in rows.segments]
    assert lengths == [[6, 4], [5, 3, 2]]


def test_without_packing_each_example_has_a_row() -> None:
    rows = lay_out([Encoded((7,) * size, 1) for size in (2, 5, 3)], row_tokens=0)
    assert (rows.segments >= 0).sum(1).tolist() == [2, 5, 3]
    assert rows.ids.shape == (3, 5)


def test_a_longer_example_makes_all_rows_as_long_as_itself() -> None:
    rows = lay_out([Encoded((7,) * size, 1) for size in (2, 9, 3)], row_tokens=4)
    assert rows.ids.shape == (2, 9)


def test_a_part_of_the_rows_is_of_every_array() -> None:
    rows = lay_out([Encoded((number, 9), 1) for number in (1, 2, 3)], row_tokens=0)
    part = rows.part(1, 3)
    assert part.ids[:, 0].tolist() == [2, 3]
    assert {len(array) for array in part} == {2}


class Letters:
    """A tokenizer of letters; its texts begin with token 1 if asked for."""

    eos_token_id = 0

    def __init__(self, *, begins: bool) -> None:
        self.bos_token_id = 1 if begins else None

    def __call__(self, texts: str | list[str], *, add_special_tokens: bool = True) -> dict:
        if isinstance(texts, str):
            begins = [1] if add_special_tokens and self.bos_token_id else []
            return {"input_ids": [*begins, *map(ord, texts)]}
        return {"input_ids": [[*map(ord, text)] for text in texts]}


@pytest.mark.parametrize(
    ("begins", "prompt", "loss_on", "expected"),
    [
        (False, "ab", "answer", Encoded((97, 98, 99, 0), 2)),
        (False, "ab", "all", Encoded((97, 98, 99, 0), 1)),
        (True, "ab", "answer", Encoded((1, 97, 98, 99, 0), 3)),
        (True, "ab", "all", Encoded((1, 97, 98, 99, 0), 1)),
        (False, "", "answer", Encoded((99, 0), 1)),
        (True, "", "answer", Encoded((1, 99, 0), 1)),
    ],
)
def test_what_is_learnt_begins_after_the_prompt(
    begins: bool,  # noqa: FBT001
    prompt: str,
    loss_on: str,
    expected: Encoded,
) -> None:
    (found,) = encode(Letters(begins=begins), [Example(prompt, "c")], loss_on=loss_on)
    assert found == expected


def test_the_digest_of_data_knows_where_a_prompt_ends() -> None:
    texts = [("a", "bc"), ("ab", "c"), ("abc", "")]
    assert len({data_digest([Example(*text)]) for text in texts}) == 3
    first, second = Example("a", "b"), Example("c", "d")
    assert data_digest([first, second]) != data_digest([second, first])
