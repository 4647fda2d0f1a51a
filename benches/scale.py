"""A matrix of a thousand respondents and a million items: whole, and as shares, each a process.

The answers, 1 GB as int8, are made chunk by chunk from a counter-based generator and come as an
Arrow stream, so no process ever holds them all. The shares run one after the other, each saves its
sums, and the sums are merged: asserted equal to those of the whole, to the bit. What it reaches is
compared with what `limits.rs` measures on the same machine in the same run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
from timing import Peak, Row, paired

import clika
from clika.metrics.counts import count_agreement, count_agreement_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["run"]

RESPONDENTS, ITEMS, OPTIONS, SHARES = 1_000, 1_000_000, 4, 8
NAMES = [f"r{place}" for place in range(RESPONDENTS)]
#: Items of a chunk: every share is a whole number of them.
CHUNK = 5_000
PEER_ITEMS = 50_000
SEED = 20240404
#: A random byte as an answer: 2 % INVALID.
ANSWERS = np.array([byte % OPTIONS if byte < 251 else -1 for byte in range(256)], np.int8)


def _chunk(number: int) -> NDArray[np.int8]:
    """Return one chunk, (respondents, items): a function of its number alone."""
    words = np.random.Philox(key=SEED, counter=[0, 0, 0, number]).random_raw(
        RESPONDENTS * CHUNK // 8
    )
    return ANSWERS[words.view(np.uint8)].reshape(RESPONDENTS, CHUNK)


class Answers:
    """The items of a share as a stream, and how long it took to make them."""

    def __init__(self, first: int, end: int) -> None:
        self.chunks = range(first // CHUNK, end // CHUNK)
        self.seconds = self.processor_seconds = 0.0

    def stream(self) -> pa.RecordBatchReader:
        schema = pa.schema([(name, pa.int8()) for name in NAMES])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for number in self.chunks:
            start, processor_start = time.perf_counter(), time.thread_time()
            columns = [pa.array(column) for column in _chunk(number)]
            batch = pa.RecordBatch.from_arrays(columns, schema=schema)
            self.seconds += time.perf_counter() - start
            self.processor_seconds += time.thread_time() - processor_start
            yield batch


class Timed(NamedTuple):
    """Seconds of one process: counting, of its processors while counting, making the answers."""

    counting: float
    processor: float
    making: float


def main(share: str, path: str) -> None:
    """Count a share, save its sums, and write how long that took beside them."""
    number, of = map(int, share.split("/"))
    items = (number - 1) * ITEMS // of, number * ITEMS // of
    answers = Answers(*items)
    start, processor_start = time.perf_counter(), time.process_time()
    names, counts = count_agreement_stream(answers.stream(), options=OPTIONS)
    seconds = time.perf_counter() - start - answers.seconds
    processor = time.process_time() - processor_start - answers.processor_seconds
    clika.save_counts(path, counts, name="scale", respondents=names, items=items, share=share)
    Path(f"{path}.txt").write_text(f"{seconds} {processor} {answers.seconds}")


def _counted(folder: Path, of: int) -> tuple[list[Path], list[Timed], int]:
    """Count all shares, one process after the other: files, times, greatest peak in bytes."""
    peak = Peak()
    paths = [folder / f"{number}-of-{of}.parquet" for number in range(1, of + 1)]
    for number, path in enumerate(paths, start=1):
        peak.call(sys.executable, __file__, f"{number}/{of}", path)
    timed = [Timed(*map(float, Path(f"{path}.txt").read_text().split())) for path in paths]
    return paths, timed, peak.bytes


class Limits(NamedTuple):
    """What one thread does at most in a second while all that this process may use are at work."""

    counts: float
    bytes: float


def _limits(folder: Path) -> Limits:
    binary = folder / "limits"
    source = Path(__file__).with_name("limits.rs")
    subprocess.run(["rustc", "-O", "--edition", "2024", "-o", binary, source], check=True)
    threads = len(os.sched_getaffinity(0))
    done = subprocess.run([binary, str(threads)], check=True, stdout=subprocess.PIPE, text=True)
    return Limits(*(float(rate) / threads for rate in done.stdout.split()))


def run() -> list[Row]:
    """Time the whole against its shares, and a twentieth of the items against NumPy."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        limits = _limits(folder)
        whole, (alone,), whole_peak = _counted(folder, 1)
        shares, each, share_peak = _counted(folder, SHARES)
        start = time.perf_counter()
        merged = clika.merge_counts(shares)
        merging = time.perf_counter() - start
        for mine, theirs in zip(merged.counts, clika.merge_counts(whole).counts, strict=True):
            assert np.array_equal(mine, theirs)
    together = sum(timed.counting for timed in each) + merging
    row = Row(
        f"agreement of all pairs, {RESPONDENTS:,} x {ITEMS:,}, an Arrow stream, once",
        f"clika, {SHARES} shares, each its own process, and merged: equal to the bit",
        alone.counting,
        together,
        together / alone.counting,
        f"{_reached(alone, limits)}; making the answers, {alone.making:.1f} s, left out; "
        f"merging {merging:.1f} s; peak {whole_peak / 1e6:.0f} MB, "
        f"of a share {share_peak / 1e6:.0f} MB",
    )
    return [row, _against_numpy()]


def _reached(timed: Timed, limits: Limits) -> str:
    pairs = RESPONDENTS * (RESPONDENTS + 1) // 2
    # Of each pair, who agrees and who is valid: two counts for 64 items.
    counts = 2 * pairs * ITEMS / 64 / timed.processor
    read = RESPONDENTS * ITEMS / timed.processor
    return (
        f"{RESPONDENTS * ITEMS / timed.counting / 1e9:.2f} GB/s of answers, "
        f"{pairs * ITEMS / timed.counting / 1e9:.0f} G pair-items/s; in a second of one processor "
        f"{counts / 1e9:.1f} G population counts = {counts / limits.counts:.0%} of the measured "
        f"{limits.counts / 1e9:.1f}, {read / 1e9:.2f} GB of the measured {limits.bytes / 1e9:.1f}"
    )


def _against_numpy() -> Row:
    codes = np.concatenate([_chunk(number) for number in range(PEER_ITEMS // CHUNK)], axis=1).T
    codes = np.ascontiguousarray(codes)
    found, peer = count_agreement(codes, options=OPTIONS), _numpy(codes)
    assert all(map(np.array_equal, found, peer))
    return paired(
        f"agreement of all pairs, {RESPONDENTS:,} x {PEER_ITEMS:,}",
        partial(count_agreement, codes, options=OPTIONS),
        f"NumPy, float32 matrix products of {CHUNK:,} items",
        partial(_numpy, codes),
        runs=3,
        note="medians of 3",
    )


def _numpy(codes: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    agree = np.zeros((RESPONDENTS, RESPONDENTS), np.int64)
    valid = np.zeros_like(agree)
    for start in range(0, len(codes), CHUNK):
        part = codes[start : start + CHUNK]
        for option in range(OPTIONS):
            chosen = (part == option).astype(np.float32)
            agree += (chosen.T @ chosen).astype(np.int64)
        known = (part >= 0).astype(np.float32)
        valid += (known.T @ known).astype(np.int64)
    return agree, valid


if __name__ == "__main__":
    main(*sys.argv[1:])
