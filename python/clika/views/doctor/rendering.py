"""What ``clika doctor`` says: lines for a terminal, and data for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from clika.views.terminal_text import escaped, padded, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from clika.views.doctor.model import Diagnosis

__all__ = ["doctor_data", "doctor_lines"]

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red", "none": "dim"}
_NAME, _STATE = 16, 6


def doctor_lines(diagnosis: Diagnosis, console: Console, *, width: int) -> Iterator[Text]:
    """Yield a line for each check, with its remedy below it, and the verdict.

    Parameters
    ----------
    diagnosis
        What was found.
    console
        Wraps; nothing is printed on it here.
    width
        Terminal cells of a line.
    """
    indent = " " * (_NAME + _STATE)
    for check in diagnosis.checks:
        head = Text(padded(check.name, _NAME))
        head.append(padded(check.state, _STATE), style=_STYLES[check.state])
        told = wrapped(escaped(check.found), width=width - len(indent), console=console)
        for number, line in enumerate(told):
            yield Text.assemble(head if number == 0 else indent, line)
        if check.remedy is not None:
            style = "dim" if check.state in {"none", "ok"} else "bold"
            remedy = wrapped(escaped(check.remedy), width=width - len(indent), console=console)
            yield from (Text.assemble(indent, (line, style)) for line in remedy)
    yield Text()
    for line in wrapped(_verdict(diagnosis), width=width, console=console):
        yield Text(line, style="bold")


def _verdict(diagnosis: Diagnosis) -> str:
    what = "clika" if diagnosis.study is None else diagnosis.study
    failed, warned = diagnosis.named("fail"), diagnosis.named("warn")
    if failed:
        said = f"What {what} needs is missing or broken: {', '.join(failed)}."
    else:
        said = f"Everything that {what} needs is here."
    return said + f" To be looked at: {', '.join(warned)}." * bool(warned)


def doctor_data(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return what was found as data that JSON can hold."""
    return {
        "study": diagnosis.study,
        "results": str(diagnosis.results),
        "failed": list(diagnosis.named("fail")),
        "checks": [check._asdict() for check in diagnosis.checks],
    }
