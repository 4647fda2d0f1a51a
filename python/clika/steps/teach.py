"""Teach: a real model learns the released fictional places, is asked, and is measured."""

from __future__ import annotations

from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.errors import ConfigError
from clika.files import exclusive
from clika.infer.backend import Loading
from clika.infer.model_files import find_model, model_digest
from clika.infer.packaged import assemble, packaged_models
from clika.languages import normalise
from clika.metrics.conductivity_scores import CellNumber, cell_numbers
from clika.schema import SCHEMA_VERSION
from clika.stages import find_recipe, read_recipes
from clika.steps.outcome_rows import outcome_columns
from clika.steps.score_conductivity import arrange_outcomes
from clika.steps.training.taught_study import TASK, TaughtCell, check_study, enter_cell
from clika.steps.training.teach_model import ModelTeaching, fit_stages
from clika.store.connection import in_memory
from clika.store.outcomes import OutcomeCell, OutcomeRows, write_outcomes
from clika.store.shards import content_key, read_stamp
from clika.tasks.fictional import read_fictional
from clika.tasks.fictional_lessons import Dials, read_teaching
from clika.tasks.fictional_probes import first_of_each, probes
from clika.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from clika.stages import Recipe
    from clika.train.loop import Progress

__all__ = ["TeachChoices", "TeachReport", "teach"]

#: What is read back from the store for an answer that was not kept: a name, not a continent.
_NOT_KEPT = -2


class TeachChoices(NamedTuple):
    """Who is taught what, and how.

    Attributes
    ----------
    source
        The model's directory or ``.gguf`` file, or a name of
        :func:`clika.infer.packaged.packaged_models`.
    target
        The target language.
    name
        What the model is called; empty: by its files and the dials.
    recipe
        A name of :func:`clika.stages.recipes`, or a TOML file that holds one recipe.
    dials
        How the lessons differ from the released lines.
    chat
        Whether a line is a turn of the model's own chat; else it is plain text.
    max_steps
        The most steps of a stage; ``None`` leaves it to the recipe.
    items
        How many questions of each set are asked, for a trial; ``None``: all.
    seed
        Of the order of the lessons, and of dropout.
    loading
        How the model is brought into memory.
    """

    source: str
    target: str
    name: str = ""
    recipe: str = "paper-lora"
    dials: Dials = Dials()
    chat: bool = False
    max_steps: int | None = None
    items: int | None = None
    seed: int = 0
    loading: Loading = Loading()

    @property
    def model(self) -> str:
        """What the model is called."""
        parts = [
            Path(self.source).stem if Path(self.source).suffix == ".gguf" else self._directory,
            "both" * (self.dials.directions == "both"),
            "seen" * (self.dials.template == "seen"),
            "mapped" * self.dials.map_renamed,
            "chat" * self.chat,
            "trial" * (self.items is not None),
        ]
        return self.name or "_".join(filter(None, parts))

    @property
    def _directory(self) -> str:
        return Path(self.source).resolve().name


class TeachReport(NamedTuple):
    """What came of it.

    Attributes
    ----------
    model, study
        As they are called.
    pair
        Source and target language.
    numbers
        Every number of the cell, of this seed alone; ``None`` where its outcomes were there.
    shard
        The outcomes.
    taught
        Folder of the taught model.
    """

    model: str
    study: str
    pair: tuple[str, str]
    numbers: tuple[CellNumber, ...] | None
    shard: Path
    taught: Path


