"""Tiny models with random weights, and a tokenizer trained on the spot."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    MptConfig,
    MptForCausalLM,
    PreTrainedTokenizerFast,
)

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedModel

ARCHITECTURES = ("llama", "bloom", "mistral", "gemma3", "mamba")

_TEXT = (
    "Which city is the capital of Peru? Lima. Wo liegt Rom? In Italien. "
    "Answer: A B C D. Столица Франции? Париж. 日本の首都は東京です。"
)
_VOCABULARY = 320
_SPECIAL = {"bos_token": "<s>", "eos_token": "</s>"}
_UNKNOWN = {"unk_token": "<unk>"}
_SIZES = {
    "vocab_size": _VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
}


@cache
def byte_tokenizer(*, begins: bool = True) -> PreTrainedTokenizerFast:
    """Return a byte-level tokenizer, whose encoding begins with ``<s>`` if asked for."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([_TEXT], trainer)
    if begins:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", 0)]
        )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **_SPECIAL)


def spaced_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer that puts a space before every text, as SentencePiece does."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, **_UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first", split=False)
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))],
        show_progress=False,
    )
    tokenizer.train_from_iterator([_TEXT], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **_SPECIAL)


def random_model(architecture: str, *, seed: int = 1) -> PreTrainedModel:
    """Return a model whose weights are large enough that its answers differ."""
    torch.manual_seed(seed)
    if architecture == "llama":
        model = LlamaForCausalLM(LlamaConfig(**_SIZES))
    elif architecture == "bloom":
        model = BloomForCausalLM(
            BloomConfig(vocab_size=_VOCABULARY, hidden_size=32, n_layer=2, n_head=4)
        )
    elif architecture == "mistral":
        # A window shorter than the questions: what is padded must not count.
        model = MistralForCausalLM(MistralConfig(**_SIZES, sliding_window=8))
    elif architecture == "mpt":
        # Its attention falls with the distance, and one layer makes queries, keys and values.
        model = MptForCausalLM(
            MptConfig(vocab_size=_VOCABULARY, d_model=32, n_layers=2, n_heads=4, max_seq_len=512)
        )
    elif architecture == "mamba":
        # It has a state in the place of keys and values.
        model = MambaForCausalLM(
            MambaConfig(vocab_size=_VOCABULARY, hidden_size=32, num_hidden_layers=2, state_size=4)
        )
    else:
        model = Gemma3ForCausalLM(
            Gemma3TextConfig(
                **_SIZES,
                head_dim=8,
                sliding_window=8,
                final_logit_softcapping=2.0,
                layer_types=["sliding_attention", "full_attention"],
            )
        )
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    model.generation_config.eos_token_id = byte_tokenizer().eos_token_id
    return model.eval()


def save_model(folder: Path, architecture: str = "llama") -> Path:
    """Write a model's directory as anyone's training leaves it."""
    random_model(architecture).save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)
    return folder
