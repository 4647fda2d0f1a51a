"""Models of transformers are read from their files, or a sentence says which cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from made_gguf import save_gguf
from made_models import save_model
from safetensors.torch import load_file, save_file

from clika.errors import ConfigError
from clika.lm.loading import read_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_weights_are_read_as_asked_for(dtype: str, tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    model, _ = read_model(folder, called="it", device="cpu", dtype=dtype)
    assert {weight.dtype for weight in model.parameters()} == {getattr(torch, dtype)}


def test_a_model_of_a_gguf_file_can_be_saved(tmp_path: Path) -> None:
    file = save_gguf(tmp_path / "tiny.gguf")
    model, _ = read_model(file, called="it", device="cpu", dtype="float32")
    model.save_pretrained(tmp_path / "saved")
    assert (tmp_path / "saved" / "model.safetensors").is_file()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", "{}"),
        ("config.json", "[]"),
        ("config.json", "null"),
        ("config.json", "[" * 100_000),
        ("tokenizer.json", "[]"),
        ("tokenizer.json", '{"added_tokens": []}'),
        ("tokenizer_config.json", "null"),
        ("tokenizer_config.json", "[" * 100_000),
        ("model.safetensors", "no weights"),
    ],
)
def test_files_of_another_kind_end_in_a_sentence(name: str, content: str, tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    (folder / name).write_text(content)
    with pytest.raises(ConfigError, match=r"^My model cannot be loaded as a language model: .*\.$"):
        read_model(folder, called="My model", device="cpu", dtype="float32")


def test_a_device_that_is_not_there_is_said(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    with pytest.raises(ConfigError, match="My model cannot be loaded"):
        read_model(folder, called="My model", device="cuda:99", dtype="float32")


def test_weights_that_are_not_there_are_not_made_up(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    lost = next(name for name in sorted(weights) if "mlp" in name)
    kept = {name: weight for name, weight in weights.items() if name != lost}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ConfigError, match=rf"lack 1 of its weights, {lost} first"):
        read_model(folder, called="My model", device="cpu", dtype="float32")
