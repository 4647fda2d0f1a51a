"""Whether a device had too little memory."""

from __future__ import annotations

__all__ = ["is_out_of_memory"]


def is_out_of_memory(error: RuntimeError) -> bool:
    """Return whether torch says by an error that the memory of a device is full."""
    import torch

    # On a processor the allocator raises the bare class.
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
