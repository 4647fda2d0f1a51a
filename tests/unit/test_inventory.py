"""The inventory of a study's shards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from clika.errors import StaleStoreError
from clika.steps.inventory import INVENTORY, listed, present_entries, write_inventory

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_not_given_is_an_empty_list(tmp_path: Path) -> None:
    write_inventory(tmp_path, study="mine", items_key="k", lists={"notes": ("Ü",)})
    text = (tmp_path / INVENTORY).read_text(encoding="utf-8")
    found = json.loads(text)
    lists = {name: value for name, value in found.items() if isinstance(value, list)}
    assert lists.pop("notes") == ["Ü"]
    assert lists == {
        name: []
        for name in (
            "responses",
            "option_scores",
            "outcomes",
            "missing_models",
            "missing_cells",
            "strays",
        )
    }
    assert found["items"] == {"path": "items.parquet", "content_key": "k"}
    assert "command" not in found
    assert "Ü" in text


@pytest.mark.parametrize("kind", ["responses", "option_scores", "outcomes"])
def test_a_shard_that_was_removed_is_not_there_any_more(kind: str, tmp_path: Path) -> None:
    (tmp_path / "there.parquet").touch()
    lists = {kind: listed({"gone.parquet": "1", "there.parquet": "2"}), "strays": ["s"]}
    write_inventory(tmp_path, study="mine", items_key="k", command="c", lists=lists)
    found = present_entries(tmp_path, command="other")
    assert found[kind] == [{"path": "there.parquet", "content_key": "2"}]
    assert (found["command"], found["strays"]) == ("c", ["s"])


@pytest.mark.parametrize("content", [None, "{", "[]", '{"items": {}}', "[" * 100_000])
def test_what_is_no_inventory_is_refused_with_the_command(
    content: str | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / INVENTORY).write_text(content)
    with pytest.raises(StaleStoreError, match=r"not what an ingest writes\. Run: make it"):
        present_entries(tmp_path, command="make it")
