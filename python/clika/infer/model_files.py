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
_SUFFIXES = frozenset(
    {".safetensors", ".bin", ".json", ".model", ".spm", ".codes", ".tokenizer", ".txt", _GGUF}
)
_OF_TRAINING = frozenset({"training_args.bin", "trainer_state.json", "all_results.json"})
#: What is beside them for people to read.
_DOCUMENTS = frozenset({".md", ".rst", ".pdf"})
_DOCUMENT_NAMES = frozenset({"README", "LICENSE", "LICENCE", "COPYING", "NOTICE"})


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
    """Return a digest of a model's own code and what it may read, as :func:`model_digest` does.

    They change its answers where the code is run, and only there.

    Parameters
    ----------
    path
        What :func:`find_model` returned.
    """
    return _digest(_code_at(path), named=True)


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
        Whether its own code, which is run, and what else that may read come after them.
    """
    return [file for file in _files(path) if file.suffix in _SUFFIXES] + (
        _code_at(path) if code else []
    )


def _code_at(path: Path) -> list[Path]:
    """Return a model's Python files and what else they may read, such as a vocabulary."""
    if not path.is_dir():
        return []
    code = code_files(path)
    beside = [
        file
        for file in _files(path)
        if file not in code and file.suffix not in _SUFFIXES and not _is_document(file)
    ]
    return sorted([*code, *beside], key=lambda file: file.name)


def _is_document(file: Path) -> bool:
    """Return whether a file is hidden, or there for people to read."""
    return file.name.startswith(".") or file.suffix in _DOCUMENTS or file.name in _DOCUMENT_NAMES


def _files(path: Path) -> list[Path]:
    files = sorted(path.iterdir(), key=lambda file: file.name) if path.is_dir() else [path]
    return [file for file in files if file.is_file() and file.name not in _OF_TRAINING]
