"""Expected verdicts: read, and compared with those that were found."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from clika.errors import BadInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from clika.study import Study

__all__ = [
    "EXPECTED",
    "ClaimVerdicts",
    "Mismatch",
    "PairVerdicts",
    "WrittenClaim",
    "WrittenVerdicts",
    "compare_verdicts",
    "expected_verdicts",
    "written_verdicts",
]

_Form = TypeVar("_Form")

#: The file of expected verdicts, in the folder of a study.
EXPECTED = "expected_verdicts.json"


class Mismatch(NamedTuple):
    """A verdict that is not the expected one.

    Attributes
    ----------
    place
        The claim, or the claim and the pair, or also the part.
    expected, found
        The two verdicts; ``None`` for none.
    """

    place: str
    expected: str | None
    found: str | None


class PairVerdicts(msgspec.Struct, forbid_unknown_fields=True):
    """Expected verdicts of a pair and of its deciding parts."""

    verdict: str
    parts: dict[str, str]


class ClaimVerdicts(msgspec.Struct, forbid_unknown_fields=True):
    """Expected verdicts of a claim and of its pairs."""

    verdict: str
    pairs: dict[str, PairVerdicts]


def expected_verdicts(study: Study, path: Path | None = None) -> dict[str, ClaimVerdicts] | None:
    """Read expected verdicts, by the name of the claim.

    Parameters
    ----------
    study
        Whose shipped expectations are meant without a path; ``None`` is returned if it has none.
    path
        A file that ``clika verify --pin`` wrote.

    Raises
    ------
    BadInputError
        The file cannot be read, or holds no verdicts.
    """
    if path is not None:
        return _decoded(_content(path), str(path), dict[str, ClaimVerdicts])
    shipped = files("clika").joinpath("studies", study.name, EXPECTED)
    if not shipped.is_file():
        return None
    return _decoded(shipped.read_bytes(), EXPECTED, dict[str, ClaimVerdicts])


class _WrittenPart(msgspec.Struct):
    name: str
    verdict: str
    decides: bool


class _WrittenPair(msgspec.Struct):
    name: str
    verdict: str
    parts: list[_WrittenPart]


class WrittenClaim(msgspec.Struct):
    """A claim as ``verdicts.json`` has it.

    Attributes
    ----------
    name, title, verdict
        The claim.
    pairs
        What was judged of it.
    """

    name: str
    title: str
    verdict: str
    pairs: list[_WrittenPair]

    @property
    def verdicts(self) -> ClaimVerdicts:
        """The verdicts alone, as expectations have them."""
        pairs = {
            pair.name: PairVerdicts(
                pair.verdict, {part.name: part.verdict for part in pair.parts if part.decides}
            )
            for pair in self.pairs
        }
        return ClaimVerdicts(self.verdict, pairs)


class WrittenVerdicts(msgspec.Struct):
    """What of ``verdicts.json`` says whether it is current, and what was found.

    Attributes
    ----------
    content_key
        As of :func:`clika.steps.evidence.verdicts_key`.
    claims
        In the order of the study.
    """

    content_key: str
    claims: list[WrittenClaim]


def written_verdicts(path: Path) -> WrittenVerdicts:
    """Read ``verdicts.json``.

    Raises
    ------
    BadInputError
        The file cannot be read, or holds no verdicts.
    """
    return _decoded(_content(path), str(path), WrittenVerdicts)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = Problem(str(path), None, None, error.strerror or "it cannot be read")
        raise BadInputError([problem]) from error


def _decoded(content: bytes, where: str, form: type[_Form]) -> _Form:
    try:
        return msgspec.json.decode(content, type=form)
    except msgspec.DecodeError as error:
        raise BadInputError([Problem(where, None, None, str(error))]) from error


def compare_verdicts(
    expected: Mapping[str, ClaimVerdicts], found: Mapping[str, ClaimVerdicts]
) -> tuple[Mismatch, ...]:
    """Return where two sets of verdicts, by the names of the claims, differ.

    Of what was not judged, and of its parts, nothing is expected: so the verdicts of more data than
    there was hold against expectations made with less.
    """
    wanted, given = _by_place(expected), _by_place(found)
    open_places = {place for place, verdict in wanted.items() if verdict == "not judged"}
    return tuple(
        Mismatch(place, wanted.get(place), given.get(place))
        for place in dict.fromkeys([*wanted, *given])
        if wanted.get(place) != given.get(place) and not _within(place, open_places)
    )


def _by_place(verdicts: Mapping[str, ClaimVerdicts]) -> dict[str, str]:
    """Return the verdict of every claim, pair and part by a name of its place."""
    found = {}
    for name, claim in verdicts.items():
        found[name] = claim.verdict
        for pair, of_pair in claim.pairs.items():
            found[f"{name}: {pair}"] = of_pair.verdict
            for part, verdict in of_pair.parts.items():
                found[f"{name}: {pair}: {part}"] = verdict
    return found


def _within(place: str, others: set[str]) -> bool:
    return any(place == other or place.startswith(f"{other}: ") for other in others)
