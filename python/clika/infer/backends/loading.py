"""From a model's files to a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clika.infer.model_files import find_model
from clika.lm.loading import check_packages, read_model
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
        As :func:`clika.infer.model_files.find_model` takes it.
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
    check_packages("A model")
    import torch

    path = find_model(source, network=loading.network)
    device = loading.device or ("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(thread_count(loading.threads))
    dtype = "float32" if whole or device == "cpu" else "auto"
    return read_model(path, called=source, device=device, dtype=dtype, own_code=loading.model_code)
