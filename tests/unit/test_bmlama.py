"""BMLAMA: made files, their faults, and the numbers of the data itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import duckdb
import pytest

from clika.cli import main
from clika.errors import BadInputError, PrerequisiteError
from clika.fetching.locate import ENVIRONMENT_VARIABLE, environment_source
from clika.fetching.sources import find_data_set
from clika.steps.fetch import fetch
from clika.steps.ingest_bmlama import ingest_bmlama
from clika.tasks.bmlama import SETS, SetName, candidate_order, read_bmlama

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "Prompt\tAns\tCandidate Ans\tSubject"
ROWS = (
    "Lumen was born in <mask>.\tOrra\tVell, Tamm, Orra\tLumen",
    "Kell is in <mask>.\tDoon\tDoon\tKell",
    "Mirra plays <mask>.\tharp\tlute, drum, bell, harp\tMirra",
)


def text(rows: tuple[str, ...] = ROWS, header: str = HEADER) -> str:
    return "".join(f"{line}\r\n" for line in (header, *rows))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a made-up set of 17 languages."""
    place = tmp_path / "data" / "BMLAMA17"
    place.mkdir(parents=True)
    for language in SETS["17"].languages:
        (place / f"{language}.tsv").write_text(text(), newline="")
    return place.parent


def faults(folder: Path) -> list[tuple[str, int | None, str | None, str]]:
    with pytest.raises(BadInputError) as error:
        read_bmlama(folder, "17")
    return [tuple(problem) for problem in error.value.problems]


def test_the_right_option_is_the_last_candidate_wherever_it_went(folder: Path) -> None:
    items = read_bmlama(folder, "17")
    assert len(items) == 3 * 17
    assert {(item.item, item.options[item.gold]) for item in items} == {
        (0, "Orra"),
        (1, "Doon"),
        (2, "harp"),
    }


def test_every_language_has_the_same_order(folder: Path) -> None:
    items = read_bmlama(folder, "17")
    assert len({(item.item, item.options, item.gold) for item in items}) == 3
    assert {item.uuid for item in items} == {"0", "1", "2"}


def test_the_order_favours_no_place() -> None:
    golds = Counter(candidate_order("bmlama53", item, 10).index(9) for item in range(5_000))
    assert sorted(golds) == list(range(10))
    assert all(400 < count < 600 for count in golds.values())


def test_quotes_are_doubled_and_fields_may_hold_them(folder: Path) -> None:
    quoted = '"The ""Lumen"" was born in <mask>."\tOrra\t"Vell, ""Tamm"", Orra"\tLumen'
    (folder / "BMLAMA17" / "he.tsv").write_text(text((quoted, *ROWS[1:])), newline="")
    item = next(i for i in read_bmlama(folder, "17") if (i.language, i.item) == ("he", 0))
    assert item.question == 'The "Lumen" was born in <mask>.'
    assert set(item.options) == {"Vell", '"Tamm"', "Orra"}


def test_a_header_split_by_a_tab_is_accepted(folder: Path) -> None:
    header = HEADER.replace("Candidate Ans", "Candidate\tAns")
    (folder / "BMLAMA17" / "zh.tsv").write_text(text(header=header), newline="")
    assert len(read_bmlama(folder, "17")) == 3 * 17


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("only\ttwo", None, "2 fields where the header has 4"),
        ("No mask.\tOrra\tVell, Tamm, Orra\tx", "Prompt", "<mask> is there 0 times, not once"),
        ("<mask>.\tVell\tVell, Tamm, Orra\tx", "Ans", "the answer is not the last candidate"),
        ("<mask>.\tOrra\tVell, Vell, Orra\tx", "Candidate Ans", "a candidate is there twice"),
        ("<mask>.\tOrra\tVell, , Orra\tx", "Candidate Ans", "a candidate is empty"),
        (
            "<mask>.\tOrra\tVell, Orra\tx",
            "Candidate Ans",
            "2 candidates where BMLAMA17/en.tsv has 3",
        ),
        ('"no end\tOrra\tVell, Tamm, Orra\tx', None, "not a quoted TSV row"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(
    folder: Path, row: str, column: str | None, reason: str
) -> None:
    (folder / "BMLAMA17" / "zh.tsv").write_text(text((row, *ROWS[1:])), newline="")
    file, line, where, why = faults(folder)[0]
    assert (file, where) == ("BMLAMA17/zh.tsv", column)
    assert reason in why
    assert line == (4 if "quoted" in reason else 2)


def test_faults_of_all_files_are_listed(folder: Path) -> None:
    place = folder / "BMLAMA17"
    (place / "ar.tsv").write_text(text(header="Prompt"), newline="")
    (place / "fr.tsv").unlink()
    (place / "he.tsv").write_bytes(b"\xff")
    (place / "zh.tsv").write_text(text(ROWS[:2]), newline="")
    (place / "vi.tsv").write_text(text(()), newline="")
    found = {(file, row): reason for file, row, _, reason in faults(folder)}
    assert found == {
        ("BMLAMA17/fr.tsv", None): "the file cannot be read (No such file or directory)",
        ("BMLAMA17/ar.tsv", 1): "the header is not Prompt, Ans, Candidate Ans, Subject",
        ("BMLAMA17/he.tsv", None): "not UTF-8 (invalid start byte)",
        ("BMLAMA17/vi.tsv", None): "the file has no rows",
        ("BMLAMA17/zh.tsv", None): "2 rows where BMLAMA17/en.tsv has 3",
    }


def test_the_command_writes_an_items_shard(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["ingest", "bmlama", "--data", str(folder), "--results", str(results)])
    said = capsys.readouterr().out
    assert "bmlama17: 3 items in 17 languages" in said
    assert "one candidate, which RankC leaves out: 1." in said
    shard = results / "bmlama17" / "shards" / "items.parquet"
    rows = duckdb.sql(f"select distinct item, k, len(options) from '{shard}' order by item")
    assert rows.fetchall() == [(0, 3, 3), (1, 1, 1), (2, 4, 4)]


def test_without_the_data_the_command_to_type_is_named(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="clika fetch bmlama"):
        ingest_bmlama("53", data=tmp_path, shards=tmp_path / "shards")


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the real data."""
    source = environment_source(find_data_set("bmlama"))
    if source is None:
        pytest.skip(f"{ENVIRONMENT_VARIABLE} names no copy of BMLAMA")
    return fetch("bmlama", source=source, into=tmp_path_factory.mktemp("bmlama")).folder


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("17", {2: 23, 3: 47, 5: 11, 6: 258, 8: 150, 9: 85, 10: 6218}),
        ("53", {1: 34, 2: 9, 3: 10, 4: 132, 5: 7, 8: 27, 9: 17, 10: 2834}),
    ],
)
def test_the_sets_have_their_known_sizes(
    fetched: Path, name: SetName, sizes: dict[int, int]
) -> None:
    items = read_bmlama(fetched, name)
    assert {item.language for item in items} == set(SETS[name].languages)
    assert Counter(len(item.options) for item in items if item.language == "he") == sizes
    golds = Counter(item.gold for item in items if len(item.options) == 10)
    assert max(golds.values()) / sum(golds.values()) < 0.12
