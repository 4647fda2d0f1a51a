"""Programs that are asked may be missing, fail, hang, or answer anything."""

from __future__ import annotations

import os
import pwd
import select
from typing import TYPE_CHECKING

import pytest
from made_programs import HANG, SHORT, add
from made_programs import machine as machine  # noqa: PLC0414 - a fixture

from clika import programs
from clika.programs import Answer, ask, ask_python, side_by_side
from clika.views.doctor.facts.engines import (
    look_at_apptainer,
    look_at_docker,
    look_at_podman,
    look_at_slurm,
)
from clika.views.doctor.facts.parsing import Partition
from clika.views.doctor.facts.software import look_at_driver

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path


def test_both_streams_are_read(machine: Path) -> None:
    add(machine, "good", 'echo "$1"; echo warned >&2')
    assert ask("good", "said") == Answer("answered", "said\n", "warned\n")


def test_a_program_that_is_not_there(machine: Path) -> None:
    assert ask("missing").state == "absent"


def test_a_program_that_fails(machine: Path) -> None:
    add(machine, "bad", "echo out; echo 'what is  wrong.' >&2; exit 3")
    answer = ask("bad")
    assert (answer.state, answer.quote) == ("failed", "what is wrong")


def test_a_program_that_cannot_be_started(machine: Path) -> None:
    (machine / "odd").write_bytes(b"\x7fELF nonsense")
    (machine / "odd").chmod(0o755)
    assert ask("odd").state == "failed"


def test_what_hangs_is_killed_with_all_that_it_started(machine: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "held")
    add(machine, "slow", f"sleep 600 > {tmp_path}/held & echo partly; wait")
    reader = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    try:
        answer = ask("slow", seconds=SHORT)
        # It ends when nobody holds its other end any more.
        ended, _, _ = select.select([reader], [], [], 60)
    finally:
        os.close(reader)
    assert (answer.state, answer.output) == ("silent", "partly\n")
    assert ended


def test_a_child_that_outlives_the_program_is_not_waited_for(machine: Path) -> None:
    add(machine, "leaves", "sleep 600 & echo done")
    assert ask("leaves", seconds=SHORT) == Answer("silent", "done\n", "")


def test_closed_streams_are_no_end(machine: Path) -> None:
    add(machine, "closes", "exec >&- 2>&-; sleep 600")
    assert ask("closes", seconds=SHORT).state == "silent"


def test_what_never_stops_talking_is_stopped(machine: Path) -> None:
    add(machine, "talks", "cat /dev/zero")
    answer = ask("talks")
    assert answer.state == "failed"
    assert len(answer.output) < 2 << 20


def test_an_interruption_kills_what_is_being_asked(machine: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "started")
    add(machine, "slow", f"echo started > {tmp_path}/started; {HANG}")

    found: list[Future[Answer]] = []

    def interrupted() -> None:
        with side_by_side() as pool:
            found.append(pool.submit(ask, "slow", seconds=600))
            (tmp_path / "started").read_text()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert found[0].result().state == "failed"
    assert ask("sh", "-c", "echo well").state == "answered"


def test_bytes_that_are_no_text(machine: Path) -> None:
    add(machine, "binary", "head -c 2000 /dev/urandom; echo; echo '\\033[2J'")
    assert ask("binary").state == "answered"


def test_a_quote_is_one_line_and_not_all_of_it() -> None:
    assert Answer("failed", "out", "a\n\n  b\t c \n \n").quote == "b c"
    assert Answer("failed", "out", " \n").quote == "out"
    assert Answer("answered", "out", "warned").quote == "out"
    assert Answer("failed").quote == "nothing"
    assert len(Answer("failed", "x" * 999).quote) < 200


def test_another_interpreter_finds_what_this_one_finds(tmp_path: Path) -> None:
    answer = ask_python("import clika\nprint(clika.__file__)", seconds=60)
    assert answer.state == "answered"
    assert answer.output.endswith("clika/__init__.py\n")


DOCKER = 'case "$1" in --version) {version} ;; *) {info} ;; esac'
VERSION = "echo Docker version 28.2.2, build e6534b4"


@pytest.mark.parametrize(
    ("version", "info", "client", "daemon", "server", "runtimes"),
    [
        (
            VERSION,
            """echo '28.2.2 {"nvidia":{"path":"x"},"runc":{}}'""",
            "answered",
            "answered",
            "28.2.2",
            {"nvidia", "runc"},
        ),
        (VERSION, "echo '28.2.2 [1]'", "answered", "answered", "28.2.2", set()),
        (VERSION, "echo ' {}'; exit 0", "answered", "failed", "", set()),
        (VERSION, "echo permission denied >&2; exit 1", "answered", "failed", "", set()),
        (VERSION, HANG, "answered", "silent", "", set()),
        ("echo podman version 4.3.1", "exit 1", "answered", None, "", set()),
        ("exit 1", "exit 1", "failed", None, "", set()),
    ],
)
def test_docker(
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    info: str,
    client: str,
    daemon: str | None,
    server: str,
    runtimes: set[str],
) -> None:
    add(machine, "docker", DOCKER.format(version=version, info=info))
    if daemon == "silent":
        monkeypatch.setattr(programs, "SECONDS", SHORT)
    found = look_at_docker()
    assert found.client.state == client
    assert (found.daemon.state if found.daemon else None) == daemon
    assert (found.server, found.runtimes) == (server, runtimes)


def test_nothing_is_installed(machine: Path, tmp_path: Path) -> None:
    assert look_at_docker().client.state == "absent"
    assert look_at_podman({}).client.state == "absent"
    assert look_at_apptainer(tmp_path, {}).version.state == "absent"
    assert look_at_slurm().version.state == "absent"
    assert look_at_driver(tmp_path).state == "absent"


