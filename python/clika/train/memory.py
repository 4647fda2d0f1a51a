"""What does not fit into the memory of a device, however small the parts of the work are."""

from __future__ import annotations

from typing import Any

from clika.errors import TrainingError

__all__ = ["too_small"]


def too_small(what: str, model: Any) -> TrainingError:  # noqa: ANN401
    """Return the error that says what does not fit beside a model of transformers."""
    return TrainingError(
        f"{what}: it does not fit into the memory of {model.device}. Train a smaller model, or "
        "use LoRA."
    )
