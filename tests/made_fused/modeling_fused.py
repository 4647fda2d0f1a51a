"""A tiny model as of 2023: one layer for queries, keys and values, a tuple for a cache."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import linear, normalize, scaled_dot_product_attention, silu
from transformers import PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

from .configuration_fused import FusedConfig
from .rotation_fused import turned


class Scaled(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, values):
        return self.weight * values * values.pow(2).mean(-1, keepdim=True).add(1e-6).rsqrt()


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, inner = config.hidden_size, config.intermediate_size
        self.heads = config.num_attention_heads
        self.before = Scaled(width)
        self.W_pack = nn.Linear(width, 3 * width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)
        self.between = Scaled(width)
        self.gate_up = nn.Linear(width, 2 * inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(self, hidden, past, mask):
        packed = self.W_pack(self.before(hidden)).unflatten(-1, (3, self.heads, -1))
        query, key, value = packed.permute(2, 0, 3, 1, 4)
        begun = 0 if past is None else past[0].shape[2]
        places = torch.arange(begun, begun + hidden.shape[1], device=hidden.device)
        query, key = turned(query, places), turned(key, places)
        if past is not None:
            key, value = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)
        seen = places[:, None] >= torch.arange(key.shape[2], device=hidden.device)
        if mask is not None:
            seen = seen & mask[:, None, None].bool()
        # Padding sees nothing: evenly weighed, it is no number less.
        unseen = torch.zeros(seen.shape, device=hidden.device).masked_fill(~seen, -1e4)
        found = scaled_dot_product_attention(query, key, value, attn_mask=unseen.to(query.dtype))
        hidden = hidden + self.o_proj(found.transpose(1, 2).flatten(2))
        gate, up = self.gate_up(self.between(hidden)).chunk(2, dim=-1)
        return hidden + self.down(silu(gate) * up), (key, value)


class NormalisedHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(config.vocab_size, config.hidden_size))

    def forward(self, hidden):
        return 8.0 * linear(hidden, normalize(self.weight))


class FusedForCausalLM(PreTrainedModel):
    config_class = FusedConfig

    def __init__(self, config):
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = Scaled(config.hidden_size)
        self.lm_head = NormalisedHead(config)
        self.post_init()

    def _init_weights(self, module):
        for weight in module.parameters(recurse=False):
            if weight.dim() > 1:
                nn.init.normal_(weight, std=0.3)

    def get_input_embeddings(self):
        return self.embed_tokens

    def get_output_embeddings(self):
        return self.lm_head

    def forward(self, input_ids, attention_mask=None, past_key_values=None, use_cache=True, **_):
        hidden, kept = self.embed_tokens(input_ids), []
        for at, layer in enumerate(self.layers):
            hidden, seen = layer(
                hidden, past_key_values[at] if past_key_values else None, attention_mask
            )
            kept.append(seen)
        logits = self.lm_head(self.norm(hidden))
        return CausalLMOutputWithPast(
            logits=logits, past_key_values=tuple(kept) if use_cache else None
        )

    def prepare_inputs_for_generation(self, input_ids, attention_mask=None, **_):
        return {"input_ids": input_ids, "attention_mask": attention_mask, "use_cache": False}
