"""What the pages show of a terminal is what the commands print, from the shipped answer codes."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from clika.cli import main
from clika.steps.load import load
from clika.study import load_study

DOCS = Path(__file__).resolve().parents[2] / "docs"
_BLOCK = re.compile(r"^```console\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(
    r"^\$ clika (?P<arguments>.*?)(?: +# exits (?P<code>\d))?\n(?P<printed>(?:(?!\$ ).*\n)*)",
    re.MULTILINE,
)
#: What these show wants images or a cluster, and is run where there are some.
ELSEWHERE = {"apptainer.md", "slurm.md"}
PAGES = [
    path
    for path in sorted(DOCS.glob("*.md"))
    if path.name not in ELSEWHERE and "```console" in path.read_text("utf-8")
]


class Shown(NamedTuple):
    """A command as a page shows it; ``...`` stands for anything that was printed."""

    arguments: str
    exit_code: int
    printed: str


SESSION = [
    Shown(match["arguments"], int(match["code"] or 0), match["printed"])
    for page in PAGES
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8"))
    for match in _COMMAND.finditer(block["lines"])
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("session")
    study = load_study("paper-released")
    results = folder / "results" / study.name
    load(study, shards=results / "shards", database=results / "clika.duckdb", origin="codes")
    return folder


@pytest.mark.parametrize("shown", SESSION, ids=lambda shown: shown.arguments)
def test_a_page_shows_what_is_printed(
    shown: Shown, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(shown.arguments))
    output = capsys.readouterr()
    assert ended.value.code == shown.exit_code
    printed = output.out + output.err
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.OutputChecker().check_output(shown.printed, printed, flags), printed
