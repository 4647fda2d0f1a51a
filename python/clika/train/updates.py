"""Which weights a stage changes: all, all but the embeddings, or low-rank updates."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clika.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clika.stages import Stage

__all__ = ["updating"]

#: What peft takes for every linear layer but the output.
_ALL_LINEAR = "all-linear"


@contextmanager
def updating(model: Any, stage: Stage, *, seed: int) -> Iterator[Any]:  # noqa: ANN401
    """Yield the model to train; afterwards it holds what was learnt, in weights of its own.

    Parameters
    ----------
    model
        A causal language model of transformers; trained in place.
    stage
        Says what is trained.
    seed
        Of the low-rank updates' random halves.

    Raises
    ------
    ConfigError
        The model has no layer of a name that should get an update.
    """
    import torch

    for weight in model.parameters():
        weight.requires_grad_(requires_grad=True)
    if stage.lora is None:
        if stage.freeze_embeddings:
            model.get_input_embeddings().weight.requires_grad_(requires_grad=False)
            model.get_output_embeddings().weight.requires_grad_(requires_grad=False)
        yield model
        return
    from peft import LoraConfig, TaskType, get_peft_model

    layers = sorted({name.rpartition(".")[2] for name, _ in model.named_modules() if name})
    for target in stage.lora.targets:
        if target not in layers:
            raise ConfigError(
                f"lora.targets: the model has no layer {target!r}. It has {', '.join(layers)}."
            )
    torch.manual_seed(seed)
    chosen = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        r=stage.lora.rank,
        lora_alpha=stage.lora.alpha,
        lora_dropout=stage.lora.dropout,
        target_modules=list(stage.lora.targets) or _ALL_LINEAR,
    )
    with warnings.catch_warnings():
        # Peft asks the model by a name that transformers is giving up.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        adapted = get_peft_model(model, chosen)
    # The layers are replaced within the model itself, so it is trained as any other.
    yield model
    adapted.merge_and_unload()
