"""Checks on raw responses: what the models wrote where an option's letter was asked for."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from clika.store.audit_queries import first_characters, source_files
from clika.views.audit.cells import percent, subject
from clika.views.audit.model import Check, Finding

if TYPE_CHECKING:
    from pathlib import Path

    from clika.store.audit_queries import Cell
    from clika.views.audit.model import Evidence

__all__ = ["CHECKS"]

#: Fewer look-alikes than this share of a cell's answers cannot change its accuracy by a point.
_MANY_LOOKALIKES = 0.01

#: A shorter piece of the prompt may be in an answer by chance.
_ECHO_LENGTH = 8


#: Capitals of full width; compatibility normalisation says what they stand for.
_FULL_WIDTH = {chr(ord("Ａ") + index): chr(ord("A") + index) for index in range(26)}


def lookalike_letters(evidence: Evidence) -> list[Finding]:
    """Find cells whose answers name options by letters of other scripts or of full width."""
    stands_for = {**_FULL_WIDTH, **evidence.lookalikes}
    seen: dict[Cell, Counter[str]] = defaultdict(Counter)
    for row in first_characters(evidence.connection, stands_for):
        seen[row.cell][row.character] += row.n
    right = {(reading.rule, reading.cell): reading.n_right for reading in evidence.readings}
    meaning = (
        "answers begin with a letter of another script, or of full width, that stands for an "
        "option's: a rule that knows Latin letters alone reads none of them"
    )
    findings = []
    for reading in evidence.headline:
        characters = seen.get(reading.cell)
        if not characters or characters.total() <= _MANY_LOOKALIKES * reading.n:
            continue
        by_rule = {
            rule: right[rule, reading.cell]
            for rule in evidence.study.rules
            if (rule, reading.cell) in right
        }
        accuracies = ", ".join(
            f"{percent(count, reading.n)} by {rule}" for rule, count in by_rule.items()
        )
        letters = ", ".join(
            f"{character} (U+{ord(character):04X}, for {' or '.join(stands_for[character])}): {n}"
            for character, n in characters.most_common()
        )
        where, n = subject(reading.cell), characters.total()
        details = (f"accuracy {accuracies}", letters)
        findings.append(Finding("error", where, n, reading.n, meaning, details))
    return sorted(findings, key=lambda finding: -(finding.share or 0))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _shared_beginning(path: Path) -> str:
    """Return what the prompts of a response file have in common: instruction and worked examples.

    It is read off the first two prompts, and ends with a whole line of both.
    """
    prompts: list[str] = []
    with path.open("rb") as file:
        for line in islice((line for line in file if line.strip()), 2):
            fields = json.loads(line.decode("utf-8-sig"))
            prompts.append(str(fields.get("input", "")))
    if len(prompts) < 2:  # noqa: PLR2004
        return ""
    pairs = zip(*prompts, strict=False)
    length = next((i for i, (a, b) in enumerate(pairs) if a != b), min(map(len, prompts)))
    return _folded(prompts[0][: prompts[0].rfind("\n", 0, length) + 1])


def _beginnings(evidence: Evidence) -> dict[Cell, str]:
    found: dict[Cell, str] = {}
    for source in source_files(evidence.connection):
        path = evidence.root / source.name
        if path.is_file():
            found[source.cell] = _shared_beginning(path)
    return found


def prompt_echoes(evidence: Evidence) -> list[Finding]:
    """Find answers that repeat the prompt: its question, or a piece of its instruction."""
    beginnings = _beginnings(evidence)
    counts: Counter[Cell] = Counter()
    for misfit in evidence.misfits:
        response, question = _folded(misfit.response), _folded(misfit.question)
        restated = len(question) >= _ECHO_LENGTH and question in response
        repeated = (
            not misfit.lettered
            and len(response) >= _ECHO_LENGTH
            and (response in question or response in beginnings.get(misfit.cell, ""))
        )
        counts[misfit.cell] += restated or repeated
    meaning = "answers repeat the question or another piece of the prompt, not an option"
    return _by_cell(evidence, counts, meaning)


def copied_examples(evidence: Evidence) -> list[Finding]:
    """Find answers copied from the prompt's worked example, text included."""
    beginnings = _beginnings(evidence)
    counts: Counter[Cell] = Counter()
    copied: dict[Cell, Counter[str]] = defaultdict(Counter)
    for misfit in evidence.misfits:
        response = _folded(misfit.response)
        if misfit.lettered and response in beginnings.get(misfit.cell, ""):
            counts[misfit.cell] += 1
            copied[misfit.cell][" ".join(misfit.response.split())] += 1
    meaning = (
        "answers are an option of the prompt's worked example, with a text that the item has not: "
        "the first-letter rule counts their letter all the same"
    )
    findings = _by_cell(evidence, counts, meaning)
    texts = {tuple(cell): copied[cell] for cell in counts}
    return [
        finding._replace(
            details=(
                ", ".join(
                    f'"{text}": {count}'
                    for text, count in texts[tuple(finding.subject.values())].most_common(5)
                ),
            )
        )
        for finding in findings
    ]


def _by_cell(evidence: Evidence, counts: Counter[Cell], meaning: str) -> list[Finding]:
    total = {reading.cell: reading.n for reading in evidence.headline}
    return [
        Finding("warning", subject(cell), count, total.get(cell), meaning)
        for cell, count in counts.most_common()
        if count
    ]


CHECKS: tuple[Check, ...] = (
    Check(
        "look-alike-letters",
        "Answers that name an option by a letter of another script or of full width.",
        ("responses",),
        lookalike_letters,
    ),
    Check(
        "prompt-echoes",
        "Answers that repeat the question or another piece of the prompt.",
        ("responses", "release"),
        prompt_echoes,
    ),
    Check(
        "copied-examples",
        "Answers copied from the prompt's worked example.",
        ("responses", "release"),
        copied_examples,
    ),
)
