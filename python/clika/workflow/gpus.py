"""GPUs of this machine: how many jobs may have one at once, and which one each has.

Snakemake counts the GPUs that jobs hold and does not say which. So each job takes the lock of one
that is free, and sees no other. The kernel releases the lock when the job ends, however it ends.
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from clika.errors import BusyError
from clika.files import exclusive
from clika.programs import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["lock_folder", "own_gpu", "variables_for_gpus", "visible_gpus"]

_POLL_SECONDS = 0.5
_VISIBLE = "CUDA_VISIBLE_DEVICES"
#: What a run tells its jobs: the GPUs that they share, and where the locks of these are.
_GPUS, _LOCKS = "CLIKA_GPUS", "CLIKA_GPU_LOCKS"
#: How CUDA numbers GPUs where it is not told which: as ``nvidia-smi`` does, or the fastest first.
_ORDER = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def visible_gpus() -> tuple[str, ...]:
    """Return the GPUs that this process may use, as ``CUDA_VISIBLE_DEVICES`` spells them.

    Those that the variable names; where it is not set, those that ``nvidia-smi`` lists.
    """
    given = os.environ.get(_VISIBLE)
    if given is None:
        listed = ask("nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader")
        names = listed.output.split() if listed.state == "answered" else []
        return tuple(name for name in names if name.startswith("GPU-"))
    names = [name.strip() for name in given.split(",")]
    # CUDA itself passes over whatever comes after the first that is none.
    end = next((at for at, name in enumerate(names) if not name or name.startswith("-")), None)
    return tuple(dict.fromkeys(names[:end]))


def lock_folder(otherwise: Path) -> Path:
    """Return the folder of the locks, one for all runs of this user on this machine.

    Parameters
    ----------
    otherwise
        Taken where the folder cannot be made, or is another user's.
    """
    folder = Path(tempfile.gettempdir()) / f"clika-gpus-{os.getuid()}"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
            return folder
    return otherwise


def variables_for_gpus(gpus: Sequence[str], *, locks: Path) -> dict[str, str]:
    """Return the variables by which jobs know the GPUs that they share; none for no GPU."""
    if not gpus:
        return {}
    order = {} if _VISIBLE in os.environ else _ORDER
    return {_GPUS: ",".join(gpus), _LOCKS: str(locks.absolute()), **order}


@contextmanager
def own_gpu(device: str | None, *, tell: Callable[[str], None]) -> Iterator[None]:
    """Let a job of the workflow have a GPU to itself within the block.

    A process that is no such job, or needs no GPU, sees what it saw.

    Parameters
    ----------
    device
        As torch names it: ``cuda`` takes any that is free and sees no other, ``cuda:1`` that one.
    tell
        Called with a line that says which it has, or for whom it waits.
    """
    shared = [*filter(None, os.environ.get(_GPUS, "").split(","))]
    kind, _, number = (device or "").partition(":")
    with ExitStack() as stack:
        if kind == "cuda" and number.isdecimal() and int(number) < len(shared):
            stack.enter_context(exclusive(_lock(shared[int(number)]), wait=True, tell=tell))
        elif device == "cuda" and shared:
            gpu = _take(stack, shared, tell)
            tell(f"On GPU {gpu}.")
            stack.enter_context(_seeing(gpu))
        yield


def _take(stack: ExitStack, gpus: Sequence[str], tell: Callable[[str], None]) -> str:
    found = _take_free(stack, gpus)
    if found is None:
        # This run has no more jobs than GPUs: another run has one, or a job that a killed run left.
        tell(f"Others are at work on {', '.join(gpus)}: waiting for the first that is free.")
    while found is None:
        time.sleep(_POLL_SECONDS)
        found = _take_free(stack, gpus)
    return found


def _take_free(stack: ExitStack, gpus: Sequence[str]) -> str | None:
    for gpu in gpus:
        with suppress(BusyError):
            stack.enter_context(exclusive(_lock(gpu), wait=False))
            return gpu
    return None


def _lock(gpu: str) -> Path:
    return Path(os.environ[_LOCKS]) / f"gpu-{gpu.replace('/', '_')}.lock"


@contextmanager
def _seeing(gpu: str) -> Iterator[None]:
    """Let this process, and the library that it has not loaded yet, see one GPU."""
    before = os.environ.get(_VISIBLE)
    os.environ[_VISIBLE] = gpu
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VISIBLE]
        else:
            os.environ[_VISIBLE] = before
