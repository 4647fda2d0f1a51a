"""Asking programs of the machine, any of which may be missing, hang, or answer anything."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SECONDS", "Answer", "ask", "ask_python", "side_by_side"]

#: Of a program that only says what it knows.
SECONDS = 10.0
#: More output than this is of no program that clika knows.
_MOST_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 16
#: A process that waits for a dead device cannot be killed; nobody waits for it longer.
_FAREWELL_SECONDS = 1.0
_LONGEST_QUOTE = 160


_running: set[subprocess.Popen[bytes]] = set()
_interrupted = threading.Event()


class Answer(NamedTuple):
    """What a program said.

    Attributes
    ----------
    state
        ``absent``: no such program; ``failed``: it ended with an error, could not be started or
        would not stop talking; ``silent``: it did not end in time.
    output, error
        What it wrote to its two streams, bytes that are no UTF-8 replaced.
    """

    state: Literal["answered", "failed", "absent", "silent"]
    output: str = ""
    error: str = ""

    @property
    def quote(self) -> str:
        """The last line that says something, cut; of a program that failed, of its errors."""
        both = (self.output, self.error)
        for text in both if self.state == "answered" else reversed(both):
            lines = [" ".join(line.split()) for line in text.splitlines()]
            if said := [line for line in lines if line]:
                return said[-1][:_LONGEST_QUOTE].rstrip(".")
        return "nothing"


def ask(program: str, *arguments: str, seconds: float | None = None) -> Answer:
    """Run a program that only looks, and return what it said; never raises.

    Parameters
    ----------
    program, *arguments
        A name on PATH, or a path.
    seconds
        How long to wait before it, and all that it started, is killed; ``None`` for as long as a
        program may take that only says what it knows.
    """
    found = shutil.which(program)
    if found is None:
        return Answer("absent")
    try:
        process = subprocess.Popen(  # noqa: S603 - a program that the user has on PATH
            [found, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Answer("failed", error=str(error))
    _running.add(process)
    if _interrupted.is_set():
        _kill(process)
    output, state = _read(process, time.monotonic() + (seconds or SECONDS))
    _end(process)
    _running.discard(process)
    texts = (b"".join(part).decode(errors="replace") for part in output)
    if state == "answered" and process.returncode:
        state = "failed"
    return Answer(state, *texts)


def _read(
    process: subprocess.Popen[bytes], deadline: float
) -> tuple[tuple[list[bytes], list[bytes]], Literal["answered", "failed", "silent"]]:
    """Read both streams until they end and the process with them, or until it is enough."""
    found: tuple[list[bytes], list[bytes]] = ([], [])
    n_read = 0
    with selectors.DefaultSelector() as selector:
        for stream, part in zip((process.stdout, process.stderr), found, strict=True):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, part)
        while selector.get_map():
            for key, _ in selector.select(max(0.0, deadline - time.monotonic())):
                block = os.read(key.fd, _BLOCK_BYTES)
                key.data.append(block)
                n_read += len(block)
                if not block:
                    selector.unregister(key.fileobj)
            if n_read > _MOST_BYTES:
                return found, "failed"
            if time.monotonic() >= deadline:
                return found, "silent"
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return found, "silent"
    return found, "answered"


def _kill(process: subprocess.Popen[bytes]) -> None:
    # A shell script that is killed alone leaves what it started.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_FAREWELL_SECONDS)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


@contextlib.contextmanager
def side_by_side() -> Iterator[ThreadPoolExecutor]:
    """Yield threads that ask programs; should the block end by an exception, all are killed.

    They run in sessions of their own, where Ctrl-C in a terminal does not reach them.
    """
    with ThreadPoolExecutor(max_workers=12) as pool:
        try:
            yield pool
        except BaseException:
            _interrupted.set()
            for process in tuple(_running):
                _kill(process)
            pool.shutdown()
            _interrupted.clear()
            raise


def ask_python(code: str, *, seconds: float) -> Answer:
    """Run a few lines in another interpreter, which finds the packages that this one finds.

    A library that ends its process, hangs or takes long is none of this process's business there.
    """
    lines = f"import sys\nsys.path[:] = {sys.path!r}\n{code}"
    return ask(sys.executable, "-P", "-c", lines, seconds=seconds)
