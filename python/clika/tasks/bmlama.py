"""BMLAMA: the same factual probes in 17 or 53 languages, with candidates to rank.

Qi, Fernández and Bisazza (2023), ``Betswish/Cross-Lingual-Consistency`` at commit 13c9d46, one
quoted TSV file for each language: prompt, answer, candidates, subject. A row is the same probe in
every file of a set. The right answer is the last candidate of every row, so a model with a leaning
to the last place would look like one that knows: the candidates of each item are put in an order of
their own, the same in every language.
"""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING, Literal, NamedTuple

from clika.errors import BadInputError, Problem
from clika.languages import LANGUAGES
from clika.tasks.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["SETS", "BmlamaSet", "SetName", "candidate_order", "read_bmlama"]

SetName = Literal["17", "53"]

_HEADER = ["Prompt", "Ans", "Candidate Ans", "Subject"]
_PROMPT, _ANSWER, _CANDIDATES, _ = _HEADER
_MASK = "<mask>"
_BETWEEN = ", "
_MOST_OPTIONS = 64


class BmlamaSet(NamedTuple):
    """One of the two sets.

    Attributes
    ----------
    task
        What the task is called.
    folder
        Its folder in the data.
    languages
        Codes of its languages, in the order of :data:`clika.languages.LANGUAGES`.
    """

    task: str
    folder: str
    languages: tuple[str, ...]


def _ordered(codes: str) -> tuple[str, ...]:
    wanted = codes.split()
    return tuple(language.code for language in LANGUAGES if language.code in wanted)


SETS: dict[SetName, BmlamaSet] = {
    "17": BmlamaSet(
        "bmlama17",
        "BMLAMA17",
        _ordered("ar ca el en es fa fr he hu ja ko nl ru tr uk vi zh"),
    ),
    "53": BmlamaSet(
        "bmlama53",
        "BMLAMA53",
        _ordered(
            "af ar az be bg bn ca ceb cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id "
            "it ja ka ko la lt lv ms nl pl pt ro ru sk sl sq sr sv ta th tr uk ur vi zh"
        ),
    ),
}


class _Probe(NamedTuple):
    """One row of a file."""

    row: int
    prompt: str
    candidates: tuple[str, ...]


def candidate_order(task: str, item: int, count: int) -> tuple[int, ...]:
    """Return the order in which an item's candidates become its options.

    Parameters
    ----------
    task, item
        The item; its languages all have the same order.
    count
        Number of candidates.

    Returns
    -------
    tuple of int
        The candidates' 0-based places, sorted by the SHA-256 of task, item and place.

    Examples
    --------
    >>> candidate_order("bmlama17", 0, 4), candidate_order("bmlama17", 1, 4)
    ((2, 1, 3, 0), (2, 3, 0, 1))
    """

    def key(place: int) -> bytes:
        return hashlib.sha256(f"{task} {item} {place}".encode()).digest()

    return tuple(sorted(range(count), key=key))


def read_bmlama(folder: Path, name: SetName) -> list[Item]:
    """Read one of the sets.

    Parameters
    ----------
    folder
        The folder that holds ``BMLAMA17`` and ``BMLAMA53``.
    name
        Which set.

    Returns
    -------
    list of Item
        Language after language, items in the order of the files. The item id is the 0-based row;
        each item is a cluster of its own. Items with a single candidate are among them.

    Raises
    ------
    BadInputError
        A file is missing or has bad rows, or the files of the set do not hold the same probes; all
        faults are listed.

    Notes
    -----
    That the rows of two languages are the same probe shows only in their number of candidates,
    which is checked: the files have no ids.
    """
    chosen = SETS[name]
    items: list[Item] = []
    problems: list[Problem] = []
    first: tuple[str, list[_Probe]] | None = None
    for language in chosen.languages:
        file = f"{chosen.folder}/{language}.tsv"
        probes, wrong = _read_file(folder / file, file)
        if first is None and not wrong:
            first = file, probes
        elif first is not None and not wrong:
            wrong = _differences(probes, file, *first[::-1])
        problems += wrong
        if not wrong:
            items += [_item(chosen.task, language, at, probe) for at, probe in enumerate(probes)]
    if problems:
        raise BadInputError(problems)
    return items


def _item(task: str, language: str, item: int, probe: _Probe) -> Item:
    order = candidate_order(task, item, len(probe.candidates))
    return Item(
        task=task,
        language=language,
        item=item,
        uuid=str(item),
        question=probe.prompt,
        options=tuple(probe.candidates[place] for place in order),
        gold=order.index(len(order) - 1),
        cluster=str(item),
        stratum=None,
    )


def _read_file(path: Path, name: str) -> tuple[list[_Probe], list[Problem]]:
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        return [], [Problem(name, None, None, f"the file cannot be read ({error.strerror})")]
    except UnicodeDecodeError as error:
        return [], [Problem(name, None, None, f"not UTF-8 ({error.reason})")]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
    probes: list[_Probe] = []
    problems: list[Problem] = []
    try:
        header = next(rows, [])
        # One file has a tab within "Candidate Ans"; its rows are like all others.
        if " ".join(header) != " ".join(_HEADER):
            reason = f"the header is not {', '.join(_HEADER)}"
            return [], [Problem(name, 1, None, reason)]
        for fields in rows:
            # A field may hold line breaks: what counts is where the row ends.
            row = rows.line_num
            wrong = list(_faults(fields))
            problems += [Problem(name, row, column, reason) for column, reason in wrong]
            if not wrong:
                probes.append(_Probe(row, fields[0], tuple(fields[2].split(_BETWEEN))))
    except csv.Error as error:
        problems.append(Problem(name, rows.line_num, None, f"not a quoted TSV row ({error})"))
    if not probes and not problems:
        problems.append(Problem(name, None, None, "the file has no rows"))
    return probes, problems


def _faults(fields: Sequence[str]) -> Iterator[tuple[str | None, str]]:
    """Yield column and reason of everything that is wrong with a row."""
    if len(fields) != len(_HEADER):
        yield None, f"{len(fields)} fields where the header has {len(_HEADER)}"
        return
    prompt, answer, listed, _ = fields
    candidates = listed.split(_BETWEEN)
    if prompt.count(_MASK) != 1:
        yield _PROMPT, f"{_MASK} is there {prompt.count(_MASK)} times, not once"
    if not all(candidate.strip() for candidate in candidates):
        yield _CANDIDATES, "a candidate is empty"
    elif len(set(candidates)) < len(candidates):
        yield _CANDIDATES, "a candidate is there twice"
    elif len(candidates) > _MOST_OPTIONS:
        yield _CANDIDATES, f"{len(candidates)} candidates; {_MOST_OPTIONS} is the most"
    if candidates[-1] != answer:
        yield _ANSWER, "the answer is not the last candidate"


def _differences(
    probes: Sequence[_Probe], name: str, others: Sequence[_Probe], other: str
) -> list[Problem]:
    """Return where a file cannot hold the probes of another."""
    if len(probes) != len(others):
        return [Problem(name, None, None, f"{len(probes)} rows where {other} has {len(others)}")]
    return [
        Problem(
            name,
            probe.row,
            _CANDIDATES,
            f"{len(probe.candidates)} candidates where {other} has {len(same.candidates)}",
        )
        for probe, same in zip(probes, others, strict=True)
        if len(probe.candidates) != len(same.candidates)
    ]
