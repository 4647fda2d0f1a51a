"""From a model's files to a model in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clika.errors import ConfigError, PrerequisiteError
from clika.files import read_json
from clika.lm.own_code import code_files, named_classes, never_ask, read_own
from clika.lm.versions import is_legacy, weight_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["check_packages", "hush", "read_model"]

#: How settings begin the name of the one tokenizer whose vocabulary transformers 4.33 unpickles.
_UNPICKLING = "transfoxl"


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


def read_model(
    path: Path, *, called: str, device: str, dtype: str, own_code: bool = False
) -> tuple[Any, Any]:
    """Return a model and its tokenizer. Nothing is fetched.

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
    own_code
        Whether the classes that its settings name are taken from the Python files beside its
        weights, which runs them.

    Raises
    ------
    ConfigError
        A file is missing, damaged or of another kind, or lacks some of the weights; the model
        brings code and that may not be run, or may be and there is none.
    """
    hush()
    never_ask()
    packed = path.is_file()
    _check_form(path, called)
    classes = named_classes(path)
    if own_code and not classes:
        raise ConfigError(f"{called} brings no code of its own: leave --model-code out.")
    try:
        weights = weight_type(dtype)
        read = read_own(path, called=called, weights=weights) if own_code else _read(path, weights)
        tokenizer, (loaded, found) = read
        model = loaded.to(device)
    except ConfigError:
        raise
    except Exception as error:
        # The libraries raise a dozen classes for files that are missing, damaged or of another
        # kind, and tokenizers the bare class.
        reason = " ".join(str(error).split()).rstrip(".")
        message = f"{called} cannot be loaded as a language model: {reason}."
        if classes and not own_code:
            message = f"{message} {_own_code(path, classes)}"
        raise ConfigError(message) from error
    if missing := sorted(found["missing_keys"]):
        # The library fills them with random numbers.
        raise ConfigError(
            f"{called} cannot be loaded as a language model: its files lack {len(missing)} of its "
            f"weights, {missing[0]} first."
        )
    if packed:
        _forget_quantization(model)
    return model, tokenizer


def _read(path: Path, weights: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return a tokenizer, and a model with what transformers says of its weights."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    if path.is_file():
        place["gguf_file"] = path.name
        path = path.absolute().parent
    tokenizer = AutoTokenizer.from_pretrained(str(path), **place)
    return tokenizer, AutoModelForCausalLM.from_pretrained(
        str(path), output_loading_info=True, **weights, **place
    )


def _check_form(path: Path, called: str) -> None:
    """Refuse what the transformers of the extra ``legacy`` cannot read, or not safely."""
    if not is_legacy():
        return
    if path.is_file():
        raise ConfigError(
            f"{called} is a .gguf file, which the extra legacy does not read: install inference."
        )
    if not _has_safetensors(path):
        pickles = sorted(file.name for file in path.glob("*.bin"))
        only = f", only {', '.join(pickles)}" if pickles else ""
        raise ConfigError(
            f"{called} has no weights as safetensors{only}. A pickle may hold a program, and this "
            "transformers does not look: write it as safetensors once, as docs/infer.md shows."
        )
    if any(name.startswith(_UNPICKLING) for name in _named_tokenizers(path)):
        raise ConfigError(
            f"{called} has the tokenizer of Transformer-XL, whose vocabulary is a pickle. A pickle "
            "may hold a program, and this transformers does not look."
        )


def _named_tokenizers(path: Path) -> Iterator[str]:
    """Return the names by which transformers may choose a tokenizer, as small letters alone."""
    for settings in ("tokenizer_config.json", "config.json"):
        given = read_json(path / settings)
        for key in ("tokenizer_class", "model_type") if isinstance(given, dict) else ():
            yield "".join(filter(str.isalnum, str(given.get(key)))).lower()


def _has_safetensors(path: Path) -> bool:
    """Return whether a model's weights are what transformers reads first, and no pickle among them.

    An old one takes pickles where they are not, even where it is told to take none.
    """
    if (path / "model.safetensors").is_file():
        return True
    index = read_json(path / "model.safetensors.index.json")
    try:
        return all(file.endswith(".safetensors") for file in index["weight_map"].values())
    except (LookupError, TypeError, AttributeError):
        return False


def _own_code(path: Path, classes: Mapping[str, str]) -> str:
    """Return what there is to know for whoever may want a model's own code to be run."""
    beside = {file.name for file in code_files(path)}
    named = {f"{name.rpartition('.')[0]}.py" for name in classes.values()}
    absent = f"; {', '.join(sorted(named - beside))} is not there" if named - beside else ""
    return (
        f"It brings code of its own: {', '.join(sorted(beside | named))}{absent}. "
        "`clika infer --model-code` runs it, and it may then do whatever you may: read it first."
    )


def _forget_quantization(model: Any) -> None:  # noqa: ANN401
    """Make a model that was read from a GGUF file one like any other, which can be saved.

    Its weights are numbers of full width by now; transformers still takes them for packed ones.
    """
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
