"""How a text begins: some tokenizers put a token of their own before it."""

from __future__ import annotations

from typing import Any

__all__ = ["beginning"]


def beginning(tokenizer: Any) -> tuple[int, ...]:  # noqa: ANN401 - a tokenizer of transformers
    """Return what a tokenizer puts before a text: its beginning-of-text token, or nothing.

    Parameters
    ----------
    tokenizer
        Of transformers. One may know such a token and not use it.
    """
    token = tokenizer.bos_token_id
    begun = list(tokenizer("a")["input_ids"])
    return (token,) if token is not None and begun[:1] == [token] else ()
