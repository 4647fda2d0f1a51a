"""Examples: a prompt and what should follow it, as tokens."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from clika.lm.beginning import beginning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Encoded", "Example", "data_digest", "encode"]


class Example(NamedTuple):
    """A text to learn.

    Attributes
    ----------
    prompt
        What is given; empty for plain text.
    answer
        What follows, with the space that stands between.
    """

    prompt: str
    answer: str


class Encoded(NamedTuple):
    """An example as tokens.

    Attributes
    ----------
    ids
        Of prompt, answer and the end of the text.
    start
        0-based place of the first token that is learnt; at least 1, since a first token follows
        nothing.
    """

    ids: tuple[int, ...]
    start: int


def data_digest(examples: Iterable[Example]) -> str:
    """Return the SHA-256, in hexadecimal, of examples in their order."""
    found = hashlib.sha256()
    for part in (text for example in examples for text in example):
        data = part.encode()
        # Its length keeps ("a", "bc") from being ("ab", "c").
        found.update(b"%d:%b" % (len(data), data))
    return found.hexdigest()


def encode(
    tokenizer: Any,  # noqa: ANN401 - a tokenizer of transformers
    examples: Sequence[Example],
    *,
    loss_on: Literal["answer", "all"] = "answer",
) -> list[Encoded]:
    """Return examples as tokens.

    Prompt and answer are tokenised apart: the boundary between them is one between tokens, as when
    the model is asked. A tokenizer that begins each text with a token of its own does so here.

    Parameters
    ----------
    tokenizer
        Of transformers; it has a token for the end of a text.
    examples
        At least one.
    loss_on
        As of :class:`~clika.stages.Stage`.
    """
    prompts = tokenizer([example.prompt for example in examples], add_special_tokens=False)
    answers = tokenizer([example.answer for example in examples], add_special_tokens=False)
    begins = beginning(tokenizer)
    end = tokenizer.eos_token_id
    found = []
    for prompt, answer in zip(prompts["input_ids"], answers["input_ids"], strict=True):
        given = (*begins, *prompt)
        start = len(given) if loss_on == "answer" else len(begins)
        found.append(Encoded((*given, *answer, end), max(start, 1)))
    return found
