"""Profiles of the workflow: where its jobs run, as Snakemake reads it, packaged or a user's own."""

from __future__ import annotations

import shutil
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from clika.errors import ConfigError, PrerequisiteError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

__all__ = ["MANIFEST", "Profile", "copy_profile", "find_profiles", "packaged_profiles"]

#: What `kubectl` applies, of a profile that Snakemake has no part in.
MANIFEST = "manifest.yaml"
_FILE = "config.yaml"
_LOCAL = "local"
#: Older options of Snakemake for the same.
_IN_IMAGES = ("use-apptainer", "use-singularity")
#: What a profile may choose of the workflow; the rest are options of `clika reproduce`.
_CONFIG = ("threads", "gpu_request")


class Profile(NamedTuple):
    """What one or several profiles say together.

    Attributes
    ----------
    folders
        As they are handed to Snakemake; of a key in several, the last counts.
    executor
        Who runs the jobs, as Snakemake names it; ``local`` is this machine.
    in_images
        Whether jobs run in images.
    config
        Configuration of the workflow that the profiles choose.
    """

    folders: tuple[Path, ...]
    executor: str
    in_images: bool
    config: dict[str, str | int]

    @property
    def is_remote(self) -> bool:
        """Whether jobs leave this machine: how many cores are here says nothing then."""
        return self.executor != _LOCAL

    @property
    def _plugin(self) -> ModuleSpec | None:
        return find_spec(f"snakemake_executor_plugin_{self.executor.replace('-', '_')}")

    def check(self) -> None:
        """Refuse where what runs the jobs is not installed.

        Raises
        ------
        PrerequisiteError
            Snakemake's plugin for the executor, or Apptainer, is missing.
        """
        if self.is_remote and self._plugin is None:
            message = f"Snakemake's plugin for the executor {self.executor} is not installed."
            raise PrerequisiteError(
                message, command=f"pip install snakemake-executor-plugin-{self.executor}"
            )
        # What goes into an image is told by variables that Singularity does not read.
        if self.in_images and shutil.which("apptainer") is None:
            message = "Jobs are to run in images, and there is no Apptainer on this machine."
            raise PrerequisiteError(message, command="clika doctor")


def packaged_profiles() -> tuple[str, ...]:
    """Return the names of the profiles that ship with clika, sorted."""
    return tuple(sorted(path.name for path in _packaged().iterdir() if path.is_dir()))


def find_profiles(names: Sequence[str]) -> Profile:
    """Return what profiles say together.

    Parameters
    ----------
    names
        Each the name of a packaged profile, or a folder with a ``config.yaml``. A name counts
        before a folder of that name; ``./NAME`` is the folder.

    Raises
    ------
    UnknownNameError
        One is neither.
    ConfigError
        Its ``config.yaml`` is not a mapping, or its ``config`` chooses what is not its to choose;
        or it is a manifest that ``kubectl`` applies.
    """
    folders = tuple(_folder(name) for name in names)
    said = {key: value for folder in folders for key, value in _read(folder / _FILE).items()}
    methods = said.get("software-deployment-method") or said.get("sdm") or ()
    return Profile(
        folders,
        executor=str(said.get("executor") or _LOCAL),
        in_images="apptainer" in methods or any(said.get(name) for name in _IN_IMAGES),
        config=said.get("config") or {},
    )


def copy_profile(name: str, folder: Path) -> Path:
    """Copy a packaged profile to a folder of one's own, to be changed there.

    Returns
    -------
    Path
        Its ``config.yaml``, or its manifest.

    Raises
    ------
    UnknownNameError
        No such profile is packaged.
    ConfigError
        The folder is there already; nothing is written.
    """
    if name not in packaged_profiles():
        raise UnknownNameError("profile", name, packaged_profiles())
    if folder.exists():
        raise ConfigError(f"{folder} is there already. Choose another folder.")
    shutil.copytree(_packaged() / name, folder)
    manifest = folder / MANIFEST
    return manifest if manifest.is_file() else folder / _FILE


def _packaged() -> Path:
    return Path(str(files("clika.workflow").joinpath("profiles")))


def _folder(name: str) -> Path:
    is_packaged = name in packaged_profiles()
    folder = _packaged() / name if is_packaged else Path(name).resolve()
    if (folder / _FILE).is_file():
        return folder
    if (folder / MANIFEST).is_file():
        first = f"clika profile {name} --into DIR, and then: " * is_packaged
        place = f"{'DIR' if is_packaged else name}/{MANIFEST}"
        raise ConfigError(
            f"The profile {name} hands out no jobs from here: on Kubernetes all of a study runs in "
            f"one pod. Run: {first}kubectl apply -f {place}"
        )
    raise UnknownNameError("profile", name, packaged_profiles())


def _read(path: Path) -> dict[str, Any]:
    try:
        said = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(said, dict):
        raise ConfigError(f"{path} is not a mapping of Snakemake's options.")
    config = said.get("config") or {}
    if not isinstance(config, dict):
        raise ConfigError(f"{path}: config is not a mapping.")
    for name in config:
        if name not in _CONFIG:
            raise ConfigError(
                f"{path}: config: a profile chooses {' and '.join(_CONFIG)}, and not {name}."
            )
    return said
