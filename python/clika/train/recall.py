"""Whether a model says word by word what it was taught: the look that decides when to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clika.train.batches import UNLEARNT, lay_out
from clika.train.forward import learnt_logits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clika.train.examples import Encoded

__all__ = ["recall"]

_ROWS = 256


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
        for first in range(0, len(by_length), _ROWS):
            rows = lay_out(by_length[first : first + _ROWS], row_tokens=0)
            logits, following = learnt_logits(model, rows, packed=False)
            missed = (logits.argmax(-1) != following).cpu().numpy()
            row, _ = np.nonzero(rows.following != UNLEARNT)
            right += len(rows.ids) - len(np.unique(row[missed]))
    model.train(was_training)
    return right / len(by_length)
