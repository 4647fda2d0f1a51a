"""Files of weights that have a header and no sense."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def write_safetensors(
    folder: Path,
    shapes: Mapping[str, Sequence[int]],
    *,
    name: str = "model.safetensors",
    types: Mapping[str, str] | None = None,
) -> None:
    """Write tensors of zeros, given by name and shape, into a model's directory.

    They are in bfloat16, but for those whose type is given: these have two bytes a number all the
    same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for tensor, shape in shapes.items():
        start, end = end, end + 2 * math.prod(shape)
        kind = (types or {}).get(tensor, "BF16")
        header[tensor] = {"dtype": kind, "shape": [*shape], "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    (folder / name).write_bytes(len(text).to_bytes(8, "little") + text + bytes(end))
    (folder / "config.json").write_text("{}", encoding="utf-8")
