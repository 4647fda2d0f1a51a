"""CD, conductivity alignment: how much of what is learnt in one language comes out in another.

A model is taught names in two languages, all facts in the source (types 0 and 1) and half of them
(type 0) in the target. What it answers on type 1 in the target was never stated there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from clika.metrics.intervals.clustered import Estimate, Sums, ratio_estimate, undefined
from clika.metrics.intervals.uncertainty import wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clika.metrics.measure import Bools

__all__ = [
    "FEWEST_KNOWN",
    "FIGURES",
    "STRATA",
    "Figure",
    "Gate",
    "Outcomes",
    "Stratum",
    "accuracy",
    "chance_share",
    "conduction",
    "conduction_sums",
    "gate",
    "gate_figure",
    "ratio",
    "ratio_sums",
    "share_estimate",
]

Stratum = Literal["non-identical", "identical", "all", "with-ambiguous"]
Chance = Literal["majority", "output", "none"]
End = Literal["source", "target"]

#: Strata of the type-1 items by their continent's name; the first is the headline.
STRATA: dict[Stratum, str] = {
    "non-identical": "the continent's name differs in the two languages",
    "identical": "the continent's name is the same in both",
    "all": "both of these",
    "with-ambiguous": "as non-identical, with the items whose place name is ambiguous",
}

#: The five figures of the gate.
FIGURES = ("translate", "source-0", "source-1", "target-0", "continents")

#: Items that K must have.
FEWEST_KNOWN = 30

_GATE = 0.9
_ABOVE_CHANCE = 0.1
_NOTHING_ASKED = "nothing was asked"


@dataclass(frozen=True)
class Outcomes:
    """What one trained model answered about one world, from a source to a target language.

    Where an outcome is asked for, 1 is right, 0 wrong, -1 not asked.

    Attributes
    ----------
    continent
        int ``(n_places,)``: continent of each place, 0-based.
    kind
        int ``(n_places,)``: 0, the fact was stated in both languages; 1, in the source alone.
    source, target
        int8 ``(n_places,)``: the question about the place, asked in each language.
    place_named
        int8 ``(n_places,)``: the place's name, translated.
    continent_named
        int8 ``(n_continents,)``: the continent's name, translated.
    identical
        bool ``(n_continents,)``: its name is the same in both languages (NFKC, case-folded).
    ambiguous
        bool ``(n_places,)``: the place's name in the target names a place on another continent too.
    answered
        int ``(n_places,)``: continent that the answer in the target names, -1 for none or several;
        ``None`` where it was not kept.
    """

    continent: NDArray[np.int64]
    kind: NDArray[np.int64]
    source: NDArray[np.int8]
    target: NDArray[np.int8]
    place_named: NDArray[np.int8]
    continent_named: NDArray[np.int8]
    identical: NDArray[np.bool_]
    ambiguous: NDArray[np.bool_]
    answered: NDArray[np.int64] | None = None

    @property
    def tested(self) -> Bools:
        """Places of type 1 that were asked in both languages."""
        held: Bools = np.logical_and(self.kind == 1, (self.source >= 0) & (self.target >= 0))
        return held

    def within(self, stratum: Stratum) -> Bools:
        """Return the tested places of a stratum."""
        same = self.identical[self.continent]
        in_stratum: dict[Stratum, Bools] = {
            "non-identical": ~same & ~self.ambiguous,
            "identical": same & ~self.ambiguous,
            "all": ~self.ambiguous,
            "with-ambiguous": ~same,
        }
        held: Bools = np.logical_and(self.tested, in_stratum[stratum])
        return held

    def known(self, stratum: Stratum) -> Bools:
        """Return K within a stratum: right in the source, place and continent translated right."""
        nameable = (self.place_named == 1) & (self.continent_named[self.continent] == 1)
        held: Bools = np.logical_and(self.within(stratum), (self.source == 1) & nameable)
        return held


class Figure(NamedTuple):
    """One figure of the gate.

    Attributes
    ----------
    name
        One of :data:`FIGURES`.
    share
        Right answers, with their Wilson interval.
    met
        Whether it is at least .90.
    borderline
        Whether its interval contains .90.
    """

    name: str
    share: Estimate
    met: bool
    borderline: bool


class Gate(NamedTuple):
    """Whether a model was taught what conductivity is measured on.

    Attributes
    ----------
    figures
        In the order of :data:`FIGURES`.
    """

    figures: tuple[Figure, ...]

    @property
    def met(self) -> bool:
        """Whether every figure is at least .90."""
        return all(figure.met for figure in self.figures)

    @property
    def reason(self) -> str | None:
        """Why no ratio is given: the figures that are missed; ``None`` where the gate is met."""
        missed = [
            f"{figure.name} {_NOTHING_ASKED if value is None else f'{value:.3f}'}"
            for figure in self.figures
            for value in [figure.share.value]
            if not figure.met
        ]
        return f"gate not met: {', '.join(missed)}" if missed else None


def gate(outcomes: Outcomes) -> Gate:
    """Return the five figures that must be at least .90 each.

    ``translate`` counts the names of places and of continents, ``continents`` the latter alone: all
    of them may fail while the first still passes.
    """
    names = np.concatenate([outcomes.place_named, outcomes.continent_named])
    asked = {
        "translate": names,
        "source-0": outcomes.source[outcomes.kind == 0],
        "source-1": outcomes.source[outcomes.kind == 1],
        "target-0": outcomes.target[outcomes.kind == 0],
        "continents": outcomes.continent_named,
    }
    shares = {
        name: share_estimate(int((found == 1).sum()), int((found >= 0).sum()))
        for name, found in asked.items()
    }
    return Gate(tuple(gate_figure(name, shares[name]) for name in FIGURES))


def gate_figure(name: str, share: Estimate) -> Figure:
    """Return a figure of the gate from its share; nothing asked is not met."""
    if share.value is None or share.low is None or share.high is None:
        return Figure(name, share, met=False, borderline=False)
    borderline = share.low <= _GATE <= share.high
    return Figure(name, share, met=share.value >= _GATE, borderline=borderline)


def share_estimate(right: int, n: int) -> Estimate:
    """Return a share with its Wilson interval; undefined where nothing was asked."""
    if not n:
        return undefined(0, _NOTHING_ASKED)
    interval = wilson(np.array(right), np.array(n))
    return Estimate(right / n, float(interval.low), float(interval.high), n)


def accuracy(outcomes: Outcomes, end: End, stratum: Stratum = "non-identical") -> Estimate:
    """Return A_s1 or A_t1, the accuracy on type 1 asked in the source or the target.

    With its Wilson interval, over the places of the stratum asked in both languages.
    """
    asked = getattr(outcomes, end)[outcomes.within(stratum)]
    return share_estimate(int((asked == 1).sum()), len(asked))


def chance_share(outcomes: Outcomes, chance: Chance = "majority") -> float:
    """Return how often an answer is right that knows nothing of the place.

    Parameters
    ----------
    outcomes
        Outcomes with at least one tested place.
    chance
        ``majority``: the share of the most frequent continent. ``output``: ``Σ_c m_c g_c``, with
        m_c the share of answers in the target that name continent c and g_c its share of the golds;
        it needs the answers. ``none``: 0.

    Returns
    -------
    float
        A share in [0, 1]. It is that of all tested places for every stratum: who knows nothing of a
        place does not know its stratum.

    Raises
    ------
    ValueError
        ``output`` without answers.
    """
    if chance == "none":
        return 0.0
    golds = outcomes.continent[outcomes.tested]
    size = len(outcomes.identical)
    shares = np.bincount(golds, minlength=size) / len(golds)
    if chance == "majority":
        return float(shares.max())
    if outcomes.answered is None:
        raise ValueError("the chance of the output needs the answers")
    answers = outcomes.answered[outcomes.tested]
    named = np.bincount(answers[answers >= 0], minlength=size) / len(answers)
    return float((named * shares).sum())


def ratio_sums(
    outcomes: Outcomes, stratum: Stratum = "non-identical", chance: Chance = "majority"
) -> Sums | Estimate:
    """Return numerator and denominator of XRR by continent, or why XRR is undefined.

    Undefined without an item, unless the lower Wilson limit of A_s1 exceeds chance + .1, and for
    the chance of the output where answers were not kept.
    """
    inside = outcomes.within(stratum)
    n = int(inside.sum())
    if not n:
        return undefined(0, "no item of type 1 in this stratum")
    if chance == "output" and outcomes.answered is None:
        return undefined(n, "the answers were not kept")
    expected = chance_share(outcomes, chance)
    floor = chance_share(outcomes) + _ABOVE_CHANCE
    known = accuracy(outcomes, "source", stratum)
    if known.low is None or known.low <= floor:
        return undefined(n, "too little is known in the source language")
    size = len(outcomes.identical)
    items = np.bincount(outcomes.continent[inside], minlength=size)
    right = {
        end: np.bincount(outcomes.continent[inside & (asked == 1)], minlength=size)
        for end, asked in (("source", outcomes.source), ("target", outcomes.target))
    }
    there = items > 0
    return Sums(
        (right["target"] - expected * items)[there], (right["source"] - expected * items)[there]
    )


def ratio(
    outcomes: Outcomes, stratum: Stratum = "non-identical", chance: Chance = "majority"
) -> Estimate:
    """Return ``XRR = (A_t1 - chance) / (A_s1 - chance)``.

    Parameters
    ----------
    outcomes
        What a model answered.
    stratum
        Which type-1 places.
    chance
        As of :func:`chance_share`; ``none`` gives the uncorrected ratio ``A_t1 / A_s1``.

    Returns
    -------
    Estimate
        Never clipped. With the t interval of
        :func:`~clika.metrics.intervals.clustered.ratio_estimate`, clustered by continent, the
        chance taken as known. Undefined as :func:`ratio_sums` says. The
        gate is another question: see :func:`gate`.
    """
    sums = ratio_sums(outcomes, stratum, chance)
    if isinstance(sums, Estimate):
        return sums
    n = int(outcomes.within(stratum).sum())
    return ratio_estimate(sums, n=n, clusters=len(sums.numerator))


def conduction_sums(outcomes: Outcomes, stratum: Stratum = "non-identical") -> Sums | Estimate:
    """Return numerator and denominator of XRR_c by continent, or why XRR_c is undefined.

    The continents are those of the stratum, the same for every training seed of a world; where K
    has no place of a continent, both sums are 0.
    """
    known = outcomes.known(stratum)
    n = int(known.sum())
    if n < FEWEST_KNOWN:
        return undefined(n, f"fewer than {FEWEST_KNOWN} items are known and can be named")
    expected = chance_share(outcomes)
    if expected == 1:
        return undefined(n, "there is but one continent")
    size = len(outcomes.identical)
    items = np.bincount(outcomes.continent[known], minlength=size)
    right = np.bincount(outcomes.continent[known & (outcomes.target == 1)], minlength=size)
    there = np.bincount(outcomes.continent[outcomes.within(stratum)], minlength=size) > 0
    numerator = (right - expected * items)[there] / (1 - expected)
    return Sums(numerator, items[there].astype(np.float64))


def conduction(
    outcomes: Outcomes, stratum: Stratum = "non-identical", *, clustered: bool = False
) -> Estimate:
    """Return ``XRR_c = (P(right in the target | K) - chance) / (1 - chance)``.

    K holds the type-1 places that are right in the source and whose place and continent are
    translated right: a model that conducts all it knows and can name has 1, whatever it forgot.

    Parameters
    ----------
    outcomes
        What a model answered.
    stratum
        Which type-1 places.
    clustered
        Whether the interval is that of :func:`ratio`; else it is Wilson's on |K|, re-scaled.

    Returns
    -------
    Estimate
        At most 1, never clipped. Undefined where |K| < 30.

    Notes
    -----
    Wilson's interval takes the items as independent. Where those of a continent rise and fall
    together it is too narrow; the clustered one is none where all continents are alike.
    """
    sums = conduction_sums(outcomes, stratum)
    if isinstance(sums, Estimate):
        return sums
    known = outcomes.known(stratum)
    n = int(known.sum())
    if clustered:
        return ratio_estimate(sums, n=n, clusters=int((sums.denominator > 0).sum()))
    share = share_estimate(int((outcomes.target[known] == 1).sum()), n)
    expected = chance_share(outcomes)
    value, low, high = (
        None if end is None else (end - expected) / (1 - expected) for end in share[:3]
    )
    return Estimate(value, low, high, n)
