"""What is found on a machine: read and asked here, judged elsewhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.packages import installed
from clika.programs import side_by_side
from clika.views.doctor.facts import engines, machine, places, software
from clika.views.doctor.facts.control_groups import Allowance, allowance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from clika.programs import Answer

__all__ = ["Facts", "look"]


class Facts(NamedTuple):
    """Everything that is judged; where a type is not plain, it says what its values mean.

    Attributes
    ----------
    installation, extension, duckdb, framework, driver
        What is installed; an answer stands for what does not load.
    snakemake, plugin
        Versions of Snakemake and of its Slurm plugin; ``None`` where not installed.
    processor, processors, allowance, memory, container
        The machine, and what is allowed of it.
    results, temporary
        Where files are to be written.
    visible_gpus
        ``CUDA_VISIBLE_DEVICES``; ``None`` where not set.
    docker, podman, apptainer, namespaces, slurm
        Container engines and the cluster.
    hub_folder, data
        Where ``HF_HOME`` and ``CLIKA_DATA`` lead; ``None`` where not set.
    hub_offline
        ``HF_HUB_OFFLINE``; empty where not set.
    """

    installation: software.Installation
    extension: software.Extension | Answer
    duckdb: software.DuckDb | Answer
    framework: software.Framework
    driver: software.Driver
    snakemake: str | None
    plugin: str | None
    processor: machine.Processor
    processors: machine.Processors
    allowance: Allowance
    memory: machine.Memory
    container: machine.Container
    results: places.Place
    temporary: places.Place
    visible_gpus: str | None
    docker: engines.Docker
    podman: engines.Podman
    apptainer: engines.Apptainer
    namespaces: engines.UserNamespaces
    slurm: engines.Slurm
    hub_folder: places.Place | None
    hub_offline: str
    data: places.Place | None


def look(results: Path) -> Facts:
    """Return what is found on this machine.

    Parameters
    ----------
    results
        The folder of results; it need not exist.
    """
    looks: dict[str, Callable[[], Any]] = {
        "installation": software.look_at_installation,
        "extension": software.look_at_extension,
        "duckdb": software.look_at_duckdb,
        "framework": software.look_at_framework,
        "driver": software.look_at_driver,
        "processor": machine.look_at_processor,
        "processors": machine.look_at_processors,
        "allowance": allowance,
        "memory": machine.look_at_memory,
        "container": machine.look_at_container,
        "results": lambda: places.look_at_place(str(results)),
        "temporary": lambda: places.look_at_place(machine.temporary_folder()),
        "docker": engines.look_at_docker,
        "podman": engines.look_at_podman,
        "apptainer": engines.look_at_apptainer,
        "namespaces": engines.look_at_user_namespaces,
        "slurm": engines.look_at_slurm,
        "hub_folder": lambda: places.look_at_variable("HF_HOME"),
        "data": lambda: places.look_at_variable("CLIKA_DATA"),
    }
    # Nearly all of the time is waiting for other processes.
    with side_by_side() as pool:
        found = {name: pool.submit(look) for name, look in looks.items()}
        return Facts(
            snakemake=installed("snakemake"),
            plugin=installed("snakemake-executor-plugin-slurm"),
            visible_gpus=os.environ.get("CUDA_VISIBLE_DEVICES"),
            hub_offline=os.environ.get("HF_HUB_OFFLINE", ""),
            **{name: future.result() for name, future in found.items()},
        )
