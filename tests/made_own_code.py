"""A tiny model that brings its own code, as Baichuan's do: Python files beside its weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

SOURCES = sorted((Path(__file__).parent / "made_fused").glob("*.py"))
NAMES = [source.name for source in SOURCES]

_SIZES = {
    "vocab_size": 128,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 512,
}
_SETTINGS = {
    "architectures": ["FusedForCausalLM"],
    "model_type": "fused",
    "auto_map": {
        "AutoConfig": "configuration_fused.FusedConfig",
        "AutoModelForCausalLM": "modeling_fused.FusedForCausalLM",
    },
    "tie_word_embeddings": False,
    "eos_token_id": 1,
    **_SIZES,
}
_TOKENS = {
    "auto_map": {"AutoTokenizer": ["tokenization_fused.FusedTokenizer", None]},
    "tokenizer_class": "FusedTokenizer",
    "characters": 128,
    "unk_token": "\0",
    "eos_token": "\1",
}


def save_own_code_model(folder: Path) -> Path:
    """Write a model's directory with its code; it has a dot in its name where the folder has."""
    folder.mkdir(parents=True)
    for source in SOURCES:
        shutil.copy(source, folder)
    for name, settings in (("config.json", _SETTINGS), ("tokenizer_config.json", _TOKENS)):
        (folder / name).write_text(json.dumps(settings, indent=2), encoding="utf-8")
    save_file(_weights(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def edit_code(folder: Path) -> None:
    """Let the output layer of a model in a folder be another one."""
    path = folder / "modeling_fused.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("return 8.0 * linear", "return 4.0 * linear"), encoding="utf-8")


def _weights() -> dict[str, torch.Tensor]:
    wide, inner = _SIZES["hidden_size"], _SIZES["intermediate_size"]
    torch.manual_seed(1)
    shapes = {"embed_tokens.weight": (128, wide), "lm_head.weight": (128, wide)}
    for layer in range(_SIZES["num_hidden_layers"]):
        shapes |= {
            f"layers.{layer}.W_pack.weight": (3 * wide, wide),
            f"layers.{layer}.o_proj.weight": (wide, wide),
            f"layers.{layer}.gate_up.weight": (2 * inner, wide),
            f"layers.{layer}.down.weight": (wide, inner),
        }
    weights = {name: 0.3 * torch.randn(shape) for name, shape in shapes.items()}
    scales = ["norm", *(f"layers.{at}.{one}" for at in range(2) for one in ("before", "between"))]
    return weights | {f"{name}.weight": torch.ones(wide) for name in scales}
