"""What processors, memory and a container mean for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.views.doctor.model import Check
from clika.views.sizes import gib

if TYPE_CHECKING:
    from clika.views.doctor.facts.control_groups import Allowance
    from clika.views.doctor.facts.machine import (
        Container,
        Memory,
        Processor,
        Processors,
    )
    from clika.views.doctor.model import Needs

__all__ = [
    "judge_container",
    "judge_memory",
    "judge_processor",
    "judge_processors",
]

#: The features worth a word, by the names of ``/proc/cpuinfo`` on x86 and on Arm.
_FEATURES = ("popcnt", "avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "sve", "bf16")
_BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16", "bf16"})

_LITTLE_MEMORY = 1 << 30


def judge_processor(processor: Processor, needs: Needs | None) -> Check:
    """Judge what kind of processor it is: nothing needs a certain one, bfloat16 likes one."""
    name = "processor"
    model = processor.model or processor.architecture
    known = [feature for feature in _FEATURES if feature in processor.features]
    found = f"{model}: {', '.join(known)}" if known else model
    if _BFLOAT16 & processor.features:
        found += "; it has instructions for bfloat16, which may be quicker to train in than float32"
        return Check(name, "ok", found)
    if needs is not None and needs.bfloat16:
        found += "; it has no instructions for bfloat16, in which the study trains"
        remedy = "Set precision: float32 in the stages of study.yaml, or train on a GPU."
        return Check(name, "warn", found, remedy)
    return Check(name, "ok", f"{found}; it has no instructions for bfloat16: train in float32")


def judge_processors(
    processors: Processors, allowance: Allowance, threads: int | None, error: str
) -> Check:
    """Judge whether the threads that are taken are more than may run at once.

    Parameters
    ----------
    processors, allowance
        How many there are, and how much of them the control group allows.
    threads
        How many threads clika takes by default; ``None`` where the compiled module did not say.
    error
        Why the environment's number is refused; empty where it is not.
    """
    name = "processors"
    quota = allowance.processors
    usable = max(1, min(processors.affinity, int(quota) if quota is not None else 1 << 20))
    total = "an unknown number" if processors.machine is None else str(processors.machine)
    found = f"{total} in the machine, {processors.affinity} for this process, "
    found += "no quota" if quota is None else f"a quota of {quota:.4g}"
    if error:
        remedy = f"Run: export RAYON_NUM_THREADS={usable}, or unset RAYON_NUM_THREADS"
        return Check(name, "fail", f"{found}; {error}", remedy)
    if threads is not None:
        found += f"; clika takes {threads} thread{'s' * (threads != 1)}"
        found += " (RAYON_NUM_THREADS)" * bool(processors.rayon)
        if threads > usable:
            remedy = f"Run: export RAYON_NUM_THREADS={usable}"
            return Check(name, "warn", f"{found}, more than may run at once", remedy)
    if processors.omp.isdecimal() and int(processors.omp) > usable:
        found += f"; OMP_NUM_THREADS={processors.omp} is more than may run at once"
        return Check(name, "warn", found, f"Run: export OMP_NUM_THREADS={usable}")
    return Check(name, "ok", found)


def judge_memory(memory: Memory, allowance: Allowance) -> Check:
    """Judge whether there is memory for more than a small run."""
    limit = allowance.memory
    limited = limit is not None and limit < memory.total
    found = f"{gib(memory.available)} of {gib(memory.total)} available"
    found += f", a limit of {gib(limit)} on this process" if limit and limited else ", no limit"
    usable = min(memory.available, limit) if limit is not None else memory.available
    if usable >= _LITTLE_MEMORY:
        return Check("memory", "ok", found)
    remedy = "Ask for more (docker run --memory, sbatch --mem), or end other programs."
    return Check("memory", "warn", found, remedy)


def judge_container(container: Container) -> Check:
    """Say whether this is a container; neither is wrong."""
    if container.kind is None:
        return Check("container", "ok", "not inside one")
    image = f", {container.image}" * bool(container.image)
    return Check("container", "ok", f"inside {container.kind}{image}")
