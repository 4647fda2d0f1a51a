"""The commands that a page of the guide promises, and running them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def documented(page: str, *words: str) -> str:
    """Return the one command of a page in which all the words occur."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    (found,) = [line for line in lines if all(word in line for word in words)]
    return " ".join(found.removeprefix("$ ").split())


def type_in(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line in a folder, with clika to be found, and see it succeed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done
