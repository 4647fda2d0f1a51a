"""Train: the models of a study of its own come to be, are asked, and are taught and asked again."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clika.errors import ConfigError, UnknownNameError
from clika.files import exclusive, write_text
from clika.steps.outcome_rows import outcome_columns
from clika.steps.training.ask_models import ask_model
from clika.steps.training.parts import PARTS, Part, part_name
from clika.steps.training.seed_worlds import make_worlds, taught_cells
from clika.steps.training.teach_cells import Teacher
from clika.steps.training.train_models import ModelMaker
from clika.store.connection import in_memory
from clika.store.outcomes import OutcomeCell, write_outcomes
from clika.store.shards import content_key
from clika.train.arithmetic import arithmetic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from clika.regimes import Training
    from clika.steps.outcome_rows import OutcomeRow
    from clika.steps.training.seed_worlds import Cell, SeedWorlds
    from clika.store.connection import Connection
    from clika.study import Study
    from clika.train.loop import Progress

__all__ = [
    "MODELS",
    "TrainReport",
    "train",
    "training_of",
]

#: Where the models of a study go, within its folder.
MODELS = "models"


class TrainReport(NamedTuple):
    """What a job did.

    Attributes
    ----------
    models, cells
        Models that are there now, and cells of conductivity.
    path
        The list of its shards.
    """

    models: tuple[str, ...]
    cells: int
    path: Path


def training_of(study: Study) -> Training:
    """Return how the models of a study come to be.

    Raises
    ------
    ConfigError
        The study does not make its models.
    """
    if study.training is None:
        raise ConfigError(f"Study {study.name} does not train its models: it has no training.")
    return study.training


def train(
    study: Study,
    *,
    seed: int,
    base: str,
    results: Path,
    tell: Callable[[str, Progress], None] | None = None,
) -> TrainReport:
    """Train the models that share a base, ask them, teach them and ask them again.

    Parameters
    ----------
    study
        A study of kind ``trained``.
    seed
        One of its seeds, or another.
    base
        A model that is trained from random weights; all that go on from it are trained too.
    results
        Folder of results. The models go to ``models/seed-N/``, the answers to ``shards/``; what is
        in work to ``spool/``.
    tell
        Called with the name of what is at work and where it stands.

    Returns
    -------
    TrainReport

    Raises
    ------
    ConfigError
        The study trains nothing, or on a device that is not here.
    UnknownNameError
        It has no such base.
    PrerequisiteError
        PyTorch is not installed.
    TrainingError
        A training cannot go on.
    FileSystemError
        The disk is full or the folder is read-only.

    Notes
    -----
    What was done by a job that was killed is not done again, and a stage that was in work goes on
    from its last checkpoint: the shards are the same to the byte.
    """
    training = training_of(study)
    if base not in training.bases:
        raise UnknownNameError("base", base, training.bases)
    folder = results / study.name
    spool = folder / "spool" / f"seed-{seed}"
    notify = tell or _silence
    with (
        exclusive(spool / f"{base}.lock", wait=True),
        arithmetic(threads=training.threads, device=training.device),
    ):
        worlds = make_worlds(study, training, seed)
        maker = ModelMaker(training, worlds, folder / MODELS / f"seed-{seed}", spool, notify)
        teacher = Teacher(training, worlds, spool, notify)
        names = training.family(base)
        models = {name: maker.make(name) for name in names}
        cells = [cell for cell in taught_cells(training) if cell.model in models]
        outcomes = {cell: teacher.outcomes(cell, models[cell.model]) for cell in cells}
        shards = folder / "shards"
        with closing(in_memory()) as connection:
            asked = [
                ask_model(connection, study, worlds, model, shards=shards)
                for name, model in models.items()
                if name in study.models
            ]
            taught = _write_outcomes(connection, worlds, base, outcomes, shards)
        part = Part(
            training=training.digest,
            responses={name: key for found in asked for name, key in found.responses.items()},
            option_scores={name: key for found in asked for name, key in found.scores.items()},
            outcomes=taught,
        )
        path = shards / PARTS / part_name(seed, base)
        write_text(path, msgspec.json.format(msgspec.json.encode(part), indent=1).decode() + "\n")
    return TrainReport(tuple(models), len(cells), path)


def _silence(name: str, progress: Progress) -> None:
    """Say nothing."""


def _write_outcomes(
    connection: Connection,
    worlds: SeedWorlds,
    base: str,
    outcomes: Mapping[Cell, Sequence[OutcomeRow]],
    shards: Path,
) -> dict[str, str]:
    """Write what was answered after teaching; return the shard's content key by its path."""
    if not outcomes:
        return {}
    arrays = outcome_columns(
        {
            OutcomeCell(cell.task, cell.model, cell.source, cell.target): rows
            for cell, rows in outcomes.items()
        },
        seed=worlds.seed,
    )
    path = shards / "outcomes" / f"{base}-seed-{worlds.seed}.parquet"
    key = content_key("taught", [[*cell, rows] for cell, rows in outcomes.items()], worlds.seed)
    write_outcomes(connection, path, arrays, key=key)
    return {path.relative_to(shards).as_posix(): key}
