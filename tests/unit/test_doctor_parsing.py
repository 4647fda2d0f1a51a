"""What system files and programs write is read, and anything else passed over."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clika.views.doctor.facts.control_groups import Allowance, allowance
from clika.views.doctor.facts.engines import look_at_user_namespaces
from clika.views.doctor.facts.machine import (
    look_at_container,
    look_at_processor,
    look_at_processors,
    temporary_folder,
)
from clika.views.doctor.facts.parsing import (
    Gpu,
    Partition,
    mount_of,
    parse_capabilities,
    parse_cpuinfo,
    parse_cuda_version,
    parse_directive,
    parse_gpus,
    parse_mounts,
    parse_partitions,
)

MOUNTS = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
40 27 0:40 / /home rw shared:7 - nfs4 server:/export rw,vers=4.2,addr=10.0.0.1
41 40 8:1 /data /home/my\040own\134disk rw - xfs /dev/sdb1 rw
42 27 8:2 / /scratch rw - ext4 /dev/sdc1 rw
43 42 0:50 / /scratch rw - lustre 10.0.0.2@tcp:/fs rw
"""

CPUINFO = """processor\t: 0
vendor_id\t: AuthenticAMD
model name\t: AMD EPYC   9355 32-Core Processor
flags\t\t: fpu popcnt avx2 avx512f avx512_bf16

processor\t: 1
model name\t: another
flags\t\t: fpu
"""

ARM = "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd sve bf16 i8mm\nCPU part\t: 0xd40\n"

NVIDIA_HEAD = """Sun Mar  3 10:00:00 2024
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |
|-----------------------------------------+------------------------+----------------------+
"""
NVIDIA_NEW_HEAD = "| NVIDIA-SMI 590.44.01   KMD Version: 590.44.01   CUDA UMD Version: 13.1   |\n"


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/opt", "ext4"),
        ("/home", "nfs4"),
        ("/homely", "ext4"),
        ("/home/me/results", "nfs4"),
        ("/home/my own\\disk/results", "xfs"),
        ("/scratch/me", "lustre"),
    ],
)
def test_the_mount_of_a_folder(folder: str, kind: str) -> None:
    found = mount_of(parse_mounts(MOUNTS), PurePosixPath(folder))
    assert found is not None
    assert found.kind == kind


def test_of_no_mounts_none_is_found() -> None:
    assert mount_of((), PurePosixPath("/opt")) is None


def test_lines_that_are_no_mounts_are_passed_over() -> None:
    assert parse_mounts("\n - \n1 2 3 / /x rw\nx - y z w\n1 2 3:4 / /x rw - ext4 only\n") == ()


@given(st.text())
def test_no_text_breaks_a_parser(text: str) -> None:
    parse_mounts(text)
    parse_cpuinfo(text)
    parse_capabilities(text)
    parse_gpus(text)
    parse_cuda_version(text)
    parse_directive(text, "x")
    assert all(partition.name == partition.name.strip() for partition in parse_partitions(text))


def test_the_first_processor_speaks_for_all() -> None:
    model, features = parse_cpuinfo(CPUINFO)
    assert model == "AMD EPYC 9355 32-Core Processor"
    assert features == {"fpu", "popcnt", "avx2", "avx512f", "avx512_bf16"}


def test_arm_has_features_and_no_model() -> None:
    model, features = parse_cpuinfo(ARM)
    assert model == ""
    assert "bf16" in features


def test_without_cpuinfo_there_is_the_architecture(tmp_path: Path) -> None:
    found = look_at_processor(tmp_path)
    assert (found.model, found.features) == ("", frozenset())
    assert found.architecture == os.uname().machine


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name:\tx\nCapEff:\t000001fffeffffff\n", 0x1FFFEFFFFFF),
        ("CapEff:\tnonsense\n", None),
        ("", None),
    ],
)
def test_capabilities(text: str, expected: int | None) -> None:
    assert parse_capabilities(text) == expected


