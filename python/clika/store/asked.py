"""Items that a model is asked, and the shard of what it answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.store.queries import query
from clika.store.shards import write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.store.connection import Connection

__all__ = ["AskedItem", "GivenAnswer", "read_items_to_ask", "write_answers"]


class AskedItem(NamedTuple):
    """One item in one language, as its shard has it.

    Attributes
    ----------
    language, item, uuid, question, options, gold
        As in :class:`clika.tasks.item.Item`.
    """

    language: str
    item: int
    uuid: str
    question: str
    options: tuple[str, ...]
    gold: int


class GivenAnswer(NamedTuple):
    """A model's answer to an item.

    Attributes
    ----------
    asked
        The item.
    response
        The answer as a text.
    prompt_hash
        First 128 bits of the SHA-256 of the prompt, hexadecimal.
    """

    asked: AskedItem
    response: str
    prompt_hash: str


def read_items_to_ask(
    connection: Connection, shard: Path, *, task: str, languages: Sequence[str]
) -> list[AskedItem]:
    """Return the items of a task that can be asked: with a question's text and several options.

    Parameters
    ----------
    connection
        Any connection: it only does the reading.
    shard
        The items shard.
    task
        Which task.
    languages
        Which languages.
    """
    chosen = {"path": str(shard), "task": task, "languages": list(languages)}
    rows = connection.execute(query("items_to_ask"), chosen).fetchall()
    return [
        AskedItem(language, item, uuid or "", question, tuple(options), gold)
        for language, item, uuid, question, options, gold in rows
    ]


def write_answers(
    connection: Connection,
    path: Path,
    answers: Sequence[GivenAnswer],
    *,
    cell: tuple[str, str],
    key: str,
    facts: Mapping[str, str],
) -> None:
    """Write the response shard of a model and task.

    Parameters
    ----------
    connection
        Any connection: it only does the writing.
    path
        The shard.
    answers
        Its rows.
    cell
        Model and task.
    key
        Its content key.
    facts
        What else it says of itself: ``source_file`` and ``source_sha256``, which every row has too,
        and how the model was asked.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    texts = {
        "language": [answer.asked.language for answer in answers],
        "uuid": [answer.asked.uuid for answer in answers],
        "response": [answer.response for answer in answers],
        "prompt_hash": [answer.prompt_hash for answer in answers],
        "source_file": [facts["source_file"]] * len(answers),
        "source_sha256": [facts["source_sha256"]] * len(answers),
    }
    columns = {
        **{name: np.array(column, dtype=object) for name, column in texts.items()},
        "item": np.array([answer.asked.item for answer in answers], np.int64),
        "gold": np.array([answer.asked.gold for answer in answers], np.int8),
    }
    connection.execute(query("create_cell_name"))
    connection.execute(query("name_cell"), dict(zip(("model", "task"), cell, strict=True)))
    connection.register("given_answers", columns)
    try:
        write_parquet(
            connection,
            query("asked_shard"),
            path,
            key=key,
            metadata={f"clika_{name}": text for name, text in facts.items()},
        )
    finally:
        connection.unregister("given_answers")
