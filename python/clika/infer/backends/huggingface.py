"""Models of transformers, on a processor or a GPU."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from itertools import islice, takewhile
from typing import TYPE_CHECKING, TypeVar

from clika.errors import ConfigError
from clika.infer.backends.forward import Place, pass_over
from clika.infer.backends.tokens import TextTokens
from clika.lm.memory import is_out_of_memory
from clika.lm.versions import of_rows, text_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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


class HuggingFaceBackend:
    """A causal language model of transformers and its tokenizer.

    Questions are put in the order of their lengths and batched up to a number of tokens, so the
    batches are a function of the questions alone and two runs give the same numbers. Prompts that
    several branches follow are batched with others of their length, without padding. A batch that
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
        config = text_config(model.config)
        self._window: int | None = getattr(config, "max_position_embeddings", None)
        self._shares = True
        # The most questions of a batch that the memory was found to hold; None: not found yet.
        self._most: int | None = None
        self._batch_places = max(1, _BATCH_LOGITS // config.vocab_size)

    def score(self, questions: Sequence[Choice]) -> list[tuple[float, ...]]:
        """Return for each question the log-probability of each option after the prompt.

        Parameters
        ----------
        questions
            What is asked; a prompt is computed once for all its options, where the model keeps keys
            and values.

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
        groups = [len(one.prompt) if len(one.branches) > 1 else 0 for one in asked]
        order = sorted(range(len(asked)), key=lambda at: (groups[at], asked[at].longest, at))
        scores: list[tuple[float, ...]] = [()] * len(asked)

        def run(batch: Sequence[int]) -> list[tuple[float, ...]]:
            return self._score_batch([asked[at] for at in batch])

        def fits(batch: Sequence[int]) -> bool:
            # The last is the longest: every row is padded to it.
            longest = asked[batch[-1]].longest
            rows = sum(len(asked[at].branches) for at in batch)
            places = sum(len(one.tokens) for at in batch for one in asked[at].options)
            alike = groups[batch[0]] == groups[batch[-1]]
            if not alike or places > self._batch_places:
                return False
            return rows * longest <= self._batch_tokens

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

        def fits(batch: Sequence[int]) -> bool:
            return len(batch) * (len(asked[batch[-1]]) + longest) <= self._batch_tokens

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
        fits: Callable[[Sequence[int]], bool],
        run: Callable[[Sequence[int]], list[Result]],
    ) -> Iterator[tuple[Sequence[int], list[Result]]]:
        """Yield batches with their results, in the order given."""
        done = 0
        while done < len(order):
            most = len(order) - done if self._most is None else self._most
            end = done + 1
            while end < len(order) and end - done < most and fits(order[done : end + 1]):
                end += 1
            batch = order[done:end]
            try:
                found = run(batch)
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                if len(batch) == 1:
                    raise ConfigError(
                        "The device has too little memory for a single question: "
                        "use another device or a smaller model."
                    ) from error
                if self._most is None:
                    _log.warning(
                        "A batch of %d questions does not fit the device's memory: "
                        "going on with half of it.",
                        len(batch),
                    )
                self._most = len(batch) // 2
            else:
                yield batch, found
                done = end

    def _score_batch(self, asked: Sequence[Asked]) -> list[tuple[float, ...]]:
        if self._shares and len(asked[0].branches) > 1:
            shared = self._score_shared(asked)
            if shared is not None:
                return shared
            self._shares = False
        rows = [one.prompt + branch for one in asked for branch in one.branches]
        found = iter(pass_over(self._model, rows, _places_of_wholes(asked)).log_probabilities)
        return [
            tuple(sum(islice(found, len(option.tokens))) for option in one.options) for one in asked
        ]

    def _score_shared(self, asked: Sequence[Asked]) -> list[tuple[float, ...]] | None:
        """Score questions whose prompts have one length, each prompt computed once.

        ``None`` where the model has no cache to go on from.
        """
        import torch

        end = len(asked[0].prompt) - 1
        firsts = [
            Place(row, end, option.tokens[0])
            for row, one in enumerate(asked)
            for option in one.options
        ]
        prompts = pass_over(self._model, [one.prompt for one in asked], firsts, keep=True)
        if prompts.cache is None:
            return None
        owners = [row for row, one in enumerate(asked) for _ in one.branches]
        kept = of_rows(prompts.cache, torch.tensor(owners, device=self._model.device))
        branches = [branch for one in asked for branch in one.branches]
        after = pass_over(self._model, branches, _places_of_rests(asked), after=kept)
        first, rest = iter(prompts.log_probabilities), iter(after.log_probabilities)
        return [
            tuple(next(first) + sum(islice(rest, len(option.tokens) - 1)) for option in one.options)
            for one in asked
        ]

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


def _places_of_wholes(asked: Sequence[Asked]) -> list[Place]:
    """Return where every token of every option is foretold, in rows of prompt and branch."""
    places, row = [], 0
    for one in asked:
        for option in one.options:
            places += [
                Place(row + option.branch, column, token)
                for column, token in enumerate(option.tokens, len(one.prompt) - 1)
            ]
        row += len(one.branches)
    return places


def _places_of_rests(asked: Sequence[Asked]) -> list[Place]:
    """Return where every token but an option's first is foretold, in rows of branches."""
    places, row = [], 0
    for one in asked:
        for option in one.options:
            places += [
                Place(row + option.branch, column, token)
                for column, token in enumerate(option.tokens[1:])
            ]
        row += len(one.branches)
    return places
