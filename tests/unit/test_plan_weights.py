"""What files of weights say of a model, and what ``clika plan`` makes of it."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_weights import write_safetensors

from clika.infer.weight_files import WeightFiles, look_at_weights
from clika.study import Asked
from clika.views.plan import Assumptions
from clika.views.plan.asking import model_cost
from clika.views.plan.prompts import Prompts

if TYPE_CHECKING:
    from pathlib import Path

#: 1,000 prompts of 100 tokens.
PROMPTS = Prompts(1000, 100_000.0, is_measured=True)


def test_files_that_are_here_say_their_size_themselves(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model", {"a": [2000, 300], "b": [400]})
    size = (tmp_path / "model" / "model.safetensors").stat().st_size
    asked = Asked(str(tmp_path / "model"), threads=2)
    found = model_cost("llama_7b", asked, PROMPTS, Assumptions())
    assert (found.parameters, found.weights, found.is_here) == (600_400, size, True)
    assert (found.device, found.gpus) == ("processor", 0)
    # Read as float32 on a processor, two threads of which sustain 8e10 operations a second.
    assert found.memory == pytest.approx(600_400 * 4 * 1.2)
    assert found.ask_seconds == pytest.approx(2 * 600_400 * 100_000 / 8e10)


def save_packed(path: Path, *, blocks: int = 100) -> int:
    """Write a GGUF file of a matrix in blocks of 32 packed numbers; return how many those are."""
    gguf = pytest.importorskip("gguf")
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_token_list([f"token {place}" for place in range(1000)])
    writer.add_token_scores([0.5] * 1000)
    packed = np.zeros((2, blocks * 18), dtype=np.uint8)
    writer.add_tensor("output.weight", packed, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    writer.add_tensor("output_norm.weight", np.zeros(40, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return 2 * blocks * 32 + 40


def test_a_packed_file_takes_the_memory_of_its_parameters_as_float32(tmp_path: Path) -> None:
    count = save_packed(tmp_path / "m.gguf")
    for device in ("cuda", "cpu"):
        asked = Asked(str(tmp_path / "m.gguf"), device=device)
        found = model_cost("our_own", asked, PROMPTS, Assumptions())
        assert found.parameters == count
        assert found.weights == (tmp_path / "m.gguf").stat().st_size
        assert found.memory == pytest.approx(count * 4 * 1.2)


def test_a_gguf_file_that_is_cut_off_says_no_number_of_parameters(tmp_path: Path) -> None:
    save_packed(tmp_path / "whole.gguf", blocks=1)
    content = (tmp_path / "whole.gguf").read_bytes()
    path = tmp_path / "cut.gguf"
    for length in range(0, content.index(b"output_norm.weight"), 97):
        path.write_bytes(content[:length])
        assert look_at_weights(path) == WeightFiles(length, None, is_gguf=True)


def gguf_header(tensors: int, fields: int, rest: bytes) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, fields) + rest


@pytest.mark.parametrize(
    "content",
    [
        gguf_header(2**63, 0, b""),
        gguf_header(0, 2**63, b""),
        gguf_header(0, 1, struct.pack("<Q", 2**63)),
        gguf_header(0, 1, struct.pack("<QIIQ", 0, 9, 8, 2**63)),
        gguf_header(0, 1, struct.pack("<QIIQ", 0, 9, 9, 1)),
        gguf_header(1, 0, struct.pack("<QIQIQ", 0, 1, 2**63, 0, 0)),
        gguf_header(1, 0, struct.pack("<QI", 0, 2**31)),
        gguf_header(0, 0, b""),
    ],
)
def test_a_hostile_gguf_header_says_no_number_of_parameters(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    assert look_at_weights(path) == WeightFiles(len(content), None, is_gguf=True)


def test_of_quantized_weights_the_registry_says_the_parameters(tmp_path: Path) -> None:
    write_safetensors(tmp_path, {"a": [3, 5], "positions": [4]}, types={"positions": "I64"})
    assert model_cost("our_own", Asked(str(tmp_path)), PROMPTS, Assumptions()).parameters == 15
    write_safetensors(tmp_path, {"a": [3, 5], "packed": [4]}, types={"packed": "I32"})
    unknown = model_cost("our_own", Asked(str(tmp_path)), PROMPTS, Assumptions())
    assert (unknown.parameters, unknown.memory, unknown.hours()) == (None, None, None)
    known = model_cost("llama_7b", Asked(str(tmp_path)), PROMPTS, Assumptions())
    assert known.parameters == 7 * 10**9


def in_safetensors(header: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 64,
        (10**15).to_bytes(8, "little") + b"{}",
        (4).to_bytes(8, "little") + b"[1,2",
        (2).to_bytes(8, "little") + b"[]",
        (12).to_bytes(8, "little") + b'{"a": "text"',
        (13).to_bytes(8, "little") + b'{"a": "texts"}',
        (19).to_bytes(8, "little") + b'{"a": {"shape": 3}}',
        in_safetensors(b'{"a": {"dtype": "F32", "shape": 300}}'),
        in_safetensors(b'{"a": {"dtype": "F32", "shape": [-300]}}'),
        in_safetensors(b'{"a": {"dtype": "F32", "shape": [999999999]}}'),
        in_safetensors(b'{"a": {"dtype": "F32", "shape": [1e999]}}'),
        in_safetensors(b"[" * 100_000),
    ],
)
def test_a_damaged_header_says_no_number_of_parameters(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    assert look_at_weights(tmp_path) == WeightFiles(len(content), None)


def test_weights_are_added_up_over_their_files_and_not_counted_twice(tmp_path: Path) -> None:
    write_safetensors(tmp_path, {"a": [3, 5]}, name="model-1.safetensors")
    write_safetensors(tmp_path, {"b": [7]}, name="model-2.safetensors")
    (tmp_path / "pytorch_model.bin").write_bytes(b"the same again")
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    size = sum(path.stat().st_size for path in tmp_path.glob("*.safetensors"))
    assert look_at_weights(tmp_path) == WeightFiles(size, 22)
    assert look_at_weights(tmp_path / "elsewhere") is None


@pytest.mark.parametrize("shards", [["model.safetensors"], ["a.safetensors", "b.safetensors"]])
def test_weights_that_are_there_once_more_under_another_name_count_once(
    shards: list[str], tmp_path: Path
) -> None:
    for name in (*shards, "consolidated.safetensors"):
        write_safetensors(tmp_path, {"a": [3, 5]}, name=name)
    index = {"weight_map": {f"{name} {part}": name for name in shards for part in range(3)}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    found = look_at_weights(tmp_path)
    assert found is not None
    assert found.parameters == 15 * len(shards)
    assert found.size == sum((tmp_path / name).stat().st_size for name in shards)


@pytest.mark.parametrize(
    "index", ["", "[]", '{"weight_map": 3}', '{"weight_map": {"a": ["b"]}}', "[" * 100_000]
)
def test_by_a_damaged_index_all_weights_count(index: str, tmp_path: Path) -> None:
    write_safetensors(tmp_path, {"a": [3, 5]}, name="one.safetensors")
    (tmp_path / "model.safetensors.index.json").write_text(index, encoding="utf-8")
    found = look_at_weights(tmp_path)
    assert found is not None
    assert found.parameters == 15


def test_of_an_index_whose_files_are_not_all_there_nothing_is_here(tmp_path: Path) -> None:
    write_safetensors(tmp_path, {"a": [3, 5]}, name="one.safetensors")
    index = {"weight_map": {"a": "one.safetensors", "b": "../two.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    assert look_at_weights(tmp_path) is None
