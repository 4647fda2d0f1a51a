"""Map: the languages of one model side by side, and drawn by how much their answers agree."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.errors import ConfigError
from clika.metrics.maps import draw_map
from clika.metrics.scorecard import scorecards
from clika.metrics.task_answers import TaskAnswers
from clika.schema import NOT_ASKED
from clika.store.connection import open_database
from clika.store.scores import read_answers
from clika.views.show import Choice, chosen_models, chosen_rule

if TYPE_CHECKING:
    from pathlib import Path

    from clika.metrics.maps import LanguageMap
    from clika.metrics.measure import Measure
    from clika.study import Study, Task

__all__ = ["LanguageNumbers", "MapView", "map_languages"]


class LanguageNumbers(NamedTuple):
    """Accuracies of a model in one language, shares in [0, 1], ``None`` where undefined.

    Attributes
    ----------
    language
        Its code.
    acc
        On all items.
    own, other
        On the items whose entity is from the language, and on the rest.
    least, most
        The range with the items of one origin left out.
    """

    language: str
    acc: float | None
    own: float | None
    other: float | None
    least: float | None
    most: float | None


class MapView(NamedTuple):
    """The languages of one model on one task.

    Attributes
    ----------
    study, model, rule
        Whose answers, and the rule that they were read by.
    task
        The task.
    n
        Its items.
    languages
        Accuracies in each language that was asked, in the study's order.
    overall
        Metric ids of all languages together with their values, ``None`` where undefined.
    drawn
        The map, or why there is none.
    """

    study: str
    model: str
    task: Task
    rule: str
    n: int
    languages: tuple[LanguageNumbers, ...]
    overall: dict[str, float | None]
    drawn: LanguageMap


def map_languages(
    study: Study, model: str, *, task: str, rule: str | None = None, database: Path
) -> MapView:
    """Return the languages of one model on one task, and their map where it is reliable.

    Parameters
    ----------
    study
        The study.
    model, task
        Whose answers, spelled in any of the accepted ways.
    rule
        ``None`` for the study's headline rule.
    database
        The study's database; only read.

    Raises
    ------
    PrerequisiteError
        There is no database; or a map can be drawn, and SciPy is not installed.
    UnknownNameError
        The task, the model or the rule is not known; the nearest are suggested.
    ConfigError
        The model has no answers, or none to this task.
    """
    chosen = study.task(task)
    choice = Choice(task=chosen.name, models=(model,), rule=rule)
    with closing(open_database(database, command=f"clika load {study.name}")) as connection:
        by = chosen_rule(connection, study, choice)
        (name,) = chosen_models(connection, study, choice)
        found = read_answers(
            connection,
            tasks=[chosen.name],
            rules=[by],
            models=[name],
            languages=study.languages,
        )[by, chosen.name]
    asked = np.flatnonzero((found.codes != NOT_ASKED).any(axis=(0, 1)))
    if not len(asked):
        raise ConfigError(f"There are no answers of {name} to {chosen.name}.")
    # Origins are places of the study's languages: a language that was not asked is beyond these.
    places = np.full(max(len(study.languages), found.strata.max(initial=-1) + 1) + 1, -1, np.int32)
    places[:-1] = np.arange(len(places) - 1) + len(asked)
    places[asked] = np.arange(len(asked))
    answers = TaskAnswers(
        np.ascontiguousarray(found.codes[:, :, asked]),
        found.gold,
        chosen.options,
        None,
        strata=places[found.strata],
    )
    (card,) = scorecards([answers])
    cells = {(score.metric, score.variant): score.measure for score in card.cells}

    def numbers(place: int, language: str) -> LanguageNumbers:
        measures = [cells.get(key) for key in _COLUMNS]
        return LanguageNumbers(language, *(_value(measure, (0, place)) for measure in measures))

    return MapView(
        study=study.name,
        model=name,
        task=chosen,
        rule=by,
        n=len(found.items),
        languages=tuple(
            numbers(place, study.languages[index]) for place, index in enumerate(asked)
        ),
        overall={score.metric: _value(score.measure, (0,)) for score in card.overall},
        drawn=draw_map(
            answers.codes[0], found.gold, options=chosen.options, clusters=found.clusters
        ),
    )


#: The cells' metrics in the order of the fields of :class:`LanguageNumbers`.
_COLUMNS = (
    ("acc", None),
    ("acc_origin", "own"),
    ("acc_origin", "other"),
    ("acc_without_origin", "least"),
    ("acc_without_origin", "most"),
)


def _value(measure: Measure | None, place: tuple[int, ...]) -> float | None:
    if measure is None or np.isnan(measure.value[place]):
        return None
    return float(measure.value[place])
