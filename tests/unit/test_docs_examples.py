"""What the pages show of Python is what Python does."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
_BLOCK = re.compile(r"^```pycon\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [path for path in sorted(DOCS.glob("*.md")) if "```pycon" in path.read_text("utf-8")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_what_happens(page: Path) -> None:
    blocks = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    source = "\n".join(match["lines"] for match in blocks)
    test = doctest.DocTestParser().get_doctest(source, {}, page.name, str(page), 0)
    told: list[str] = []
    result = doctest.DocTestRunner().run(test, out=told.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(told)


@pytest.mark.parametrize("module", ["functions", "partial_counts", "rendering", "values"])
def test_the_docstrings_of_the_api_show_what_happens(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"clika.api.{module}"))
    assert result.attempted > 0
    assert result.failed == 0
