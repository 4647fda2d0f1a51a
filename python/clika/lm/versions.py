"""What today's transformers and 4.33 do otherwise, so that all else works with either.

4.33 is the extra ``legacy``: the code that some models bring with them was written for it.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import Cache, PretrainedConfig

__all__ = ["KeysAndValues", "is_legacy", "keys_and_values", "of_rows", "text_config", "weight_type"]

#: What a model goes on from: a cache, or a tuple of two tensors for each layer.
KeysAndValues: TypeAlias = "Cache | tuple[tuple[Tensor, ...], ...]"

_DIMENSIONS = 4


def is_legacy() -> bool:
    """Return whether the transformers that is installed is older than 5.

    It reads no GGUF file, and pickled weights without a guard of its own.
    """
    return int(version("transformers").partition(".")[0]) < 5  # noqa: PLR2004


def weight_type(dtype: str) -> dict[str, Any]:
    """Return the argument of ``from_pretrained`` that says the type of the weights.

    Parameters
    ----------
    dtype
        As torch names it; ``auto``: as they were saved.
    """
    import torch

    if is_legacy():
        return {"torch_dtype": dtype if dtype == "auto" else getattr(torch, dtype)}
    return {"dtype": dtype}


def text_config(config: PretrainedConfig) -> Any:  # noqa: ANN401 - as transformers types it
    """Return the part of a model's settings that is about text: all of it in an old version."""
    return config.get_text_config() if hasattr(config, "get_text_config") else config


def keys_and_values(output: object, *, rows: int) -> KeysAndValues | None:
    """Return what a pass left to go on from, where rows can be taken from it.

    Parameters
    ----------
    output
        What the model returned.
    rows
        How many rows it read.

    Returns
    -------
    Cache, tuple or None
        ``None`` for recurrent states and the like: only keys and values are known to be separable,
        and of those in tuples, only where each tensor is ``(n_rows, n_heads, n_columns, n_values)``
        or has its last three axes in another order.
    """
    found = getattr(output, "past_key_values", None)
    if isinstance(found, tuple):
        tensors = [one for layer in found if isinstance(layer, tuple) for one in layer]
        separable = len(tensors) >= len(found) > 0 and all(
            len(getattr(one, "shape", ())) == _DIMENSIONS and one.shape[0] == rows
            for one in tensors
        )
        return found if separable else None
    return found if _is_dynamic(found) else None


def _is_dynamic(found: object) -> bool:
    try:
        from transformers.cache_utils import DynamicCache, DynamicLayer
    except ImportError:
        return False
    return isinstance(found, DynamicCache) and all(
        isinstance(layer, DynamicLayer) for layer in found.layers
    )


def of_rows(kept: KeysAndValues, rows: Tensor) -> KeysAndValues:
    """Return what is kept of some rows, each as often as it is named. What is given is used up."""
    if isinstance(kept, tuple):
        return tuple(tuple(one[rows] for one in layer) for layer in kept)
    kept.batch_select_indices(rows)
    return kept
