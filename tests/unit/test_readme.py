"""The README promises the two commands, and every command line it promises is one that is run."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
RUNNER = REPOSITORY / ".ci/readme_commands.py"

PAGE = """
# Title

```console
$ true
printed
$ exit 3   # exits 3
```

```sh
$ not run
```
"""


def run_page(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    page = folder / "README.md"
    page.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, RUNNER, page, "--in", folder], capture_output=True, text=True, check=False
    )


def test_the_readme_promises_the_two_commands() -> None:
    promised = runpy.run_path(str(RUNNER))["promised"]
    page = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    texts = [command.text for command in promised(page)]
    assert texts[:2] == ["make reproduce", "make test"]


def test_a_page_that_keeps_its_promises(tmp_path: Path) -> None:
    run = run_page(PAGE, tmp_path)
    assert run.returncode == 0, run.stderr
    assert "all 2 commands did what they promise" in run.stdout


def test_a_page_that_does_not(tmp_path: Path) -> None:
    run = run_page("```console\n$ false\n```\n", tmp_path)
    assert run.returncode == 1
    assert "`false` must exit with 0" in run.stderr


def test_a_page_without_commands_is_refused(tmp_path: Path) -> None:
    assert run_page("Nothing here.\n", tmp_path).returncode == 1
