"""Checks on the files of a release: what lies there beside what is read."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from clika.errors import UnknownNameError
from clika.languages import normalise
from clika.tasks.fictional import has_fictional
from clika.tasks.released import scan_release
from clika.views.audit.model import Check, Finding

if TYPE_CHECKING:
    from pathlib import Path

    from clika.errors import Problem
    from clika.views.audit.model import Evidence

__all__ = ["CHECKS"]

_JSON_SUFFIXES = (".json", ".jsonl")


def files_not_json(evidence: Evidence) -> list[Finding]:
    """Find files that are named as JSON and hold something else.

    Looked at are the files that the layout does not name: the others were parsed by the ingest.
    """
    root = evidence.root
    meaning = "lines are not JSON, in spite of the file's name"
    findings = []
    for name in scan_release(root, evidence.study).strays:
        if not name.endswith(_JSON_SUFFIXES):
            continue
        n_bad, n_lines, first = _unparsable_lines(root / name)
        if n_bad:
            details = (f"first: line {first}",)
            findings.append(Finding("note", {"file": name}, n_bad, n_lines, meaning, details))
    return findings


def _unparsable_lines(path: Path) -> tuple[int, int, int]:
    """Return (bad lines, lines, first bad line) of a file with one JSON value a line.

    A file that is one JSON value as a whole has none that are bad.
    """
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    lines = content.split(b"\n")
    bad = [row for row, line in enumerate(lines, start=1) if line.strip() and not _is_json(line)]
    if not bad or (path.suffix == ".json" and _is_json(content)):
        return 0, len(lines), 0
    return len(bad), sum(bool(line.strip()) for line in lines), bad[0]


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content.decode())
    except (ValueError, RecursionError):
        return False
    return True


def stray_files(evidence: Evidence) -> list[Finding]:
    """Find files that the layout of the release does not name, by their name's ending."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for name in scan_release(evidence.root, evidence.study).strays:
        grouped[name.rpartition("/")[2]].append(name)
    findings = [
        Finding(
            "note",
            {"file": names[0] if len(names) == 1 else f"*/{ending}"},
            len(names),
            None,
            "files are not named by the layout: listed and never read",
            tuple(names) if len(names) > 1 else (),
        )
        for ending, names in grouped.items()
    ]
    return sorted(findings, key=lambda finding: (-finding.n, finding.where))


def language_folders(evidence: Evidence) -> list[Finding]:
    """Find languages whose folders are spelled in several ways."""
    spellings: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    root = evidence.root
    for task in evidence.study.tasks:
        folder = root / task.name
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            try:
                language = normalise(path.name)
            except UnknownNameError:
                continue
            if path.is_dir():
                spellings[language][path.name].append(task.name)
    meaning = "spellings of one language's folder: they are read as one language"
    findings = []
    for language in evidence.study.languages:
        found = spellings.get(language, {})
        if len(found) > 1:
            listing = ", ".join(f"{name} ({', '.join(tasks)})" for name, tasks in found.items())
            where = {"language": language}
            findings.append(Finding("note", where, len(found), None, meaning, (listing,)))
    return findings


def fictional_files(evidence: Evidence) -> list[Finding]:
    """Find bad lines and missing files of the fictional sets."""
    if not has_fictional(evidence.root):
        return []
    grouped: dict[str, list[Problem]] = defaultdict(list)
    for problem in evidence.fictional_problems:
        grouped[problem.file].append(problem)
    meaning = "problems keep the fictional sets from being read and checked"
    return [
        Finding(
            "error",
            {"file": file},
            len(problems),
            None,
            meaning,
            tuple(str(problem) for problem in problems),
        )
        for file, problems in grouped.items()
    ]


CHECKS: tuple[Check, ...] = (
    Check(
        "files-not-json",
        "Files named .json or .jsonl whose lines are not JSON.",
        ("release",),
        files_not_json,
    ),
    Check(
        "stray-files",
        "Files that the layout of the release does not name.",
        ("release",),
        stray_files,
    ),
    Check(
        "language-folders",
        "Languages whose folders are spelled in several ways.",
        ("release",),
        language_folders,
    ),
    Check(
        "fictional-files",
        "Bad lines and missing files of the fictional sets.",
        ("release",),
        fictional_files,
    ),
)
