"""The expected values of ``paper-released``, by the shortest way that can be checked by eye.

Nothing of clika is imported: an answer is read with ``str.strip`` and one comparison, counts are
kept in a ``Counter``, and the layout of the release is written out below. What clika computes by
other means must equal it exactly.

    python tests/reference/expected.py RELEASE > python/clika/studies/paper-released/expected.csv
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import tarfile
import tomllib
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
REGISTRY = REPOSITORY / "python/clika/models.toml"

# Number of options of each task, in the order of the study.
TASKS = {"x_csqa": 5, "x_copa": 2, "x_name": 4, "x_geo": 4}
LANGUAGES = ("en", "de", "fr", "it", "pl", "ru", "ar", "he", "ja", "zh")
LETTERS = "ABCDE"
COLUMNS = ("model", "task", "language", "n", "n_correct", "accuracy", "n_invalid", *LETTERS)

# The release spells a language folder "DE", "de" or "DE_trans". ChatGPT's files have no suffix,
# every other model was run with one prompt, named in the suffix; files beside them are strays.
RESPONSES = re.compile(
    r"(?:^|/)(?P<task>x_csqa|x_copa|x_name|x_geo)/(?P<language>[A-Za-z]{2})(?:_trans)?/"
    r"(?:(?P<reference>chatgpt)_res|(?P<model>[^/]+)_res_bf16_add_simple_example)\.jsonl$"
)


class Cell(NamedTuple):
    """Counts of one model's answers to one task in one language."""

    n: int
    n_correct: int
    n_invalid: int
    letters: Counter[str]


def files(source: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of each response file in a release, an archive or a folder of them."""
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.is_file() and path.name.endswith((".tar.gz", ".tar.xz", ".zip")):
                yield from files(path)
            elif RESPONSES.search(path.as_posix()):
                yield path.as_posix(), path.read_bytes()
    elif source.suffix == ".zip":
        with zipfile.ZipFile(source) as archive:
            for name in archive.namelist():
                if RESPONSES.search(name):
                    yield name, archive.read(name)
    else:
        with tarfile.open(source) as archive:
            for member in archive:
                content = archive.extractfile(member) if RESPONSES.search(member.name) else None
                if content is not None:
                    yield member.name, content.read()


def read_letter(response: str, options: str) -> str | None:
    """Return the first letter of a response when it is one of the options, else ``None``."""
    first = response.strip()[:1]
    return first if first and first in options else None


def count(content: bytes, *, options: int) -> Cell:
    """Count the answers of one response file."""
    allowed = LETTERS[:options]
    answers = []
    for line in content.split(b"\n"):
        if line.strip():
            row = json.loads(line)
            answers.append((read_letter(row["res"], allowed), row["label"]))
    return Cell(
        n=len(answers),
        n_correct=sum(answer == label for answer, label in answers),
        n_invalid=sum(answer is None for answer, _ in answers),
        letters=Counter(answer for answer, _ in answers if answer is not None),
    )


def cells(source: Path) -> dict[tuple[str, str, str], Cell]:
    """Return the counts of every (model, task, language) of a release."""
    found: dict[tuple[str, str, str], Cell] = {}
    for path, content in files(source):
        match = RESPONSES.search(path)
        assert match is not None
        key = (match["model"] or match["reference"], match["task"], match["language"].lower())
        if key in found:
            sys.exit(f"{path}: a second file for {' '.join(key)}.")
        found[key] = count(content, options=TASKS[match["task"]])
    return found


def table(found: dict[tuple[str, str, str], Cell]) -> str:
    """Render the counts as CSV: models as in the registry, tasks and languages as in the study."""
    with REGISTRY.open("rb") as file:
        models = [model["name"] for model in tomllib.load(file)["model"]]
    unknown = {model for model, _, _ in found} - set(models)
    if unknown:
        sys.exit(f"Not in {REGISTRY.name}: {', '.join(sorted(unknown))}.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for key in ((m, t, la) for m in models for t in TASKS for la in LANGUAGES):
        cell = found.get(key)
        if cell is not None:
            accuracy = repr(cell.n_correct / cell.n)
            letters = [cell.letters[letter] for letter in LETTERS]
            writer.writerow([*key, cell.n, cell.n_correct, accuracy, cell.n_invalid, *letters])
    return text.getvalue()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python tests/reference/expected.py RELEASE > expected.csv")
    sys.stdout.write(table(cells(Path(sys.argv[1]))))
