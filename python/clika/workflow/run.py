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
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from clika import __version__
from clika.errors import BusyError, ConfigError, WorkflowError
from clika.files import exclusive, holder, refusals, write_text
from clika.steps.asked_study import forget_lost_answers
from clika.steps.loaded import look_at_loaded
from clika.study import load_study
from clika.threads import thread_count
from clika.workflow import snakefile
from clika.workflow.gpus import lock_folder, variables_for_gpus, visible_gpus
from clika.workflow.job_log import JobLog, StepEvent
from clika.workflow.profiles import find_profiles
from clika.workflow.signals import obeying
from clika.workflow.surroundings import find_images, variables_for_images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from clika.study import Study
    from clika.workflow.job_log import Failure
    from clika.workflow.profiles import Profile
    from clika.workflow.surroundings import Image

__all__ = ["Outcome", "Run", "run_workflow"]

_POLL_SECONDS = 0.1
#: Of Snakemake, of DuckDB when it reads shards, and what DuckDB takes for a slash.
_WILDCARDS = "{}*?[]\\"
_TAIL_LINES = 20
#: Of a job on another machine, where no profile says how many.
_REMOTE_THREADS = 4


class Run(NamedTuple):
    """What to run.

    Attributes
    ----------
    study
        Name of the study.
    results
        Folder of results.
    cores
        ``None`` = as many as the process may run on; where jobs leave this machine, of all jobs
        together, and ``None`` = no limit.
    origin
        ``responses``, ``codes``, or empty for what is at hand.
    shards
        Shares of the items that are counted by jobs of their own.
    profiles
        Names or folders of profiles that say where jobs run; none: here.
    images
        Folder of the images, where a profile has jobs run in them.
    """

    study: str
    results: Path
    cores: int | None = None
    origin: str = ""
    shards: int = 1
    profiles: tuple[str, ...] = ()
    images: Path = Path("images")


class Outcome(NamedTuple):
    """What a run did.

    Attributes
    ----------
    steps
        Jobs that ran, step and cell, each with its seconds, in the order of their ends; none if all
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
    UnknownNameError, ConfigError
        A profile is not there, or is none; or the folder of results has a name with wildcards.
    PrerequisiteError
        What a profile needs is not installed, or an image is missing.
    BusyError
        Another living ``clika reproduce`` works on the same study.
    WorkflowError
        A step failed; the message ends with what the step said.
    StaleStoreError
        The inventory of a study that asks models is not what an ingest writes.
    FileSystemError
        The folder of results cannot be written.
    """
    folder = run.results / run.study
    wildcard = next((mark for mark in _WILDCARDS if mark in str(run.results)), None)
    if wildcard is not None:
        raise ConfigError(
            f"The folder of results {run.results} has a {wildcard} in its name, which Snakemake or "
            "DuckDB takes for a wildcard. Choose another with --results."
        )
    profile = find_profiles(run.profiles)
    profile.check()
    study = load_study(run.study, run.results)
    images = find_images(run.images, study) if profile.in_images else {}
    gpus = () if profile.is_remote or not _needs_gpu(study) else visible_gpus()
    lock = folder / "spool" / "run.lock"
    start = time.monotonic()
    with _alone(lock, notify) as descriptor, refusals(folder):
        forget_lost_answers(study, folder / "shards")
        log = folder / "logs" / "snakemake.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        jobs = JobLog()
        with log.open("wb") as stream:

            def start_workflow() -> subprocess.Popen[bytes]:
                # A file, not a pipe: when this process is killed, Snakemake can still write.
                return subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                    _command(run, profile, gpus),
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    env=_environment(run, study, profile, gpus),
                    pass_fds=(descriptor,),
                    # A terminal's Ctrl-C reaches this process alone, as that of `docker run` does.
                    process_group=0,
                )

            with obeying(start_workflow) as process:
                steps = list(_follow(process, log, jobs, notify))
        if process.returncode:
            raise WorkflowError(_failure(log, jobs.failures))
        outcome = Outcome(
            tuple((event.job, event.seconds) for event in steps if event.state == "finished"),
            time.monotonic() - start,
        )
        if outcome.steps:
            _record(folder, run, outcome, images)
    return outcome


