"""One model and task: what is asked, whether it is there, and how it is written."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.errors import ConfigError
from clika.infer.prompts import make_choice, wording_digest
from clika.metrics.ranking import ranks_from_scores
from clika.schema import SCHEMA_VERSION, letters
from clika.store.asked import GivenAnswer, read_items_to_ask, write_answers
from clika.store.option_scores import OptionScores, write_option_scores
from clika.store.shards import content_key, read_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.infer.backend import Choice
    from clika.infer.prompts import PromptKind
    from clika.infer.runner import Answer
    from clika.store.asked import AskedItem
    from clika.store.connection import Connection
    from clika.study import Study

__all__ = ["Asking", "Cell", "is_there", "plan_cell", "write_cell"]

_LETTERS = 26


class Asking(NamedTuple):
    """Who is asked, and how.

    Attributes
    ----------
    model
        What the model is called.
    file, digest
        Name of its directory or file, and the digest of what is in it.
    prompt
        How an item is put.
    longest
        The most tokens of a generated text; ``None`` scores the options.
    context
        What else the answers are told apart by; empty for nothing.
    code
        The digest of the Python files that the model brings and that are run; empty for none.
    """

    model: str
    file: str
    digest: str
    prompt: PromptKind
    longest: int | None
    context: str = ""
    code: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """What a shard says of how its answers came to be."""
        decoding = "scores" if self.longest is None else f"greedy, {self.longest} tokens"
        return {
            "source_file": self.file,
            "source_sha256": self.digest,
            "prompt": self.prompt,
            "decoding": decoding,
            **({"context": self.context} if self.context else {}),
            **({"model_code_sha256": self.code} if self.code else {}),
        }


class Cell(NamedTuple):
    """The questions of one task to one model, and where their answers go.

    Attributes
    ----------
    task
        The task.
    items, questions
        What is asked, side by side.
    key
        Hash of everything that the answers depend on.
    paths
        The response shard; where options are scored, then the shard of scores.
    """

    task: str
    items: list[AskedItem]
    questions: list[Choice]
    key: str
    paths: tuple[Path, ...]

    @property
    def keys(self) -> dict[Path, str]:
        """Content key of each shard."""
        return {path: content_key(path.parts[-3], self.key, path.stem) for path in self.paths}


def plan_cell(
    connection: Connection,
    study: Study,
    task: str,
    *,
    items: tuple[Path, str],
    asking: Asking,
) -> Cell:
    """Return what is asked of a task.

    Parameters
    ----------
    connection
        Any connection: it only does the reading.
    study, task
        Whose items.
    items
        The items shard and its content key; the cell's shards lie beside it.
    asking
        Who is asked, and how.

    Raises
    ------
    ConfigError
        No item of the task has texts, or a question has more options than letters.
    """
    shard, items_key = items
    found = read_items_to_ask(connection, shard, task=task, languages=study.languages)
    if not found:
        raise ConfigError(f"The items of task {task} have no texts, so no model can be asked them.")
    questions = [
        make_choice(
            asking.prompt, language=item.language, question=item.question, options=item.options
        )
        for item in found
    ]
    how = [asking.digest, asking.prompt, asking.longest, wording_digest(), asking.context]
    code = [asking.code] if asking.code else []
    key = content_key("asked", [*how, *code], items_key, task, list(study.languages))
    kinds = ("responses", "option_scores") if asking.longest is None else ("responses",)
    name = f"{asking.model}.parquet"
    return Cell(
        task, found, questions, key, tuple(shard.parent / kind / task / name for kind in kinds)
    )


def is_there(connection: Connection, cell: Cell, *, replace: bool) -> bool:
    """Return whether the shards of a cell are written already.

    Parameters
    ----------
    connection
        Any connection: it only does the reading.
    cell
        What is asked.
    replace
        Whether shards that were asked otherwise may give way.

    Raises
    ------
    ConfigError
        Answers that were asked otherwise are there under the model's name, and may not.
    """
    stamps = {path: read_stamp(connection, path) for path in cell.paths}
    current = {path: (SCHEMA_VERSION, key) for path, key in cell.keys.items()}
    if stamps == current:
        return True
    responses = cell.paths[0]
    if not replace and responses.exists() and stamps[responses] != current[responses]:
        raise ConfigError(
            f"{responses} holds answers that were asked otherwise: by another model, with another "
            "prompt, or of other items. Take another name with --model, remove that file, or say "
            "--replace."
        )
    return False


def write_cell(
    connection: Connection,
    cell: Cell,
    answers: Sequence[Answer],
    *,
    asking: Asking,
    languages: Sequence[str],
) -> None:
    """Write the shards of a cell, that of the responses last.

    Parameters
    ----------
    connection
        Any connection: it only does the writing.
    cell
        What was asked.
    answers
        Side by side with its questions.
    asking
        Who was asked, and how.
    languages
        The study's, in their order.

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    keys = cell.keys
    name = (asking.model, cell.task)
    if asking.longest is None:
        path = cell.paths[1]
        scores = _scores(cell.items, answers, languages)
        ranking = ranks_from_scores(
            scores.scores, scores.options, items=scores.items, languages=scores.languages
        )
        write_option_scores(
            connection, path, cell=name, scores=scores, ranks=ranking.ranks, key=keys[path]
        )
    given = [
        GivenAnswer(item, _text(item, answer), _prompt_hash(question.prompt))
        for item, question, answer in zip(cell.items, cell.questions, answers, strict=True)
    ]
    path = cell.paths[0]
    write_answers(connection, path, given, cell=name, key=keys[path], facts=asking.facts)


def _text(item: AskedItem, answer: Answer) -> str:
    """Return an answer as a text: of scores the highest one's letter, empty where several are."""
    if isinstance(answer, str):
        return answer
    best = max(answer)
    if answer.count(best) > 1:
        return ""
    option = answer.index(best)
    return letters(_LETTERS)[option] if option < _LETTERS else item.options[option]


def _prompt_hash(prompt: str) -> str:
    return hashlib.sha256(prompt.encode()).hexdigest()[:32]


def _scores(
    items: Sequence[AskedItem], answers: Sequence[Answer], languages: Sequence[str]
) -> OptionScores:
    ids = np.unique(np.array([item.item for item in items], np.int64))
    options = np.zeros(len(ids), np.uint8)
    most = max(len(item.options) for item in items)
    scores = np.full((len(ids), len(languages), most), np.nan)
    rows = np.searchsorted(ids, [item.item for item in items]).tolist()
    for row, item, answer in zip(rows, items, answers, strict=True):
        count = len(item.options)
        options[row] = count
        scores[row, languages.index(item.language), :count] = answer
    return OptionScores(ids, options, tuple(languages), scores)
