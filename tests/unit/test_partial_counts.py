"""``save_counts`` and ``merge_counts``: one matrix in shares, and what their files refuse."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clika
from clika.errors import BadInputError, ConfigError, FileSystemError
from clika.metrics.counts import count_agreement, count_agreement_stream, count_pairs

if TYPE_CHECKING:
    from pathlib import Path

    from clika.metrics.counts import AgreementCounts, PairCounts

OPTIONS = 3
NAMES = ("large", "small", "tiny")
CODES = np.random.default_rng(20240404).integers(-2, OPTIONS, (40, len(NAMES)), dtype=np.int8)
GOLD = np.random.default_rng(4).integers(0, OPTIONS, len(CODES), dtype=np.int8)


def counted(part: slice, *, gold: bool) -> PairCounts | AgreementCounts:
    if gold:
        return count_pairs(CODES[part], GOLD[part], options=OPTIONS)
    return count_agreement(CODES[part], options=OPTIONS)


def saved(folder: Path, cuts: list[int], *, gold: bool = True, **changed: Any) -> list[Path]:
    """Save the items between the cuts, each as a share."""
    ends = [0, *cuts, len(CODES)]
    paths = []
    for number, items in enumerate(pairwise(ends), start=1):
        path = folder / f"{number}.parquet"
        facts = {"name": "made", "respondents": NAMES, "items": items} | changed
        share = f"{number}/{len(ends) - 1}"
        clika.save_counts(path, counted(slice(*items), gold=gold), share=share, **facts)
        paths.append(path)
    return paths


def refused(paths: list[Path]) -> str:
    with pytest.raises(BadInputError) as error:
        clika.merge_counts(paths)
    return str(error.value)


@settings(max_examples=20, deadline=None)
@given(
    cuts=st.lists(st.integers(0, len(CODES)), max_size=6).map(sorted),
    gold=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_any_cut_in_any_order_is_the_whole(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], *, gold: bool, order: Any
) -> None:
    paths = saved(tmp_path_factory.mktemp("shares"), cuts, gold=gold)
    order.shuffle(paths)
    found = clika.merge_counts(paths)
    whole = counted(slice(None), gold=gold)
    assert (found.name, found.respondents, found.items) == ("made", NAMES, len(CODES))
    assert type(found.counts) is type(whole)
    for mine, expected in zip(found.counts, whole, strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_a_stream_counts_what_a_matrix_counts() -> None:
    table = duckdb.from_query(
        "select * from (values " + ", ".join(map(str, map(tuple, CODES.tolist()))) + ") t(a, b, c)"
    )
    names, found = count_agreement_stream(table, options=OPTIONS)
    assert names == ("a", "b", "c")
    for mine, expected in zip(found, count_agreement(CODES, options=OPTIONS), strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_equal_counts_are_equal_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        saved(folder, [7])
    assert [path.read_bytes() for path in sorted(first.iterdir())] == [
        path.read_bytes() for path in sorted(second.iterdir())
    ]


# What is refused


def test_a_missing_share_is_named(tmp_path: Path) -> None:
    paths = saved(tmp_path, [10, 20, 30])
    assert "missing: share 3/4" in refused([*paths[:2], paths[3]])
    assert "missing: shares 1/4, 4/4" in refused(paths[1:3])


def test_a_share_that_is_there_twice_is_named(tmp_path: Path) -> None:
    first, second = saved(tmp_path, [20])
    assert f"{first}: is share 1/2, as is {first}" in refused([first, second, first])


def test_shares_of_different_matrices_are_told_apart(tmp_path: Path) -> None:
    first, _ = saved(tmp_path / "here", [20])
    for changed, what in (
        ({"name": "other"}, "name, inputs"),
        ({"respondents": ("a", "b", "c")}, "inputs, languages"),
        ({"gold": False}, "kind, inputs, tasks"),
    ):
        _, other = saved(tmp_path / what, [20], **changed)
        assert f"{other}: does not belong to {first}: other {what}" in refused([first, other])


def test_other_numbers_of_shares_do_not_mix(tmp_path: Path) -> None:
    first, _ = saved(tmp_path / "two", [20])
    *_, last = saved(tmp_path / "three", [10, 20])
    assert f"{last}: is share 3/3, but {first} is share 1/2" in refused([first, last])


def test_items_that_overlap_or_are_left_out_are_named(tmp_path: Path) -> None:
    first, _ = saved(tmp_path / "here", [20])
    _, late = saved(tmp_path / "late", [21])
    assert f"{late}: has items 21 to 40, but 20 comes next" in refused([first, late])
    _, early = saved(tmp_path / "early", [19])
    assert f"{early}: has items 19 to 40, but 20 comes next" in refused([first, early])


def test_a_file_cut_short_at_any_place_is_refused(tmp_path: Path) -> None:
    (path,) = saved(tmp_path, [])
    whole = path.read_bytes()
    for length in range(0, len(whole), 499):
        path.write_bytes(whole[:length])
        assert f"{path}: " in refused([path])


def test_a_changed_byte_changes_no_number(tmp_path: Path) -> None:
    (path,) = saved(tmp_path, [])
    whole = path.read_bytes()
    expected = clika.merge_counts([path])
    outcomes = set()
    for place in range(0, len(whole), 199):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            found = clika.merge_counts([path])
        except BadInputError:
            outcomes.add("refused")
            continue
        # A byte that nothing is read from: a statistic, say.
        outcomes.add("read")
        for mine, theirs in zip(found.counts, expected.counts, strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert "refused" in outcomes


def rewritten(path: Path, change: Any, rows: str = "from read_parquet($path)") -> Path:
    """Write the file again with another header or other rows."""
    with duckdb.connect() as connection:
        (text,) = connection.execute(
            "select value from parquet_kv_metadata($path) where key = 'clika_sums'::blob",
            {"path": str(path)},
        ).fetchall()[0]
        header = json.loads(text)
        change(header)
        made = path.with_name("rewritten.parquet")
        literal = json.dumps(header).replace("'", "''")
        connection.execute(
            f"copy ({rows}) to '{made}' (format parquet, kv_metadata {{clika_sums: '{literal}'}})",
            {"path": str(path)},
        )
    return made


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda h: h.update(format=2), "has version 2 of the format"),
        (lambda h: h.update(more=1), "its header is damaged"),
        (lambda h: h.update(kind="other"), "its header is damaged"),
        (lambda h: h.update(share=[3, 2]), "its header is damaged"),
        (lambda h: h["blocks"][0].__setitem__(2, 10**9), "its header is damaged"),
        (lambda h: h.update(languages=["a"] * 10**5), "but its header promises"),
        (lambda h: h.update(digest="0" * 64), "is damaged"),
        (
            lambda h: h["blocks"][0].__setitem__(5, 3),
            "a count that is not within 0 and its 3 items",
        ),
    ],
)
def test_a_header_that_does_not_hold_is_refused(tmp_path: Path, change: Any, said: str) -> None:
    (path,) = saved(tmp_path, [])
    assert said in refused([rewritten(path, change)])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("select 'x' as sums from read_parquet($path)", "something else than whole numbers"),
        ("select null::bigint as sums from read_parquet($path)", "something else than whole"),
        ("select 1 as other from read_parquet($path)", "cannot be read"),
        ("select sums + 1 as sums from read_parquet($path)", "is damaged"),
        ("select sums from read_parquet($path) limit 5", "has 5 sums"),
    ],
)
def test_rows_that_are_no_sums_are_refused(tmp_path: Path, rows: str, said: str) -> None:
    (path,) = saved(tmp_path, [])
    assert said in refused([rewritten(path, lambda _: None, rows)])


def test_what_is_no_file_of_sums_is_refused(tmp_path: Path) -> None:
    assert "there is no such file" in refused([tmp_path / "nothing.parquet"])
    text = tmp_path / "text.parquet"
    text.write_text("no Parquet")
    assert "cannot be read" in refused([text])
    other = tmp_path / "other.parquet"
    duckdb.sql(f"copy (select 1 as sums) to '{other}'")
    assert "is no file of sums" in refused([other])
    with pytest.raises(ConfigError, match="No file"):
        clika.merge_counts([])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"share": "3/2"}, "names no share"),
        ({"respondents": ("a", "b")}, "3 different names"),
        ({"respondents": ("a", "b", "b")}, "3 different names"),
        ({"items": (0, 5)}, "a range of at least"),
        ({"items": (50, 10)}, "a range of at least"),
    ],
)
def test_what_does_not_fit_the_counts_is_not_saved(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    path = tmp_path / "share.parquet"
    facts: dict[str, Any] = {"name": "made", "respondents": NAMES, "items": (0, len(CODES))}
    with pytest.raises(ConfigError, match=re.escape(said)):
        clika.save_counts(path, counted(slice(None), gold=True), **facts | changed)
    assert not path.exists()


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileSystemError):
        saved(tmp_path / "file", [])
