"""From a model's files to a model in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clika.errors import ConfigError, PrerequisiteError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_packages", "hush", "read_model"]


def check_packages(purpose: str) -> None:
    """Refuse to go on without PyTorch and transformers.

    Parameters
    ----------
    purpose
        What needs them, as a sentence begins with it.

    Raises
    ------
    PrerequisiteError
        One of them is not installed.
    """
    try:
        import torch  # noqa: F401 - only whether it is there
        import transformers  # noqa: F401
    except ImportError as error:
        raise PrerequisiteError(
            f"{purpose} needs PyTorch and transformers.", command="pip install 'clika[inference]'"
        ) from error


def hush() -> None:
    """Keep the bars of transformers off the terminal: who calls says where the work stands."""
    from transformers.utils import logging

    logging.disable_progress_bar()


def read_model(path: Path, *, called: str, device: str, dtype: str) -> tuple[Any, Any]:
    """Return a model and its tokenizer. Nothing is fetched, no code of the model's own is run.

    Parameters
    ----------
    path
        A directory as transformers saves it, or a ``.gguf`` file.
    called
        What the model is called where it cannot be loaded.
    device
        As torch names it.
    dtype
        Of the weights, as torch names it; ``auto``: as they were saved.

    Raises
    ------
    ConfigError
        A file is missing, damaged or of another kind, or lacks some of the weights.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    hush()
    place: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    packed = path.is_file()
    if packed:
        place["gguf_file"] = path.name
        path = path.absolute().parent
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(path), **place)
        loaded, found = AutoModelForCausalLM.from_pretrained(
            str(path), dtype=dtype, output_loading_info=True, **place
        )
        model = loaded.to(device)
    except Exception as error:
        # The libraries raise a dozen classes for files that are missing, damaged or of another
        # kind, and tokenizers the bare class.
        reason = " ".join(str(error).split()).rstrip(".")
        raise ConfigError(f"{called} cannot be loaded as a language model: {reason}.") from error
    if missing := sorted(found["missing_keys"]):
        # The library fills them with random numbers.
        raise ConfigError(
            f"{called} cannot be loaded as a language model: its files lack {len(missing)} of its "
            f"weights, {missing[0]} first."
        )
    if packed:
        _forget_quantization(model)
    return model, tokenizer


def _forget_quantization(model: Any) -> None:  # noqa: ANN401
    """Make a model that was read from a GGUF file one like any other, which can be saved.

    Its weights are numbers of full width by now; transformers still takes them for packed ones.
    """
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
