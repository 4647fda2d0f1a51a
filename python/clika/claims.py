"""Claims as data: contrasts between models, each with a margin and a side.

A claim says in which way a number should differ between two models of a study, before and after
something was done to one of them, and from which margin on a difference counts. How it is judged
is in :mod:`clika.metrics.verdicts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import msgspec

from clika.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "ANSWER_METRICS",
    "OUTCOME_METRICS",
    "Change",
    "Claim",
    "Contrast",
    "Known",
    "Part",
    "Side",
    "check_claims",
]

Side = Literal["up", "down", "none", "below"]

#: What a claim can be about: metrics of answers by their ids with the variant.
ANSWER_METRICS = (
    *("acc", "ra", "co:union", "co:source", "co:min"),
    *("co_star:gold-letter", "co_star:marginal"),
)
#: Metrics of what a model was taught, which answers do not give.
OUTCOME_METRICS = ("xrr", "xrr_c")

Margin = Annotated[float, msgspec.Meta(ge=0)]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that a claim says of each of its pairs.

    Attributes
    ----------
    name
        As printed.
    metric
        One of :data:`ANSWER_METRICS` or :data:`OUTCOME_METRICS`. A metric of pairs of languages is
        that of the study's pivot with the other language.
    languages
        What the mean is over: the ``targets`` of the change, or the ``others``, which are neither
        targets nor the pivot.
    side
        ``up`` or ``down``: the difference lies beyond the margin on that side; ``none``: it lies
        within the margin; ``below``: the number lies below the bound.
    bound
        For ``below``.
    decides
        Whether the verdict rests on it; a part that does not is shown beside.
    """

    name: str
    metric: str
    languages: Literal["targets", "others"]
    side: Side
    bound: float | None = None
    decides: bool = True


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Two models, before and after.

    Attributes
    ----------
    after, before
        Models of the study. ``before`` is ``None`` where the claim is about one model's number.
    targets
        Languages that the change was aimed at; empty for all or none of them.
    group
        Where a claim compares changes: only those of one group are compared, of a size, say.
    decides
        Whether the claim's verdict rests on it; a change that does not is shown beside.
    """

    after: str
    before: str | None = None
    targets: tuple[str, ...] = ()
    group: str = ""
    decides: bool = True

    @property
    def models(self) -> tuple[str, ...]:
        """The models, the earlier first."""
        return (self.after,) if self.before is None else (self.before, self.after)

    def __str__(self) -> str:
        """Return ``before -> after``."""
        return " -> ".join(self.models)


class Contrast(NamedTuple):
    """What is judged as one: a change, or how far one change differs from another.

    Attributes
    ----------
    change
        Whose difference counts.
    against
        Whose difference is subtracted from it; ``None`` for none.
    """

    change: Change
    against: Change | None = None

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes, one or two."""
        return (self.change,) if self.against is None else (self.change, self.against)

    @property
    def name(self) -> str:
        """As printed; one name each in a claim."""
        return " against ".join(str(change) for change in self.changes)

    @property
    def models(self) -> tuple[str, ...]:
        """Every model, once."""
        return tuple(dict.fromkeys(name for change in self.changes for name in change.models))

    @property
    def decides(self) -> bool:
        """Whether the claim's verdict rests on it."""
        return all(change.decides for change in self.changes)

    def languages(self, part: Part, *, known: Sequence[str], pivot: str) -> tuple[str, ...]:
        """Return the languages that a part's mean is over, in the order of ``known``."""
        aimed = {code for change in self.changes for code in change.targets}
        if part.languages == "targets":
            return tuple(code for code in known if code in self.change.targets)
        return tuple(code for code in known if code not in aimed and code != pivot)


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A claim.

    Attributes
    ----------
    name
        Short, without spaces.
    title
        The claim in a sentence.
    parts
        Each must hold.
    pairs
        The changes that it is about.
    against
        Where not empty, the claim is about differences of differences: each of ``pairs`` is set
        against each of these of the same group.
    tasks
        Tasks that the mean is over; empty for all of the study. Of a claim about outcomes: tasks
        that outcomes name; empty for all that do.
    margin
        From where on a difference counts, in the unit of the metric.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    parts: Annotated[tuple[Part, ...], msgspec.Meta(min_length=1)]
    pairs: Annotated[tuple[Change, ...], msgspec.Meta(min_length=1)]
    against: tuple[Change, ...] = ()
    tasks: tuple[str, ...] = ()
    margin: Margin = 0.05

    @property
    def is_of_outcomes(self) -> bool:
        """Whether it is about what models were taught, not about answers: never about both."""
        return self.parts[0].metric in OUTCOME_METRICS

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Everything that is judged, in the order of the data."""
        if not self.against:
            return tuple(Contrast(change) for change in self.pairs)
        return tuple(
            Contrast(change, other)
            for change in self.pairs
            for other in self.against
            if change.group == other.group
        )


class Known(NamedTuple):
    """The names of a study that a claim may use."""

    models: Sequence[str]
    tasks: Sequence[str]
    languages: Sequence[str]
    pivot: str


def check_claims(claims: Sequence[Claim], known: Known, where: str) -> None:
    """Refuse claims that name what the study does not have, or that say nothing.

    Parameters
    ----------
    claims
        The claims of a study.
    known
        Its names.
    where
        The file, as a message names it.

    Raises
    ------
    ConfigError
        The first fault, with the key that has it.
    """
    for place, claim in enumerate(claims):
        for key, reason in _faults(claim, known):
            raise ConfigError(f"{where}: claims[{place}].{key}: {reason}")
    names = [claim.name for claim in claims]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ConfigError(f"{where}: claim {repeated!r} is listed twice.")


def _faults(claim: Claim, known: Known) -> Iterator[tuple[str, str]]:
    """Yield each fault of a claim: the key, and a sentence."""
    for place, part in enumerate(claim.parts):
        yield from _faults_of_part(f"parts[{place}]", part)
    yield from _mixed(claim)
    if claim.is_of_outcomes and claim.against:
        yield "against", "conductivity has no differences of differences: leave it out."
    # The tasks of outcomes are those that the outcomes name, which a study need not list.
    if not claim.is_of_outcomes:
        for place, task in enumerate(claim.tasks):
            yield from _unknown(f"tasks[{place}]", "task", task, known.tasks)
    for kind, changes in (("pairs", claim.pairs), ("against", claim.against)):
        for place, change in enumerate(changes):
            yield from _faults_of_change(f"{kind}[{place}]", change, known)
    yield from _empty(claim, known)
    yield from _repeated("parts", [part.name for part in claim.parts])
    yield from _repeated("pairs", [contrast.name for contrast in claim.contrasts])


def _mixed(claim: Claim) -> Iterator[tuple[str, str]]:
    """Yield a part that is of other data than the first."""
    for place, part in enumerate(claim.parts):
        if (part.metric in OUTCOME_METRICS) != claim.is_of_outcomes:
            reason = "a claim is about answers or about outcomes; make two claims."
            yield f"parts[{place}].metric", reason


def _empty(claim: Claim, known: Known) -> Iterator[tuple[str, str]]:
    """Yield where a claim says nothing."""
    if not any(part.decides for part in claim.parts):
        yield "parts", "none of them decides."
    if not claim.contrasts:
        yield "against", "no group is in both lists, so nothing is compared."
    for contrast in claim.contrasts:
        for part in claim.parts:
            if not contrast.languages(part, known=known.languages, pivot=known.pivot):
                yield "pairs", f"{contrast.name} leaves no language for {part.name!r}."


def _repeated(key: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if names.count(name) > 1:
            yield key, f"{name!r} is listed twice."


def _faults_of_part(key: str, part: Part) -> Iterator[tuple[str, str]]:
    metrics = (*ANSWER_METRICS, *OUTCOME_METRICS)
    yield from _unknown(f"{key}.metric", "metric", part.metric, metrics)
    if (part.side == "below") != (part.bound is not None):
        yield f"{key}.bound", "side `below` takes a bound, the other sides take the claim's margin."


def _faults_of_change(key: str, change: Change, known: Known) -> Iterator[tuple[str, str]]:
    yield from _unknown(f"{key}.after", "model", change.after, known.models)
    if change.before is not None:
        yield from _unknown(f"{key}.before", "model", change.before, known.models)
    for place, code in enumerate(change.targets):
        yield from _unknown(f"{key}.targets[{place}]", "language", code, known.languages)


def _unknown(key: str, kind: str, name: str, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    if name not in known:
        yield key, str(UnknownNameError(kind, name, known))
