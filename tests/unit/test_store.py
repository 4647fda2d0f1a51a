"""The store: files appear whole or not at all, and say what they were made from."""

from __future__ import annotations

import errno
import os
import platform
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pytest

from clika.errors import BusyError, FileSystemError, PrerequisiteError, StaleStoreError
from clika.files import exclusive, replacing, write_text
from clika.schema import DATABASE_TABLES, SCORE_COLUMNS
from clika.store.connection import building, in_memory, meta, open_database
from clika.store.scores import read_answers, write_scores
from clika.store.shards import content_key, read_stamp, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

    from clika.store.connection import Connection

FACTS = {"content_key": "k", "origin": "responses", "study": "s"}


def build(path: Path, *statements: str) -> Path:
    with building(path, FACTS, threads=1) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def opened(path: Path, scores: Path | None = None) -> Connection:
    return open_database(path, command="clika load", scores=scores)


def test_a_database_has_the_documented_tables_and_columns(tmp_path: Path) -> None:
    connection = opened(build(tmp_path / "d.duckdb"))
    rows = connection.execute(
        """select table_name, column_name, data_type, is_nullable from duckdb_columns()
        where database_name = 'store'"""
    ).fetchall()
    connection.close()
    expected = [
        (table, column.name, column.type, column.nullable)
        for table, columns in DATABASE_TABLES.items()
        for column in columns
    ]
    assert sorted(rows) == sorted(expected)


def test_a_database_opens_with_the_oldest_supported_storage(tmp_path: Path) -> None:
    path = build(tmp_path / "d.duckdb")
    connection = opened(path)
    tags = connection.execute("select tags from duckdb_databases() where not internal").fetchall()
    connection.close()
    assert "v1.2.0" in str(tags)


def test_a_database_is_read_only(tmp_path: Path) -> None:
    connection = opened(build(tmp_path / "d.duckdb"))
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        connection.execute("insert into meta values ('a', 'b')")
    assert meta(connection)["study"] == "s"
    connection.close()


def test_two_readers_share_a_database(tmp_path: Path) -> None:
    path = build(tmp_path / "d.duckdb")
    first, second = opened(path), opened(path)
    assert meta(first) == meta(second)
    first.close()
    second.close()


def test_a_build_that_fails_leaves_the_old_database_and_no_other_file(tmp_path: Path) -> None:
    path = build(tmp_path / "d.duckdb")
    before = path.read_bytes()
    with pytest.raises(duckdb.CatalogException):
        build(path, "insert into no_such_table values (1)")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_database_and_another_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match=r"There is no database at .* Run: clika load"):
        opened(tmp_path / "d.duckdb")
    (tmp_path / "d.duckdb").write_text("x" * 5000)
    with pytest.raises(StaleStoreError, match="cannot be read as a clika database"):
        opened(tmp_path / "d.duckdb")
    duckdb.connect(str(tmp_path / "e.duckdb")).close()
    with pytest.raises(StaleStoreError):
        opened(tmp_path / "e.duckdb")


def test_a_database_that_lacks_a_table_is_stale(tmp_path: Path) -> None:
    path = build(tmp_path / "d.duckdb", "drop table outcomes")
    with pytest.raises(StaleStoreError, match=r"lacks the table outcomes.*Run: clika load"):
        opened(path)


def test_scores_are_views_of_an_opened_database(tmp_path: Path) -> None:
    path = build(tmp_path / "d.duckdb")
    columns = {
        column.name: np.array([1.0, np.nan])
        if column.type == "DOUBLE"
        else np.array([1, 2])
        if column.type == "BIGINT"
        else np.array(["a", "b"], dtype=object)
        for column in SCORE_COLUMNS
    }
    write_scores(in_memory(), tmp_path / "scores" / "performance.parquet", columns, key="k")
    connection = opened(path, tmp_path / "scores")
    rows = connection.execute("select value, n from performance order by n").fetchall()
    connection.close()
    assert rows == [(1.0, 1), (None, 2)]