@pytest.mark.parametrize(
    ("configuration", "runtime"),
    [('[engine]\nruntime = "runc"\n', "runc"), ("[engine]\n", ""), ("engine = 1", ""), ("[", "")],
)
def test_podman_and_its_runtime(
    machine: Path, tmp_path: Path, configuration: str, runtime: str
) -> None:
    add(machine, "podman", "echo podman version 4.3.1")
    add(machine, "crun", "echo crun version 1.8.1")
    (tmp_path / "containers.conf").write_text(configuration)
    found = look_at_podman({"CONTAINERS_CONF": str(tmp_path / "containers.conf")})
    assert (found.client.quote, found.has_crun) == ("podman version 4.3.1", True)
    assert found.runtime == runtime


def test_podman_of_a_user_whom_the_system_does_not_know(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    add(machine, "podman", "echo podman version 4.3.1")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert look_at_podman({}).client.state == "answered"


LACKING, HOLDING = "CapEff:\t000001fffeffffff\n", "CapEff:\t000001ffffffffff\n"


@pytest.mark.parametrize(
    ("user", "held", "environment", "directive", "outcome"),
    [
        (0, LACKING, {}, "full", "lacks"),
        (0, LACKING, {}, None, "lacks"),
        (0, LACKING, {}, "file", "has all"),
        (0, LACKING, {"APPTAINER_DROP_CAPS": "CAP_SYS_RESOURCE"}, "full", "has all"),
        (0, LACKING, {"APPTAINER_USERNS": "1"}, "full", "has all"),
        (0, HOLDING, {}, "full", "has all"),
        (0, "", {}, "full", "has all"),
        (1000, LACKING, {}, "full", "has all"),
    ],
)
def test_apptainer_as_root(
    machine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    user: int,
    held: str,
    environment: dict[str, str],
    directive: str | None,
    outcome: str,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    status = tmp_path / "proc/self/status"
    status.parent.mkdir(parents=True)
    status.write_text(held)
    configuration = tmp_path / "apptainer.conf"
    configuration.write_text(
        "" if directive is None else f"root default capabilities = {directive}\n"
    )
    add(
        machine,
        "apptainer",
        'case "$1" in\n--version) echo apptainer version 1.4.5 ;;\n'
        f"*) echo APPTAINER_CONF_FILE={configuration} ;;\nesac",
    )
    found = look_at_apptainer(tmp_path, environment)
    assert found.version.quote == "apptainer version 1.4.5"
    assert found.lacks_capability is (outcome == "lacks")


@pytest.mark.parametrize(
    ("mode", "directive", "expected"),
    [(0o4755, "yes", True), (0o4755, "no", False), (0o755, "yes", False), (None, "yes", False)],
)
def test_the_setuid_starter_of_apptainer(
    machine: Path, tmp_path: Path, mode: int | None, directive: str, expected: object
) -> None:
    starter = tmp_path / "libexec/apptainer/bin/starter-suid"
    starter.parent.mkdir(parents=True)
    if mode is not None:
        starter.touch()
        starter.chmod(mode)
    configuration = tmp_path / "apptainer.conf"
    configuration.write_text(f"allow setuid = {directive}\n")
    add(
        machine,
        "apptainer",
        f"echo LIBEXECDIR={tmp_path}/libexec; echo APPTAINER_CONF_FILE={configuration}",
    )
    assert look_at_apptainer(tmp_path, {}).has_setuid_starter is expected


def test_singularity_does_not_stand_in_for_apptainer(machine: Path, tmp_path: Path) -> None:
    add(machine, "singularity", "echo singularity-ce version 4.1.0")
    found = look_at_apptainer(tmp_path, {})
    assert (found.version.state, found.has_singularity) == ("absent", True)


SINFO = 'case "$1" in --version) {version} ;; *) {listed} ;; esac'


@pytest.mark.parametrize(
    ("version", "listed", "sacct", "states", "partitions"),
    [
        (
            "echo slurm 22.05.8",
            "echo 'gpu* gpu:2 up'",
            "exit 0",
            ("answered", "answered", "answered"),
            (Partition("gpu", "gpu:2", is_up=True),),
        ),
        (
            "echo slurm 22.05.8",
            "echo 'gpu* gpu:2 up'",
            "echo Slurm accounting storage is disabled >&2; exit 1",
            ("answered", "answered", "failed"),
            (Partition("gpu", "gpu:2", is_up=True),),
        ),
        (
            "echo slurm 22.05.8",
            "echo 'gpu* gpu:2 up'",
            None,
            ("answered", "answered", "absent"),
            (Partition("gpu", "gpu:2", is_up=True),),
        ),
        (
            "echo slurm 22.05.8",
            "head -c 5000 /dev/urandom",
            "exit 0",
            ("answered", "answered", "answered"),
            (),
        ),
        ("echo slurm 22.05.8", "exit 1", "exit 0", ("answered", "failed", None), ()),
        ("echo slurm 22.05.8", HANG, "exit 0", ("answered", "silent", None), ()),
        ("exit 1", "exit 0", "exit 0", ("failed", None, None), ()),
    ],
)
def test_slurm(
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    listed: str,
    sacct: str | None,
    states: tuple[str | None, ...],
    partitions: tuple[Partition, ...],
) -> None:
    add(machine, "sinfo", SINFO.format(version=version, listed=listed))
    if sacct is not None:
        add(machine, "sacct", sacct)
    if "silent" in states:
        monkeypatch.setattr(programs, "SECONDS", SHORT)
    found = look_at_slurm()
    answers = (found.version, found.controller, found.accounting)
    assert tuple(answer and answer.state for answer in answers) == states
    assert found.partitions == partitions
