"""Whether a device had too little memory, and what to do before something smaller is tried."""

from __future__ import annotations

from typing import Any

__all__ = ["free_memory", "is_out_of_memory"]


def is_out_of_memory(error: RuntimeError) -> bool:
    """Return whether torch says by an error that the memory of a device is full."""
    import torch

    # On a processor the allocator raises the bare class.
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def free_memory(model: Any) -> None:  # noqa: ANN401 - a model of transformers
    """Give back what torch holds on a model's GPU and does not use."""
    import torch

    if model.device.type == "cuda":
        torch.cuda.empty_cache()
