"""An item in one language, whatever source it comes from."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Item"]


class Item(NamedTuple):
    """One question in one language.

    Attributes
    ----------
    task, language
        As the study names them.
    item
        Item id: the same question in every language.
    uuid
        The source's own id; a check that rows and items belong together.
    question
        The question as asked.
    options
        The options' texts, in the order of the letters.
    gold
        0-based right option.
    cluster
        Items that share this key rise and fall together (a person, a premise).
    stratum
        The language that the item's entity comes from, where the task says so.
    """

    task: str
    language: str
    item: int
    uuid: str
    question: str
    options: tuple[str, ...]
    gold: int
    cluster: str
    stratum: str | None
