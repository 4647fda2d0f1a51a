"""Whether a model says word by word what it was taught: the look that decides when to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clika.lm.memory import free_memory, is_out_of_memory
from clika.lm.versions import text_config
from clika.train.batches import UNLEARNT, lay_out
from clika.train.forward import learnt_logits
from clika.train.memory import too_small

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clika.train.examples import Encoded

__all__ = ["looking", "recall"]

#: Examples of a pass, and its logits, 4 bytes each: a large vocabulary has many to a token.
_ROWS = 256
_LOGITS = 2**26


def recall(model: Any, examples: Sequence[Encoded]) -> float:  # noqa: ANN401
    """Return the share of examples whose answer is the most probable text, token by token.

    Greedy generation gives exactly these answers; one pass over all tokens finds them without it.

    Parameters
    ----------
    model
        A causal language model of transformers.
    examples
        At least one.

    Returns
    -------
    float
        A share in [0, 1].

    Raises
    ------
    TrainingError
        A single example does not fit into the device's memory. A batch that does not is halved, and
        so are those after it.
    """
    was_training = model.training
    model.eval()
    try:
        return _count_right(model, examples) / len(examples)
    finally:
        model.train(was_training)


def looking(
    model: Any,  # noqa: ANN401
    gate: Mapping[str, Sequence[Encoded]],
) -> Callable[[], Mapping[str, float]]:
    """Return what a :class:`~clika.train.loop.Watch` looks with: the share of each set, by name."""
    return lambda: {name: recall(model, examples) for name, examples in gate.items()}


def _count_right(model: Any, examples: Sequence[Encoded]) -> int:  # noqa: ANN401
    by_length = sorted(examples, key=lambda example: len(example.ids))
    logits = _LOGITS // text_config(model.config).vocab_size
    done = right = 0
    most = _ROWS
    while done < len(by_length):
        batch = _next_batch(by_length[done : done + most], logits)
        try:
            right += _right_of(model, batch)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) == 1:
                raise too_small("One question of the gate", model) from error
            most = len(batch) // 2
        else:
            done += len(batch)
            continue
        # What the failed pass held is free only now that its error is gone.
        free_memory(model)
    return right


def _right_of(model: Any, batch: Sequence[Encoded]) -> int:  # noqa: ANN401
    """Return how many examples of a batch are said without a miss."""
    import torch

    rows = lay_out(batch, row_tokens=0)
    with torch.inference_mode():
        logits, following = learnt_logits(model, rows, packed=False)
        missed = (logits.argmax(-1) != following).cpu().numpy()
    row, _ = np.nonzero(rows.following != UNLEARNT)
    return len(rows.ids) - len(np.unique(row[missed]))


def _next_batch(examples: Sequence[Encoded], most: int) -> Sequence[Encoded]:
    """Return the first of some examples: a single one, or with at most so many learnt tokens."""
    learnt = 0
    for place, example in enumerate(examples):
        learnt += len(example.ids) - example.start
        if place and learnt > most:
            return examples[:place]
    return examples
