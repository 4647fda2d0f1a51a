"""Models that bring code of their own: Python files beside the weights, named by their settings.

transformers itself is never told to trust such code: what a hub holds cannot be run by any way. The
classes are imported here, from the files that lie in the model's directory and from no other place.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib
import sys
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from clika.errors import ConfigError
from clika.files import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["code_files", "named_classes", "never_ask", "read_own"]

#: The settings that name classes, that of the tokenizer last: it may repeat the model's.
_SETTINGS = ("config.json", "tokenizer_config.json")
_CONFIG, _MODEL, _TOKENIZER = "AutoConfig", "AutoModelForCausalLM", "AutoTokenizer"


def code_files(path: Path) -> list[Path]:
    """Return the Python files in a model's directory, sorted by name; none for a single file.

    All of them count, named or not: one may import another.
    """
    found = path.iterdir() if path.is_dir() else iter(())
    return sorted(file for file in found if file.suffix == ".py" and file.is_file())


def named_classes(path: Path) -> Mapping[str, str]:
    """Return the classes of its own that a model's settings name.

    Parameters
    ----------
    path
        The model's directory or ``.gguf`` file, which names none.

    Returns
    -------
    mapping of str to str
        ``MODULE.CLASS`` by what transformers calls its kind, as ``AutoModelForCausalLM``; a class
        in the hub is ``REPOSITORY--MODULE.CLASS``.
    """
    return {
        kind: name
        for settings in _SETTINGS
        for kind, given in _entries(path / settings)
        # Of two tokenizers the second is the quick one, where there are two.
        for name in [one for one in (given if isinstance(given, list) else [given]) if one][-1:]
        if isinstance(name, str)
    }


def _entries(settings: Path) -> Iterator[tuple[str, Any]]:
    # What is wrong with the file, transformers says.
    given = read_json(settings)
    named = given.get("auto_map") if isinstance(given, dict) else None
    if isinstance(named, list):
        # An old form, in the tokenizer's settings alone.
        named = {_TOKENIZER: named}
    if isinstance(named, dict):
        yield from named.items()


def never_ask() -> None:
    """Keep transformers from asking the user whether to trust a model's code.

    For a tokenizer whose class is not in its settings 4.33 reads those of the model, by a call that
    cannot be told not to trust.
    """
    from transformers import dynamic_module_utils

    # The seconds that it waits for an answer; with none it does not ask, and takes that for a no.
    dynamic_module_utils.TIME_OUT_REMOTE_CODE = 0


def read_own(path: Path, *, called: str, weights: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return a tokenizer and a model, by the classes of the model's own: this runs its code.

    Parameters
    ----------
    path
        The model's directory.
    called
        What the model is called where it has no such class.
    weights
        What ``from_pretrained`` is told of the weights.

    Returns
    -------
    tuple
        The tokenizer; and a pair, the model and what transformers says of its weights.

    Raises
    ------
    ConfigError
        A class is not in a file beside the weights.
    Exception
        Whatever that code raises, or transformers.
    """
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    named = named_classes(path)
    own = {
        kind: _import_class(path, named[kind], called=called)
        for kind in (_CONFIG, _MODEL, _TOKENIZER)
        if kind in named
    }
    place, given = str(path), {"local_files_only": True}
    # What finds classes is told; a class itself would keep what it is told with its settings.
    finding = {**given, "trust_remote_code": False}
    config = own.get(_CONFIG, AutoConfig).from_pretrained(
        place, **(given if _CONFIG in own else finding)
    )
    tokenizer = own.get(_TOKENIZER, AutoTokenizer).from_pretrained(
        place, **(given if _TOKENIZER in own else {**finding, "config": config})
    )
    kind = _generating(own[_MODEL]) if _MODEL in own else AutoModelForCausalLM
    return tokenizer, kind.from_pretrained(
        place,
        config=config,
        output_loading_info=True,
        **(given if _MODEL in own else finding),
        **weights,
    )


def _generating(kind: type) -> Any:  # noqa: ANN401
    """Return a class of models that can generate, as once all could."""
    from transformers import GenerationMixin

    if issubclass(kind, GenerationMixin):
        return kind
    return type(kind.__name__, (kind, GenerationMixin), {"__module__": kind.__module__})


def _import_class(path: Path, name: str, *, called: str) -> Any:  # noqa: ANN401
    module, _, kind = name.rpartition(".")
    files = code_files(path)
    if module not in {file.stem for file in files}:
        raise ConfigError(
            f"{called} names the class {name}, which is in no Python file beside its weights: "
            "bring that file, too. Code is never fetched."
        )
    found = getattr(importlib.import_module(f"{_package(files)}.{module}"), kind, None)
    if found is None:
        raise ConfigError(f"{called} names the class {name}, and {module}.py has no such class.")
    return found


def _package(files: list[Path]) -> str:
    """Return the name of a package of these modules, another one for other contents."""
    sources = tuple((file.name, file.read_bytes()) for file in files)
    digest = hashlib.sha256(repr(sources).encode()).hexdigest()
    name = f"clika_model_{digest[:32]}"
    if name not in sys.modules:
        # Copies, so that no bytecode is written beside the weights, or read that lies there.
        folder = _copies() / name
        folder.mkdir()
        for file, source in sources:
            (folder / file).write_bytes(source)
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        importlib.invalidate_caches()
        sys.modules[name] = module_from_spec(spec)
    return name


@cache
def _copies() -> Path:
    """Return a folder that is there until the process ends: a model may import something late."""
    return Path(_kept().name)


@cache
def _kept() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="clika-model-code-")
    atexit.register(folder.cleanup)
    return folder
