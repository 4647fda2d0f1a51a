"""How large the weights of a model are, from its files and without loading it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.files import read_json
from clika.infer.gguf_header import gguf_parameters

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["WeightFiles", "look_at_weights"]

_SAFETENSORS = ".safetensors"
#: In the order in which a directory's weights are looked for; many models have them twice.
_KINDS = (_SAFETENSORS, ".bin")
#: Bytes of the length at the head of a safetensors file, and the largest header that is read.
_LENGTH, _LARGEST_HEADER = 8, 100 << 20
#: Types of a safetensors file that hold one parameter each, and those of masks and positions. Any
#: other, such as the integers of quantized weights, holds a number of parameters that it hides.
_PARAMETERS = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
_BESIDE = frozenset({"I64", "BOOL"})
#: No format packs more parameters into a byte.
_MOST_PER_BYTE = 8


class WeightFiles(NamedTuple):
    """The weights of a model on a disk.

    Attributes
    ----------
    size
        Bytes of the files of weights.
    parameters
        How many numbers they hold, by their headers; ``None`` where the files do not say.
    is_gguf
        Whether they are a GGUF file, whose numbers are float32 once they are loaded.
    """

    size: int
    parameters: int | None
    is_gguf: bool = False


def look_at_weights(path: Path) -> WeightFiles | None:
    """Return how large a model's weights are; ``None`` where there are none.

    Parameters
    ----------
    path
        A model's directory, or its ``.gguf`` file.
    """
    try:
        files = _files(path)
        size = sum(file.stat().st_size for file in files)
    except OSError:
        return None
    if not files:
        return None
    counts = [_parameters(file) for file in files]
    known = [count for count in counts if count is not None]
    parameters = sum(known) if len(known) == len(counts) else None
    return WeightFiles(size, parameters, is_gguf=path.is_file())


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        return []
    named = _named_files(path)
    if named is not None:
        return named
    for kind in _KINDS:
        found = [file for file in sorted(path.iterdir()) if file.suffix == kind and file.is_file()]
        # What a training run leaves beside the weights.
        found = [file for file in found if file.name != "training_args.bin"]
        if found:
            return found
    return []


def _named_files(path: Path) -> list[Path] | None:
    """Return the safetensors files that transformers reads; ``None`` where nothing names them.

    Some makers put the same weights beside them under other names. Where one that is named is not
    there, neither are the weights.
    """
    whole = path / "model.safetensors"
    if whole.is_file():
        return [whole]
    index = read_json(path / "model.safetensors.index.json")
    try:
        names = set(index["weight_map"].values())
    except (LookupError, TypeError, AttributeError):
        return None
    there = {file.name: file for file in path.iterdir() if file.is_file()}
    return [there[name] for name in sorted(names)] if names <= there.keys() else []


def _parameters(file: Path) -> int | None:
    """Return how many parameters a file holds; ``None`` where it says none, or impossible ones."""
    try:
        found = _in_safetensors(file) if file.suffix == _SAFETENSORS else gguf_parameters(file)
        most = _MOST_PER_BYTE * file.stat().st_size
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    except (OverflowError, RecursionError):
        # A shape without end, and a header of brackets alone.
        return None
    return found if found is not None and 0 < found <= most else None


def _in_safetensors(file: Path) -> int | None:
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(_LENGTH), "little")
        if length > _LARGEST_HEADER:
            return None
        header: dict[str, Any] = json.loads(opened.read(length))
    tensors = [entry for name, entry in header.items() if name != "__metadata__"]
    if not all(entry["dtype"] in _PARAMETERS | _BESIDE for entry in tensors):
        return None
    shapes = [entry["shape"] for entry in tensors if entry["dtype"] in _PARAMETERS]
    return sum(math.prod(map(int, shape)) for shape in shapes)
