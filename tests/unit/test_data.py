from __future__ import annotations

from pathlib import Path

import pytest
from made_release import write_release

from clika.errors import PrerequisiteError
from clika.steps.data import Origin, find_origin, released_data, released_folder


@pytest.fixture(autouse=True)
def _an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLIKA_DATA", raising=False)


def inventory(*, there: bool) -> Path:
    path = Path("results/paper-released/shards/ingest.json")
    if there:
        path.parent.mkdir(parents=True)
        path.touch()
    return path


def test_with_nothing_at_hand_the_shipped_codes_are_read() -> None:
    assert find_origin(inventory(there=False)) == Origin("codes")


def test_shards_of_an_earlier_ingest_are_not_replaced_by_codes() -> None:
    assert find_origin(inventory(there=True)) == Origin("responses")


def test_what_clika_data_names_is_fetched_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_release(tmp_path / "release")
    monkeypatch.setenv("CLIKA_DATA", "release")
    found = find_origin(inventory(there=True))
    assert found == Origin("responses", released_folder(), tmp_path / "release")


def test_what_was_fetched_needs_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_release(tmp_path / "release")
    monkeypatch.setenv("CLIKA_DATA", "release")
    released_folder().mkdir(parents=True)
    (released_folder() / "fetched.json").touch()
    assert find_origin(inventory(there=False)) == Origin("responses", released_folder())
    assert released_data(None) == released_folder()


def test_a_variable_that_leads_nowhere_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIKA_DATA", "nowhere")
    with pytest.raises(PrerequisiteError, match="unset CLIKA_DATA"):
        find_origin(inventory(there=True))


def test_no_data_names_the_command_that_brings_it() -> None:
    with pytest.raises(PrerequisiteError, match="clika fetch released"):
        released_data(None)
