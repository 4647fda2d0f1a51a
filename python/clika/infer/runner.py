"""Asking many questions in pieces that outlive a kill.

The pieces are a function of the questions alone, and so are a backend's batches within a piece:
a run that was killed and went on gives the numbers of one that was not.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from clika.files import read_json, refusals, write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from clika.infer.backend import Backend, Choice

__all__ = ["Answer", "Asked", "Decoding", "ask", "clear"]

#: Questions of a piece: what a kill can lose.
_PIECE = 256

#: The options' log-probabilities, or a text.
Answer: TypeAlias = tuple[float, ...] | str


class Decoding(NamedTuple):
    """What is asked of a backend.

    Attributes
    ----------
    longest
        The most tokens of a text; ``None`` scores the options instead.
    """

    longest: int | None = None


class Asked(NamedTuple):
    """What came of asking.

    Attributes
    ----------
    answers
        In the order of the questions.
    kept
        How many of them an earlier run had left.
    """

    answers: list[Answer]
    kept: int


def ask(
    backend: Callable[[], Backend],
    questions: Sequence[Choice],
    *,
    decoding: Decoding,
    spool: Path,
    progress: Callable[[int], None],
) -> Asked:
    """Ask what was not asked before.

    Parameters
    ----------
    backend
        Returns the backend; called once something is left to ask.
    questions
        All questions.
    decoding
        What is asked.
    spool
        Folder of the pieces, named by a key of everything that the answers depend on; no other
        process may be at work in it.
    progress
        Told after each piece how many questions it answered or held already.

    Returns
    -------
    Asked

    Raises
    ------
    FileSystemError
        The disk is full or the folder is read-only.
    """
    # The longest first: what does not fit the memory shows at once.
    order = sorted(range(len(questions)), key=lambda at: (-_length(questions[at]), at))
    answers: list[Answer] = [""] * len(questions)
    kept = 0
    for number, start in enumerate(range(0, len(order), _PIECE)):
        places = order[start : start + _PIECE]
        piece = [questions[at] for at in places]
        path = spool / f"piece-{number:06}.json"
        found = _kept(path, piece, decoding)
        if found is None:
            found = _asked(backend(), piece, decoding)
            write_text(path, json.dumps(found, ensure_ascii=False))
        else:
            kept += len(piece)
        for at, answer in zip(places, found, strict=True):
            answers[at] = answer
        progress(len(piece))
    return Asked(answers, kept)


def clear(spool: Path) -> None:
    """Remove the pieces of questions whose answers are kept elsewhere.

    Raises
    ------
    FileSystemError
        The file system refused.
    """
    with refusals(spool):
        if spool.exists():
            shutil.rmtree(spool)


def _length(question: Choice) -> int:
    return len(question.prompt) + max(map(len, question.options), default=0)


def _asked(backend: Backend, questions: Sequence[Choice], decoding: Decoding) -> list[Answer]:
    if decoding.longest is None:
        return [*backend.score(questions)]
    prompts = [question.prompt for question in questions]
    return [*backend.generate(prompts, longest=decoding.longest)]


def _kept(path: Path, questions: Sequence[Choice], decoding: Decoding) -> list[Answer] | None:
    """Return the answers of a piece, ``None`` where it is not there or not whole."""
    given = read_json(path)
    if not isinstance(given, list) or len(given) != len(questions):
        return None
    if decoding.longest is not None:
        return given if all(isinstance(one, str) for one in given) else None
    sized = zip(given, questions, strict=True)
    if not all(isinstance(one, list) and len(one) == len(asked.options) for one, asked in sized):
        return None
    return [tuple(map(float, one)) for one in given]