@pytest.mark.parametrize(
    ("text", "version", "gpus"),
    [
        (
            "NVIDIA H100 80GB HBM3, 550.54.15, 81559 MiB\nNVIDIA L4, 550.54.15, 23034 MiB\n",
            "550.54.15",
            (Gpu("NVIDIA H100 80GB HBM3", 81559 << 20), Gpu("NVIDIA L4", 23034 << 20)),
        ),
        ("NVIDIA GB10, 580.95, [N/A]\n", "580.95", (Gpu("NVIDIA GB10", None),)),
        ("A, with a comma, 470.1, 1 MiB", "470.1", (Gpu("A, with a comma", 1 << 20),)),
        ("No devices were found\n", None, ()),
        ("a, b, c\n", None, ()),
        ("", None, ()),
    ],
)
def test_gpus(text: str, version: str | None, gpus: tuple[Gpu, ...]) -> None:
    assert parse_gpus(text) == (version, gpus)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NVIDIA_HEAD, (12, 4)),
        (NVIDIA_NEW_HEAD, (13, 1)),
        ("13.0", (13, 0)),
        ("CUDA Version: N/A", None),
        ("Driver Version: 550.54", None),
        ("", None),
        (None, None),
    ],
)
def test_the_version_of_cuda(text: str | None, expected: tuple[int, int] | None) -> None:
    assert parse_cuda_version(text) == expected


def test_partitions() -> None:
    text = (
        "cpu* (null) up\ngpu gpu:a100:4(S:0-1),tmp:1 up\nold nogpu:1 down\n"
        "Unable to contact slurm controller\na b c\n"
    )
    found = parse_partitions(text)
    assert found == (
        Partition("cpu", "(null)", is_up=True),
        Partition("gpu", "gpu:a100:4(S:0-1),tmp:1", is_up=True),
        Partition("old", "nogpu:1", is_up=False),
    )
    assert [partition.has_gpus for partition in found] == [False, True, False]


def test_the_last_of_a_directive_counts() -> None:
    text = "# x = 0\nx = 1\n x  =  two words \nxy = 3\n"
    assert parse_directive(text, "x") == "two words"
    assert parse_directive(text, "y") is None


