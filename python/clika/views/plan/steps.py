"""Which steps of ``clika reproduce`` would run now, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.steps.inventory import INVENTORY
from clika.steps.origin import study_origin
from clika.steps.training.parts import current_parts
from clika.views.stages import look_at_scores, look_at_tables, look_at_verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clika.regimes import Training
    from clika.study import Study
    from clika.views.stages import Database, Shards, Stage

__all__ = ["Step", "steps_of"]

_MADE_AGAIN = "the database is made again"


class Step(NamedTuple):
    """A step of ``clika reproduce``.

    Attributes
    ----------
    name
        The verb.
    runs
        Whether it would run now.
    why
        What is missing or stale; empty for a step that would not run.
    """

    name: str
    runs: bool
    why: str


def steps_of(
    study: Study, folder: Path, shards: Shards, database: Database, *, unasked: int
) -> tuple[Step, ...]:
    """Return the steps of a run, in their order.

    Parameters
    ----------
    study
        The study.
    folder
        Its folder of results.
    shards, database
        What was found there.
    unasked
        How many models the workflow is still to ask.
    """
    scored = (
        look_at_scores(study, folder / "scores", database),
        look_at_tables(study, folder / "tables", database),
    )
    why = f"{unasked} of {len(study.asked)} models are not asked" if unasked else ""
    steps = [*_steps(study, folder, shards.stage, database.stage, scored, why)]
    if study.claims:
        verdicts = look_at_verdicts(study, folder / "verdicts.json", database)
        loads = next(step for step in steps if step.name == "load")
        why = _lack(verdicts) or (loads.why and _MADE_AGAIN)
        steps.append(Step("verify", bool(why), why))
    return tuple(steps)


def _steps(
    study: Study,
    folder: Path,
    shards: Stage,
    database: Stage,
    scored: tuple[Stage, ...],
    unasked: str,
) -> Iterator[Step]:
    """Yield the steps of a run; a step runs where its own outputs or those before it need it."""
    origin = study_origin(study, folder / "shards" / INVENTORY)
    needs_shards = origin.kind == "responses"
    why = ""
    if study.training is not None and needs_shards:
        why = _untrained(study.training, folder / "shards")
        yield Step("train", bool(why), why)
        why = why or _lack(shards)
        yield Step("gather", bool(why), why)
    elif study.kind == "released":
        if origin.source is not None:
            why = f"released data lies at {origin.source}"
            yield Step("fetch", runs=True, why=why)
        if needs_shards and origin.data is not None:
            why = why or _lack(shards)
            yield Step("ingest", bool(why), why and (_lack(shards) or why))
    elif study.asked and (folder / "shards" / INVENTORY).is_file():
        why = unasked
        yield Step("infer", bool(why), why)
    elif needs_shards and shards.state != "there":
        yield Step("ingest", runs=False, why=f"{_lack(shards)}; first run: {shards.command}")
    why = _lack(database) or (why and "the shards are made again")
    yield Step("load", bool(why), why)
    lacking = [_lack(stage) for stage in scored if stage.state != "there"]
    why = "; ".join(lacking) or (why and _MADE_AGAIN)
    yield Step("score", bool(why), why)


def _untrained(training: Training, shards: Path) -> str:
    """Return how many jobs of training are still to be done; empty for none."""
    done = sum(len(current_parts(training, seed, shards)) for seed in training.seeds)
    jobs = len(training.seeds) * len(training.bases)
    return f"{jobs - done} of {jobs} jobs are not done" if done < jobs else ""


def _lack(stage: Stage) -> str:
    return "" if stage.state == "there" else f"{stage.name} {stage.state}: {stage.detail}"
