"""One pass of a model over a batch: log-probabilities of chosen tokens at chosen places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from clika.lm.forward import chosen_logits
from clika.lm.versions import keys_and_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor
    from transformers import PreTrainedModel

    from clika.lm.versions import KeysAndValues

__all__ = ["Passed", "Place", "pass_over"]


class Place(NamedTuple):
    """A token that is foretold somewhere.

    Attributes
    ----------
    row, column
        Where in the batch it is foretold: its own column is the next.
    token
        The token.
    """

    row: int
    column: int
    token: int


class Passed(NamedTuple):
    """What a pass gives.

    Attributes
    ----------
    log_probabilities
        One for each place, natural logarithms.
    cache
        What to go on from after each row, where it was asked for and the model has it in a form
        that rows can be taken from; else ``None``.
    """

    log_probabilities: list[float]
    cache: KeysAndValues | None


def pass_over(
    model: PreTrainedModel,
    rows: Sequence[Sequence[int]],
    places: Sequence[Place],
    *,
    after: KeysAndValues | None = None,
    keep: bool = False,
) -> Passed:
    """Run a model over rows of tokens.

    Parameters
    ----------
    model
        A causal language model. The softmax is in float32 whatever it computes in.
    rows
        Tokens of each row; they may differ in length.
    places
        What is wanted.
    after
        What the rows go on from: the cache of a pass over as many rows, all of one length. It is
        used up.
    keep
        Whether the cache is wanted; the rows then have one length.
    """
    import torch

    width = max(map(len, rows))
    # Padding follows what is read, and no token sees what follows it: any token will do, and
    # nothing needs to be masked.
    padded = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
    place = torch.tensor([(one.row, one.column) for one in places])
    token = torch.tensor([[one.token] for one in places])
    given: dict[str, Any] = {"input_ids": padded.to(model.device), "use_cache": keep}
    if after is not None:
        given |= {"past_key_values": after, "use_cache": True}
    passed = chosen_logits(model, given, lambda values: _at(values, place))
    logits = passed.logits.float()
    found = logits.gather(1, token.to(logits.device))[:, 0] - logits.logsumexp(1)
    cache = keys_and_values(passed.output, rows=len(rows)) if keep else None
    return Passed(found.double().tolist(), cache)


def _at(values: Tensor, place: Tensor) -> Tensor:
    """Return ``(n_places, ...)`` of ``(n_rows, n_columns, ...)``."""
    rows, columns = place.to(values.device).unbind(1)
    return values[rows, columns]
