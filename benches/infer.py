"""Scores of options by a tiny model, against one option at a time with all logits.

The model has random weights: what it answers plays no part. On one thread, since the peer's short
passes gain nothing from more.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

import torch
from timing import Row, paired
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from clika.infer.backends.huggingface import HuggingFaceBackend
from clika.infer.prompts import PROMPTS, make_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clika.infer.backend import Choice
    from clika.infer.prompts import PromptKind

__all__ = ["run"]

QUESTIONS = 512
VOCABULARY = 2_048
OPTIONS = 4
CLOSE = 1e-3


def run() -> list[Row]:
    """Return a row for each kind of prompt."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [_compared(kind) for kind in PROMPTS]
    finally:
        torch.set_num_threads(threads)


def _compared(kind: PromptKind) -> Row:
    chosen = random.Random(20240404)
    words = ["".join(chosen.choices("aeioubdgklmnprst", k=6)) for _ in range(1_500)]
    questions = []
    for _ in range(QUESTIONS):
        asked = " ".join(chosen.choices(words, k=chosen.randint(6, 14)))
        options = [" ".join(chosen.choices(words, k=chosen.randint(1, 3))) for _ in range(OPTIONS)]
        questions.append(make_choice(kind, language="en", question=f"{asked}?", options=options))
    tokenizer = _tokenizer(words)
    model = _model()
    ours = partial(HuggingFaceBackend(model, tokenizer).score, questions)
    theirs = partial(_one_by_one, model, tokenizer, questions)
    for found, expected in zip(ours(), theirs(), strict=True):
        assert max(abs(a - b) for a, b in zip(found, expected, strict=True)) < CLOSE
    row = paired(
        f"scores of {OPTIONS} options of {QUESTIONS} questions, {kind}",
        ours,
        "one option at a time, all logits",
        theirs,
    )
    size = model.num_parameters() / 1e6
    return row._replace(note=f"{size:.1f} M parameters, {QUESTIONS / row.ours:,.0f} questions/s")


def _one_by_one(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, questions: Sequence[Choice]
) -> list[tuple[float, ...]]:
    scores = []
    with torch.inference_mode():
        for question in questions:
            before = tokenizer(question.prompt)["input_ids"]
            of_options = []
            for option in question.options:
                after = tokenizer(option)["input_ids"]
                logits = model(torch.tensor([before + after])).logits[0, len(before) - 1 : -1]
                chosen = logits.log_softmax(-1).gather(1, torch.tensor(after)[:, None])
                of_options.append(float(chosen.sum()))
            scores.append(tuple(of_options))
    return scores


def _tokenizer(words: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(words)], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def _model() -> LlamaForCausalLM:
    torch.manual_seed(20240404)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
    )
    return LlamaForCausalLM(config).eval()
