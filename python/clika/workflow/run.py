"""Running the workflow: one Snakemake at a time for a study, whatever was killed before.

What may be left of a killed run, and what is done about it:

- Snakemake or a job still at work: they hold the locks in ``spool/``, and the next run waits.
- Snakemake's own lock of a dead process: not asked for, since ours is held.
- outputs of a job that did not end: Snakemake's ``--rerun-incomplete`` makes them again.
- temporary files: never read, replaced or removed by the step that made them.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika import __version__
from clika.errors import BusyError, WorkflowError
from clika.files import exclusive, holder, is_alive, refusals, write_text
from clika.store.connection import meta, open_database
from clika.threads import thread_count
from clika.workflow import snakefile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Outcome", "Run", "StepEvent", "run_workflow"]

_POLL_SECONDS = 0.1
_STARTED = re.compile(r"^(?:local)?(?:rule|checkpoint) (?P<step>\w+):")
_FINISHED = re.compile(r"^Finished jobid: \d+ \(Rule: (?P<step>\w+)\)")
_FAILED = re.compile(r"^Error in rule (?P<step>\w+)")
_TAIL_LINES = 20


class Run(NamedTuple):
    """What to run.

    Attributes
    ----------
    study
        Name of the study.
    results
        Folder of results.
    cores
        ``None`` = as many as the process may run on.
    origin
        ``responses``, ``codes``, or empty for what is at hand.
    shards
        Shares of the items that are counted by jobs of their own.
    """

    study: str
    results: Path
    cores: int | None = None
    origin: str = ""
    shards: int = 1


class StepEvent(NamedTuple):
    """Something happened to a step.

    Attributes
    ----------
    step
        Name of the rule; the text of a note, or of a line in the log of a training.
    state
        What happened.
    seconds
        Since the step started; a step of several jobs starts with the first of them.
    """

    step: str
    state: Literal["started", "finished", "failed", "note", "line"]
    seconds: float = 0.0


class Outcome(NamedTuple):
    """What a run did.

    Attributes
    ----------
    steps
        Jobs that ran, by the step's name, with its seconds, in the order of their ends; none if all
        was done before.
    seconds
        Wall time.
    """

    steps: tuple[tuple[str, float], ...]
    seconds: float


def run_workflow(run: Run, *, notify: Callable[[StepEvent], None]) -> Outcome:
    """Run the workflow of a study to its end.

    Parameters
    ----------
    run
        What to run.
    notify
        Called for each event.

    Returns
    -------
    Outcome

    Raises
    ------
    BusyError
        Another living ``clika reproduce`` works on the same study.
    WorkflowError
        A step failed; the message ends with what the step said.
    FileSystemError
        The folder of results cannot be written.
    """
    folder = run.results / run.study
    lock = folder / "spool" / "run.lock"
    start = time.monotonic()
    with _alone(lock, notify) as descriptor, refusals(folder):
        log = folder / "logs" / "snakemake.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as stream:
            # A file, not a pipe: when this process is killed, Snakemake can still write.
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                _command(run),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=_environment(),
                pass_fds=(descriptor,),
            )
        try:
            steps = list(_follow(process, log, notify))
        except KeyboardInterrupt:
            # The terminal has told Snakemake too; it ends its jobs and then itself.
            process.wait()
            raise
        if process.returncode:
            raise WorkflowError(_failure(folder, log, steps))
        outcome = Outcome(
            tuple((event.step, event.seconds) for event in steps if event.state == "finished"),
            time.monotonic() - start,
        )
        if outcome.steps:
            _record(folder, run, outcome)
    return outcome


@contextmanager
def _alone(lock: Path, notify: Callable[[StepEvent], None]) -> Iterator[int]:
    """Hold the run lock: wait for orphans of a killed run, refuse while a living one holds it."""
    with ExitStack() as stack:
        try:
            descriptor = stack.enter_context(exclusive(lock, wait=False))
        except BusyError:
            owner = holder(lock)
            if owner is not None and is_alive(owner):
                raise
            note = "An earlier run was killed and left a process at work: waiting for its end."
            notify(StepEvent(note, "note"))
            descriptor = stack.enter_context(exclusive(lock, wait=True))
        yield descriptor


def _command(run: Run) -> list[str]:
    cores = thread_count(run.cores)
    config = {
        "study": run.study,
        "results": str(run.results),
        "origin": run.origin,
        "shards": run.shards,
    }
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(snakefile())),
        *("--cores", str(cores), "--nolock", "--rerun-incomplete", "--nocolor"),
        *("--rerun-triggers", "mtime", "params", "input"),
        *("--config", *(f"{name}={value}" for name, value in config.items() if value)),
    ]


def _environment() -> dict[str, str]:
    # A user's own profile or telemetry must not change what a study does.
    kept = {name: value for name, value in os.environ.items() if name != "SNAKEMAKE_PROFILE"}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def _follow(
    process: subprocess.Popen[bytes], log: Path, notify: Callable[[StepEvent], None]
) -> Iterator[StepEvent]:
    started: dict[str, float] = {}
    trainings = _NewLines(log.parent / "train")
    with log.open(encoding="utf-8", errors="replace") as lines:
        pending = ""
        while True:
            ended = process.poll() is not None
            pending += lines.read()
            *whole, pending = pending.split("\n")
            for line in whole:
                event = _event(line, started)
                if event is not None:
                    notify(event)
                    yield event
            for line in trainings.read():
                notify(StepEvent(line, "line"))
            if ended:
                return
            time.sleep(_POLL_SECONDS)


class _NewLines:
    """What is added to the logs of a folder, whole lines only.

    What an earlier run left there is passed over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = {path: path.stat().st_size for path in folder.glob("*.log")}

    def read(self) -> Iterator[str]:
        for path in sorted(self._folder.glob("*.log")):
            text = path.read_bytes()
            start = self._seen.get(path, 0)
            # A job that runs again begins its log anew.
            start = start if start <= len(text) else 0
            end = text.rfind(b"\n") + 1
            self._seen[path] = max(start, end)
            yield from text[start:end].decode(errors="replace").splitlines()


