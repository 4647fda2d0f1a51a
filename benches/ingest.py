"""`clika ingest released`, the whole process, against the same job in plain Python and in DuckDB.

The job: parse every response file, hash it and each prompt, write the same Parquet shards (one
for each model and task: the same columns, order and compression), sync and rename each. All use all
cores: clika and DuckDB as threads, plain Python as processes. The peers check no row against the
items, and write neither the items nor the inventory. Their shards are compared with clika's, row by
row, before anything is timed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import numpy as np
from timing import RUNS, Peak, Row, paired

from clika.fetching.locate import environment_source
from clika.fetching.sources import find_data_set
from clika.steps.fetch import fetch
from clika.study import load_study
from clika.tasks.released import scan_release

if TYPE_CHECKING:
    from collections.abc import Callable

    from clika.tasks.released import ResponseFile

__all__ = ["run"]

_COPY = """copy ({select}) to '{path}' (format parquet, compression zstd)"""
_SUM = """select count(*), sum(hash(r)) from '{folder}/*/*.parquet' as r"""
_JSON_COLUMNS = (
    "{id: 'bigint', input: 'varchar', res: 'varchar', label: 'varchar', uuid: 'varchar'}"
)


class Cell(NamedTuple):
    """The response files of one model and task, and where their shard goes."""

    model: str
    task: str
    files: tuple[ResponseFile, ...]
    shard: Path


def run(runs: int = RUNS) -> list[Row]:
    """Time each; no row where CLIKA_DATA names no released data."""
    source = environment_source(find_data_set("released"))
    if source is None:
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = fetch("released", source=source, into=folder).folder
        clika = Path(sys.executable).with_name("clika")
        ours = Peak()
        shards = folder / "ours"

        def ingest() -> None:
            rmtree(shards, ignore_errors=True)
            ours.call(clika, "ingest", "released", "--data", data, "--results", shards)

        ingest()
        rows = []
        for peer, title in (
            ("python", "json.loads, hashlib, a process for each core"),
            ("duckdb", "DuckDB read_json, sha256 in SQL"),
        ):
            theirs = Peak()
            make = partial(_fresh, folder / peer, partial(theirs.call, sys.executable, __file__))
            command = partial(make, peer, data)
            command()
            _check_equal(shards / "paper-released" / "shards" / "responses", folder / peer)
            row = paired(
                "`clika ingest released`, whole process", ingest, title, command, runs=runs
            )
            peaks = f"peak {ours.bytes / 1e6:.0f} MB, peer {theirs.bytes / 1e6:.0f} MB a process"
            rows.append(row._replace(note=peaks))
        return rows


def _fresh(folder: Path, call: Callable[..., None], peer: str, data: Path) -> None:
    rmtree(folder, ignore_errors=True)
    call(peer, data, folder)


def _check_equal(ours: Path, theirs: Path) -> None:
    found = [duckdb.execute(_SUM.format(folder=folder)).fetchone() for folder in (ours, theirs)]
    assert found[0] == found[1], found


def _cells(data: Path, folder: Path) -> list[Cell]:
    files = scan_release(data, load_study("paper-released")).responses
    return [
        Cell(model, task, tuple(members), folder / task / f"{model}.parquet")
        for (model, task), members in groupby(files, key=lambda file: (file.model, file.task))
    ]


def _keep(connection: duckdb.DuckDBPyConnection, select: str, shard: Path) -> None:
    shard.parent.mkdir(parents=True, exist_ok=True)
    temporary = shard.with_suffix(".tmp")
    connection.execute(_COPY.format(select=select, path=temporary))
    descriptor = os.open(temporary, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    temporary.replace(shard)


def _in_python(cell: Cell) -> None:
    columns: dict[str, list[object]] = {
        name: []
        for name in (
            *("model", "task", "language", "item", "uuid", "response"),
            *("gold", "prompt_hash", "source_file", "source_sha256"),
        )
    }
    for file in cell.files:
        content = file.path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        for line in content.splitlines():
            row = json.loads(line)
            values = (
                *(cell.model, cell.task, file.language, row["id"], str(row["uuid"]), row["res"]),
                "ABCDE".index(row["label"]),
                hashlib.sha256(row["input"].encode()).hexdigest()[:32],
                *(file.name, digest),
            )
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
    kinds = {"item": np.int64, "gold": np.int8}
    arrays = {name: np.array(column, kinds.get(name, object)) for name, column in columns.items()}
    connection = duckdb.connect(config={"threads": 1})
    connection.register("rows", arrays)
    _keep(connection, "from rows", cell.shard)
    connection.close()


def _in_duckdb(database: duckdb.DuckDBPyConnection, cell: Cell) -> None:
    connection = database.cursor()
    places = {
        "path": np.array([str(file.path) for file in cell.files], object),
        "language": np.array([file.language for file in cell.files], object),
        "name": np.array([file.name for file in cell.files], object),
        "place": np.arange(len(cell.files)),
    }
    connection.register("places", places)
    paths = [str(file.path) for file in cell.files]
    select = f"""
        with digests as materialized (
            select filename as path, sha256(content) as digest from read_blob({paths})
        )
        select
            '{cell.model}' as model, '{cell.task}' as task, language, id as item, uuid,
            res as response, (ascii(label) - 65)::tinyint as gold,
            left(sha256(input), 32) as prompt_hash, name as source_file, digest as source_sha256
        from read_json(
            {paths}, format = 'newline_delimited', columns = {_JSON_COLUMNS}, filename = true
        ) as rows
        join places on places.path = rows.filename
        join digests on digests.path = rows.filename
        order by place, id"""
    _keep(connection, select, cell.shard)
    connection.close()


def main(peer: str, data: Path, folder: Path) -> None:
    """Do the job in one of the other ways."""
    cells = _cells(data, folder)
    cores = len(os.sched_getaffinity(0))
    if peer == "python":
        with ProcessPoolExecutor(cores) as pool:
            list(pool.map(_in_python, cells))
        return
    database = duckdb.connect()
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(partial(_in_duckdb, database), cells))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
