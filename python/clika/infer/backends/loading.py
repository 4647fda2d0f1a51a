"""From a model's files to a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clika.errors import ConfigError, PrerequisiteError
from clika.infer.model_files import find_model
from clika.threads import thread_count

if TYPE_CHECKING:
    from clika.infer.backend import Loading
    from clika.infer.backends.huggingface import HuggingFaceBackend

__all__ = ["load_files", "load_huggingface"]


def load_huggingface(source: str, *, loading: Loading) -> HuggingFaceBackend:
    """Load a model of transformers with its tokenizer, to be asked.

    Parameters
    ----------
    source
        As :func:`clika.infer.model_files.find_model` takes it.
    loading
        How. On a processor weights are read as float32, on a GPU as they were saved.

    Raises
    ------
    ConfigError
        There is no such model, or it cannot be loaded.
    PrerequisiteError
        PyTorch or transformers is not installed.
    """
    model, tokenizer = load_files(source, loading=loading)
    from clika.infer.backends.huggingface import HuggingFaceBackend

    return HuggingFaceBackend(model, tokenizer, batch_tokens=loading.batch_tokens)


def load_files(source: str, *, loading: Loading, whole: bool = False) -> tuple[Any, Any]:
    """Load a model of transformers and its tokenizer.

    Parameters
    ----------
    source
        As :func:`clika.infer.model_files.find_model` takes it. Code that comes with a model is
        never run.
    loading
        How.
    whole
        Whether weights are read as float32 on a GPU too, as training needs them.

    Returns
    -------
    tuple
        The model, on its device, and the tokenizer.

    Raises
    ------
    ConfigError, PrerequisiteError
        As of :func:`load_huggingface`.
    """
    try:
        import torch
        import transformers
        from safetensors import SafetensorError
    except ImportError as error:
        raise PrerequisiteError(
            "A model needs PyTorch and transformers.",
            command="pip install 'clika[inference]'",
        ) from error
    path = find_model(source, network=loading.network)
    place: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    if path.is_file():
        place |= {"gguf_file": path.name}
        path = path.absolute().parent
    device = loading.device or ("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(thread_count(loading.threads))
    # Weights are there in a moment, or their size says that they are not; progress is the caller's.
    transformers.utils.logging.disable_progress_bar()
    dtype = "float32" if whole or device == "cpu" else "auto"
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(path), **place)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            str(path), dtype=dtype, **place
        ).to(device)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as error:
        # The libraries raise all of these for files that are missing, damaged or of another kind.
        raise ConfigError(f"{source} cannot be loaded as a language model: {error}") from error
    if "gguf_file" in place:
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
