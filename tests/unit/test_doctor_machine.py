"""What made-up processors, memories, disks and settings mean, and what mends them."""

from __future__ import annotations

import pytest
from made_facts import BROKEN, DISK, EXTENSION, GIB, WELL, Case, checks, hold
from msgspec.structs import replace

from clika.views.doctor.facts.control_groups import Allowance
from clika.views.doctor.facts.machine import Container, Memory, Processor, Processors
from clika.views.doctor.facts.places import Place
from clika.views.doctor.model import Needs

TRAINS, IN_BFLOAT16 = Needs(framework=True), Needs(framework=True, bfloat16=True)
BF16 = frozenset({"bf16"})
DOCKER = Container("Docker")
SILENT = Place("/far/results", "silent", "/far", "nfs4")


CASES = [
    Case("processor", "ok", "AMD EPYC: popcnt, avx2, avx512_bf16", needs=IN_BFLOAT16),
    Case(
        "processor",
        "ok",
        "Old: avx2; it has no instructions for bfloat16: train in float32",
        worse={"processor": Processor("Old", "x86_64", frozenset({"avx2"}))},
        needs=TRAINS,
    ),
    Case(
        "processor",
        "warn",
        "no instructions for bfloat16",
        "precision: float32",
        worse={"processor": Processor("Old", "x86_64", frozenset({"avx2"}))},
        needs=IN_BFLOAT16,
    ),
    Case(
        "processor",
        "ok",
        "aarch64: bf16",
        worse={"processor": Processor("", "aarch64", BF16)},
        needs=IN_BFLOAT16,
    ),
    Case("processors", "ok", "8 in the machine, 8 for this process, a quota of 4; "),
    Case(
        "processors",
        "warn",
        "a quota of 1.5; clika takes 4 threads, more than may run",
        "RAYON_NUM_THREADS=1",
        worse={"allowance": Allowance(1.5, None, is_hybrid=False)},
    ),
    Case(
        "processors",
        "warn",
        "takes 4 threads (RAYON_NUM_THREADS), more than",
        "RAYON_NUM_THREADS=2",
        worse={"processors": Processors(8, 2, "4", "")},
    ),
    Case(
        "processors",
        "warn",
        "OMP_NUM_THREADS=8 is more",
        "OMP_NUM_THREADS=4",
        worse={"processors": Processors(8, 8, "", "8")},
    ),
    Case(
        "processors",
        "fail",
        'RAYON_NUM_THREADS is "x"',
        "unset RAYON_NUM_THREADS",
        worse={"extension": replace(EXTENSION, error='RAYON_NUM_THREADS is "x"')},
    ),
    Case(
        "processors",
        "ok",
        "an unknown number in the machine",
        worse={"extension": BROKEN, "processors": Processors(None, 8, "", "nonsense")},
    ),
    Case("memory", "ok", "60.0 GiB of 64.0 GiB available, a limit of 16.0 GiB"),
    Case(
        "memory", "ok", "no limit", worse={"allowance": Allowance(None, 999 * GIB, is_hybrid=False)}
    ),
    Case(
        "memory",
        "warn",
        "a limit of 0.5 GiB",
        "--memory",
        worse={"allowance": Allowance(None, GIB // 2, is_hybrid=False)},
    ),
    Case("memory", "warn", "0.2 GiB", "--mem", worse={"memory": Memory(GIB, GIB // 4)}),
    Case("results", "ok", "results on ext4, 50.0 GB free"),
    Case(
        "results",
        "ok",
        "results (not made yet) on a filesystem of unknown type",
        worse={
            "results": replace(DISK, state="absent", filesystem=None, free=None, free_files=None)
        },
    ),
    Case("results", "warn", "little", "--results", worse={"results": replace(DISK, free=10**9)}),
    Case(
        "results",
        "fail",
        "it is full",
        "Free some space",
        worse={"results": replace(DISK, free=10**8)},
    ),
    Case(
        "results", "fail", "inodes", "Remove files", worse={"results": replace(DISK, free_files=3)}
    ),
    Case(
        "results",
        "fail",
        "not writable",
        "--results",
        worse={"results": replace(DISK, is_writable=False)},
    ),
    Case(
        "results",
        "fail",
        "is not a folder",
        "--results",
        worse={"results": replace(DISK, state="blocked", is_writable=False)},
    ),
    Case("results", "ok", "overlay", worse={"results": replace(DISK, filesystem="overlay")}),
    Case(
        "results",
        "warn",
        "lost with it",
        "-v FOLDER:",
        worse={"results": replace(DISK, filesystem="overlay"), "container": DOCKER},
    ),
    Case(
        "results",
        "warn",
        "lost with it",
        "--bind FOLDER:",
        worse={
            "results": replace(DISK, filesystem="fuse-overlayfs"),
            "container": Container("Apptainer"),
        },
    ),
    Case(
        "results",
        "warn",
        "it is in memory",
        "--results",
        worse={"results": replace(DISK, filesystem="tmpfs")},
    ),
    Case("temporary", "ok", "/scratch on ext4"),
    Case("temporary", "ok", "tmpfs", worse={"temporary": replace(DISK, filesystem="tmpfs")}),
    Case(
        "temporary",
        "warn",
        "another place",
        "TMPDIR",
        worse={"temporary": replace(DISK, state="absent")},
    ),
    Case(
        "temporary", "warn", "nfs4", "TMPDIR", worse={"temporary": replace(DISK, filesystem="nfs4")}
    ),
    Case("temporary", "warn", "little", "TMPDIR", worse={"temporary": replace(DISK, free=10**9)}),
    Case(
        "temporary",
        "fail",
        "not writable",
        "TMPDIR",
        worse={"temporary": replace(DISK, is_writable=False)},
    ),
    Case(
        "results",
        "fail",
        "/far/results: /far, on nfs4, does not answer",
        "umount --lazy /far",
        worse={"results": SILENT},
    ),
    Case("temporary", "fail", "does not answer", "umount", worse={"temporary": SILENT}),
    Case("HF_HOME", "warn", "does not answer", "umount", worse={"hub_folder": SILENT}),
    Case("CLIKA_DATA", "fail", "does not answer", "umount", worse={"data": SILENT}),
    Case("container", "ok", "not inside one"),
    Case(
        "container",
        "ok",
        "inside Apptainer, /x.sif",
        worse={"container": Container("Apptainer", "/x.sif")},
    ),
    Case("HF_HOME", "ok", "not set"),
    Case(
        "HF_HOME",
        "ok",
        "/models",
        worse={"hub_folder": Place("/models", "folder", "/")},
    ),
    Case(
        "HF_HOME",
        "warn",
        "/my models is not there",
        "mkdir -p '/my models'",
        worse={"hub_folder": Place("/my models", "absent", "/")},
    ),
    Case(
        "HF_HOME",
        "warn",
        "is not a folder",
        "export HF_HOME",
        worse={"hub_folder": Place("/models", "file", "/")},
    ),
    Case(
        "HF_HUB_OFFLINE",
        "ok",
        "must be here already",
        worse={"hub_offline": "True"},
    ),
    Case(
        "HF_HUB_OFFLINE",
        "ok",
        "may download",
        worse={"hub_offline": "0"},
    ),
    Case(
        "HF_HUB_OFFLINE",
        "warn",
        "2 is taken for no",
        "HF_HUB_OFFLINE=1",
        worse={"hub_offline": "2"},
    ),
    Case(
        "CLIKA_DATA",
        "ok",
        "/x.zip",
        worse={"data": Place("/x.zip", "file", "/")},
    ),
    Case(
        "CLIKA_DATA",
        "fail",
        "/x is not there",
        "unset CLIKA_DATA",
        worse={"data": Place("/x", "absent", "/")},
    ),
    Case(
        "CLIKA_DATA",
        "warn",
        "/x is not there",
        "unset CLIKA_DATA",
        worse={"data": Place("/x", "absent", "/")},
        needs=TRAINS,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check(case: Case) -> None:
    hold(case)


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "beegfs", "ceph", "9p", "fuse.sshfs"]
)
def test_a_network_filesystem_is_no_place_for_results(kind: str) -> None:
    check = checks(WELL._replace(results=replace(DISK, filesystem=kind)))["results"]
    assert check.state == "warn"
    assert f"on {kind}" in check.found
    assert check.remedy == "Choose a folder on a local disk with --results."