def test_what_was_not_asked_is_not_invalid(tmp_path: Path) -> None:
    path = build(
        tmp_path / "d.duckdb",
        "insert into items values ('t', 5, 3, 0, 0, null), ('t', 9, 3, 2, 1, null)",
        *(
            f"insert into answers values ('{model}', 't', '{language}', {item}, {gold}, '{rule}', "
            f"{code}, 'letter', 'x')"
            for model, language, item, gold, rule, code in (
                ("m", "de", 9, 2, "r", -1),
                ("m", "en", 5, 0, "r", 1),
                ("o", "en", 9, 2, "r", 2),
                ("m", "en", 9, 2, "another rule", 0),
            )
        ),
    )
    connection = opened(path)
    found = read_answers(
        connection, tasks=["t"], rules=["r"], models=["o", "m", "none"], languages=["en", "de"]
    )["r", "t"]
    connection.close()
    assert found.items.tolist() == [5, 9]
    assert found.gold.tolist() == [0, 2]
    assert found.codes.tolist() == [
        [[-2, -2], [2, -2]],
        [[1, -2], [-2, -1]],
        [[-2, -2], [-2, -2]],
    ]


def test_items_come_with_their_clusters_and_the_places_of_their_languages(tmp_path: Path) -> None:
    origins = [("de", 7), (None, 7), ("xh", 8), ("en", 9), ("sw", 8)]
    path = build(
        tmp_path / "d.duckdb",
        *(
            f"insert into items values ('t', {item}, 3, 0, {cluster}, {stratum!r})".replace(
                "None", "null"
            )
            for item, (stratum, cluster) in enumerate(origins)
        ),
        "insert into items values ('without', 0, 3, 0, 0, null)",
    )
    connection = opened(path)
    found = read_answers(
        connection, tasks=["t", "without"], rules=["r"], models=["m"], languages=["en", "de"]
    )
    connection.close()
    assert found["r", "t"].clusters.tolist() == [7, 7, 8, 9, 8]
    assert found["r", "t"].strata.tolist() == [1, -1, 3, 0, 2]
    assert found["r", "without"].strata.tolist() == [-1]


def test_a_parquet_file_is_stamped(tmp_path: Path) -> None:
    connection = in_memory()
    path = tmp_path / "new" / "it's.parquet"
    write_parquet(connection, "select 1 as a", path, key="the 'key'")
    assert read_stamp(connection, path) == (1, "the 'key'")
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"x" * 99, None])
def test_a_file_that_clika_did_not_write_has_no_stamp(
    content: bytes | None, tmp_path: Path
) -> None:
    connection = in_memory()
    path = tmp_path / "a.parquet"
    if content is None:
        connection.execute(f"copy (select 1 as a) to '{path}'")
    else:
        path.write_bytes(content)
    assert read_stamp(connection, path) is None
    assert read_stamp(connection, tmp_path / "missing.parquet") is None
    assert read_stamp(connection, tmp_path) is None


def test_a_query_that_fails_writes_no_parquet_file(tmp_path: Path) -> None:
    connection = in_memory()
    with pytest.raises(duckdb.ConversionException):
        write_parquet(connection, "select 'x'::int", tmp_path / "a.parquet", key="k")
    assert list(tmp_path.iterdir()) == []


def test_equal_content_has_equal_keys() -> None:
    assert content_key("a", [1, 2]) == content_key("a", (1, 2))
    assert len({content_key("a", "b"), content_key("ab"), content_key("a"), content_key()}) == 4


def fail_after_half(path: Path, error: Exception) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise error


def test_a_file_is_replaced_whole_or_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.txt"
    write_text(path, "one\r\nü")
    assert path.read_bytes() == "one\r\nü".encode()
    with pytest.raises(RuntimeError):
        fail_after_half(path, RuntimeError())
    assert path.read_bytes() == "one\r\nü".encode()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "No space is left on the device to write"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EDQUOT, "The disk quota is used up"),
    ],
)
def test_a_refusal_of_the_file_system_is_a_sentence(number: int, said: str, tmp_path: Path) -> None:
    with pytest.raises(FileSystemError, match=said):
        fail_after_half(tmp_path / "a", OSError(number, os.strerror(number)))
    assert list(tmp_path.iterdir()) == []


def test_an_error_that_is_no_refusal_passes(tmp_path: Path) -> None:
    with pytest.raises(ProcessLookupError):
        fail_after_half(tmp_path / "a", ProcessLookupError(errno.ESRCH, "x"))


def test_one_process_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "spool" / "a.lock"
    with exclusive(lock, wait=False), pytest.raises(BusyError) as raised:
        exclusive(lock, wait=False).__enter__()
    assert str(raised.value).startswith(
        f"Process {os.getpid()} on {platform.node()} is at work in {lock.parent} ({lock.name})."
    )
    with exclusive(lock, wait=False):
        pass
