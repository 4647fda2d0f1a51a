"""From a model's files to a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clika.errors import ConfigError, PrerequisiteError
from clika.infer.model_files import find_model
from clika.threads import thread_count

if TYPE_CHECKING:
    from clika.infer.backend import Loading
    from clika.infer.backends.huggingface import HuggingFaceBackend

__all__ = ["load_huggingface"]


def load_huggingface(source: str, *, loading: Loading) -> HuggingFaceBackend:
    """Load a model of transformers with its tokenizer.

    Parameters
    ----------
    source
        As :func:`clika.infer.model_files.find_model` takes it. Code that comes with a model is
        never run.
    loading
        How. On a processor weights are read as float32, on a GPU as they were saved.

    Raises
    ------
    ConfigError
        There is no such model, or it cannot be loaded.
    PrerequisiteError
        PyTorch or transformers is not installed.
    """
    try:
        import torch
        import transformers
        from safetensors import SafetensorError
    except ImportError as error:
        raise PrerequisiteError(
            "Asking a model needs PyTorch and transformers.",
            command="pip install 'clika[inference]'",
        ) from error
    from clika.infer.backends.huggingface import HuggingFaceBackend

    path = find_model(source, network=loading.network)
    place: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    if path.is_file():
        place |= {"gguf_file": path.name}
        path = path.absolute().parent
    device = loading.device or ("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(thread_count(loading.threads))
    # Weights are there in a moment, or their size says that they are not; progress is the caller's.
    transformers.utils.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(path), **place)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            str(path), dtype="float32" if device == "cpu" else "auto", **place
        ).to(device)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as error:
        # The libraries raise all of these for files that are missing, damaged or of another kind.
        raise ConfigError(f"{source} cannot be loaded as a language model: {error}") from error
    return HuggingFaceBackend(model, tokenizer, batch_tokens=loading.batch_tokens)