@contextmanager
def _alone(lock: Path, notify: Callable[[StepEvent], None]) -> Iterator[int]:
    """Hold the run lock: wait for orphans of a killed run, refuse while a living one holds it."""
    with ExitStack() as stack:
        try:
            descriptor = stack.enter_context(exclusive(lock, wait=False))
        except BusyError:
            owner = holder(lock)
            if owner is not None and owner.may_be_alive:
                raise
            note = "An earlier run was killed and left a process at work: waiting for its end."
            notify(StepEvent(note, "note"))
            descriptor = stack.enter_context(exclusive(lock, wait=True))
        yield descriptor


def _needs_gpu(study: Study) -> bool:
    trains = study.training is not None and study.training.on_gpu
    return trains or any(asked.on_gpu for asked in study.asked.values())


def _command(run: Run, profile: Profile, gpus: Sequence[str]) -> list[str]:
    config = {
        # YAML would read a study or a folder by the name of 2024 as a number.
        "study": f"{run.study[:-1]}%{ord(run.study[-1]):02X}",
        "results": quote(os.path.join(".", run.results)),  # noqa: PTH118 - a Path drops the dot
        "origin": run.origin,
        "shards": run.shards,
        "images": quote(str(run.images.absolute())) if profile.in_images else "",
        "threads": _REMOTE_THREADS if profile.is_remote else "",
        **profile.config,
    }
    if profile.is_remote:
        cores = [] if run.cores is None else ["--cores", str(run.cores)]
    else:
        # Where none is known, a job says better what is amiss than one that never starts.
        jobs = f"gpu={max(1, len(gpus))}"
        cores = ["--cores", str(thread_count(run.cores)), "--resources", jobs]
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(snakefile())),
        *(part for folder in profile.folders for part in ("--profile", str(folder))),
        # Nor a profile that happens to lie in the working directory.
        *("--workflow-profile", "none", *cores),
        *("--nolock", "--rerun-incomplete", "--nocolor"),
        *("--rerun-triggers", "mtime", "params", "input"),
        *("--config", *(f"{name}={value}" for name, value in config.items() if value)),
    ]


def _environment(run: Run, study: Study, profile: Profile, gpus: Sequence[str]) -> dict[str, str]:
    # A user's own profile must not change what a study does, and no job needs the network: what is
    # to be fetched is fetched by commands that say so.
    kept = {name: value for name, value in os.environ.items() if name != "SNAKEMAKE_PROFILE"}
    spool = run.results / run.study / "spool"
    locks = lock_folder(otherwise=spool) if gpus else spool
    shared = variables_for_gpus(gpus, locks=locks)
    own = {"PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1", **shared}
    if not profile.in_images:
        return {**kept, **own}
    models = [Path(asked.source) for asked in study.asked.values()]
    return {**kept, **own, **variables_for_images([run.results, locks, *models], **shared)}


def _follow(
    process: subprocess.Popen[bytes],
    log: Path,
    jobs: JobLog,
    notify: Callable[[StepEvent], None],
) -> Iterator[StepEvent]:
    trainings = _NewLines(log.parent / "train")
    with log.open(encoding="utf-8", errors="replace") as lines:
        pending = ""
        while True:
            ended = process.poll() is not None
            pending += lines.read()
            *whole, pending = pending.split("\n")
            events = [event for line in whole for event in jobs.read(line)]
            for event in [*events, *(jobs.end() if ended else ())]:
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


def _failure(log: Path, failures: Sequence[Failure]) -> str:
    if not failures:
        return f"The workflow could not run; {_ending(log)}"
    last = failures[-1]
    said = [f"The step {last.job!r} failed", *filter(None, [last.message])]
    # A job that was cancelled or could not start has written nothing.
    written = [path for path in map(Path, last.logs) if path.is_file() and path.stat().st_size]
    return f"{'. '.join(said)}; {_ending(written[0] if written else log)}"


def _ending(path: Path) -> str:
    text = path.read_text(encoding="utf-8", errors="replace").rstrip()
    tail = "\n".join(f"  {line}" for line in text.splitlines()[-_TAIL_LINES:])
    return f"{path} ends with:\n{tail}"


def _record(folder: Path, run: Run, outcome: Outcome, images: Mapping[str, Image]) -> None:
    """Write run.json: the only file that may differ between equal runs."""
    content = {
        "study": run.study,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(outcome.seconds, 3),
        "steps": {step: round(seconds, 3) for step, seconds in outcome.steps},
        "origin": look_at_loaded(folder / "clika.duckdb", command="clika load").origin,
        "profiles": [Path(name).name for name in run.profiles],
        "images": {name: image.digest for name, image in images.items()},
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
