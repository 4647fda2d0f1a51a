"""Made-up answers of models whose every metric has a known true value.

Each option of an item has a utility in each language, and the model answers the option of the
highest. Utilities are sums of normal variables: what all models and languages share, what a model's
languages share, and the rest; the right option has besides the item's easiness and the model's
ability in the language. So languages go together in right answers and in mistakes, and models do.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.task_answers import TaskAnswers
from clika.schema import INVALID

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Codes = NDArray[np.int8]

__all__ = ["LAWS", "OPTIONS", "Items", "Law", "Simulated", "simulate"]

OPTIONS = 4
#: Shares of variance: of a utility, what models share; of an item's easiness, what its cluster has.
SHARED_BY_MODELS = 0.5
SHARED_BY_CLUSTER = 0.5
#: What a language adds to the utility of one option, a letter it likes.
FAVOURITE = 0.4
#: Share of answers from which no option is read.
UNREADABLE = 0.01
#: What an item from a language adds to the ability in it.
OWN = 0.8
#: Items that an ability is fitted on.
_FITTED_ON = 400_000


class Items(NamedTuple):
    """What is asked.

    Attributes
    ----------
    n
        Number of items.
    per_cluster
        Items in each cluster; 1: they are independent.
    origins
        Whether a tenth of the items comes from each language.
    """

    n: int
    per_cluster: int = 1
    origins: bool = False

    @property
    def clusters(self) -> NDArray[np.int32]:
        """int32 ``(n,)``: the cluster of each item."""
        return (np.arange(self.n) // self.per_cluster).astype(np.int32)

    def strata(self, languages: int) -> NDArray[np.int32] | None:
        """int32 ``(n,)``: the language of each item, -1 for none; ``None`` without origins."""
        if not self.origins:
            return None
        place = self.clusters % 10
        return np.where(place < languages, place, -1).astype(np.int32)


class Law(NamedTuple):
    """How one model answers.

    Attributes
    ----------
    accuracies
        Share of right answers in each language, where items come from none.
    shared
        Share of the variance of a utility that the model's languages share.
    """

    accuracies: tuple[float, ...]
    shared: float = 0.6


#: Accuracies in the pivot and in two languages that are alike.
LAWS = {
    "near 0": Law((0.12, 0.08, 0.08)),
    "middle": Law((0.60, 0.45, 0.45)),
    "near 1": Law((0.97, 0.94, 0.94)),
}


class Simulated(NamedTuple):
    """Answers of some models to some data sets of the same gold options.

    Attributes
    ----------
    gold
        int8 ``(n_items,)``.
    codes
        int8 ``(n_sets, n_models, n_items, n_languages)``: option, -1 INVALID.
    utilities
        float32 ``(n_sets, n_models, n_items, n_languages, options)``.
    """

    gold: Codes
    codes: Codes
    utilities: Floats

    def task(self, items: Items, *, model: int = 0, purpose: int = 0) -> TaskAnswers:
        """Return the data sets of one model as the models of a task, which nothing compares."""
        sets, _, _, languages = self.codes.shape
        return TaskAnswers(
            self.codes[:, model],
            self.gold,
            OPTIONS,
            reference=None,
            clusters=items.clusters if items.per_cluster > 1 else None,
            strata=items.strata(languages),
            families=("one",) * sets,
            purpose=purpose,
        )


def simulate(
    laws: tuple[Law, ...], items: Items, sets: int, generator: np.random.Generator
) -> Simulated:
    """Return answers of models to independent data sets.

    Parameters
    ----------
    laws
        Of each model; equal laws make models that are exchangeable, not equal.
    items
        What is asked; the gold options are drawn, the same for all sets.
    sets
        Number of data sets.
    generator
        Of all random numbers.
    """
    gold = generator.integers(OPTIONS, size=items.n).astype(np.int8)
    utilities = np.stack(_utilities(laws, items, sets, generator), axis=1)
    ability = np.array([_abilities(law) for law in laws], np.float32)[:, None, :]
    languages = ability.shape[-1]
    strata = items.strata(languages)
    if strata is not None:
        ability = ability + OWN * (strata[:, None] == np.arange(languages))
    easiness = _easiness(items, sets, generator)[:, None, :, None]
    utilities[..., np.arange(items.n), :, gold] += np.moveaxis(easiness + ability, 2, 0)
    for language in range(languages):
        utilities[..., language, language % OPTIONS] += FAVOURITE
    codes = utilities.argmax(axis=-1).astype(np.int8)
    codes[generator.random(codes.shape, np.float32) < UNREADABLE] = INVALID
    return Simulated(gold, codes, utilities)


def _utilities(
    laws: tuple[Law, ...], items: Items, sets: int, generator: np.random.Generator
) -> list[Floats]:
    """Return standard normal utilities ``(n_sets, n_items, n_languages, options)`` by model."""
    languages = len(laws[0].accuracies)

    def drawn() -> tuple[Floats, Floats]:
        of_item = generator.standard_normal((sets, items.n, 1, OPTIONS), np.float32)
        size = (sets, items.n, languages, OPTIONS)
        return of_item, generator.standard_normal(size, np.float32)

    common = drawn()

    def of_model(law: Law) -> Floats:
        of_item, of_answer = (
            _mixed(part, own, SHARED_BY_MODELS) for part, own in zip(common, drawn(), strict=True)
        )
        return _mixed(of_item, of_answer, law.shared)

    return [of_model(law) for law in laws]


def _mixed(first: Floats, second: Floats, share: float) -> Floats:
    """Return the sum of two normal variables with that share of the variance from the first."""
    return np.sqrt(np.float32(share)) * first + np.sqrt(np.float32(1 - share)) * second


def _easiness(items: Items, sets: int, generator: np.random.Generator) -> Floats:
    """Return standard normal easiness, ``(n_sets, n_items)``."""
    of_cluster = generator.standard_normal((sets, items.clusters[-1] + 1), np.float32)
    own = generator.standard_normal((sets, items.n), np.float32)
    return _mixed(of_cluster[:, items.clusters], own, SHARED_BY_CLUSTER)


@cache
def _abilities(law: Law) -> tuple[float, ...]:
    """Return what is added to the right option's utility so that accuracies are the law's.

    An answer is right where the gold's utility exceeds the others' by more than minus the ability:
    a quantile of that lead.
    """
    generator = np.random.default_rng(1)
    gold = generator.integers(OPTIONS, size=_FITTED_ON)
    utilities = generator.standard_normal((_FITTED_ON, OPTIONS))
    utilities[np.arange(_FITTED_ON), gold] += generator.standard_normal(_FITTED_ON)
    found = []
    for language, accuracy in enumerate(law.accuracies):
        liked = utilities.copy()
        liked[:, language % OPTIONS] += FAVOURITE
        of_gold = np.take_along_axis(liked, gold[:, None], axis=1)[:, 0]
        np.put_along_axis(liked, gold[:, None], -np.inf, axis=1)
        lead = of_gold - liked.max(axis=1)
        found.append(-float(np.quantile(lead, 1 - accuracy / (1 - UNREADABLE))))
    return tuple(found)
