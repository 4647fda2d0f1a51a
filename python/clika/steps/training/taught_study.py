"""A study of models that were taught: it begins with the first of them, and grows cell by cell."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from clika.claims import Change, Claim, Part
from clika.errors import ConfigError
from clika.files import exclusive
from clika.steps.inventory import INVENTORY, listed, merged, present_entries, write_inventory
from clika.steps.score_conductivity import CONTINENT_RULE
from clika.store.connection import in_memory
from clika.store.ingest import arrange_items, write_items
from clika.study import Study, Task, load_study, packaged_studies, save_study

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["TASK", "TaughtCell", "check_study", "enter_cell"]

#: What the released places are called among the tasks.
TASK = "fictional"

_COMMAND = "clika teach MODEL --target LANG --study {}"
#: The paper's claim about conductivity: below this, wherever the gate is met.
_BOUND = 0.5


class TaughtCell(NamedTuple):
    """A model that was taught.

    Attributes
    ----------
    model
        What it is called.
    source, target
        The languages.
    places, continents
        How many there are.
    made
        Whence its outcomes come, by name: what was taught, how, and with what.
    """

    model: str
    source: str
    target: str
    places: int
    continents: int
    made: Mapping[str, object]


def check_study(name: str, results: Path) -> None:
    """Refuse a study that is there and is of another kind.

    Raises
    ------
    ConfigError
        It is.
    """
    path = results / name / "study.yaml"
    if name in packaged_studies() or (path.is_file() and _kind(name, results) != "taught"):
        raise ConfigError(
            f"Study {name} is not one of taught models: take another name with --study."
        )


def _kind(name: str, results: Path) -> str:
    return load_study(name, results).kind


def enter_cell(name: str, cell: TaughtCell, *, shard: Path, key: str, results: Path) -> Study:
    """Enter a shard of outcomes in the inventory of a study, and its model in the study.

    Parameters
    ----------
    name
        Of the study; it is made where there is none.
    cell
        Who was taught.
    shard
        The shard, below the study's folder of shards.
    key
        Its content key.
    results
        Folder of results.

    Returns
    -------
    Study
        As it now is.

    Raises
    ------
    StaleStoreError
        The inventory cannot be read.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    folder = results / name
    shards = folder / "shards"
    with exclusive(folder / "spool" / "ingest.lock", wait=True):
        path = folder / "study.yaml"
        study = _grown(load_study(name, results) if path.is_file() else None, name, cell)
        items = arrange_items([])
        with closing(in_memory()) as connection:
            write_items(connection, items, shards / "items.parquet")
        command = _COMMAND.format(name)
        there = (shards / INVENTORY).is_file()
        earlier = present_entries(shards, command=command)["outcomes"] if there else []
        (entry,) = listed({shard.relative_to(shards).as_posix(): key})
        # A second run makes nothing, and what the first one said of these outcomes stays.
        said = any("made" in one and {**one, **entry} == one for one in earlier)
        added = [] if said else [{**entry, "made": cell.made}]
        write_inventory(
            shards,
            study=name,
            items_key=items.key,
            command=command,
            lists={"outcomes": merged(earlier, added)},
        )
        save_study(study, path)
    return study


def _grown(study: Study | None, name: str, cell: TaughtCell) -> Study:
    """Return a study with one more model and language, and the paper's claim about its models."""
    begun = study or Study(
        name=name,
        title="Models that were taught the released fictional places",
        kind="taught",
        languages=(cell.source,),
        pivot=cell.source,
        rules=(CONTINENT_RULE,),
        tasks=(
            Task(name=TASK, options=cell.continents, title="Fictional places", items=cell.places),
        ),
        models=(),
    )
    models = _with(begun.models, cell.model)
    languages = _with(_with(begun.languages, cell.source), cell.target)
    claims = begun.claims if study else (_claim(models),)
    claims = tuple(
        replace(claim, pairs=_claim(models).pairs) if claim.name == _claim(models).name else claim
        for claim in claims
    )
    return replace(begun, models=models, languages=languages, claims=claims)


def _claim(models: Sequence[str]) -> Claim:
    return Claim(
        name="conductivity-level",
        title="Conductivity is unsatisfactory for all tested models.",
        parts=(Part("XRR_c", "xrr_c", "others", "below", bound=_BOUND),),
        pairs=tuple(Change(model) for model in models),
    )


def _with(names: Sequence[str], name: str) -> tuple[str, ...]:
    return (*names,) if name in names else (*names, name)
