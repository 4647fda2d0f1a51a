"""What jobs of the workflow run in: an image, or the packages of an environment.

Snakemake makes an output again when a rule's parameters change. It tells an image by its path
alone, so the digest of an image is made a parameter; where there is no image, the versions are
that numbers may depend on.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clika.errors import ConfigError, PrerequisiteError
from clika.packages import installed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clika.study import Study

__all__ = [
    "IMAGES",
    "Image",
    "find_images",
    "package_versions",
    "show_gpus_to_images",
    "variables_for_images",
]

#: What the images are for that every study may need: all but models, and models.
IMAGES = ("scoring", "inference")

#: Variables of the caller that name a folder and enter an image.
_FOLDERS = ("CLIKA_DATA", "HF_HOME")
_GPUS = "CUDA_VISIBLE_DEVICES"
#: Set outside, a variable by this name is set inside an image without the prefix.
_INSIDE = "APPTAINERENV_"
#: What Apptainer's list of folders cannot hold in a path.
_SEPARATORS = ",:"
_DIGEST = re.compile(r"(?P<digest>[0-9a-f]{64})\b")


class Image(NamedTuple):
    """An image that Apptainer runs.

    Attributes
    ----------
    path
        Absolute, of the SIF file.
    digest
        SHA-256 of the file, in hexadecimal, as the file beside it says; the image itself, gigabytes
        of it, is not read.
    """

    path: Path
    digest: str


def find_images(folder: Path, study: Study) -> dict[str, Image]:
    """Return the images of a folder, by what they are for.

    Parameters
    ----------
    folder
        Where ``clika-NAME.sif`` lies for each name, with ``clika-NAME.sif.sha256`` beside it as
        ``sha256sum`` writes it.
    study
        The images are :data:`IMAGES` and those that its models are asked in.

    Raises
    ------
    PrerequisiteError
        An image or its digest is not there.
    """
    names = dict.fromkeys([*IMAGES, *(asked.image for asked in study.asked.values())])
    return {name: _image(folder / f"clika-{name}.sif", name) for name in names}


def _image(path: Path, name: str) -> Image:
    if not path.is_file():
        chosen = "" if name in IMAGES else f" IMAGES={name}"
        raise PrerequisiteError(f"There is no image {path}.", command=f"make sifs{chosen}")
    beside = path.with_name(f"{path.name}.sha256")
    found = _DIGEST.match(beside.read_text("utf-8", "replace")) if beside.is_file() else None
    if found is None:
        raise PrerequisiteError(
            f"{beside} does not hold the digest of the image.",
            command=f"cd {path.parent} && sha256sum {path.name} > {beside.name}",
        )
    return Image(path.resolve(), found["digest"])


def variables_for_images(folders: Iterable[Path], **others: str) -> dict[str, str]:
    """Return the variables by which jobs in images see folders beside the working directory.

    What ``CLIKA_DATA`` and ``HF_HOME`` name is seen too, and these variables enter the images.

    Parameters
    ----------
    folders
        Folders and files; what is not there is left out. A link is seen under its own name, too.
    **others
        Other variables that enter, with their values.

    Raises
    ------
    ConfigError
        A path has a comma or a colon in it.
    """
    named = {name: os.environ[name] for name in _FOLDERS if os.environ.get(name)}
    there = {path.absolute() for path in (*folders, *map(Path, named.values())) if path.exists()}
    bound = sorted({str(path) for given in there for path in (given, given.resolve())})
    for path in bound:
        if any(mark in path for mark in _SEPARATORS):
            raise ConfigError(f"{path} cannot be seen in an image: it has a comma or a colon.")
    inside = {
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
        **{name: os.path.abspath(value) for name, value in named.items()},  # noqa: PTH100 - of text
        **others,
    }
    return {
        # A job begins in the directory that this one says it is in, not in what a link leads to.
        "PWD": os.getcwd(),  # noqa: PTH109 - as text
        "APPTAINER_BIND": ",".join(filter(None, [os.environ.get("APPTAINER_BIND"), *bound])),
        **{f"{_INSIDE}{name}": value for name, value in inside.items()},
    }


def show_gpus_to_images() -> None:
    """Let an image that this process starts see the GPUs that this process may use.

    A clean environment keeps ``CUDA_VISIBLE_DEVICES`` out of an image; without it there is nothing
    to be done.
    """
    if _GPUS in os.environ:
        os.environ[f"{_INSIDE}{_GPUS}"] = os.environ[_GPUS]


def package_versions(*names: str) -> str:
    """Return the versions of packages, ``none`` for one that is not installed.

    Examples
    --------
    >>> package_versions("no-such-package")
    'no-such-package none'
    """
    return ", ".join(f"{name} {installed(name) or 'none'}" for name in names)
