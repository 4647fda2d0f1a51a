"""Pair counts over Arrow streams: every producer, any chunks, bad input, Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clika import _native

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

OPTIONS = 4
LANGUAGES = ["en", "de", "zh"]
# More rows than are gathered before they are counted.
MANY_ROWS = 40_000


def answers(n_items: int, *, lowest: int = -2) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    rng = np.random.default_rng(n_items)
    codes = rng.integers(lowest, OPTIONS, (n_items, len(LANGUAGES))).astype(np.int8)
    return codes, rng.integers(0, OPTIONS, n_items).astype(np.int8)


def table(codes: NDArray[np.int8], gold: NDArray[np.int8], *, kind: Any = None) -> pa.Table:
    """Return an Arrow table with NULL for what was not asked."""
    columns = {
        name: pa.array(column, type=kind or pa.int8(), mask=column == -2)
        for name, column in zip(LANGUAGES, codes.T, strict=True)
    }
    return pa.table({"gold": pa.array(gold), **columns})


def duckdb_relation(answers: pa.Table) -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.register("answers", answers)
    return connection.sql("from answers")


PRODUCERS: dict[str, Callable[[pa.Table], Any]] = {
    "pyarrow table": lambda answers: answers,
    "pyarrow reader": lambda answers: answers.to_reader(max_chunksize=999),
    "polars": pl.from_arrow,
    "pandas": lambda answers: answers.to_pandas(types_mapper=pd.ArrowDtype),
    "DuckDB relation": duckdb_relation,
}


def assert_counts(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, counts in expected.items():
        np.testing.assert_array_equal(found[name], counts, err_msg=name)


@pytest.mark.parametrize("producer", PRODUCERS)
def test_every_producer_gives_the_counts_of_the_matrix(producer: str) -> None:
    codes, gold = answers(MANY_ROWS)
    stream = PRODUCERS[producer](table(codes, gold))
    languages, counts = _native.stream_pair_counts(stream, gold="gold", n_options=OPTIONS)
    assert languages == LANGUAGES
    assert_counts(counts, _native.pair_counts(codes, gold, n_options=OPTIONS))


@pytest.mark.parametrize("kind", [pa.int8(), pa.int16(), pa.int64(), pa.uint8()], ids=str)
def test_any_integers_will_do(kind: Any) -> None:
    codes, gold = answers(100, lowest=0)
    stream = table(codes, gold, kind=kind)
    _, counts = _native.stream_pair_counts(stream, gold="gold", n_options=OPTIONS)
    assert_counts(counts, _native.pair_counts(codes, gold, n_options=OPTIONS))


@given(st.integers(0, 300), st.lists(st.integers(0, 300), max_size=6), st.integers(1, 3))
def test_chunks_and_threads_make_no_difference(n: int, cuts: list[int], threads: int) -> None:
    codes, gold = answers(n)
    whole = table(codes, gold)
    ends = sorted({0, n, *(cut for cut in cuts if cut < n)})
    batches = [
        batch
        for start, end in pairwise(ends)
        for batch in whole.slice(start, end - start).to_batches()
    ]
    stream = pa.RecordBatchReader.from_batches(whole.schema, batches)
    _, counts = _native.stream_pair_counts(stream, gold="gold", n_options=OPTIONS, threads=threads)
    assert_counts(counts, _native.pair_counts(codes, gold, n_options=OPTIONS))


def test_agreement_needs_no_gold() -> None:
    codes, gold = answers(1_000)
    stream = table(codes, gold).drop_columns("gold")
    names, agree, valid = _native.stream_agreement_counts(stream, n_options=OPTIONS)
    expected = _native.agreement_counts(codes, n_options=OPTIONS)
    assert names == LANGUAGES
    np.testing.assert_array_equal(agree, expected[0])
    np.testing.assert_array_equal(valid, expected[1])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"en": [0, 1]}, "the stream has no column 'gold'; it has: en"),
        ({"gold": [0, 1], "en": ["A", "B"]}, "column 'en' must hold integers, but is Utf8"),
        ({"gold": [0, 1], "en": [0, 4]}, "row 1, column 'en' is 4, but must be -2"),
        ({"gold": [0, -1], "en": [0, 1]}, "row 1, column 'gold' is -1, but must be an option"),
        ({"gold": [0, None], "en": [0, 1]}, "row 1, column 'gold' is -2, but must be an option"),
        ({"gold": [0, 1], "en": [0, 300]}, "column 'en': .*300"),
    ],
)
def test_bad_columns_are_named(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _native.stream_pair_counts(pa.table(columns), gold="gold", n_options=OPTIONS)


def test_a_bad_row_is_counted_from_the_start_of_the_stream() -> None:
    codes, gold = answers(MANY_ROWS)
    codes[MANY_ROWS - 2, 1] = OPTIONS
    with pytest.raises(ValueError, match=f"row {MANY_ROWS - 2}, column 'de' is 4"):
        _native.stream_pair_counts(table(codes, gold), gold="gold", n_options=OPTIONS)


def test_an_exception_of_the_producer_comes_through() -> None:
    schema = pa.schema({"gold": pa.int8(), "en": pa.int8()})

    def batches() -> Any:
        yield pa.record_batch({"gold": pa.array([0], pa.int8()), "en": pa.array([0], pa.int8())})
        raise RuntimeError("the disk is gone")

    stream = pa.RecordBatchReader.from_batches(schema, batches())
    with pytest.raises(ValueError, match="the disk is gone"):
        _native.stream_pair_counts(stream, gold="gold", n_options=OPTIONS)


ENDLESS = """
import itertools, sys
import numpy as np, pyarrow as pa
from clika import _native

batch = pa.record_batch({name: pa.array(np.zeros(1000, np.int8)) for name in ("gold", "en")})

def batches():
    print("counting", flush=True)
    yield from itertools.repeat(batch)

stream = pa.RecordBatchReader.from_batches(batch.schema, batches())
_native.stream_pair_counts(stream, gold="gold", n_options=4)
"""


@pytest.mark.parametrize("number", [signal.SIGINT])
def test_an_interrupt_ends_what_would_never_end(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "counting\n"
        process.send_signal(number)
        try:
            process.wait(timeout=60)
        finally:
            process.kill()
        assert process.stderr.read().endswith("KeyboardInterrupt\n")
