"""Where arithmetic is done, and by how many threads: they may change the last digits."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from clika.errors import ConfigError
from clika.lm.loading import check_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["arithmetic"]


@contextmanager
def arithmetic(*, threads: int, device: str) -> Iterator[None]:
    """Let torch use so many threads within the block.

    Parameters
    ----------
    threads
        On the processor.
    device
        As torch names it: ``cpu``, ``cuda``, ``cuda:1``.

    Raises
    ------
    PrerequisiteError
        PyTorch or transformers is not installed.
    ConfigError
        There is no such device here.
    """
    check_packages("Training a model")
    import torch

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"The study trains on {device}, and PyTorch sees no GPU here.")
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
