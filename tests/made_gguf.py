"""A model's weights and tokenizer in one GGUF file, as llama.cpp's converter writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import gguf
import numpy as np
from made_models import byte_tokenizer, random_model

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_WHOLE = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
}
_OF_LAYERS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def save_gguf(path: Path) -> Path:
    """Write the random LLaMA and its tokenizer, in float32."""
    model, config = random_model("llama"), random_model("llama").config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_vocab_size(config.vocab_size)
    _add_tokenizer(writer, config.vocab_size)
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    for name, tensor in model.state_dict().items():
        weights = tensor.numpy().astype(np.float32)
        kind = name.removesuffix(".weight").rpartition(".")[2]
        if kind in heads:
            weights = _interleaved(weights, heads[kind])
        writer.add_tensor(_renamed(name.removesuffix(".weight")), weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tokenizer(writer: gguf.GGUFWriter, size: int) -> None:
    tokenizer = byte_tokenizer()
    spec = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    tokens = sorted(spec["vocab"], key=spec["vocab"].get)
    unused = [f"<unused{place}>" for place in range(len(tokens), size)]
    special = {tokenizer.bos_token, tokenizer.eos_token}
    kinds = [gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens + unused)
    writer.add_token_types(kinds + [gguf.TokenType.UNUSED] * len(unused))
    writer.add_token_merges([" ".join(merge) for merge in spec["merges"]])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_add_bos_token(value=True)


def _renamed(name: str) -> str:
    if name in _WHOLE:
        return f"{_WHOLE[name]}.weight"
    _, _, layer, kind = name.split(".", 3)
    return f"blk.{layer}.{_OF_LAYERS[kind]}.weight"


def _interleaved(weights: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Return queries or keys with each head's two halves interleaved, as llama.cpp rotates them."""
    halves = weights.reshape(heads, 2, weights.shape[0] // heads // 2, weights.shape[1])
    return halves.swapaxes(1, 2).reshape(weights.shape)
