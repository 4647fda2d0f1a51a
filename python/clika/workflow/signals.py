"""What asks a run to end, or to pause, reaches the workflow and its jobs."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["obeying"]

#: Ctrl-C and Ctrl-\; `docker stop` or a cluster's manager; a terminal that closes.
_ENDINGS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def obeying(start: Callable[[], subprocess.Popen[bytes]]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process group that ends, and pauses, when this process is asked to.

    It is sent SIGINT then, once for each time that this process is asked, and waited for. What this
    process was started to ignore, as by ``nohup``, it ignores.

    Parameters
    ----------
    start
        Starts the leader of a process group of its own.

    Yields
    ------
    subprocess.Popen
        The leader.

    Raises
    ------
    KeyboardInterrupt
        This process was asked to end, and the leader has ended.
    """
    process: subprocess.Popen[bytes] | None = None
    asked = False

    def send(number: signal.Signals) -> None:
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        is_first, asked = not asked, True
        if is_first and process is not None:
            raise KeyboardInterrupt
        send(signal.SIGINT)

    def pause(_number: int, _frame: FrameType | None) -> None:
        send(signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        send(signal.SIGCONT)

    def ignore(_number: int, _frame: FrameType | None) -> None:
        """Do nothing: what is ignored here and not by a handler, the group would ignore too."""

    handlers = {signal.SIGINT: ignore} | {
        number: pause if number == signal.SIGTSTP else end
        for number in (*_ENDINGS, signal.SIGTSTP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        process = start()
        try:
            if asked:
                raise KeyboardInterrupt  # noqa: TRY301 - as the handler does
            yield process
        except KeyboardInterrupt:
            asked = True
            send(signal.SIGINT)
            process.wait()
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
