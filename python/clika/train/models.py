"""Models: made from nothing, loaded from a folder, saved with a card that says whence they came."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

from clika import __version__
from clika.errors import ConfigError, PrerequisiteError
from clika.files import refusals, sync
from clika.lm.loading import hush, read_model
from clika.train.checkpoints import full_disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from clika.stages import Shape

__all__ = [
    "END",
    "Card",
    "is_model",
    "load_model",
    "new_model",
    "save_model",
    "train_tokenizer",
]

#: The one special token of a tokenizer that is trained here: the end of a text.
END = "<|end|>"
_FEWEST_TOKENS = 257
_SPREAD = 0.04


class Card(NamedTuple):
    """What a model card says.

    Attributes
    ----------
    name
        Of the model.
    base
        Of the model that it was trained from; empty for none.
    languages
        Codes of the languages of its last stage.
    facts
        Everything that its weights are a function of, by name: recipe, data, seed.
    """

    name: str
    base: str
    languages: tuple[str, ...]
    facts: Mapping[str, object]


def train_tokenizer(texts: Iterable[str], *, vocabulary: int) -> Any:  # noqa: ANN401
    """Return a byte-level BPE tokenizer trained on texts.

    Parameters
    ----------
    texts
        What it will be used on.
    vocabulary
        Tokens at most, all 256 bytes and :data:`END` among them.

    Returns
    -------
    transformers.PreTrainedTokenizerFast
        It has no token for anything unknown: any text is a sequence of bytes.

    Raises
    ------
    ConfigError
        The vocabulary has no room for the bytes.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    if vocabulary < _FEWEST_TOKENS:
        raise ConfigError(
            f"A vocabulary of {vocabulary} tokens: it needs {_FEWEST_TOKENS} or more."
        )
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=END, pad_token=END, clean_up_tokenization_spaces=False
    )


def new_model(shape: Shape, *, tokens: int, seed: int) -> Any:  # noqa: ANN401
    """Return a model of LLaMA's architecture with random weights.

    Parameters
    ----------
    shape
        Its size.
    tokens
        How many tokens its tokenizer has; the first is the end of a text.
    seed
        Of the weights.

    Raises
    ------
    ConfigError
        The heads do not divide the width.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    if shape.hidden % (2 * shape.heads):
        raise ConfigError(
            f"A width of {shape.hidden} with {shape.heads} heads: each head needs an even width."
        )
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=tokens,
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.heads,
            intermediate_size=shape.intermediate,
            max_position_embeddings=shape.positions,
            tie_word_embeddings=True,
            # Wider than usual: at these widths the usual spread starts too near 0 to learn quickly.
            initializer_range=_SPREAD,
            pad_token_id=0,
            eos_token_id=0,
            bos_token_id=None,
        )
    )


def is_model(folder: Path) -> bool:
    """Return whether a folder holds a whole model that was saved here or by transformers."""
    return (folder / "config.json").is_file()


def load_model(folder: Path, *, device: str = "cpu") -> tuple[Any, Any]:
    """Return a model and its tokenizer, in float32.

    Parameters
    ----------
    folder
        A local folder; nothing is ever fetched, and no code of the model's own is run.
    device
        As torch names it.

    Raises
    ------
    PrerequisiteError
        There is no model.
    ConfigError
        A file of it is missing or damaged.
    """
    if not is_model(folder):
        raise PrerequisiteError(f"There is no model in {folder}.", command="clika train")
    try:
        return read_model(folder, called=str(folder), device=device, dtype="float32")
    except ConfigError as error:
        raise ConfigError(
            f"{error} Where a file is damaged, remove the folder: the model is then trained again."
        ) from error


def save_model(model: Any, tokenizer: Any, folder: Path, card: Card) -> None:  # noqa: ANN401
    """Save a model as a folder that transformers loads; it appears whole or not at all.

    Raises
    ------
    FileSystemError
        The disk is full or the folder's place is read-only.
    """
    hush()
    aside = folder.with_name(f".{folder.name}.tmp")
    with refusals(folder):
        aside.parent.mkdir(parents=True, exist_ok=True)
        # What a killed process left; one saves a model at a time.
        shutil.rmtree(aside, ignore_errors=True)
        try:
            aside.mkdir()
            with full_disk(folder):
                model.save_pretrained(aside)
                tokenizer.save_pretrained(aside)
            (aside / "README.md").write_text(_card_text(model, card), encoding="utf-8")
            for path in aside.iterdir():
                sync(path)
            shutil.rmtree(folder, ignore_errors=True)
            aside.rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _card_text(model: Any, card: Card) -> str:  # noqa: ANN401
    parameters = sum(weight.numel() for weight in model.parameters())
    origin = f"Trained from `{card.base}`." if card.base else "Trained from random weights."
    facts = {"parameters": parameters, "clika": __version__, **card.facts}
    table = [f"| {name} | `{json.dumps(of, ensure_ascii=False)}` |" for name, of in facts.items()]
    head = {"language": list(card.languages), "library_name": "transformers", "tags": ["clika"]}
    return "\n".join(
        [
            "---",
            *(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()),
            "---",
            "",
            f"# {card.name}",
            "",
            f"{origin} Made to measure knowledge across languages, and for nothing else.",
            "",
            "| What | Value |",
            "|---|---|",
            *table,
            "",
        ]
    )
