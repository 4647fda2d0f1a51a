"""What a look at a machine ends in, and what a study asks of one."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from clika.study import Study

__all__ = ["Check", "Diagnosis", "Needs", "State", "needs_of", "severity"]

#: ``none``: something optional that is not here.
State = Literal["ok", "warn", "fail", "none"]


class Check(NamedTuple):
    """One thing that was looked at.

    Attributes
    ----------
    name
        What, in a word.
    state
        ``fail`` means that something needed is missing or broken.
    found
        What was found, without a full stop.
    remedy
        The command or the setting that mends it, as a sentence; ``None`` where nothing is to be
        done.
    """

    name: str
    state: State
    found: str
    remedy: str | None = None


class Needs(NamedTuple):
    """What a study asks of a machine when it is run from nothing.

    Attributes
    ----------
    framework
        PyTorch and transformers: it trains models, or asks them.
    gpu
        It trains on a GPU, or has a model asked on one.
    bfloat16
        It trains in bfloat16 on a processor.
    release
        It reads released data, where there are any.
    """

    framework: bool = False
    gpu: bool = False
    bfloat16: bool = False
    release: bool = False


class Diagnosis(NamedTuple):
    """What was found.

    Attributes
    ----------
    study
        Name of the study whose needs were judged; ``None`` where none was named.
    results
        The folder of results.
    checks
        In the order of the page.
    """

    study: str | None
    results: Path
    checks: tuple[Check, ...]

    def named(self, state: State) -> tuple[str, ...]:
        """Return the names of the checks in a state."""
        return tuple(check.name for check in self.checks if check.state == state)


def needs_of(study: Study) -> Needs:
    """Return what a study asks of a machine.

    A study that ships its answers, or has outcomes alone, is rescored without a model.
    """
    if study.training is None or _ships_answers(study):
        asked_on_gpu = any(asked.on_gpu for asked in study.asked.values())
        asks, released = study.kind == "asked", study.kind == "released"
        return Needs(framework=asks, gpu=asked_on_gpu, release=released)
    on_gpu = study.training.on_gpu
    stages = study.training.stages.values()
    says_bfloat16 = any(stage.precision == "bfloat16" for stage in stages)
    return Needs(framework=True, gpu=on_gpu, bfloat16=says_bfloat16 and not on_gpu)


def _ships_answers(study: Study) -> bool:
    return files("clika").joinpath("studies", study.name, "answers.parquet").is_file()


def severity(*, needed: bool) -> Literal["warn", "fail"]:
    """Return what something broken is, whether it is needed or not."""
    return "fail" if needed else "warn"
