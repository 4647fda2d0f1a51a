"""The real archives, where this machine has them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clika.fetching.locate import ENVIRONMENT_VARIABLE, environment_source
from clika.fetching.sources import find_data_set
from clika.steps.fetch import fetch

if TYPE_CHECKING:
    from clika.steps.fetch import FetchResult


def fetched(name: str, into: Path) -> FetchResult:
    source = environment_source(find_data_set(name))
    if source is None:
        pytest.skip(
            f"{ENVIRONMENT_VARIABLE} names no copy of the data set {name!r} "
            "(a folder of archives, an archive, or an unpacked copy)"
        )
    return fetch(name, source=source, into=into)


def test_the_released_outputs_are_all_right(tmp_path: Path) -> None:
    first = fetched("released", tmp_path)
    assert first.n_new == first.record.files
    assert first.strays == ()
    assert fetched("released", tmp_path).n_new == 0
    if first.record.missing:
        assert (first.record.files, first.record.files_in_manifest) == (1392, 1992)
        assert (first.record.models, first.record.models_in_manifest) == (31, 46)
        assert first.record.partial_models == ()


def test_bmlama_is_whole(tmp_path: Path) -> None:
    result = fetched("bmlama", tmp_path)
    assert (result.n_new, result.record.files, result.record.missing) == (70, 70, ())


def test_a_folder_of_archives_leads_to_both(monkeypatch: pytest.MonkeyPatch) -> None:
    named = Path(os.environ.get(ENVIRONMENT_VARIABLE, ""))
    found = [environment_source(find_data_set(name)) for name in ("released", "bmlama")]
    if None in found:
        pytest.skip(f"{ENVIRONMENT_VARIABLE} does not name a folder with both data sets")
    assert found[0] != found[1]
    assert all(named in path.parents for path in found if path is not None)
