"""What Snakemake says of its jobs, read from its log line by line."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Failure", "JobLog", "StepEvent"]

_HEAD = re.compile(
    r"^(?P<what>Error in rule|(?:local)?(?:rule|checkpoint)) (?P<step>\w+):$",
)
_FIELD = re.compile(r"^    (?P<name>\w+): (?P<value>.*)$")
_FINISHED = re.compile(r"^Finished jobid: (?P<job>\d+) \(Rule: \w+\)")
_AGAIN = re.compile(r"^Trying to restart job (?P<job>\d+)\.")
_COUNT = re.compile(r"^(?P<step>\w+) +(?P<jobs>\d+)$")
_CHECK = " (check log file(s) for error details)"
#: The rule that asks for everything and does nothing, and the foot of the table of jobs.
_NO_STEPS = {"all", "everything", "total"}
#: The last line that is said of a job when it starts.
_LAST_FIELD = "resources"


class StepEvent(NamedTuple):
    """Something happened to a job.

    Attributes
    ----------
    step
        Name of the rule; the text of a note, or of a line in the log of a training.
    state
        What happened; ``planned`` comes once for each step of a run, before it starts.
    seconds
        Since the job was handed over to be run.
    cell
        Which job of the step, as its wildcards say; empty for the only one.
    jobs
        Of a plan: how many jobs the step has.
    """

    step: str
    state: Literal["planned", "started", "finished", "failed", "again", "note", "line"]
    seconds: float = 0.0
    cell: str = ""
    jobs: int = 0

    @property
    def job(self) -> str:
        """Step and cell, as printed."""
        return f"{self.step} {self.cell}".rstrip()


class Failure(NamedTuple):
    """A job that failed.

    Attributes
    ----------
    job
        Step and cell.
    message
        What the executor says; empty where it says nothing.
    logs
        Paths that it may have written to.
    """

    job: str
    message: str
    logs: tuple[str, ...]


class _Started(NamedTuple):
    step: str
    cell: str
    at: float


class JobLog:
    """Reads Snakemake's log; a line at a time, since it is written while it is read.

    Attributes
    ----------
    failures
        Of jobs that have not gone well since, in the order in which they failed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.failures: list[Failure] = []
        self._clock = clock
        self._started: dict[str, _Started] = {}
        self._head: re.Match[str] | None = None
        self._fields: dict[str, str] = {}
        self._counting = False

    def read(self, line: str) -> Iterator[StepEvent]:
        """Yield what a line says, without its line break; what it does not know says nothing."""
        if self._head and (match := _FIELD.match(line)):
            self._fields.setdefault(match["name"], match["value"])
            if match["name"] == _LAST_FIELD and not self._head["what"].startswith("Error"):
                yield from self._close()
            return
        if self._head and not line.startswith("    "):
            yield from self._close()
        if match := _HEAD.match(line):
            self._head, self._fields = match, {}
        elif line == "Job stats:":
            self._counting = True
        elif self._counting:
            yield from self._count(line)
        elif (match := _FINISHED.match(line)) and match["job"] in self._started:
            event = self._event(match["job"], "finished")
            # What was tried again and went well is not why a run ends.
            self.failures = [failure for failure in self.failures if failure.job != event.job]
            yield event
        elif (match := _AGAIN.match(line)) and match["job"] in self._started:
            yield self._event(match["job"], "again")

    def end(self) -> Iterator[StepEvent]:
        """Yield what the last lines say."""
        if self._head:
            yield from self._close()

    def _count(self, line: str) -> Iterator[StepEvent]:
        self._counting = bool(line)
        match = _COUNT.match(line)
        if match and match["step"] not in _NO_STEPS:
            yield StepEvent(match["step"], "planned", jobs=int(match["jobs"]))

    def _close(self) -> Iterator[StepEvent]:
        head, fields = self._head, self._fields
        self._head = None
        if head is None or head["step"] in _NO_STEPS:
            return
        number = fields.get("jobid", "")
        if not head["what"].startswith("Error"):
            cell = fields.get("wildcards", "").replace(", ", " ")
            self._started[number] = _Started(head["step"], cell, self._clock())
            yield self._event(number, "started")
            return
        self._started.setdefault(number, _Started(head["step"], "", self._clock()))
        event = self._event(number, "failed")
        message = fields.get("message", "")
        logs = fields.get("log", "").removesuffix(_CHECK)
        self.failures.append(
            Failure(event.job, "" if message == "None" else message, tuple(_paths(logs)))
        )
        yield event

    def _event(
        self, number: str, state: Literal["started", "finished", "failed", "again"]
    ) -> StepEvent:
        step, cell, at = self._started[number]
        return StepEvent(step, state, self._clock() - at, cell)


def _paths(listed: str) -> Iterator[str]:
    return filter(None, listed.split(", "))
