"""Run the commands that the README promises, in order, as a newcomer would type them.

Every line of a ```console block that begins with ``$ `` is run by bash in the given folder. It must
exit with 0, or with N where it ends in ``# exits N``; the first line that does not ends the run.

    python .ci/readme_commands.py README.md --in FOLDER
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(r"^```console\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (?P<text>.*?)(?:\s+# exits (?P<code>\d+))?$", re.MULTILINE)


class Command(NamedTuple):
    """A promised command line and the exit status it must have."""

    text: str
    exit_code: int


def promised(markdown: str) -> list[Command]:
    """Return the commands of a page in their order."""
    return [
        Command(match["text"], int(match["code"] or 0))
        for block in _BLOCK.finditer(markdown)
        for match in _COMMAND.finditer(block["lines"])
    ]


def main() -> None:
    """Run them all; exit with 1 at the first that does not keep its promise."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("--in", dest="folder", type=Path, required=True)
    arguments = parser.parse_args()
    commands = promised(arguments.page.read_text(encoding="utf-8"))
    if not commands:
        sys.exit(f"{arguments.page} promises no command.")
    for command in commands:
        print(f"$ {command.text}", flush=True)
        start = time.monotonic()
        bash = ["bash", "-euo", "pipefail", "-c", command.text]
        code = subprocess.run(bash, cwd=arguments.folder, check=False).returncode
        print(f"[exit {code}, {time.monotonic() - start:.0f} s]", flush=True)
        if code != command.exit_code:
            sys.exit(f"{arguments.page}: `{command.text}` must exit with {command.exit_code}.")
    print(f"{arguments.page}: all {len(commands)} commands did what they promise.")


if __name__ == "__main__":
    main()