def system(root: Path, files: dict[str, str]) -> Path:
    """Write the files of a made-up system and return where it lies."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


V2_MOUNTS = "30 1 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
V1_MOUNTS = (
    "31 1 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "32 1 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
)
V1_GROUPS = "4:memory:/job\n3:cpu,cpuacct:/job/step\n1:name=systemd:/\n"
GIB = 1 << 30


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, Allowance(None, None, is_hybrid=False), id="nothing"),
        pytest.param(
            {
                "proc/self/mountinfo": V2_MOUNTS,
                "proc/self/cgroup": "0::/user.slice/job\n",
                "sys/fs/cgroup/user.slice/cpu.max": "150000 100000\n",
                "sys/fs/cgroup/user.slice/job/cpu.max": "max 100000\n",
                "sys/fs/cgroup/user.slice/job/memory.max": f"{2 * GIB}\n",
                "sys/fs/cgroup/user.slice/memory.max": "max\n",
            },
            Allowance(1.5, 2 * GIB, is_hybrid=False),
            id="version 2, the quota of a group around",
        ),
        pytest.param(
            {
                "proc/self/mountinfo": V2_MOUNTS,
                "proc/self/cgroup": "0::/../../elsewhere\n",
                "sys/fs/cgroup/cpu.max": "50000 100000\n",
            },
            Allowance(0.5, None, is_hybrid=False),
            id="version 2, a group out of sight",
        ),
        pytest.param(
            {
                "proc/self/mountinfo": V1_MOUNTS,
                "proc/self/cgroup": V1_GROUPS,
                "sys/fs/cgroup/cpu,cpuacct/job/step/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu,cpuacct/job/step/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "400000\n",
                "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/memory/job/memory.limit_in_bytes": f"{GIB}\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            },
            Allowance(4.0, GIB, is_hybrid=False),
            id="version 1",
        ),
        pytest.param(
            {
                "proc/self/mountinfo": V1_MOUNTS.replace(":31 /", ":31 /job"),
                "proc/self/cgroup": V1_GROUPS,
                "sys/fs/cgroup/cpu,cpuacct/step/cpu.cfs_quota_us": "200000\n",
                "sys/fs/cgroup/cpu,cpuacct/step/cpu.cfs_period_us": "100000\n",
            },
            Allowance(2.0, None, is_hybrid=False),
            id="version 1, the mount begins at a group",
        ),
        pytest.param(
            {
                "proc/self/mountinfo": V1_MOUNTS
                + V2_MOUNTS.replace("/sys/fs/cgroup ", "/sys/fs/cgroup/unified "),
                "proc/self/cgroup": V1_GROUPS + "0::/\n",
            },
            Allowance(None, None, is_hybrid=True),
            id="both",
        ),
        pytest.param(
            {
                "proc/self/mountinfo": V2_MOUNTS,
                "proc/self/cgroup": "nonsense\n0::/job\n",
                "sys/fs/cgroup/job/cpu.max": "5 0\n",
                "sys/fs/cgroup/job/memory.max": "many\n",
            },
            Allowance(None, None, is_hybrid=False),
            id="nonsense",
        ),
    ],
)
def test_what_control_groups_allow(
    tmp_path: Path, files: dict[str, str], expected: Allowance
) -> None:
    assert allowance(system(tmp_path, files)) == expected


@pytest.mark.parametrize(
    ("files", "environment", "expected"),
    [
        ({}, {}, None),
        ({".dockerenv": ""}, {}, "Docker"),
        ({"run/.containerenv": ""}, {}, "Podman"),
        ({".dockerenv": ""}, {"APPTAINER_CONTAINER": "/x.sif"}, "Apptainer"),
        ({}, {"SINGULARITY_CONTAINER": "/x.sif"}, "Apptainer"),
    ],
)
def test_which_container(
    tmp_path: Path, files: dict[str, str], environment: dict[str, str], expected: str | None
) -> None:
    assert look_at_container(system(tmp_path, files), environment).kind == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({"TEMP": "/c"}, "/c"), ({"TMP": "/b"}, "/b"), ({"TMP": "/b", "TMPDIR": "/a"}, "/a")],
)
def test_the_folder_of_temporary_files(environment: dict[str, str], expected: str) -> None:
    assert temporary_folder(environment) == expected


def test_how_many_processors() -> None:
    found = look_at_processors({"OMP_NUM_THREADS": "3"})
    assert found.affinity == len(os.sched_getaffinity(0))
    assert (found.rayon, found.omp) == ("", "3")


@pytest.mark.parametrize(
    ("files", "refusal"),
    [
        ({}, ""),
        ({"proc/sys/user/max_user_namespaces": "31000\n"}, ""),
        ({"proc/sys/user/max_user_namespaces": "0\n"}, "user.max_user_namespaces is 0"),
        (
            {"proc/sys/kernel/unprivileged_userns_clone": "0\n"},
            "kernel.unprivileged_userns_clone is 0",
        ),
        (
            {"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"},
            "kernel.apparmor_restrict_unprivileged_userns is 1",
        ),
    ],
)
def test_what_forbids_user_namespaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], refusal: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    found = look_at_user_namespaces(system(tmp_path, files))
    assert (found.refusal, found.fuse, found.has_subordinate_ids) == (refusal, "absent", False)


def test_root_may_always_make_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    files = {
        "proc/sys/user/max_user_namespaces": "0\n",
        "dev/fuse": "",
        "etc/subuid": f"{os.getuid()}:100000:65536\n",
    }
    found = look_at_user_namespaces(system(tmp_path, files))
    assert (found.refusal, found.fuse, found.has_subordinate_ids) == ("", "open", True)
