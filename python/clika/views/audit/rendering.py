"""An audit as text for a terminal, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clika.views.audit.model import NEEDS
from clika.views.terminal_text import escaped, isolated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from clika.views.audit.model import AuditReport, CheckResult, Finding

__all__ = ["as_data", "as_text"]

_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}

#: Findings of one check that are printed unless all are asked for.
_MOST_FINDINGS = 15

#: Lines of details of one finding that are printed unless all are asked for.
_MOST_DETAILS = 24

#: Up to so many details stand on lines of their own.
_FEW_DETAILS = 4

# Columns of a finding: where, how many, and a detail that is short enough to stand beside them.
_WHERE, _COUNT, _BESIDE = 50, 16, 22

_LEFT_TO_RIGHT_MARK = "\u200e"


def as_data(report: AuditReport) -> dict[str, Any]:
    """Return an audit as data that JSON can hold, with every finding and every detail."""
    return {
        "study": report.study,
        "origin": report.origin,
        "release": None if report.release is None else str(report.release),
        "n_findings": report.n_findings,
        "checks": [
            {
                "id": result.check.id,
                "description": result.check.description,
                "needs": list(result.check.needs),
                "missing": list(result.missing),
                "command": result.command,
                "findings": [_finding_as_data(finding) for finding in result.findings],
            }
            for result in report.results
        ],
    }


def _finding_as_data(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "subject": dict(finding.subject),
        "n": finding.n,
        "total": finding.total,
        "meaning": finding.meaning,
        "details": list(finding.details),
    }


def as_text(report: AuditReport, *, everything: bool = False) -> RenderableType:
    """Return an audit for a rich console of at least 100 columns.

    Parameters
    ----------
    report
        The audit.
    everything
        Whether to print every finding and detail instead of the weightiest of each check.
    """
    return Group(*_parts(report, everything=everything))


def _parts(report: AuditReport, *, everything: bool) -> Iterator[RenderableType]:
    sources = {"codes": "the answer codes that ship with the study", "responses": "responses"}
    release = f"; released files in {report.release}" if report.release else ""
    yield Text(
        f"Audit of {report.study}, from {sources.get(report.origin, report.origin)}{release}"
    )
    for result in report.results:
        if result.findings:
            yield Text()
            yield from _check(result, everything=everything)
    clean = [
        result.check.id for result in report.results if not result.missing and not result.findings
    ]
    yield Text()
    if clean:
        yield Text(f"Found nothing: {', '.join(clean)}.")
    yield from _skipped(report)
    n_hit = sum(bool(result.findings) for result in report.results)
    n_run = sum(not result.missing for result in report.results)
    findings = "1 finding" if report.n_findings == 1 else f"{report.n_findings} findings"
    yield Text(f"{findings} by {n_hit} of the {n_run} checks that ran.", style="bold")


def _check(result: CheckResult, *, everything: bool) -> Iterator[RenderableType]:
    found = result.findings
    yield Text.assemble((result.check.id, "bold"), f"  {result.check.description}")
    shown = found if everything else found[:_MOST_FINDINGS]
    meaning = ""
    for finding in shown:
        if finding.meaning != meaning:
            meaning = finding.meaning
            yield _indented(f"{meaning[0].upper()}{meaning[1:]}{_sum(found, meaning)}.", 2)
        yield from _finding(finding, everything=everything)
    if len(shown) < len(found):
        yield _indented(f"and {len(found) - len(shown)} more: --all prints them", 2)


def _sum(findings: Sequence[Finding], meaning: str) -> str:
    counts = [finding.n for finding in findings if finding.meaning == meaning]
    return f" ({sum(counts):,} in {len(counts)} places)" if len(counts) > 1 else ""


def _finding(finding: Finding, *, everything: bool) -> Iterator[RenderableType]:
    details = finding.details if everything else finding.details[:_MOST_DETAILS]
    lines = tuple(escaped(line) for line in details)
    if len(lines) < len(finding.details):
        lines = (*lines, f"and {len(finding.details) - len(lines)} more")
    beside = lines[0] if len(lines) == 1 and cell_len(lines[0]) <= _BESIDE else ""
    count = f"{finding.n:,}"
    if finding.total is not None:
        count += f" of {finding.total:,}"
    table = Table.grid(padding=(0, 1))
    table.add_column(width=9)
    table.add_column(width=_WHERE)
    table.add_column(width=_COUNT, justify="right", no_wrap=True)
    table.add_column(width=_BESIDE, no_wrap=True)
    table.add_row(
        Text(f"  {finding.severity}", style=_STYLES[finding.severity]),
        Text(escaped(finding.where), overflow="fold"),
        Text(count),
        Text(_from_the_left(beside), style="dim"),
    )
    yield table
    if lines and not beside:
        # Many details are short ones: names, or what stands for what.
        for text in lines if len(lines) <= _FEW_DETAILS else (" · ".join(lines),):
            yield _indented(_from_the_left(text), 12, style="dim")


def _from_the_left(line: str) -> str:
    """Return a line that a terminal lays out from the left, whatever name it begins with."""
    return line if isolated(line) == line else f"{_LEFT_TO_RIGHT_MARK}{line}"


def _indented(text: str, columns: int, *, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, columns))


def _skipped(report: AuditReport) -> Iterator[RenderableType]:
    groups: dict[tuple[str, str], list[str]] = {}
    for result in report.results:
        if result.missing and result.command:
            missing = " and ".join(NEEDS[need] for need in result.missing)
            key = (missing, result.command)
            groups.setdefault(key, []).append(result.check.id)
    for (missing, command), checks in groups.items():
        yield Text(f"Not run without {missing}: {', '.join(checks)}. Run: {command}")
