"""Models of transformers, on a processor or a GPU."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from clika.errors import ConfigError
from clika.infer.backends.tokens import TextTokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from clika.infer.backend import Choice
    from clika.infer.backends.tokens import Asked

__all__ = ["HuggingFaceBackend"]

# What keeps the device busy; on a processor more only leaves its caches.
_BATCH_TOKENS = {"cpu": 4_096}
_BATCH_TOKENS_ELSEWHERE = 16_384
# Logits of a batch, 4 bytes each: a gibibyte at the most.
_BATCH_LOGITS = 2**28

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


class _Places(NamedTuple):
    """Where a batch's log-probabilities are: one place for each token of each option."""

    rows: list[int]
    columns: list[int]
    tokens: list[int]


class HuggingFaceBackend:
    """A causal language model of transformers and its tokenizer.

    Questions are put in the order of their lengths and batched up to a number of tokens, so the
    batches are a function of the questions alone and two runs give the same numbers. A batch that
    does not fit the device's memory is halved, and so are those after it; the logger of this module
    says so once.

    Parameters
    ----------
    model
        A model with a language-model head, on its device. Whether it is in training mode is as
        before after each call.
    tokenizer
        Its tokenizer.
    batch_tokens
        The most tokens of a batch, padding among them; a question that is longer has its own batch.
        ``None``: 4,096 on a processor, 16,384 elsewhere.

    Examples
    --------
    >>> backend = HuggingFaceBackend(model, tokenizer)  # doctest: +SKIP
    >>> backend.score([Choice("Paris is in", (" France", " Peru"))])  # doctest: +SKIP
    [(-1.2, -9.8)]
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        batch_tokens: int | None = None,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._tokens = TextTokens(tokenizer)
        self._batch_tokens = batch_tokens or _BATCH_TOKENS.get(
            model.device.type, _BATCH_TOKENS_ELSEWHERE
        )
        config = model.config.get_text_config()
        self._window: int | None = getattr(config, "max_position_embeddings", None)
        self._batch_places = max(1, _BATCH_LOGITS // config.vocab_size)

    def score(self, questions: Sequence[Choice]) -> list[tuple[float, ...]]:
        """Return for each question the log-probability of each option after the prompt.

        Parameters
        ----------
        questions
            What is asked; a prompt is computed once for all options that are one token.

        Returns
        -------
        list of tuple of float
            Natural logarithms, the sum over the option's tokens, at most 0. The softmax is in
            float32 whatever the model computes in.

        Raises
        ------
        ConfigError
            A prompt or an option is empty, or a question is longer than the model's window.
        """
        asked = self._tokens.ask(questions)
        self._check(asked_one.longest for asked_one in asked)
        order = sorted(range(len(asked)), key=lambda at: (asked[at].longest, at))
        scores: list[tuple[float, ...]] = [()] * len(asked)

        def run(batch: Sequence[int]) -> list[tuple[float, ...]]:
            return self._score_batch([asked[at] for at in batch])

        def fits(batch: Sequence[int], budget: int) -> bool:
            # The last is the longest: every row is padded to it.
            longest = asked[batch[-1]].longest
            rows = sum(len(asked[at].sequences) for at in batch)
            places = sum(len(one.tokens) for at in batch for one in asked[at].options)
            return rows * longest <= budget and places <= self._batch_places

        with self._evaluating():
            for batch, found in self._batches(order, fits, run):
                for at, one in zip(batch, found, strict=True):
                    scores[at] = one
        return scores

    def generate(self, prompts: Sequence[str], *, longest: int) -> list[str]:
        """Return what follows each prompt.

        Parameters
        ----------
        prompts
            What the model reads.
        longest
            The most tokens to generate.

        Returns
        -------
        list of str
            The likeliest token at each step, up to the end-of-text token, which is left out with
            all other special tokens.

        Raises
        ------
        ConfigError
            A prompt is empty, or with what is to follow longer than the model's window.
        """
        encoded = self._tokens.prompts(prompts)
        asked = [encoded[prompt] for prompt in prompts]
        self._check(len(tokens) + longest for tokens in asked)
        order = sorted(range(len(asked)), key=lambda at: (len(asked[at]), at))
        texts = [""] * len(asked)

        def run(batch: Sequence[int]) -> list[str]:
            return self._generate_batch([asked[at] for at in batch], longest)

        def fits(batch: Sequence[int], budget: int) -> bool:
            return len(batch) * (len(asked[batch[-1]]) + longest) <= budget

        with self._evaluating():
            for batch, found in self._batches(order, fits, run):
                for at, one in zip(batch, found, strict=True):
                    texts[at] = one
        return texts

    def _check(self, lengths: Iterator[int]) -> None:
        needed = max(lengths, default=0)
        if self._window is not None and needed > self._window:
            raise ConfigError(
                f"A question needs {needed:,} tokens, and the model reads {self._window:,}."
            )

    def _batches(
        self,
        order: Sequence[int],
        fits: Callable[[Sequence[int], int], bool],
        run: Callable[[Sequence[int]], list[Result]],
    ) -> Iterator[tuple[Sequence[int], list[Result]]]:
        """Yield batches with their results, in the order given."""
        import torch

        done, most = 0, len(order)
        while done < len(order):
            end = done + 1
            while (
                end < len(order)
                and end - done < most
                and fits(order[done : end + 1], self._batch_tokens)
            ):
                end += 1
            batch = order[done:end]
            try:
                found = run(batch)
            except torch.OutOfMemoryError as error:
                if len(batch) == 1:
                    raise ConfigError(
                        "The device has too little memory for a single question: "
                        "use another device or a smaller model."
                    ) from error
                if most == len(order):
                    _log.warning(
                        "A batch of %d questions does not fit the device's memory: "
                        "going on with half of it.",
                        len(batch),
                    )
                most = len(batch) // 2
            else:
                yield batch, found
                done = end

    def _score_batch(self, asked: Sequence[Asked]) -> list[tuple[float, ...]]:
        import torch

        rows = [tokens for one in asked for tokens in one.sequences]
        width = max(map(len, rows))
        # Padding follows what is read, and no token sees what follows it: any token will do.
        padded = torch.tensor([[*tokens, *[0] * (width - len(tokens))] for tokens in rows])
        places = _places(asked)
        logits = self._logits_at(padded, places.rows, places.columns).float()
        chosen = torch.tensor(places.tokens, device=logits.device)
        log_probabilities = logits.gather(1, chosen[:, None])[:, 0] - logits.logsumexp(1)
        found = iter(log_probabilities.double().tolist())
        return [
            tuple(sum(next(found) for _ in option.tokens) for option in one.options)
            for one in asked
        ]

    def _logits_at(self, padded: Tensor, rows: list[int], columns: list[int]) -> Tensor:
        """Return the logits ``(n_places, vocabulary)`` at some places of a batch."""
        import torch

        device = self._model.device
        head = self._model.get_output_embeddings()
        selected = torch.tensor(rows), torch.tensor(columns)

        def select(_: object, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            # What comes before the head is needed everywhere, the head only at the places asked
            # for: with a large vocabulary it is most of the work. What a model does after its head
            # (a cap, a scale) is left to it.
            hidden, *others = given
            return (hidden[selected[0].to(hidden.device), selected[1].to(hidden.device)], *others)

        if head is None:
            logits = self._model(input_ids=padded.to(device), use_cache=False).logits
            return logits[selected[0].to(logits.device), selected[1].to(logits.device)]
        hook = head.register_forward_pre_hook(select)
        try:
            return self._model(input_ids=padded.to(device), use_cache=False).logits
        finally:
            hook.remove()

    def _generate_batch(self, asked: Sequence[tuple[int, ...]], longest: int) -> list[str]:
        import torch

        device = self._model.device
        ends = frozenset(self._model.generation_config.eos_token_id or ())
        width = max(map(len, asked))
        # Padding stands before the prompts, so that all go on at the same place.
        padded = torch.tensor([[*[0] * (width - len(tokens)), *tokens] for tokens in asked])
        lengths = torch.tensor([len(tokens) for tokens in asked])
        mask = (torch.arange(width)[None, :] >= width - lengths[:, None]).long()
        made = self._model.generate(
            padded.to(device), attention_mask=mask.to(device), max_new_tokens=longest
        )
        # A token may end a text by the model's files and be no special one by the tokenizer's.
        kept = (takewhile(lambda token: token not in ends, row) for row in made[:, width:].tolist())
        return [self._tokenizer.decode([*row], skip_special_tokens=True) for row in kept]

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        """Turn off what is for training, and what the model's files choose for generation."""
        import torch
        from transformers import GenerationConfig

        model = self._model
        trained, chosen = model.training, model.generation_config
        ends = self._ends(chosen)
        model.eval()
        model.generation_config = GenerationConfig(
            do_sample=False, num_beams=1, eos_token_id=ends or None, pad_token_id=(ends or [0])[0]
        )
        try:
            with torch.inference_mode():
                yield
        finally:
            model.generation_config = chosen
            model.train(trained)

    def _ends(self, chosen: object) -> list[int]:
        """Return the tokens that end a text: the tokenizer's, and those of the model's files."""
        named = getattr(chosen, "eos_token_id", None)
        listed = named if isinstance(named, list) else [named]
        return [
            *dict.fromkeys(
                end for end in (self._tokenizer.eos_token_id, *listed) if end is not None
            )
        ]


def _places(asked: Sequence[Asked]) -> _Places:
    places = _Places([], [], [])
    first = 0
    for one in asked:
        for option in one.options:
            size = len(option.tokens)
            places.rows.extend([first + option.sequence] * size)
            places.columns.extend(range(option.start, option.start + size))
            places.tokens.extend(option.tokens)
        first += len(one.sequences)
    return places
