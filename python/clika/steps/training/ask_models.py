"""The models of one seed, asked what they read about: the answers that PF and CT are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clika.infer.backend import Choice
from clika.infer.backends.huggingface import HuggingFaceBackend
from clika.schema import SCHEMA_VERSION
from clika.steps.infer_cells import Asking, Cell, write_cell
from clika.steps.training.seed_worlds import seed_items
from clika.store.asked import AskedItem
from clika.store.shards import content_key, read_stamp
from clika.train.models import load_model

if TYPE_CHECKING:
    from pathlib import Path

    from clika.steps.training.seed_worlds import SeedWorlds
    from clika.steps.training.train_models import TrainedModel
    from clika.store.connection import Connection
    from clika.study import Study

__all__ = ["AskedShards", "ask_model"]


class AskedShards(NamedTuple):
    """The shards of a model's answers: content key by path within the folder of shards."""

    responses: dict[str, str]
    scores: dict[str, str]


def ask_model(
    connection: Connection,
    study: Study,
    worlds: SeedWorlds,
    model: TrainedModel,
    *,
    shards: Path,
) -> AskedShards:
    """Ask a model every item of its seed, unless its answers are there.

    An item's options are sentences, each scored as what follows the question: a model that has read
    statements and never a list of letters can be asked so.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    training = study.training
    assert training is not None  # noqa: S101 - a study of kind trained has it
    found = AskedShards({}, {})
    for task in study.tasks:
        items = seed_items(worlds, training, task=task.name, options=task.options)
        asked = [
            AskedItem(i.language, i.item, i.uuid, i.question, i.options, i.gold) for i in items
        ]
        questions = [Choice(i.question, tuple(f" {text}" for text in i.options)) for i in items]
        name = f"{model.name}-seed-{worlds.seed}.parquet"
        paths = tuple(shards / kind / task.name / name for kind in ("responses", "option_scores"))
        texts = [[question.prompt, *question.options] for question in questions]
        key = content_key("asked", model.identity, task.name, texts, list(study.languages))
        cell = Cell(task.name, asked, questions, key, paths)
        keys = cell.keys
        if any(read_stamp(connection, path) != (SCHEMA_VERSION, keys[path]) for path in paths):
            network, tokenizer = load_model(model.folder, device=training.device)
            answers = HuggingFaceBackend(network, tokenizer).score(questions)
            asking = Asking(model.name, model.name, model.identity, "full-option", None)
            write_cell(connection, cell, answers, asking=asking, languages=study.languages)
        for path, kept in zip(paths, found, strict=True):
            kept[path.relative_to(shards).as_posix()] = keys[path]
    return found
