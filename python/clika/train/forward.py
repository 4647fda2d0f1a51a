"""From rows of tokens to the loss on what is learnt, with logits at those places alone."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.errors import ConfigError
from clika.lm.forward import chosen_logits
from clika.train.batches import UNLEARNT

if TYPE_CHECKING:
    import torch

    from clika.train.batches import Rows

__all__ = ["Learnt", "check_packing", "learnt_logits"]

_TRIED_TOKENS = 8
#: Rounding in float32 stays far below this share of the largest logit, another text far above.
_CLOSE = 1e-3


class Learnt(NamedTuple):
    """What the model says at each place where something is learnt.

    Attributes
    ----------
    logits
        float ``(n_learnt, n_vocabulary)``.
    following
        int64 ``(n_learnt,)``: the token that should follow.
    """

    logits: torch.Tensor
    following: torch.Tensor


def learnt_logits(model: Any, rows: Rows, *, packed: bool) -> Learnt:  # noqa: ANN401
    """Return the logits where something is learnt, in the order of the rows.

    Parameters
    ----------
    model
        A causal language model of transformers.
    rows
        Examples in rows.
    packed
        Whether a row may hold several examples, each to see itself alone, of a model that
        :func:`check_packing` lets pass. Without, what follows an example in its row is padding,
        which a causal model does not see.

    Notes
    -----
    Of packed rows the model is told the positions: where they begin anew, transformers begins a
    text that sees nothing before it, within the window of each layer that has one.
    """
    import torch

    device = model.device
    ids = torch.from_numpy(rows.ids).to(device)
    given: dict[str, object] = {"input_ids": ids, "use_cache": False}
    if packed:
        given["position_ids"] = torch.from_numpy(rows.positions).to(device)
    following = torch.from_numpy(rows.following).to(device)
    learnt = following != UNLEARNT
    found = chosen_logits(model, given, lambda values: values[learnt])
    return Learnt(found.logits, following[learnt])


def check_packing(model: Any) -> None:  # noqa: ANN401
    """Refuse a model that sees more than one example of a packed row.

    It is tried out: what a model says to a text must be the same with another before it in its row.
    Models whose attention falls with the distance, or that have a state, do not take the positions
    by which a row is divided, and raise nothing.

    Raises
    ------
    ConfigError
        The model does not take packed rows.
    """
    import torch

    takes = "position_ids" in inspect.signature(model.forward).parameters
    if takes:
        was_training = model.training
        model.eval()
        ids = torch.arange(2 * _TRIED_TOKENS, device=model.device)[None] % model.config.vocab_size
        places = torch.arange(_TRIED_TOKENS, device=model.device).repeat(2)[None]
        with torch.inference_mode():
            packed = model(input_ids=ids, position_ids=places, use_cache=False).logits
            alone = model(input_ids=ids[:, _TRIED_TOKENS:], use_cache=False).logits
        model.train(was_training)
        differs = (packed[:, _TRIED_TOKENS:] - alone).abs().max()
        takes = bool(differs <= _CLOSE * alone.abs().max())
    if not takes:
        raise ConfigError(
            f"A model of type {model.config.model_type} does not keep the texts of a packed row "
            "apart: set row_tokens to 0."
        )
