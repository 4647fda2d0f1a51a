"""The worlds of one seed of a study, and what its models read, are taught and are asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from clika.regimes import ITEMS_TO_A_SEED, POSITIVE, TAUGHT, dose_task
from clika.tasks.item import Item
from clika.tasks.worlds.controls import positive_control
from clika.tasks.worlds.draws import Draws
from clika.tasks.worlds.lessons import lessons
from clika.tasks.worlds.probes import fact_choices
from clika.tasks.worlds.text import instructed, instructions, statements
from clika.tasks.worlds.world import World, WorldPlan, make_world
from clika.train.examples import Example

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.regimes import KnownWorld, Regime, TaughtWorld, Training
    from clika.study import Study
    from clika.tasks.worlds.text import Line

__all__ = [
    "Cell",
    "SeedWorlds",
    "make_worlds",
    "seed_items",
    "taught_cells",
    "texts_of",
    "what_is_read",
    "what_is_taught",
]

_LARGEST_SEED = 1 << 31


class Cell(NamedTuple):
    """Something that one model is taught for conductivity.

    Attributes
    ----------
    task
        Of :mod:`clika.regimes`.
    model
        Which model.
    source, target
        Codes of the languages.
    stage
        Name of the stage that teaches.
    """

    task: str
    model: str
    source: str
    target: str
    stage: str

    @property
    def name(self) -> str:
        """As printed, and as a file is called."""
        return f"{self.model} {self.task} {self.source}-{self.target}"


class SeedWorlds(NamedTuple):
    """The worlds of a seed.

    Attributes
    ----------
    seed
        The seed.
    known
        What the models read about.
    taught
        By task, what they are taught.
    """

    seed: int
    known: World
    taught: dict[str, World]


def make_worlds(study: Study, training: Training, seed: int) -> SeedWorlds:
    """Make the worlds of a seed.

    Raises
    ------
    ConfigError
        A world cannot be made: more names than there are, and the like.
    """

    def plan(purpose: str, languages: Sequence[str], size: KnownWorld | TaughtWorld) -> WorldPlan:
        own = Draws(seed, "world", purpose).below(_LARGEST_SEED)
        return WorldPlan(
            tuple(languages),
            seed=own,
            places=size.places,
            continents=size.continents,
            people=size.people,
        )

    read = plan("known", study.languages, training.known)
    worlds = {TAUGHT: plan("taught", study.languages, training.taught)}
    controls = training.controls
    if controls is not None:
        base = plan("controls", (controls.source, controls.target), training.taught)
        worlds |= {dose_task(share): replace(base, shared_places=share) for share in controls.doses}
        worlds[POSITIVE] = positive_control(base)
    return SeedWorlds(
        seed,
        make_world(replace(read, shared_places=training.known.shared_places)),
        {task: make_world(made) for task, made in worlds.items()},
    )


def taught_cells(training: Training) -> tuple[Cell, ...]:
    """Return everything that is taught for conductivity, controls last."""
    cells = [
        Cell(TAUGHT, model, source, target, training.taught.stage)
        for model in training.taught_models
        for source, target in training.taught.pairs
    ]
    controls = training.controls
    if controls is not None:
        tasks = [*map(dose_task, controls.doses), POSITIVE]
        pair = (controls.source, controls.target)
        cells += [Cell(task, controls.model, *pair, controls.stage) for task in tasks]
    return tuple(cells)


def what_is_read(worlds: SeedWorlds, training: Training, regime: Regime) -> list[Example]:
    """Return what a model reads in the stage of its regime."""
    known, kind = worlds.known, training.stages[regime.stage].kind
    if kind == "instruct":
        items = instructed(known, training.known.instructed)
        return [_example(line) for line in instructions(known, regime.languages, items)]
    return [_example(line) for line in statements(known, regime.mixture, training.known.asked)]


def what_is_taught(worlds: SeedWorlds, cell: Cell) -> list[Example]:
    """Return the training lines of a cell."""
    lines = lessons(worlds.taught[cell.task], cell.source, cell.target)
    return [Example(line.prompt, f" {line.answer}") for line in lines]


def texts_of(worlds: SeedWorlds, training: Training) -> Iterator[str]:
    """Yield every text that some model of the seed may read, for the tokenizer."""
    known = worlds.known
    everything = dict.fromkeys(known.plan.languages, 1.0)
    for line in statements(known, everything, 1.0):
        yield line.answer
    cells = {(cell.task, cell.source, cell.target): cell for cell in taught_cells(training)}
    for cell in cells.values():
        for example in what_is_taught(worlds, cell):
            yield example.prompt + example.answer


def seed_items(worlds: SeedWorlds, training: Training, *, task: str, options: int) -> list[Item]:
    """Return the items of PF and CT: what is known, but for what instruction is about.

    Items of one continent are a cluster; ids and clusters of two seeds differ.
    """
    known, first = worlds.known, worlds.seed * ITEMS_TO_A_SEED
    left_out = set(instructed(known, training.known.instructed))
    return [
        Item(
            task=task,
            language=language,
            item=first + probe.item,
            uuid=f"{worlds.seed}-{probe.item}",
            question=probe.prompt,
            options=tuple(sentences),
            gold=probe.gold,
            cluster=f"{worlds.seed}-{known.subjects[probe.item].continent}",
            stratum=None,
        )
        for language in known.plan.languages
        for probe, sentences in fact_choices(known, language, options=options)
        if probe.item not in left_out
    ]


def _example(line: Line) -> Example:
    # Plain text is learnt from its first word on, an answer after its question and a space.
    return Example(line.prompt, f" {line.answer}" if line.prompt else line.answer)
