"""What a model reads of a line: plain text, or a turn of its own chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clika.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["chat_wording", "plain_wording"]


def plain_wording(prompt: str) -> str:
    """Return a prompt with the line break that its answer follows."""
    return f"{prompt}\n"


def chat_wording(tokenizer: Any) -> Callable[[str], str]:  # noqa: ANN401
    """Return how a tokenizer's own template words a turn of a user, up to where the answer begins.

    Parameters
    ----------
    tokenizer
        Of transformers.

    Raises
    ------
    ConfigError
        It has no template.
    """
    if not getattr(tokenizer, "chat_template", None):
        raise ConfigError("The model's tokenizer has no chat template: leave out --chat.")
    begin = tokenizer.bos_token or ""

    def word(prompt: str) -> str:
        turn = [{"role": "user", "content": prompt}]
        text = str(tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True))
        # The beginning of a text is added when the text becomes tokens.
        return text.removeprefix(begin)

    return word
