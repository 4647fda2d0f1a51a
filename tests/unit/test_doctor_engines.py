"""What made-up container engines and clusters mean, and what mends them."""

from __future__ import annotations

import pytest
from made_facts import ABSENT, BROKEN, HUNG, SLURM, WELL, Case, checks, hold, said

from clika.views.doctor.facts.control_groups import Allowance
from clika.views.doctor.facts.engines import Apptainer, Docker, Podman, Slurm, UserNamespaces
from clika.views.doctor.facts.machine import Container
from clika.views.doctor.facts.parsing import Partition
from clika.views.doctor.facts.software import Driver
from clika.views.doctor.model import Needs

ON_GPU = Needs(framework=True, gpu=True)
NO_DRIVER = Driver("absent")

CASES = [
    Case("docker", "ok", "version 28.2.2, with a runtime for the GPU"),
    Case("docker", "ok", "the daemon answers, version 28.2.2", worse={"driver": NO_DRIVER}),
    Case(
        "docker",
        "none",
        "not installed",
        "docs.docker.com",
        worse={"docker": Docker(ABSENT)},
        needs=ON_GPU,
    ),
    Case("docker", "warn", "it is broken", "anew", worse={"docker": Docker(BROKEN)}),
    Case("docker", "warn", "does not end", "anew", worse={"docker": Docker(HUNG)}),
    Case("docker", "ok", "Podman's", worse={"docker": Docker(said("podman version 4"))}),
    Case(
        "docker",
        "warn",
        "no runtime for the GPU",
        "nvidia-ctk",
        worse={"docker": WELL.docker._replace(runtimes=frozenset({"runc"}))},
    ),
    Case(
        "docker",
        "warn",
        "does not answer in time",
        "restart docker",
        worse={"docker": WELL.docker._replace(daemon=HUNG)},
    ),
    Case(
        "docker",
        "warn",
        "it is broken",
        "start docker",
        worse={"docker": WELL.docker._replace(daemon=BROKEN)},
    ),
    Case(
        "docker",
        "warn",
        "may not speak",
        "usermod -aG docker",
        worse={"docker": WELL.docker._replace(daemon=BROKEN._replace(error="Permission denied"))},
    ),
    Case("podman", "ok", "podman version 5.0"),
    Case(
        "podman",
        "none",
        "not installed",
        "podman.io",
        worse={"podman": Podman(ABSENT, has_crun=False, runtime="")},
    ),
    Case(
        "podman",
        "warn",
        "it is broken",
        "anew",
        worse={"podman": Podman(BROKEN, has_crun=False, runtime="")},
    ),
    Case(
        "podman",
        "warn",
        "crun refuses",
        'runtime = "runc"',
        worse={"allowance": Allowance(None, None, is_hybrid=True)},
    ),
    Case(
        "podman",
        "ok",
        "podman version",
        worse={
            "allowance": Allowance(None, None, is_hybrid=True),
            "podman": WELL.podman._replace(runtime="runc"),
        },
    ),
    Case("apptainer", "ok", "apptainer version 1.4.5"),
    Case(
        "apptainer",
        "none",
        "not installed",
        "apptainer.org",
        worse={"apptainer": Apptainer(ABSENT)},
    ),
    Case(
        "apptainer",
        "warn",
        "`apptainer --version` fails: ImportError",
        "anew",
        worse={"apptainer": Apptainer(BROKEN)},
    ),
    Case(
        "apptainer",
        "none",
        "Singularity is here, and clika's profile needs Apptainer",
        "apptainer.org",
        worse={"apptainer": Apptainer(ABSENT, has_singularity=True)},
    ),
    Case(
        "apptainer",
        "warn",
        "root lacks CAP_SYS_RESOURCE",
        "APPTAINER_DROP_CAPS=CAP_SYS_RESOURCE",
        worse={"apptainer": WELL.apptainer._replace(lacks_capability=True)},
    ),
    Case("namespaces", "ok", "allowed"),
    Case(
        "namespaces",
        "ok",
        "no range in /etc/subuid",
        worse={"namespaces": WELL.namespaces._replace(has_subordinate_ids=False)},
    ),
    Case(
        "namespaces",
        "warn",
        "forbidden: x is 0",
        "apptainer-suid",
        worse={"namespaces": WELL.namespaces._replace(refusal="x is 0")},
    ),
    Case(
        "namespaces",
        "ok",
        "forbidden: x is 0; Apptainer has its setuid starter",
        worse={
            "namespaces": WELL.namespaces._replace(refusal="x is 0"),
            "apptainer": WELL.apptainer._replace(has_setuid_starter=True),
        },
    ),
    Case(
        "namespaces",
        "warn",
        "forbidden: x is 0; Apptainer has its setuid starter, and needs none; no /dev/fuse",
        "--unsquash",
        worse={
            "namespaces": UserNamespaces("x is 0", has_subordinate_ids=True, fuse="absent"),
            "apptainer": WELL.apptainer._replace(has_setuid_starter=True),
        },
    ),
    Case(
        "namespaces",
        "none",
        "forbidden",
        worse={
            "namespaces": WELL.namespaces._replace(refusal="x is 0"),
            "apptainer": Apptainer(ABSENT),
        },
    ),
    Case(
        "namespaces",
        "warn",
        "/dev/fuse is closed",
        "chmod 666 /dev/fuse",
        worse={"namespaces": UserNamespaces("", has_subordinate_ids=True, fuse="closed")},
    ),
    Case(
        "namespaces",
        "warn",
        "no /dev/fuse",
        "--unsquash",
        worse={"namespaces": UserNamespaces("", has_subordinate_ids=True, fuse="absent")},
    ),
    Case("slurm", "ok", "partitions cpu, gpu; GPUs in gpu"),
    Case("slurm", "none", "no sinfo", worse={"slurm": Slurm(ABSENT)}),
    Case("slurm", "warn", "it is broken", "slurm.conf", worse={"slurm": Slurm(BROKEN)}),
    Case(
        "slurm",
        "warn",
        "the controller does not answer: ImportError",
        "slurmctld",
        worse={"slurm": Slurm(said("slurm 22"), BROKEN)},
    ),
    Case(
        "slurm",
        "warn",
        "the controller does not answer",
        "slurmctld",
        worse={"slurm": Slurm(said("slurm 22"), HUNG)},
    ),
    Case(
        "slurm",
        "warn",
        "no partition takes jobs",
        "sinfo",
        worse={"slurm": SLURM._replace(partitions=(Partition("cpu", "(null)", is_up=False),))},
    ),
    Case(
        "slurm",
        "ok",
        "partitions cpu; none with GPUs",
        worse={"slurm": SLURM._replace(partitions=SLURM.partitions[:1])},
    ),
    Case("accounting", "ok", "sacct answers"),
    Case(
        "accounting",
        "warn",
        "sacct says: ImportError: it is broken",
        "slurm-status-command: squeue",
        worse={"slurm": SLURM._replace(accounting=BROKEN)},
    ),
    Case(
        "accounting",
        "warn",
        "there is no sacct",
        "slurm-status-command: squeue",
        worse={"slurm": SLURM._replace(accounting=ABSENT)},
    ),
    Case(
        "accounting",
        "warn",
        "in time",
        "slurm-status-command: squeue",
        worse={"slurm": SLURM._replace(accounting=HUNG)},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check(case: Case) -> None:
    hold(case)


def test_without_a_cluster_nobody_asks_for_its_accounts() -> None:
    assert "accounting" not in checks(WELL._replace(slurm=Slurm(ABSENT)))


def test_in_a_container_nobody_is_told_to_install_another_engine() -> None:
    absent = {"docker": Docker(ABSENT), "apptainer": Apptainer(ABSENT)}
    found = checks(WELL._replace(container=Container("Podman"), **absent))
    assert (found["docker"].state, found["apptainer"].state) == ("none", "none")
    assert found["docker"].remedy is found["apptainer"].remedy is None