def _event(line: str, started: dict[str, float]) -> StepEvent | None:
    now = time.monotonic()
    if match := _STARTED.match(line):
        if match["step"] == "all":
            return None
        started.setdefault(match["step"], now)
        return StepEvent(match["step"], "started")
    if (match := _FINISHED.match(line)) and match["step"] in started:
        return StepEvent(match["step"], "finished", now - started[match["step"]])
    if (match := _FAILED.match(line)) and match["step"] in started:
        return StepEvent(match["step"], "failed", now - started[match["step"]])
    return None


def _failure(folder: Path, log: Path, steps: list[StepEvent]) -> str:
    failed = next((event.step for event in steps if event.state == "failed"), None)
    source = folder / "logs" / f"{failed}.log" if failed else log
    if not source.is_file():
        source = log
    text = source.read_text(encoding="utf-8", errors="replace").rstrip()
    tail = "\n".join(f"  {line}" for line in text.splitlines()[-_TAIL_LINES:])
    what = f"The step {failed!r} failed" if failed else "The workflow could not start"
    return f"{what}; {source} ends with:\n{tail}"


def _record(folder: Path, run: Run, outcome: Outcome) -> None:
    """Write run.json: the only file that may differ between equal runs."""
    content = {
        "study": run.study,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(outcome.seconds, 3),
        "steps": {step: round(seconds, 3) for step, seconds in outcome.steps},
        "origin": _origin(folder),
        "host": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "processors": len(os.sched_getaffinity(0)),
        },
        "versions": {"clika": __version__}
        | {name: version(name) for name in ("duckdb", "numpy", "snakemake")},
    }
    write_text(folder / "run.json", json.dumps(content, indent=1) + "\n")


def _origin(folder: Path) -> str:
    connection = open_database(folder / "clika.duckdb", command="clika load")
    try:
        return meta(connection)["origin"]
    finally:
        connection.close()
