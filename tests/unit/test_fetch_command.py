"""``clika fetch`` as it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from made_data import FILES, install, write_archive, write_folder

from clika.cli.fetch import fetch
from clika.errors import UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(monkeypatch)
    monkeypatch.delenv("CLIKA_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(fetch, arguments, catch_exceptions=False)


def test_a_whole_data_set_is_summed_up(tmp_path: Path) -> None:
    write_archive(tmp_path / "a.zip", FILES)
    result = typed("toy", "--from", "a.zip")
    assert result.stdout.splitlines() == [
        "toy: 7 of 7 files in data/toy-0123456, every checksum right: 3 of 3 models.",
        "Licence of the texts: Made up.",
    ]
    assert result.stderr == "Fetching toy from a.zip ...\n"


def test_a_second_run_says_that_it_is_there(tmp_path: Path) -> None:
    write_archive(tmp_path / "a.zip", FILES)
    typed("toy", "--from", "a.zip")
    assert typed("toy").stdout == (
        "toy: already there, 7 of 7 files in data/toy-0123456, every checksum right: "
        "3 of 3 models.\n"
    )


def test_a_part_names_what_is_missing(tmp_path: Path) -> None:
    part = {
        path: data for path, data in FILES.items() if "beta" not in path and "/de/c" not in path
    }
    strays = {f"x_geo/en/{number}": b"" for number in range(11)}
    write_archive(tmp_path / "a.tar", part | strays)
    lines = typed("toy", "--from", "a.tar", "--into", "here").stdout.splitlines()
    assert lines[:4] == [
        "toy: 4 of 7 files in here/toy-0123456, every checksum right: 1 of 3 models.",
        "Models with only a part of their files: chatgpt.",
        "Missing models: beta.",
        "11 files of the source are not in the manifest: left out.",
    ]
    assert lines[4].endswith("x_geo/en/8 and 1 more.")


def test_the_environment_names_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path / "shelf" / "Toy", FILES)
    monkeypatch.setenv("CLIKA_DATA", "shelf")
    assert typed("toy").stderr == "Fetching toy from shelf/Toy ...\n"


def test_an_unknown_data_set_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"Known: released, bmlama, toy\."):
        typed("tyo")


def test_the_help_names_every_data_set() -> None:
    assert "released|bmlama" in typed("--help").stdout
