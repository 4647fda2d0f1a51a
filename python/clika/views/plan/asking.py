"""What it takes to ask models: weights, memory, hours."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.infer.weight_files import look_at_weights
from clika.registry import known_model
from clika.views.plan.measured import Timed, benchmark_seconds, measured_ratio
from clika.views.plan.prompts import Prompts, added

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clika.infer.weight_files import WeightFiles
    from clika.study import Asked, Study
    from clika.views.plan.assumptions import Assumptions
    from clika.views.plan.measured import Measured

__all__ = [
    "DEVICES",
    "AskingCost",
    "Device",
    "ModelCost",
    "Purpose",
    "cost_of_asking",
    "model_cost",
]

Device = Literal["gpu", "processor"]
DEVICES: tuple[Device, ...] = ("gpu", "processor")
#: ``anew``: every model with weights, though its answers are read and not asked for; ``left``:
#: those that the workflow is still to ask.
Purpose = Literal["anew", "left"]

_BILLION = 10**9
#: On a processor weights are read as float32, those of a GGUF file everywhere.
_FLOAT32 = 4
_SECONDS = 3600


class ModelCost(NamedTuple):
    """What asking one model takes.

    Attributes
    ----------
    model
        Its name.
    parameters
        How many; ``None`` where neither files nor registry say.
    weights
        Bytes of its weights on a disk; ``None`` likewise.
    source
        Where the workflow looks for its files; empty where it asks nothing.
    is_here
        Whether the files of the weights are there.
    device
        What it runs on.
    memory
        Bytes of that device's memory that it takes; ``None`` where its size is not known.
    gpus
        How many GPUs hold it; 0 on a processor, ``None`` where its size is not known.
    prompts
        What it is asked.
    load_seconds, ask_seconds
        To read the weights, and to ask; on several GPUs of each of them. ``None`` where not known.
    """

    model: str
    parameters: int | None
    weights: int | None
    source: str
    is_here: bool
    device: Device
    memory: float | None
    gpus: int | None
    prompts: Prompts
    load_seconds: float | None
    ask_seconds: float | None

    def hours(self, share: float = 1.0) -> float | None:
        """Return the hours of its device that a share of the prompts takes; layers take turns.

        On several GPUs the hours of all of them count.
        """
        if self.load_seconds is None or self.ask_seconds is None:
            return None
        return max(self.gpus or 0, 1) * (self.load_seconds + share * self.ask_seconds) / _SECONDS


class AskingCost(NamedTuple):
    """What asking several models takes.

    Attributes
    ----------
    purpose
        Which models.
    models
        Each of them.
    whole
        Every model that the study asks with all of its tasks, asked or not.
    measured
        How many earlier jobs here the hours follow, by device; empty where they are arithmetic.
    left_out
        How many earlier jobs here, by device, were too short to have asked everything.
    answer_bytes
        Of an answer in shards and database, measured here where some are.
    """

    purpose: Purpose
    models: tuple[ModelCost, ...]
    whole: tuple[ModelCost, ...]
    measured: Mapping[Device, int]
    left_out: Mapping[Device, int]
    answer_bytes: float

    @property
    def prompts(self) -> int | None:
        """Prompts to all models together."""
        return added(one.prompts for one in self.models).prompts

    @property
    def weights(self) -> int:
        """Bytes of the weights of all models whose size is known."""
        return sum(one.weights or 0 for one in self.models)

    @property
    def results(self) -> float | None:
        """Bytes of the answers in shards and database."""
        return None if self.prompts is None else self.prompts * self.answer_bytes

    def hours(self, device: Device) -> float | None:
        """Return the hours of a device; ``None`` where none is known."""
        return _hours(self.models, device, 1.0)

    def whole_hours(self, device: Device, share: float) -> float | None:
        """Return the hours of a device for a share of all prompts, were none asked yet."""
        return _hours(self.whole, device, share)


def _hours(models: Sequence[ModelCost], device: Device, share: float) -> float | None:
    found = [one.hours(share) for one in models if one.device == device]
    known = [hours for hours in found if hours is not None]
    return sum(known) if known else None


def cost_of_asking(
    study: Study,
    left: Mapping[str, Sequence[str]],
    prompts: Mapping[str, Prompts],
    *,
    folder: Path,
    assumed: Assumptions,
    answer_bytes: float,
) -> AskingCost:
    """Return what it takes to ask the models that are left, or where answers are read, any again.

    Models whose weights are not to be had are left out of these.

    Parameters
    ----------
    study
        A study that models can be asked.
    left
        Of a study of kind ``asked``: the tasks that each model is still to be asked.
    prompts
        What one model is asked, by task.
    folder
        Its folder of results: the times of earlier jobs are there.
    assumed
        The numbers of the estimate.
    answer_bytes
        Of an answer in shards and database.
    """
    if study.kind != "asked":
        whole = added(prompts.values())
        models = tuple(
            model_cost(model, None, whole, assumed)
            for model in study.models
            if not _is_beyond_reach(model)
        )
        return AskingCost("anew", models, models, {}, {}, answer_bytes)
    every = {
        model: model_cost(model, asked, _of_tasks(prompts, asked.tasks), assumed)
        for model, asked in study.asked.items()
    }
    logs = folder / "logs" / "infer"
    found: dict[Device, Measured] = {}
    for device in DEVICES:
        done = [model for model in every if model not in left and every[model].device == device]
        found[device] = measured_ratio(
            [_timed(every[model], logs / f"{model}.tsv") for model in done]
        )
    costs = [
        model_cost(model, study.asked[model], _of_tasks(prompts, tasks), assumed)
        for model, tasks in left.items()
    ]
    return AskingCost(
        purpose="left",
        models=tuple(_scaled(cost, found[cost.device].ratio) for cost in costs),
        whole=tuple(_scaled(cost, found[cost.device].ratio) for cost in every.values()),
        measured={device: one.jobs for device, one in found.items() if one.jobs},
        left_out={device: one.left_out for device, one in found.items() if one.left_out},
        answer_bytes=answer_bytes,
    )


def _is_beyond_reach(model: str) -> bool:
    facts = known_model(model)
    return facts is not None and facts.access in {"api", "none"}


def _of_tasks(prompts: Mapping[str, Prompts], tasks: Sequence[str]) -> Prompts:
    return added(prompts[task] for task in tasks or prompts)


def _timed(cost: ModelCost, log: Path) -> Timed:
    took = benchmark_seconds(log)
    if cost.load_seconds is None or cost.ask_seconds is None:
        return Timed(took, None)
    # Less than the reading of the weights: everything was asked before.
    return Timed(took, cost.load_seconds + cost.ask_seconds, least=cost.load_seconds)


def _scaled(cost: ModelCost, ratio: float) -> ModelCost:
    if cost.load_seconds is None or cost.ask_seconds is None:
        return cost
    return cost._replace(
        load_seconds=cost.load_seconds * ratio, ask_seconds=cost.ask_seconds * ratio
    )


def model_cost(
    model: str, asked: Asked | None, prompts: Prompts, assumed: Assumptions
) -> ModelCost:
    """Return what asking a model takes.

    Parameters
    ----------
    model
        Its name; the registry knows the size of some.
    asked
        How the workflow asks it; ``None`` supposes a GPU, and that options are scored.
    prompts
        What it is asked.
    assumed
        The numbers of the estimate.

    Notes
    -----
    Seconds are ``2 x parameters x tokens`` operations by what the device sustains, and the weights,
    as often as they are read, by what a disk gives.
    """
    files = None if asked is None else look_at_weights(Path(asked.source))
    parameters, weights = _size(model, files, assumed)
    device: Device = "gpu" if asked is None or asked.on_gpu else "processor"
    as_saved = device == "gpu" and not (files is not None and files.is_gguf)
    memory = None
    if parameters is not None and weights is not None:
        held = weights if as_saved else parameters * _FLOAT32
        memory = held * (1 + assumed.activation_share)
    gpus = None
    if memory is not None:
        gpus = math.ceil(memory / (assumed.gpu_gib * 2**30)) if device == "gpu" else 0
    ask = load = None
    if parameters is not None and weights is not None and prompts.tokens is not None:
        written = 0 if asked is None or asked.longest is None else asked.longest
        tokens = prompts.tokens + (prompts.prompts or 0) * written * assumed.written_cost
        ask = 2 * parameters * tokens / _speed(device, asked, assumed)
        load = assumed.readings * weights / (assumed.load_gb * 10**9)
    return ModelCost(
        model=model,
        parameters=parameters,
        weights=weights,
        source="" if asked is None else asked.source,
        is_here=files is not None,
        device=device,
        memory=memory,
        gpus=gpus,
        prompts=prompts,
        load_seconds=load,
        ask_seconds=ask,
    )


def _size(
    model: str, files: WeightFiles | None, assumed: Assumptions
) -> tuple[int | None, int | None]:
    """Return the parameters of a model and the bytes of its weights; ``None`` where not known."""
    facts = known_model(model)
    registered = None if facts is None else facts.parameters
    parameters = files.parameters if files else None
    if parameters is None and registered is not None:
        parameters = round(registered * _BILLION)
    if files is not None:
        return parameters, files.size
    return parameters, None if parameters is None else round(parameters * assumed.parameter_bytes)


def _speed(device: Device, asked: Asked | None, assumed: Assumptions) -> float:
    """Return the operations a second that a device sustains."""
    if device == "gpu" or asked is None:
        return assumed.tflops * 1e12
    return assumed.processor_tflops * asked.threads * 1e12
