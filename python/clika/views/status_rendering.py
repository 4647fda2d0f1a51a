"""What ``clika status`` says: lines for a terminal, and data for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.text import Text

from clika.views.terminal_text import escaped, padded, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from clika.views.conductivity_coverage import ConductivityCell
    from clika.views.coverage import CodeComparison, Coverage, ModelTask
    from clika.views.stages import Stage
    from clika.views.status import StatusReport

__all__ = ["status_data", "status_lines"]

_STYLES = {"there": "green", "missing": "yellow", "stale": "bold red"}
_NAME, _STATE = 10, 9

#: Differing cells, and partial ones, that are printed unless all are asked for.
_FEW = 5


def status_lines(
    report: StatusReport, console: Console, *, width: int, cells: bool
) -> Iterator[Text]:
    """Yield the lines of a status page.

    Parameters
    ----------
    report
        The state of a study.
    console
        Measures and wraps; nothing is printed on it here.
    width
        Terminal cells of a line.
    cells
        Whether to list every model and task, every stray file and every differing cell.
    """
    page = _Page(width, console)
    yield Text(f"{report.study} in {escaped(str(report.folder))}", style="bold")
    yield Text(_verdict(report))
    yield Text()
    for stage in report.stages:
        style = _STYLES[stage.state] if stage.needed else ""
        yield from page.entry(stage.name, _stage_text(stage), state=stage.state, style=style)
    if report.coverage is not None:
        yield Text()
        for name, text in _coverage_texts(report.coverage, everything=cells):
            yield from page.entry(name, text)
    if report.conductivity:
        yield from page.entry("CD", _conductivity_text(report.conductivity, everything=cells))
    if report.codes is not None:
        for text in _codes_texts(report.codes, everything=cells):
            yield from page.entry("codes", text)
    if cells:
        yield from _listings(report)


class _Page(NamedTuple):
    """How wide a page is, and the console that knows how text is wrapped."""

    width: int
    console: Console

    def entry(self, name: str, text: str, *, state: str = "", style: str = "") -> Iterator[Text]:
        """Yield a name, a state where there is one, and beside them a text."""
        head = Text(padded(name, _NAME))
        head.append(padded(state, _STATE) if state else "", style=style)
        indent = head.cell_len
        lines = wrapped(text, width=self.width - indent, console=self.console)
        for number, line in enumerate(lines):
            yield Text.assemble(head if number == 0 else " " * indent, line)


def _verdict(report: StatusReport) -> str:
    if report.command is None:
        return "Everything that the tables need is there and current."
    if report.is_untouched:
        return f"Nothing has been run here. Run: {escaped(report.command)}"
    return f"To mend what is missing or stale, run: {escaped(report.command)}"


def _stage_text(stage: Stage) -> str:
    detail = escaped(stage.detail)
    if stage.command is None or not stage.needed:
        return detail
    return f"{detail}. Run: {escaped(stage.command)}"


def _coverage_texts(coverage: Coverage, *, everything: bool) -> Iterator[tuple[str, str]]:
    n_models = len(coverage.models) + len(coverage.missing_models)
    missing = f"; missing: {', '.join(coverage.missing_models)}" * bool(coverage.missing_models)
    yield "models", f"{len(coverage.models)} of {n_models} have answers{missing}"
    n_cells = sum(cell.model in coverage.models for cell in coverage.cells)
    partial = coverage.partial
    if not partial:
        yield "cells", f"{n_cells} of {n_cells} (model x task) of these models are whole"
        return
    shown = partial if everything else partial[:_FEW]
    listed = "; ".join(f"{cell.model} x {cell.task}: {_cell_text(cell)}" for cell in shown)
    more = f"; and {len(partial) - len(shown)} more (--cells)" * (len(shown) < len(partial))
    yield "cells", f"{n_cells - len(partial)} of {n_cells} are whole; not {listed}{more}"


def _cell_text(cell: ModelTask) -> str:
    if not cell.whole and not cell.short:
        return "missing"
    parts = [f"{code} has {n} of {size} items" for code, n, size in cell.short]
    if cell.missing:
        parts.insert(0, f"no {', '.join(cell.missing)}")
    total = len(cell.whole) + len(cell.short) + len(cell.missing)
    return "; ".join(parts) if parts else f"{len(cell.whole)} of {total}"


def _conductivity_text(found: Sequence[ConductivityCell], *, everything: bool) -> str:
    there = [cell for cell in found if cell.state == "there"]
    told = [cell for cell in found if cell.state != "there" or cell.asked < cell.seeds]
    counted = f"{len(there)} of {len(found)} (model x pair x task) meet the gate"
    if not told:
        return counted
    shown = told if everything else told[:_FEW]
    listed = "; ".join(f"{_cell_name(cell)}: {_conductivity_cell(cell)}" for cell in shown)
    more = f"; and {len(told) - len(shown)} more (--cells)" * (len(shown) < len(told))
    return f"{counted}; not whole: {listed}{more}"


def _cell_name(cell: ConductivityCell) -> str:
    return f"{cell.model} x {cell.source}-{cell.target} x {cell.task}"


def _conductivity_cell(cell: ConductivityCell) -> str:
    if cell.state == "missing":
        return "missing"
    seeds = f", seeds {cell.asked} of {cell.seeds}" * (cell.asked < cell.seeds)
    partly = f", gate met by {cell.met} of {cell.asked} seeds" * (0 < cell.met < cell.asked)
    detail = f" ({escaped(cell.detail)})" * bool(cell.detail)
    return f"{cell.state}{detail}{partly}{seeds}"


def _codes_texts(codes: CodeComparison, *, everything: bool) -> Iterator[str]:
    compared = f"{codes.n_compared:,} shipped answer codes compared with those read from responses"
    if codes.n_only_shipped:
        compared += f" ({codes.n_only_shipped:,} shipped cells have no responses here)"
    if codes.n_only_derived:
        compared += f" ({codes.n_only_derived:,} cells here have no shipped codes)"
    if not codes.differing:
        yield f"{compared}: none differ"
        return
    n_differ = sum(cell.n_differ for cell in codes.differing)
    yield f"{compared}: {n_differ:,} differ, in {len(codes.differing)} cells by one rule or another"
    shown = codes.differing if everything else codes.differing[:_FEW]
    for cell in shown:
        source = "" if cell.same_source else "; read from another file"
        alone = cell.n_only_shipped + cell.n_only_derived
        lacking = f"; {alone} in one of the two alone" * bool(alone)
        yield (
            f"{cell.model} x {cell.task} {cell.language} by {cell.rule}: "
            f"{cell.n_differ} of {cell.n_both} differ{lacking}{source}"
        )
    if len(shown) < len(codes.differing):
        yield f"and {len(codes.differing) - len(shown)} more (--cells)"


def _listings(report: StatusReport) -> Iterator[Text]:
    if report.coverage is not None:
        yield Text()
        yield from _listing(report.coverage)
    if report.conductivity:
        yield Text()
        yield Text("conductivity", style="bold")
        first = max(len(_cell_name(cell)) for cell in report.conductivity) + 2
        for cell in report.conductivity:
            style = "" if cell.state == "there" else _STYLES["missing"]
            row = Text(padded(_cell_name(cell), first))
            yield row.append(_conductivity_cell(cell), style=style)
    if report.strays:
        yield Text()
        yield Text(f"stray files, not read ({len(report.strays)}):")
        yield from (Text(f"  {escaped(name)}") for name in report.strays)


def _listing(coverage: Coverage) -> Iterator[Text]:
    """Yield models by tasks: the number of languages that are whole, and what is not below."""
    tasks = tuple(dict.fromkeys(cell.task for cell in coverage.cells))
    found = {(cell.model, cell.task): cell for cell in coverage.cells}
    models = tuple(dict.fromkeys(cell.model for cell in coverage.cells))
    first = max(map(len, models)) + 2
    widths = [max(len(task), len("10 of 10")) + 2 for task in tasks]
    head = "".join(padded(task, width) for task, width in zip(tasks, widths, strict=True))
    yield Text(f"{' ' * first}{head}".rstrip(), style="bold")
    for model in models:
        row = Text(padded(model, first))
        for task, width in zip(tasks, widths, strict=True):
            cell = found[model, task]
            total = len(cell.whole) + len(cell.short) + len(cell.missing)
            there = len(cell.whole) + len(cell.short)
            text = f"{len(cell.whole)} of {total}" if there else "missing"
            style = "" if len(cell.whole) == total else _STYLES["missing"]
            row.append(padded(text, width), style=style)
        row.rstrip()
        yield row


def status_data(report: StatusReport) -> dict[str, Any]:
    """Return a status as data that JSON can hold, with every cell that is not whole."""
    coverage, codes = report.coverage, report.codes
    return {
        "study": report.study,
        "folder": str(report.folder),
        "command": report.command,
        "stages": [stage._asdict() for stage in report.stages],
        "strays": list(report.strays),
        "coverage": None
        if coverage is None
        else {
            "models": list(coverage.models),
            "missing_models": list(coverage.missing_models),
            "cells": [cell._asdict() for cell in coverage.cells],
        },
        "conductivity": [cell._asdict() for cell in report.conductivity],
        "codes": None
        if codes is None
        else {
            "n_compared": codes.n_compared,
            "n_only_shipped": codes.n_only_shipped,
            "n_only_derived": codes.n_only_derived,
            "differing": [cell._asdict() for cell in codes.differing],
        },
    }
