"""``score --shard`` and ``merge``: what shares give together, and which shares are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from made_scores import STUDY, rows_of_answers, write_database

from clika.cli import main
from clika.errors import BadInputError, ConfigError, PrerequisiteError
from clika.metrics.intervals.uncertainty import Resampling
from clika.steps.merge import merge
from clika.steps.score import score
from clika.steps.score_share import score_share
from clika.study import save_study

if TYPE_CHECKING:
    from pathlib import Path

FEW = Resampling(replicates=200)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("made") / "clika.duckdb")


def shares_of(database: Path, folder: Path, of: int) -> list[Path]:
    return [
        score_share(STUDY, database=database, scores=folder, shard=f"{number}/{of}").path
        for number in range(1, of + 1)
    ]


def merged(shards: list[Path], database: Path, folder: Path, **options: Any) -> dict[str, bytes]:
    merge(
        STUDY,
        shards=shards,
        database=database,
        scores=folder / "scores",
        tables=folder / "tables",
        **options,
    )
    return files(folder)


def files(folder: Path) -> dict[str, bytes]:
    found = [*folder.glob("scores/*.parquet"), *folder.glob("tables/*.csv")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(found)}


def refused(shards: list[Path], database: Path, folder: Path) -> str:
    with pytest.raises(BadInputError) as error:
        merged(shards, database, folder)
    assert files(folder) == {}
    return str(error.value)


@pytest.mark.parametrize("resampling", [None, FEW], ids=["values", "intervals"])
@pytest.mark.parametrize("of", [1, 3, 8])
def test_merged_shares_are_the_whole_byte_for_byte(
    database: Path, tmp_path: Path, of: int, resampling: Resampling | None
) -> None:
    whole = tmp_path / "whole"
    score(
        STUDY,
        database=database,
        scores=whole / "scores",
        tables=whole / "tables",
        resampling=resampling,
    )
    shards = shares_of(database, tmp_path / "shares", of)[::-1]
    found = merged(shards, database, tmp_path / "merged", resampling=resampling)
    assert found == files(whole)
    assert "scores/consistency.parquet" in found
    assert ("tables/intervals.csv" in found) == (resampling is not None)


def test_a_share_counts_its_items_for_every_task(database: Path, tmp_path: Path) -> None:
    report = score_share(STUDY, database=database, scores=tmp_path, shard="2/4")
    assert report.path == tmp_path / "shards" / "2-of-4.parquet"
    assert report.items == {"colours": 2, "shapes": 2}
    assert report.models == ("chatgpt", "llama_7b", "our_own")


def test_shares_of_another_database_are_refused(database: Path, tmp_path: Path) -> None:
    shards = shares_of(database, tmp_path / "shares", 2)
    fewer = [row for row in rows_of_answers() if row[0] != "our_own"]
    other = write_database(tmp_path / "other.duckdb", fewer)
    message = refused(shards, other, tmp_path / "merged")
    assert f"{shards[0]}: does not belong to {other}: other models" in message
    assert "clika score made --shard i/2" in message


def test_a_missing_share_is_named_and_nothing_is_written(database: Path, tmp_path: Path) -> None:
    shards = shares_of(database, tmp_path / "shares", 3)
    message = refused([shards[0], shards[2]], database, tmp_path / "merged")
    assert "missing: share 2/3" in message


def test_without_shares_or_a_database_it_says_what_to_run(database: Path, tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="clika score made --shard i/n"):
        merged([], database, tmp_path)
    with pytest.raises(PrerequisiteError, match="clika load made"):
        merged([tmp_path / "a.parquet"], tmp_path / "none.duckdb", tmp_path)
    with pytest.raises(PrerequisiteError, match="clika load made"):
        score_share(STUDY, database=tmp_path / "none.duckdb", scores=tmp_path, shard="1/2")


def test_what_names_no_share_is_refused(database: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="3/2"):
        score_share(STUDY, database=database, scores=tmp_path, shard="3/2")


# The commands


def ran(code: int, *arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        main([*arguments])
    assert (end.value.code or 0) == code


def test_the_commands_give_what_score_gives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    save_study(STUDY, results / STUDY.name / "study.yaml")
    write_database(results / "made" / "clika.duckdb")
    ran(0, "score", "made", "--results", str(results))
    expected, printed = files(results / "made"), capsys.readouterr().out
    for path in (results / "made" / "scores").glob("*.parquet"):
        path.unlink()
    for number in ("2", "1"):
        ran(0, "score", "made", "--results", str(results), "--shard", f"{number}/2")
    assert (
        f"Share {number}/2, 3 models, items: 3 of colours, 3 of shapes." in capsys.readouterr().err
    )
    ran(0, "merge", "made", "--results", str(results))
    assert files(results / "made") == expected
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(
    "option", [("--ci",), ("--rule", "robust"), ("--where", "task=shapes"), ("--tables", "t")]
)
def test_a_share_has_no_intervals_no_tables_and_no_part(
    option: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    ran(2, "score", "--shard", "1/2", *option)
    assert "Intervals need the items" in capsys.readouterr().err
