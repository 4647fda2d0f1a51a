"""One pass of a model, with logits at chosen places alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import torch

__all__ = ["Chosen", "chosen_logits"]


class Chosen(NamedTuple):
    """What a pass gives.

    Attributes
    ----------
    logits
        float ``(n_places, n_vocabulary)``.
    output
        Everything else that the model returns.
    """

    logits: torch.Tensor
    output: Any


def chosen_logits(
    model: Any,  # noqa: ANN401 - a causal language model of transformers
    given: Mapping[str, object],
    choose: Callable[[torch.Tensor], torch.Tensor],
) -> Chosen:
    """Run a model and return the logits at chosen places.

    Parameters
    ----------
    model
        A causal language model of transformers.
    given
        What it is called with.
    choose
        From ``(n_rows, n_columns, ...)`` to ``(n_places, ...)``.

    Notes
    -----
    What comes before the output layer is needed everywhere, that layer only at the places: with a
    large vocabulary it is most of the work. What a model does after it (a cap, a scale) is left to
    it.
    """
    head = model.get_output_embeddings()
    if head is None:
        output = model(**given)
        return Chosen(choose(output.logits), output)

    def select(_: object, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        hidden, *others = given
        return (choose(hidden), *others)

    hook = head.register_forward_pre_hook(select)
    try:
        output = model(**given)
    finally:
        hook.remove()
    return Chosen(output.logits, output)
