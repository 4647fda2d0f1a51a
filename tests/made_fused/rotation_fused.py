"""Queries and keys turned by their places: imported by the model, named by no settings."""

from __future__ import annotations

import torch


def turned(values, places):
    """Turn pairs of ``(rows, heads, columns, width)`` by angles that grow with the place."""
    half = values.shape[-1] // 2
    speeds = 100.0 ** -(torch.arange(half, device=values.device) / half)
    angles = places[:, None].float() * speeds
    cosine, sine = angles.cos().to(values.dtype), angles.sin().to(values.dtype)
    first, second = values[..., :half], values[..., half:]
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1)
