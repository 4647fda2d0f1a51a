"""Run Snakemake's linter and fail on what it finds, but for what cannot hold here.

A rule is to name a container or a conda environment. Ours run in the environment that clika itself
is installed in, whose versions `locks/` pins.
"""

from __future__ import annotations

import re
import subprocess
import sys

ACCEPTED = {"Specify a conda environment or container for each rule."}


def main() -> int:
    """Print the linter's report where it has a finding that is not accepted; return 1 then."""
    command = [sys.executable, "-m", "snakemake", "--lint"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - constant
    report = done.stdout + done.stderr
    titles = re.findall(r"^    \* (.+?):$", report, re.MULTILINE)
    if set(titles) <= ACCEPTED and (titles or not done.returncode):
        print("Snakemake's linter: nothing found")  # noqa: T201 - its purpose
        return 0
    print(report)  # noqa: T201 - its purpose
    return 1


if __name__ == "__main__":
    sys.exit(main())
