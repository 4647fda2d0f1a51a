"""What it takes to train the models of a study: hours and disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.steps.training.parts import current_parts
from clika.steps.training.seed_worlds import (
    make_worlds,
    seed_items,
    taught_cells,
    what_is_read,
    what_is_taught,
)
from clika.views.plan.measured import Timed, benchmark_seconds, measured_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.regimes import Training
    from clika.stages import Shape
    from clika.steps.training.seed_worlds import SeedWorlds
    from clika.study import Study
    from clika.train.examples import Example
    from clika.views.plan.assumptions import Assumptions

__all__ = [
    "Job",
    "Texts",
    "TrainingCost",
    "cost_of_training",
    "parameters_of",
    "training_operations",
]

#: Bytes of a parameter as it is saved, and of one in a checkpoint, which has two moments beside it.
_SAVED, _CHECKPOINT = 4, 12
#: Checkpoints of a stage at work that are kept.
_KEPT = 2
_SECONDS = 3600


class Texts(NamedTuple):
    """How much text models read, in bytes.

    Attributes
    ----------
    read
        By model, what it reads once in the stage of its regime.
    taught
        By task, source and target, what is taught once.
    asked
        All questions of PF and CT with their options.
    answering
        The models that are asked these.
    """

    read: Mapping[str, int]
    taught: Mapping[tuple[str, str, str], int]
    asked: int
    answering: tuple[str, ...]


class Job(NamedTuple):
    """A training: the models of one seed that share a base.

    Attributes
    ----------
    seed, base
        Which.
    models
        How many models it makes.
    is_done
        Whether its models were trained, taught and asked as the study now says.
    took
        Seconds that it took; ``None`` where it is not done, or nobody noted it.
    estimate
        Seconds that it takes: by what others took here, else by arithmetic.
    """

    seed: int
    base: str
    models: int
    is_done: bool
    took: float | None
    estimate: float


class TrainingCost(NamedTuple):
    """What the trainings of a study take.

    Attributes
    ----------
    jobs
        Seed by seed.
    is_shipped
        Whether the study ships its answers: nothing has to be trained.
    measured
        How many finished trainings the estimate follows; 0 where it is arithmetic.
    left_out
        How many finished trainings were timed too short to have been whole.
    parameters
        Of one model.
    on_gpu
        Whether it is done on a GPU.
    threads
        Of a job, on a processor.
    answers
        Answers of all seeds: items times languages times models.
    items
        Items of one seed, by task.
    """

    jobs: tuple[Job, ...]
    is_shipped: bool
    measured: int
    left_out: int
    parameters: int
    on_gpu: bool
    threads: int
    answers: int
    items: dict[str, int]

    @property
    def seeds(self) -> int:
        """How many seeds there are."""
        return len({job.seed for job in self.jobs})

    @property
    def left(self) -> tuple[Job, ...]:
        """The jobs that are not done."""
        return tuple(job for job in self.jobs if not job.is_done)

    @property
    def hours(self) -> float:
        """Hours of all jobs, one after the other, were none of them done."""
        return sum(job.estimate for job in self.jobs) / _SECONDS

    @property
    def hours_left(self) -> float:
        """Hours of the jobs that are left, one after the other."""
        return sum(job.estimate for job in self.left) / _SECONDS

    @property
    def hours_noted(self) -> float:
        """Hours that finished jobs took, as far as it was noted."""
        return sum(job.took or 0 for job in self.jobs) / _SECONDS

    @property
    def models_left(self) -> int:
        """Bytes of the models that are still to be made."""
        return sum(job.models for job in self.left) * self.parameters * _SAVED

    @property
    def checkpoints(self) -> int:
        """Bytes that a job at work keeps beside its models."""
        return _KEPT * self.parameters * _CHECKPOINT


def cost_of_training(
    study: Study, training: Training, *, folder: Path, is_shipped: bool, assumed: Assumptions
) -> TrainingCost:
    """Return what the trainings of a study take.

    Parameters
    ----------
    study, training
        The study and how its models come to be.
    folder
        Its folder of results, there or not.
    is_shipped
        Whether it ships its answers.
    assumed
        The numbers of the estimate.

    Notes
    -----
    ``6 x parameters x tokens`` operations, and 2 instead of 6 where nothing is learnt, with the
    texts of the first seed; those of another are as long but for names. A stage that stops early
    takes less. What models are asked around their lessons, and to see whether to stop, is not
    counted.

    Raises
    ------
    PrerequisiteError
        The list of a job that is done cannot be read.
    """
    worlds = make_worlds(study, training, training.seeds[0])
    items = {
        task.name: seed_items(worlds, training, task=task.name, options=task.options)
        for task in study.tasks
    }
    # The options are scored after the question, which is read once.
    asked = sum(
        len((item.question + " ".join(item.options)).encode())
        for of_task in items.values()
        for item in of_task
    )
    texts, speed = _texts(study, training, worlds, asked), _speed(training, assumed)
    seconds = {
        base: training_operations(training, base, texts, assumed) / speed for base in training.bases
    }
    jobs = []
    for seed in training.seeds:
        done = current_parts(training, seed, folder / "shards")
        for base in training.bases:
            log = folder / "logs" / "train" / f"seed-{seed}-{base}.tsv"
            took = benchmark_seconds(log) if base in done else None
            models = len(training.family(base))
            jobs.append(Job(seed, base, models, base in done, took, seconds[base]))
    found = measured_ratio([Timed(job.took, job.estimate) for job in jobs])
    prompts = sum(map(len, items.values()))
    return TrainingCost(
        jobs=tuple(job._replace(estimate=job.estimate * found.ratio) for job in jobs),
        is_shipped=is_shipped,
        measured=found.jobs,
        left_out=found.left_out,
        parameters=parameters_of(training.shape),
        on_gpu=training.on_gpu,
        threads=training.threads,
        answers=prompts * len(study.models) * len(training.seeds),
        items={task: len({item.item for item in found}) for task, found in items.items()},
    )


def _speed(training: Training, assumed: Assumptions) -> float:
    if training.on_gpu:
        return assumed.tflops * assumed.small_model_share * 1e12
    return assumed.processor_tflops * training.threads * 1e12


def parameters_of(shape: Shape) -> int:
    """Return how many parameters a model of that size has, its vocabulary full.

    Examples
    --------
    >>> from clika.stages import Shape
    >>> parameters_of(Shape(hidden=4, layers=1, heads=1, intermediate=8, vocabulary=10))
    212
    """
    # Attention, the gated feed-forward layers, two norms a layer and one at the end; the output
    # layer is the embeddings.
    layer = 4 * shape.hidden**2 + 3 * shape.hidden * shape.intermediate + 2 * shape.hidden
    return shape.vocabulary * shape.hidden + shape.layers * layer + shape.hidden


def training_operations(training: Training, base: str, texts: Texts, assumed: Assumptions) -> float:
    """Return the operations of one job: its models read, are asked and are taught."""
    family = training.family(base)
    learnt = 0.0
    for name in family:
        stage = training.models[name].stage
        if stage:
            learnt += training.stages[stage].epochs * texts.read[name]
    for cell in taught_cells(training):
        if cell.model in family:
            size = texts.taught[cell.task, cell.source, cell.target]
            learnt += training.stages[cell.stage].epochs * size
    answered = texts.asked * sum(name in texts.answering for name in family)
    operations = parameters_of(training.shape) * (6 * learnt + 2 * answered)
    return operations / assumed.own_bytes_per_token


def _texts(study: Study, training: Training, worlds: SeedWorlds, asked: int) -> Texts:
    regimes = {name: regime for name, regime in training.models.items() if regime.stage}
    cells = {(cell.task, cell.source, cell.target): cell for cell in taught_cells(training)}
    return Texts(
        read={name: _size(what_is_read(worlds, training, of)) for name, of in regimes.items()},
        taught={key: _size(what_is_taught(worlds, cell)) for key, cell in cells.items()},
        asked=asked,
        answering=study.models,
    )


def _size(examples: Sequence[Example]) -> int:
    """Return bytes of texts."""
    return sum(len((example.prompt + example.answer).encode()) for example in examples)
