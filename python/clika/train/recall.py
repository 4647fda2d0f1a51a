"""Whether a model says word by word what it was taught: the look that decides when to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clika.train.batches import UNLEARNT, lay_out
from clika.train.forward import learnt_logits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.train.examples import Encoded

__all__ = ["recall"]

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
    """
    import torch

    was_training = model.training
    model.eval()
    by_length = sorted(examples, key=lambda example: len(example.ids))
    right = 0
    with torch.inference_mode():
        for batch in _batches(by_length, _LOGITS // model.config.get_text_config().vocab_size):
            rows = lay_out(batch, row_tokens=0)
            logits, following = learnt_logits(model, rows, packed=False)
            missed = (logits.argmax(-1) != following).cpu().numpy()
            row, _ = np.nonzero(rows.following != UNLEARNT)
            right += len(rows.ids) - len(np.unique(row[missed]))
    model.train(was_training)
    return right / len(by_length)


def _batches(examples: Sequence[Encoded], most: int) -> Iterator[Sequence[Encoded]]:
    """Yield examples in batches with at most so many learnt tokens, or of a single example."""
    first = learnt = 0
    for place, example in enumerate(examples):
        size = len(example.ids) - example.start
        if place > first and (learnt + size > most or place - first == _ROWS):
            yield examples[first:place]
            first, learnt = place, 0
        learnt += size
    if first < len(examples):
        yield examples[first:]
