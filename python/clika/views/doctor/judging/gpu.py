"""What NVIDIA's driver and its GPUs mean for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.views.doctor.facts.parsing import parse_cuda_version
from clika.views.doctor.facts.software import TorchReport
from clika.views.doctor.model import Check, severity
from clika.views.sizes import gib

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clika.views.doctor.facts.engines import Slurm
    from clika.views.doctor.facts.machine import Container
    from clika.views.doctor.facts.parsing import Gpu
    from clika.views.doctor.facts.software import Driver, Framework
    from clika.views.doctor.model import Needs

__all__ = ["judge_driver", "judge_gpu", "where_gpus_are"]

_DRIVER = "Install or load NVIDIA's driver: nvidia.com/drivers"
#: How to give a GPU to each kind of container.
_INSIDE = {
    "Docker": "Start the container with the GPU: docker run --gpus all",
    "Podman": "Start the container with the GPU: podman run --device nvidia.com/gpu=all",
    "Apptainer": "Start the container with the GPU: apptainer exec --nv",
}


def judge_driver(
    driver: Driver, framework: Framework, container: Container, needs: Needs | None
) -> Check:
    """Judge NVIDIA's driver, and whether it is new enough for PyTorch.

    A driver that is older than what PyTorch is built for fails, but for a study that needs no GPU,
    and unless PyTorch sees the GPU and the first numbers of the two versions agree.
    """
    if driver.state == "answered":
        return _judge_version(driver, framework, needs)
    needed = needs is not None and needs.gpu and not framework.seen
    state = severity(needed=needed)
    if driver.state == "absent":
        found = "no NVIDIA driver here (no nvidia-smi)"
        if not driver.on_bus:
            return Check("driver", "none", found)
        found += f", though the machine has {_counted(driver.on_bus)}"
        return Check("driver", state, found, _INSIDE.get(container.kind or "", _DRIVER))
    if driver.state == "silent":
        remedy = "Restart the machine, or ask its administrator to."
        return Check("driver", state, "nvidia-smi does not answer: the driver hangs", remedy)
    remedy = _mended(driver.error, container)
    return Check("driver", state, f"nvidia-smi says: {driver.error}", remedy)


def _mended(error: str, container: Container) -> str:
    if "mismatch" in error:
        return "Restart the machine: its driver was updated under a running kernel module."
    if "GPU is lost" in error or "Reboot" in error:
        return "Restart the machine: its GPU answers no more."
    if "No devices" in error:
        return "Ask for a GPU: sbatch --gpus=1, docker run --gpus all, apptainer exec --nv"
    return _INSIDE.get(container.kind or "", _DRIVER)


def _judge_version(driver: Driver, framework: Framework, needs: Needs | None) -> Check:
    found = f"NVIDIA {driver.version}"
    if driver.cuda is None:
        return Check("driver", "ok", found)
    found += f", for CUDA up to {_dotted(driver.cuda)}"
    report = framework.report
    built = parse_cuda_version(report.cuda) if isinstance(report, TorchReport) else None
    if built is None or driver.cuda >= built:
        return Check("driver", "ok", found)
    found += f"; PyTorch is built for {_dotted(built)}"
    remedy = (
        f"Install a newer driver, or a build of PyTorch for CUDA {_dotted(driver.cuda)} or older "
        "(pytorch.org/get-started), or use a container image with one."
    )
    if driver.cuda[0] == built[0] and framework.seen:
        # Versions that differ in their second number go together, but for some features.
        return Check("driver", "warn", f"{found}, and still sees the GPU", remedy)
    return Check("driver", severity(needed=needs is None or needs.gpu), found, remedy)


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _counted(number: int) -> str:
    return f"{number} NVIDIA GPU{'s' * (number != 1)}"


def where_gpus_are(container: Container, slurm: Slurm) -> str:
    """Return what to do, as a sentence, where a GPU is needed and this machine has none."""
    if slurm.names_with_gpus:
        names = ", ".join(slurm.names_with_gpus)
        return f"Run it in a Slurm job, in a partition with GPUs: {names}"
    if container.kind is not None:
        return f"{_INSIDE[container.kind]} (on a machine that has one)"
    return "Run it on a machine with an NVIDIA GPU."


def judge_gpu(
    driver: Driver, framework: Framework, visible: str | None, needs: Needs | None, *, where: str
) -> Check:
    """Judge which GPUs PyTorch can use.

    Parameters
    ----------
    driver, framework
        What they said.
    visible
        ``CUDA_VISIBLE_DEVICES``: set to nothing, or to -1 first, it hides every GPU; ``None`` where
        not set.
    needs
        What the study asks.
    where
        What to do where a GPU is needed and there is none.
    """
    needed = needs is not None and needs.gpu
    if framework.seen:
        return Check("gpu", "ok", f"PyTorch sees {_listed(framework.seen)}")
    if not driver.gpus:
        found = "none that a driver knows"
        return Check("gpu", "fail", found, where) if needed else Check("gpu", "none", found)
    found = _listed(driver.gpus)
    report = framework.report
    if isinstance(report, TorchReport):
        why, remedy = _unseen(report, visible)
        return Check("gpu", severity(needed=needed), f"{found}; {why}", remedy)
    why = "PyTorch is not installed" if report is None else "PyTorch did not answer"
    if needed:
        return Check("gpu", "fail", f"{found}; {why}", "Mend pytorch, above.")
    return Check("gpu", "ok", f"{found}; {why}")


def _unseen(report: TorchReport, visible: str | None) -> tuple[str, str]:
    """Return why PyTorch may see no GPU that the driver knows, and what mends it."""
    if report.cuda is None:
        remedy = "Install a build of PyTorch for CUDA: pytorch.org/get-started"
        return f"PyTorch is built for {report.target}", remedy
    if visible is not None and (not report.warning or _hides_all(visible)):
        why = f"PyTorch sees none with CUDA_VISIBLE_DEVICES={visible!r}"
        return why, "Run: unset CUDA_VISIBLE_DEVICES"
    why = "PyTorch sees none" + f" and says: {report.warning}" * bool(report.warning)
    return why, "Mend driver, above; where it is well, restart the machine."


def _hides_all(visible: str) -> bool:
    return not visible or visible.startswith("-1")


def _listed(gpus: Sequence[Gpu]) -> str:
    counts: dict[str, int] = {}
    for gpu in gpus:
        name = gpu.name if gpu.memory is None else f"{gpu.name} ({gib(gpu.memory)})"
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{n} x {name}" if n > 1 else name for name, n in counts.items())