def teach(  # noqa: PLR0913 (where things are read from, written to and told)
    choices: TeachChoices,
    *,
    data: Path,
    study: str,
    results: Path,
    spool: Path | None = None,
    tell: Callable[[str, Progress], None],
    progress: Callable[[int, int], None] | None = None,
) -> TeachReport:
    """Teach a model the fictional places of one target language, and ask it.

    Parameters
    ----------
    choices
        Who is taught what, and how.
    data
        Folder of unpacked released data.
    study
        Name of the study that the outcomes are added to; made where there is none.
    results
        Folder of results.
    spool
        For checkpoints, the taught model and answers in work; ``None``: in the study's folder.
    tell
        Called with the name of the model and where its training stands.
    progress
        Told (answered, all) questions.

    Returns
    -------
    TeachReport

    Raises
    ------
    ConfigError
        There is no such model or it cannot be loaded, the recipe does not teach, or other outcomes
        are there under the model's name.
    UnknownNameError
        There is no such language or recipe.
    BadInputError
        The released files cannot be read.
    PrerequisiteError
        The data is not there, or the packages for inference are not installed.
    BusyError
        Another process teaches the same.
    TrainingError, CheckpointError, FileSystemError
        As :func:`clika.train.loop.train_stage` says.

    Notes
    -----
    A run that was killed goes on from its last checkpoint, and from the questions that were
    answered. On a CPU with the same number of threads it ends in the same outcomes.
    """
    check_study(study, results)
    folder = results / study
    work = spool or folder / "spool"
    recipe = _recipe(choices.recipe)
    teaching = read_teaching(read_fictional(data), normalise(choices.target), choices.dials)
    asked = probes(teaching)
    if choices.items is not None:
        asked = first_of_each(asked, choices.items)
    source = _find(choices.source, work)
    taught = ModelTeaching(
        name=choices.model,
        source=source,
        digest=model_digest(source),
        teaching=teaching,
        probes=asked,
        stages=fit_stages(
            recipe.stages, lessons=len(teaching.lessons), max_steps=choices.max_steps
        ),
        seed=choices.seed,
        chat=choices.chat,
        loading=choices.loading,
        spool=work,
    )
    shard = (
        folder / "shards" / "outcomes" / taught.name / f"{teaching.target}-{choices.seed}.parquet"
    )
    key = content_key("taught", taught.key, [[probe.prompt, probe.wanted] for probe in asked])
    cell = TaughtCell(
        taught.name,
        teaching.source,
        teaching.target,
        places=len(teaching.questions[teaching.source]),
        continents=len({probe.cluster for probe in probes(teaching)}),
        made=_made(choices, taught),
    )
    with exclusive(taught.folder / "lock", wait=False):
        numbers = None
        if not _is_there(shard, key):
            columns = _outcomes(taught, choices.seed, tell=tell, progress=progress)
            with closing(in_memory()) as connection:
                write_outcomes(connection, shard, columns, key=key)
            numbers = tuple(cell_numbers([arrange_outcomes(_rows(columns))]))
            taught.forget_answers()
        enter_cell(study, cell, shard=shard, key=key, results=results)
    pair = (teaching.source, teaching.target)
    return TeachReport(taught.name, study, pair, numbers, shard, taught.taught)


def _made(choices: TeachChoices, taught: ModelTeaching) -> dict[str, object]:
    """Return whence the outcomes come, without a path: they may be passed on."""
    return {
        "base": taught.source.name,
        "recipe": Path(choices.recipe).name,
        "directions": choices.dials.directions,
        "template": choices.dials.template,
        "map_renamed": choices.dials.map_renamed,
        "max_steps": choices.max_steps,
        "questions": len(taught.probes),
        "device": choices.loading.device,
        "threads": thread_count(choices.loading.threads),
        **taught.facts,
        "versions": {name: version(name) for name in ("clika", "torch", "transformers")},
    }


def _recipe(name: str) -> Recipe:
    path = Path(name)
    if path.suffix != ".toml":
        return find_recipe(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The recipe {path} cannot be read: {error}.") from error
    found = read_recipes(text, str(path))
    if len(found) != 1:
        raise ConfigError(f"{path} holds {len(found)} recipes: leave one in it.")
    return next(iter(found.values()))


def _find(source: str, spool: Path) -> Path:
    if source in packaged_models() and not Path(source).exists():
        return assemble(source, spool)
    return find_model(source, network=False)


def _is_there(shard: Path, key: str) -> bool:
    with closing(in_memory()) as connection:
        stamp = read_stamp(connection, shard)
    if stamp == (SCHEMA_VERSION, key):
        return True
    if shard.exists():
        raise ConfigError(
            f"{shard} holds outcomes of a model that was taught or asked otherwise. Take another "
            "name with --name, or remove that file."
        )
    return False


def _outcomes(
    taught: ModelTeaching,
    seed: int,
    *,
    tell: Callable[[str, Progress], None],
    progress: Callable[[int, int], None] | None,
) -> dict[str, NDArray[np.generic]]:
    model, tokenizer = taught.teach(tell)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, len(taught.probes))

    rows = taught.ask(model, tokenizer, advance)
    cell = OutcomeCell(TASK, taught.name, taught.teaching.source, taught.teaching.target)
    return outcome_columns({cell: rows}, seed=seed)


def _rows(columns: Mapping[str, NDArray[np.generic]]) -> OutcomeRows:
    answered = np.ma.filled(columns["answered"], _NOT_KEPT).astype(np.int64)
    given = {**columns, "answered": answered}
    return OutcomeRows(*(given[name] for name in OutcomeRows._fields))  # type: ignore[arg-type]
