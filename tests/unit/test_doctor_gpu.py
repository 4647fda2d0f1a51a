"""What made-up drivers and GPUs mean, and what mends them."""

from __future__ import annotations

import pytest
from made_facts import ABSENT, DRIVER, FRAMEWORK, HUNG, REPORT, Case, hold
from msgspec.structs import replace

from clika.views.doctor.facts.engines import Slurm
from clika.views.doctor.facts.machine import Container
from clika.views.doctor.facts.parsing import Gpu
from clika.views.doctor.facts.software import Driver, Framework
from clika.views.doctor.model import Needs

TRAINS, ON_GPU = Needs(framework=True), Needs(framework=True, gpu=True)
NO_TORCH = Framework(None, None)
BLIND = FRAMEWORK._replace(report=replace(REPORT, gpus=()))
WARNED = FRAMEWORK._replace(report=replace(REPORT, gpus=(), warning="too old"))
NO_DRIVER = Driver("absent")
DOCKER = Container("Docker")


def broken_driver(error: str) -> Driver:
    return Driver("failed", error=error)


CASES = [
    Case("driver", "ok", "NVIDIA 550.54.15, for CUDA up to 12.4", needs=ON_GPU),
    Case(
        "driver",
        "ok",
        "NVIDIA 550.54.15",
        worse={"driver": DRIVER._replace(cuda=None)},
        needs=ON_GPU,
    ),
    Case("driver", "ok", "CUDA up to 12.4", worse={"framework": NO_TORCH}),
    Case("driver", "none", "no nvidia-smi", worse={"driver": NO_DRIVER}),
    Case(
        "driver",
        "warn",
        "the machine has 2 NVIDIA GPUs",
        "nvidia.com/drivers",
        worse={"driver": NO_DRIVER._replace(on_bus=2)},
    ),
    Case(
        "driver",
        "fail",
        "the machine has 1 NVIDIA GPU",
        "--gpus all",
        worse={"driver": NO_DRIVER._replace(on_bus=1), "container": DOCKER, "framework": BLIND},
        needs=ON_GPU,
    ),
    Case("driver", "warn", "hangs", "Restart", worse={"driver": Driver("silent")}),
    Case("driver", "warn", "hangs", "Restart", worse={"driver": Driver("silent")}, needs=ON_GPU),
    Case(
        "driver",
        "fail",
        "hangs",
        "Restart",
        worse={"driver": Driver("silent"), "framework": BLIND},
        needs=ON_GPU,
    ),
    Case(
        "driver",
        "warn",
        "mismatch",
        "Restart the machine",
        worse={"driver": broken_driver("Driver/library version mismatch")},
        needs=TRAINS,
    ),
    Case(
        "driver",
        "warn",
        "No devices",
        "sbatch --gpus=1",
        worse={"driver": broken_driver("No devices were found")},
    ),
    Case(
        "driver",
        "warn",
        "couldn't communicate",
        "nvidia.com/drivers",
        worse={"driver": broken_driver("couldn't communicate with the driver")},
    ),
    Case(
        "driver",
        "warn",
        "NVML: Unknown Error",
        "docker run --gpus all",
        worse={
            "driver": broken_driver("Failed to initialize NVML: Unknown Error"),
            "container": DOCKER,
        },
    ),
    Case(
        "driver",
        "warn",
        "GPU is lost",
        "Restart the machine",
        worse={
            "driver": broken_driver("GPU is lost. Reboot the system to recover this GPU"),
            "container": DOCKER,
        },
    ),
    Case(
        "driver",
        "fail",
        "CUDA up to 11.8; PyTorch is built for 12.4",
        "a build of PyTorch for CUDA 11.8 or older",
        worse={"driver": DRIVER._replace(cuda=(11, 8)), "framework": BLIND},
    ),
    Case(
        "driver",
        "fail",
        "CUDA up to 12.2; PyTorch is built for 12.4",
        "newer driver",
        worse={"driver": DRIVER._replace(cuda=(12, 2)), "framework": BLIND},
        needs=ON_GPU,
    ),
    Case(
        "driver",
        "warn",
        "CUDA up to 11.8",
        "newer driver",
        worse={"driver": DRIVER._replace(cuda=(11, 8)), "framework": BLIND},
        needs=TRAINS,
    ),
    Case(
        "driver",
        "warn",
        "still sees the GPU",
        "newer driver",
        worse={"driver": DRIVER._replace(cuda=(12, 2))},
        needs=ON_GPU,
    ),
    Case("gpu", "ok", "PyTorch sees NVIDIA L4 (22.0 GiB)", needs=ON_GPU),
    Case("gpu", "none", "none", worse={"driver": NO_DRIVER, "framework": BLIND}, needs=TRAINS),
    Case(
        "gpu",
        "fail",
        "none",
        "a machine with an NVIDIA GPU",
        worse={"driver": NO_DRIVER, "framework": BLIND, "slurm": Slurm(ABSENT)},
        needs=ON_GPU,
    ),
    Case(
        "gpu",
        "fail",
        "none",
        "a partition with GPUs: gpu",
        worse={"driver": NO_DRIVER, "framework": BLIND},
        needs=ON_GPU,
    ),
    Case(
        "gpu",
        "fail",
        "none",
        "--nv",
        worse={
            "driver": NO_DRIVER,
            "framework": BLIND,
            "container": Container("Apptainer"),
            "slurm": Slurm(ABSENT),
        },
        needs=ON_GPU,
    ),
    Case(
        "gpu",
        "warn",
        "PyTorch is built for processors alone",
        "for CUDA",
        worse={"framework": FRAMEWORK._replace(report=replace(REPORT, cuda=None, gpus=()))},
    ),
    Case(
        "gpu",
        "fail",
        "CUDA_VISIBLE_DEVICES=''",
        "unset CUDA_VISIBLE_DEVICES",
        worse={"framework": BLIND, "visible_gpus": ""},
        needs=ON_GPU,
    ),
    Case(
        "gpu",
        "warn",
        "PyTorch sees none and says: too old",
        "restart the machine",
        worse={"framework": WARNED},
        needs=TRAINS,
    ),
    Case(
        "gpu",
        "warn",
        "PyTorch sees none and says: too old",
        "Mend driver",
        worse={"framework": WARNED, "visible_gpus": "0"},
    ),
    Case(
        "gpu",
        "warn",
        "CUDA_VISIBLE_DEVICES='-1,0'",
        "unset CUDA_VISIBLE_DEVICES",
        worse={"framework": WARNED, "visible_gpus": "-1,0"},
    ),
    Case(
        "gpu",
        "warn",
        "CUDA_VISIBLE_DEVICES='7'",
        "unset CUDA_VISIBLE_DEVICES",
        worse={"framework": BLIND, "visible_gpus": "7"},
    ),
    Case("gpu", "ok", "NVIDIA L4 (22.0 GiB); PyTorch is not", worse={"framework": NO_TORCH}),
    Case(
        "gpu", "fail", "not installed", "Mend pytorch", worse={"framework": NO_TORCH}, needs=ON_GPU
    ),
    Case(
        "gpu",
        "ok",
        "2 x X; PyTorch did not answer",
        worse={
            "framework": FRAMEWORK._replace(report=HUNG),
            "driver": DRIVER._replace(gpus=(Gpu("X", None),) * 2),
        },
        needs=TRAINS,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check(case: Case) -> None:
    hold(case)
