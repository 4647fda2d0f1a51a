"""From texts to tokens: what stands before an option ends where a token ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError
from clika.lm.beginning import beginning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transformers import PreTrainedTokenizerBase

    from clika.infer.backend import Choice

__all__ = ["Asked", "TextTokens", "Wanted"]

# A text that no tokenizer joins with what follows it.
_ANCHOR = "\n"


class Wanted(NamedTuple):
    """One option of a question.

    Attributes
    ----------
    branch
        Which branch of the question begins with all of its tokens but the last.
    tokens
        The option's tokens.
    """

    branch: int
    tokens: tuple[int, ...]


class Asked(NamedTuple):
    """A question as tokens.

    Attributes
    ----------
    prompt
        What all options follow.
    branches
        What is to be read after the prompt, in the fewest ways: none is the beginning of another.
    options
        The options, each along one branch.
    """

    prompt: tuple[int, ...]
    branches: tuple[tuple[int, ...], ...]
    options: tuple[Wanted, ...]

    @property
    def longest(self) -> int:
        """Tokens of the prompt and the longest branch."""
        return len(self.prompt) + max(map(len, self.branches))


class TextTokens:
    """A tokenizer, asked for each text once.

    A prompt is encoded by itself, after the beginning-of-text token where the tokenizer's own
    encoding starts with it; an empty prompt is that token, or else the end-of-text token. An option
    is encoded as it stands after a line break, so that a tokenizer that begins every text with a
    space adds none in the middle. The two are joined: the boundary between prompt and option is a
    boundary of tokens.

    Parameters
    ----------
    tokenizer
        Of transformers.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        self._start = beginning(tokenizer)
        # Models without a beginning of text have learned that a text begins where another ends.
        end = tokenizer.eos_token_id
        self._nothing = self._start or (() if end is None else (end,))
        self._anchor = self._encode([_ANCHOR])[0]
        alone, anchored = self._encode(["a", f"{_ANCHOR}a"])
        self._anchored = anchored != self._anchor + alone

    def prompts(self, texts: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the tokens of each distinct prompt.

        Raises
        ------
        ConfigError
            A prompt is empty and the tokenizer has no token for that.
        """
        distinct = list(dict.fromkeys(texts))
        encoded = self._encode(distinct)
        begun = [self._start + found if found else self._nothing for found in encoded]
        if not all(begun):
            raise ConfigError("A prompt is empty, and the tokenizer has no token to begin with.")
        return dict(zip(distinct, begun, strict=True))

    def options(self, texts: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the tokens of each distinct option.

        Raises
        ------
        ConfigError
            An option has no token.
        """
        distinct = list(dict.fromkeys(texts))
        encoded = self._encode(distinct)
        if self._anchored:
            size = len(self._anchor)
            after = self._encode([_ANCHOR + text for text in distinct])
            encoded = [
                whole[size:] if whole[:size] == self._anchor else alone
                for whole, alone in zip(after, encoded, strict=True)
            ]
        if not all(encoded):
            raise ConfigError("An option is empty: there is nothing to score.")
        return dict(zip(distinct, encoded, strict=True))

    def ask(self, questions: Sequence[Choice]) -> list[Asked]:
        """Return the questions as tokens.

        Raises
        ------
        ConfigError
            A prompt or an option is empty.
        """
        prompts = self.prompts(question.prompt for question in questions)
        options = self.options(text for question in questions for text in question.options)
        return [
            _asked(prompts[question.prompt], [options[text] for text in question.options])
            for question in questions
        ]

    def _encode(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        if not texts:
            return []
        # An ending such as end-of-text belongs to no prompt, so special tokens are ours to add.
        found = self._tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return [tuple(tokens) for tokens in found]


def _asked(prompt: tuple[int, ...], options: Sequence[tuple[int, ...]]) -> Asked:
    """Return a question with the fewest branches that foretell every token of every option."""
    # The last token of an option is foretold, never read.
    read = {tokens[:-1] for tokens in options}
    # In sorted order, what begins with a text stands right after it.
    ordered = sorted(read)
    kept = [
        tokens
        for tokens, following in zip(ordered, [*ordered[1:], None], strict=True)
        if following is None or following[: len(tokens)] != tokens
    ]
    place = {
        tokens: next(at for at, whole in enumerate(kept) if whole[: len(tokens)] == tokens)
        for tokens in read
    }
    wanted = tuple(Wanted(place[tokens[:-1]], tokens) for tokens in options)
    return Asked(prompt, tuple(kept), wanted)
