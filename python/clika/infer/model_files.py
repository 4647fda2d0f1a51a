"""Where a model's files lie, and what they are: a digest of their bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from clika.errors import ConfigError, PrerequisiteError
from clika.lm.own_code import code_files

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["code_digest", "find_model", "model_digest", "weights_at"]

_GGUF = ".gguf"
#: Weights, settings and vocabularies; what a training run leaves beside them changes no answer.
_SUFFIXES = frozenset({".safetensors", ".bin", ".json", ".model", ".txt", _GGUF})
_OF_TRAINING = frozenset({"training_args.bin", "trainer_state.json", "all_results.json"})


def find_model(source: str, *, network: bool) -> Path:
    """Return the directory or the ``.gguf`` file of a model.

    Parameters
    ----------
    source
        A path, or where the network is allowed a name in the Hugging Face hub.
    network
        Whether to bring a model of that name from the hub.

    Raises
    ------
    ConfigError
        There is no such model.
    PrerequisiteError
        The packages for the hub are not installed.
    """
    path = Path(source)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ConfigError(
                f"{path} is not a model's directory: it has no config.json. Name the directory "
                f"that save_pretrained wrote, or a {_GGUF} file."
            )
        return path
    if path.is_file() and path.suffix == _GGUF:
        return path
    if path.exists():
        raise ConfigError(f"{path} is neither a model's directory nor a {_GGUF} file.")
    if not network:
        raise ConfigError(
            f"There is no model at {path}. A name in the Hugging Face hub needs the network, "
            "which is used only with --network."
        )
    return _from_hub(source)


def _from_hub(name: str) -> Path:
    try:
        from huggingface_hub import HfApi, snapshot_download
        from huggingface_hub.utils import (  # type: ignore[attr-defined] # where 0.17 has them, too
            HfHubHTTPError,
            HFValidationError,
        )
    except ImportError as error:
        raise PrerequisiteError(
            "The Hugging Face hub needs its package.", command="pip install 'clika[inference]'"
        ) from error
    try:
        files = HfApi().list_repo_files(name)
        kept = [file for file in files if "/" not in file and Path(file).suffix in _SUFFIXES]
        if any(file.endswith(".safetensors") for file in kept):
            # Many models have their weights twice.
            kept = [file for file in kept if not file.endswith(".bin")]
        kept = [file for file in kept if not file.endswith(_GGUF)]
        return Path(snapshot_download(name, allow_patterns=kept))
    except (OSError, HfHubHTTPError, HFValidationError) as error:
        raise ConfigError(f"The hub gives no model {name}: {error}") from error


def model_digest(path: Path) -> str:
    """Return a digest of all files that a model's answers depend on.

    Parameters
    ----------
    path
        What :func:`find_model` returned.

    Returns
    -------
    str
        SHA-256, hexadecimal, over names and SHA-256 of the files, sorted by name. It reads every
        byte of the weights.
    """
    # The name of a single file says nothing about its model.
    return _digest(weights_at(path), named=not path.is_file())


def code_digest(path: Path) -> str:
    """Return a digest of the Python files in a model's directory, as :func:`model_digest` does.

    They change its answers where they are run, and only there.

    Parameters
    ----------
    path
        What :func:`find_model` returned.
    """
    return _digest(code_files(path), named=True)


def _digest(files: Iterable[Path], *, named: bool) -> str:
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        whole.update(f"{file.name if named else ''}\0{digest}\n".encode())
    return whole.hexdigest()


def weights_at(path: Path, *, code: bool = False) -> list[Path]:
    """Return the files that a model's answers depend on, sorted by name; none where it is not.

    Parameters
    ----------
    path
        The model's directory or ``.gguf`` file.
    code
        Whether its Python files, which are run, come after them.
    """
    files = sorted(path.iterdir(), key=lambda file: file.name) if path.is_dir() else [path]
    return [
        file
        for file in files
        if file.is_file() and file.suffix in _SUFFIXES and file.name not in _OF_TRAINING
    ] + (code_files(path) if code else [])
