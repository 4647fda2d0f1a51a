"""From rows of tokens to the loss on what is learnt, with logits at those places alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from clika.train.batches import UNLEARNT

if TYPE_CHECKING:
    import torch

    from clika.train.batches import Rows

__all__ = ["Learnt", "learnt_logits"]


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
        Whether a row may hold several examples, each to see itself alone. Without, what follows an
        example in its row is padding, which a causal model does not see.

    Notes
    -----
    The output layer is applied to the learnt places only: with a large vocabulary it is most of the
    work. What a model does after it (a cap, a scale) is left to it.
    """
    import torch

    device = model.device
    ids = torch.from_numpy(rows.ids).to(device)
    given: dict[str, torch.Tensor] = {"input_ids": ids}
    if packed:
        segments = torch.from_numpy(rows.segments).to(device)
        columns = ids.shape[1]
        earlier = torch.ones(columns, columns, dtype=torch.bool, device=device).tril()
        same = segments[:, None, :, None] == segments[:, None, None, :]
        given["attention_mask"] = same & earlier
        given["position_ids"] = torch.from_numpy(rows.positions).to(device)
    following = torch.from_numpy(rows.following).to(device)
    learnt = following != UNLEARNT

    def select(_: object, hidden: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        return (hidden[0][learnt], *hidden[1:])

    hook = model.get_output_embeddings().register_forward_pre_hook(select)
    try:
        logits = model(**given, use_cache=False).logits
    finally:
        hook.remove()
    return Learnt(logits, following[learnt])
