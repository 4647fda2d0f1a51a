"""What every backend can do, and which backends there are."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

from clika.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BACKENDS", "Backend", "Choice", "Loading", "load_backend"]


class Choice(NamedTuple):
    """A question with options.

    Attributes
    ----------
    prompt
        What the model reads.
    options
        Texts that may follow it, each with the space before it that it needs.
    """

    prompt: str
    options: tuple[str, ...]


class Backend(Protocol):
    """A model that can be asked."""

    def score(self, questions: Sequence[Choice]) -> list[tuple[float, ...]]:
        """Return for each question the log-probability of each option after the prompt.

        Natural logarithms, summed over the option's tokens, so never above 0.
        """
        ...

    def generate(self, prompts: Sequence[str], *, longest: int) -> list[str]:
        """Return what follows each prompt: greedy, at most ``longest`` tokens, prompt left out."""
        ...


class Loading(NamedTuple):
    """How a model is brought into memory.

    Attributes
    ----------
    network
        Whether a name that is no path may be looked up in the Hugging Face hub.
    device
        A device of the framework (``cpu``, ``cuda``, ``cuda:1``); ``None`` takes a GPU where there
        is one.
    threads
        Threads on the processor; ``None`` = as many as the process may run on.
    batch_tokens
        The most tokens of a batch, padding among them; ``None`` leaves it to the backend.
    model_code
        Whether Python files that a model brings, and its settings name, are run. They may then do
        whatever the caller may.
    """

    network: bool = False
    device: str | None = None
    threads: int | None = None
    batch_tokens: int | None = None
    model_code: bool = False


#: Where the loader of each backend is: module and function, imported when it is asked for.
BACKENDS: dict[str, tuple[str, str]] = {
    "huggingface": ("clika.infer.backends.loading", "load_huggingface"),
}


def load_backend(
    source: str, *, backend: str = "huggingface", loading: Loading | None = None
) -> Backend:
    """Load a model.

    Parameters
    ----------
    source
        A model's directory, or a ``.gguf`` file; where the network is allowed, a name in the hub.
    backend
        One of :data:`BACKENDS`.
    loading
        How; by default without network.

    Raises
    ------
    UnknownNameError
        There is no such backend.
    ConfigError
        There is no such model, or it cannot be loaded.
    PrerequisiteError
        The packages that the backend needs are not installed.
    """
    if backend not in BACKENDS:
        raise UnknownNameError("backend", backend, [*BACKENDS])
    module, function = BACKENDS[backend]
    loaded: Backend = getattr(importlib.import_module(module), function)(
        source, loading=loading or Loading()
    )
    return loaded
