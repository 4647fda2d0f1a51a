"""Models that come as Python packages: in parts, put together and checked against a known sum."""

from __future__ import annotations

import hashlib
import importlib
import shutil
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from clika.errors import BadInputError, PrerequisiteError, Problem
from clika.files import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["PackagedModel", "assemble", "packaged_models"]


class PackagedModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that a Python package holds.

    Attributes
    ----------
    package, extra
        The package, and the extra of clika that brings it.
    module
        What to import; its ``chunk_paths()`` returns the parts of the file in their order.
    file, sha256
        Name of the whole file, and its SHA-256 in hexadecimal.
    source, licence
        Whence it comes, and on what terms.
    """

    package: str
    extra: str
    module: str
    file: str
    sha256: str
    source: str
    licence: str


@cache
def packaged_models() -> Mapping[str, PackagedModel]:
    """Return the known ones by name, from ``packaged.toml``."""
    text = files("clika.infer").joinpath("packaged.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, PackagedModel])


def assemble(name: str, folder: Path) -> Path:
    """Return the whole file of a packaged model, put together unless it is there.

    Parameters
    ----------
    name
        One of :func:`packaged_models`.
    folder
        Where the file goes.

    Raises
    ------
    PrerequisiteError
        The package is not installed.
    BadInputError
        The file is not the known one.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    model = packaged_models()[name]
    path = folder / model.file
    if path.is_file() and _sum(path) == model.sha256:
        return path
    parts = _parts(name, model)
    with replacing(path) as aside:
        with aside.open("wb") as whole:
            for part in parts:
                with part.open("rb") as opened:
                    shutil.copyfileobj(opened, whole)
        found = _sum(aside)
        if found != model.sha256:
            reason = f"its SHA-256 is {found}, not {model.sha256}: install {model.package} again"
            raise BadInputError([Problem(model.file, None, None, reason)])
    return path


def _parts(name: str, model: PackagedModel) -> Sequence[Path]:
    try:
        parts: Sequence[Path] = importlib.import_module(model.module).chunk_paths()
    except ImportError as error:
        raise PrerequisiteError(
            f"The model {name} is in the package {model.package}.",
            command=f"pip install 'clika[{model.extra},inference]'",
        ) from error
    return parts


def _sum(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
