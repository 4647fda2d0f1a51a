"""Checks on answer codes: they need no response and no text."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from clika.schema import FLAGS, letters
from clika.store.audit_queries import flag_counts, shared_sources
from clika.views.audit.model import Check, Finding

if TYPE_CHECKING:
    from clika.store.audit_queries import Cell
    from clika.views.audit.model import Evidence, Severity

__all__ = ["CHECKS", "percent", "subject"]

#: Above this share of INVALID answers, accuracy says as much about format as about knowledge.
_MANY_INVALID = 0.05

#: Two rules that differ by more than this (a share) make a cell's accuracy a matter of reading.
_RULES_DIFFER = 0.01


def subject(cell: Cell) -> dict[str, str]:
    """Return a cell as the subject of a finding."""
    return cell._asdict()


def percent(count: int, total: int) -> str:
    """Return a share as it is printed."""
    return f"{100 * count / total:.1f} %"


def _weightiest_first(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (-(finding.share or 0), -finding.n))


def letters_beyond_options(evidence: Evidence) -> list[Finding]:
    """Find answers that name a letter which the task does not have."""
    findings = [
        Finding(
            "warning",
            subject(reading.cell),
            reading.n_beyond,
            reading.n,
            "answers name a letter that the task does not have: INVALID, though a letter is there",
        )
        for reading in evidence.headline
        if reading.n_beyond
    ]
    return _weightiest_first(findings)


def one_letter_cells(evidence: Evidence) -> list[Finding]:
    """Find cells in which every option read is the same, and options were read.

    Cells with many INVALID answers are left to :func:`invalid_cells`: their few readable answers
    say little about the model's letters.
    """
    meaning = (
        "answers are one letter, whatever is asked: accuracy is that letter's share among the "
        "golds, and two such cells agree without knowing anything"
    )
    findings = []
    for reading in evidence.headline:
        valid = reading.n - reading.n_invalid
        if reading.n_letters != 1 or reading.n_invalid > _MANY_INVALID * reading.n:
            continue
        options = evidence.study.task(reading.cell.task).options
        letter = letters(options)[reading.top_code]
        findings.append(
            Finding("error", subject(reading.cell), valid, reading.n, meaning, (letter,))
        )
    return findings


def invalid_cells(evidence: Evidence) -> list[Finding]:
    """Find cells in which many answers could not be read."""
    findings = [
        Finding(
            "warning",
            subject(reading.cell),
            reading.n_invalid,
            reading.n,
            "answers could not be read and count as wrong: accuracy is a lower bound",
        )
        for reading in evidence.headline
        if reading.n_invalid > _MANY_INVALID * reading.n
    ]
    return _weightiest_first(findings)


def rule_sensitive_cells(evidence: Evidence) -> list[Finding]:
    """Find cells whose accuracy depends on the extraction rule."""
    right = {(reading.rule, reading.cell): reading.n_right for reading in evidence.readings}
    meaning = (
        "right answers are the difference between two extraction rules: report both accuracies"
    )
    findings = []
    for reading in evidence.headline:
        for rule in evidence.study.rules[1:]:
            other = right.get((rule, reading.cell))
            if other is None or abs(other - reading.n_right) <= _RULES_DIFFER * reading.n:
                continue
            accuracies = (
                f"accuracy {percent(reading.n_right, reading.n)} by {reading.rule}, "
                f"{percent(other, reading.n)} by {rule}"
            )
            change = abs(other - reading.n_right)
            where = subject(reading.cell)
            findings.append(Finding("warning", where, change, reading.n, meaning, (accuracies,)))
    return _weightiest_first(findings)


def identical_files(evidence: Evidence) -> list[Finding]:
    """Find cells whose source files are equal to the byte."""
    one_letter = {
        reading.cell
        for reading in evidence.headline
        if reading.n_letters == 1 and not reading.n_invalid
    }
    findings = []
    rows = shared_sources(evidence.connection)
    for sha256, group in groupby(rows, key=lambda row: row.sha256):
        cells = [row.cell for row in group]
        explained = one_letter.issuperset(cells)
        severity: Severity = "warning" if explained else "error"
        meaning = "files are equal to the byte, " + (
            "which one letter to everything can explain"
            if explained
            else "though the answers vary: one of them may be a copy"
        )
        where = {
            key: " = ".join(dict.fromkeys(values))
            for key, values in zip(
                ("model", "task", "language"), zip(*cells, strict=True), strict=True
            )
        }
        details = (f"SHA-256 {sha256}",)
        findings.append(Finding(severity, where, len(cells), None, meaning, details))
    return findings


def flagged_numbers(evidence: Evidence) -> list[Finding]:
    """Find cells and pairs whose numbers carry no verdict, by task."""
    findings = []
    for row in flag_counts(evidence.connection, rule=evidence.study.rule):
        if row.n_flagged:
            where = {"flag": row.flag, "task": row.task}
            meaning = f"numbers are shown and carry no verdict: {FLAGS[row.flag]}"
            findings.append(Finding("warning", where, row.n_flagged, row.n, meaning))
    return findings


CHECKS: tuple[Check, ...] = (
    Check(
        "letters-beyond-options",
        "Answers that name a letter beyond the task's options.",
        ("codes",),
        letters_beyond_options,
    ),
    Check(
        "one-letter-cells",
        "Cells in which every answer that can be read is the same letter.",
        ("codes",),
        one_letter_cells,
    ),
    Check(
        "invalid-answers",
        "Cells in which more than 5 % of the answers cannot be read.",
        ("codes",),
        invalid_cells,
    ),
    Check(
        "rule-sensitivity",
        "Cells whose accuracy differs by more than 1 point between the extraction rules.",
        ("codes",),
        rule_sensitive_cells,
    ),
    Check(
        "identical-files",
        "Response files of different cells that are equal to the byte.",
        ("codes",),
        identical_files,
        only_files=True,
    ),
    Check(
        "flagged-numbers",
        "Cells and pairs whose numbers carry a flag, and so no verdict.",
        ("scores",),
        flagged_numbers,
    ),
)
