"""What container engines and the cluster mean: nothing that clika does alone needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.views.doctor.model import Check

if TYPE_CHECKING:
    from clika.programs import Answer
    from clika.views.doctor.facts.control_groups import Allowance
    from clika.views.doctor.facts.engines import (
        Apptainer,
        Docker,
        Podman,
        Slurm,
        UserNamespaces,
    )
    from clika.views.doctor.facts.machine import Container

__all__ = [
    "judge_accounting",
    "judge_apptainer",
    "judge_docker",
    "judge_podman",
    "judge_slurm",
    "judge_user_namespaces",
    "within",
]


def within(container: Container, check: Check) -> Check:
    """Return the check of an engine as it is told in a container, where nobody needs another."""
    if container.kind is not None and check.state == "none":
        return check._replace(remedy=None)
    return check


def judge_docker(docker: Docker, *, has_gpu: bool) -> Check:
    """Judge whether Docker's daemon answers, and can pass on a GPU where there is one."""
    name = "docker"
    if docker.client.state == "absent":
        remedy = "To run clika's image with it: docs.docker.com/engine/install"
        return Check(name, "none", "not installed", remedy)
    if docker.client.state != "answered":
        return _unwell(name, "docker --version", docker.client)
    if docker.daemon is None:
        return Check(name, "ok", f"the program is Podman's: {docker.client.quote}")
    if docker.daemon.state != "answered":
        return _judge_daemon(docker.daemon)
    found = f"the daemon answers, version {docker.server}"
    if has_gpu and "nvidia" not in docker.runtimes:
        found += "; it has no runtime for the GPU"
        remedy = (
            "Install the NVIDIA Container Toolkit, then run: "
            "sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker"
        )
        return Check(name, "warn", found, remedy)
    return Check(name, "ok", found + ", with a runtime for the GPU" * has_gpu)


def _judge_daemon(daemon: Answer) -> Check:
    if "permission denied" in daemon.error.lower():
        found = "installed; this user may not speak to the daemon"
        remedy = "Run: sudo usermod -aG docker $USER, and log in again"
    elif daemon.state == "silent":
        found = "installed; the daemon does not answer in time"
        remedy = "Run: sudo systemctl restart docker"
    else:
        found = f"installed; the daemon does not answer: {daemon.quote}"
        remedy = "Run: sudo systemctl start docker"
    return Check("docker", "warn", found, remedy)


def _unwell(name: str, command: str, answer: Answer) -> Check:
    if answer.state == "silent":
        found = f"`{command}` does not end"
    else:
        found = f"`{command}` fails: {answer.quote}"
    return Check(name, "warn", found, "Install it anew.")


def judge_podman(podman: Podman, allowance: Allowance) -> Check:
    """Judge whether Podman is here, with a runtime that works with the control groups."""
    name = "podman"
    if podman.client.state == "absent":
        remedy = "To run clika's image with it: podman.io/docs/installation"
        return Check(name, "none", "not installed", remedy)
    if podman.client.state != "answered":
        return _unwell(name, "podman --version", podman.client)
    found = podman.client.quote
    if allowance.is_hybrid and podman.has_crun and podman.runtime in {"", "crun"}:
        found += "; its runtime crun refuses this mixture of control groups 1 and 2"
        remedy = 'Install runc, and set runtime = "runc" under [engine] in containers.conf.'
        return Check(name, "warn", found, remedy)
    return Check(name, "ok", found)


def judge_apptainer(apptainer: Apptainer) -> Check:
    """Judge whether Apptainer is here, and whether root may start it."""
    name = "apptainer"
    if apptainer.version.state == "absent":
        found = "not installed"
        if apptainer.has_singularity:
            found += "; Singularity is here, and clika's profile needs Apptainer itself"
        remedy = "For --profile apptainer: apptainer.org/docs/admin says how to install it"
        return Check(name, "none", found, remedy)
    if apptainer.version.state != "answered":
        return _unwell(name, "apptainer --version", apptainer.version)
    found = apptainer.version.quote
    if apptainer.lacks_capability:
        found += "; root lacks CAP_SYS_RESOURCE here, which it asks for"
        remedy = (
            "Run: export APPTAINER_DROP_CAPS=CAP_SYS_RESOURCE, or set root default capabilities = "
            "file in apptainer.conf with the others in capability.json"
        )
        return Check(name, "warn", found, remedy)
    return Check(name, "ok", found)


def judge_user_namespaces(namespaces: UserNamespaces, apptainer: Apptainer) -> Check:
    """Judge what Apptainer, and rootless engines, ask of the kernel."""
    name = "namespaces"
    note = "" if namespaces.has_subordinate_ids else "; no range in /etc/subuid for this user"
    found, remedy = f"user namespaces are allowed{note}", None
    if namespaces.refusal:
        found = f"user namespaces are forbidden: {namespaces.refusal}"
        if apptainer.has_setuid_starter:
            found += "; Apptainer has its setuid starter, and needs none"
        else:
            remedy = (
                "Ask the administrator to allow them, or for Apptainer with its setuid starter "
                "(package apptainer-suid)."
            )
    if remedy is None and namespaces.fuse != "open":
        found += {"closed": "; /dev/fuse is closed", "absent": "; no /dev/fuse"}[namespaces.fuse]
        remedy = "Use apptainer exec --unsquash"
        if namespaces.fuse == "closed":
            remedy = f"Run: sudo chmod 666 /dev/fuse; without it: {remedy.lower()}"
    if remedy is None:
        return Check(name, "ok", found)
    if apptainer.version.state != "answered":
        return Check(name, "none", found)
    return Check(name, "warn", found, remedy)


def judge_slurm(slurm: Slurm) -> Check:
    """Judge whether Slurm's controller answers, and say what it has."""
    name = "slurm"
    if slurm.version.state == "absent":
        return Check(name, "none", "not here (no sinfo)")
    if slurm.version.state != "answered" or slurm.controller is None:
        # Where no file and no server of names leads to a controller, it does not even say this.
        remedy = "Log in to a node of the cluster: its /etc/slurm/slurm.conf names the controller."
        return _unwell(name, "sinfo --version", slurm.version)._replace(remedy=remedy)
    version, controller = slurm.version.quote, slurm.controller
    if controller.state != "answered":
        why = "" if controller.state == "silent" else f": {controller.quote}"
        found = f"{version}; the controller does not answer{why}"
        remedy = "Log in to a node of the cluster, or start slurmctld; then: scontrol ping"
        return Check(name, "warn", found, remedy)
    if not slurm.names:
        remedy = "Ask the administrator; sinfo says which partitions there are."
        return Check(name, "warn", f"{version}; no partition takes jobs", remedy)
    gpus = ", ".join(slurm.names_with_gpus)
    found = f"{version}; partitions {', '.join(slurm.names)}; "
    found += f"GPUs in {gpus}" if gpus else "none with GPUs"
    return Check(name, "ok", found)


def judge_accounting(slurm: Slurm) -> Check | None:
    """Judge whether Slurm's accounts of jobs can be asked; ``None`` where there is no Slurm."""
    if slurm.accounting is None:
        return None
    name = "accounting"
    if slurm.accounting.state == "answered":
        return Check(name, "ok", "sacct answers")
    why = {"absent": "there is no sacct", "silent": "sacct does not answer in time"}
    said = why.get(slurm.accounting.state, f"sacct says: {slurm.accounting.quote}")
    # Snakemake's plugin loses sight of its jobs then, and waits for ever.
    remedy = "The profile slurm asks squeue; one of your own: slurm-status-command: squeue"
    return Check(name, "warn", said, remedy)
