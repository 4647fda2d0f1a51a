"""Compare: two models on the same items, or two runs of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.answers import check_rule
from clika.errors import ConfigError, UnknownNameError
from clika.metrics.comparison.paired_card import COMPARABLE, compare_models
from clika.study import load_study
from clika.views.compare.families import Axes, build_family
from clika.views.compare.model import CompareView, Question, Side
from clika.views.compare.reading import join_task, read_sides
from clika.where import parse_where

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.metrics.comparison.paired_card import PairedTask
    from clika.study import Study
    from clika.views.compare.model import ComparedTask
    from clika.views.compare.reading import SideAnswers

__all__ = ["compare", "find_side", "metric_id"]


def metric_id(name: str) -> str:
    """Return the full id of a metric; without a variant the first one is meant.

    Raises
    ------
    UnknownNameError
        It is no metric that two models can be compared by.

    Examples
    --------
    >>> metric_id("co"), metric_id("co:min"), metric_id("acc")
    ('co:union', 'co:min', 'acc')
    """
    first = next((full for full in COMPARABLE if full.partition(":")[0] == name), None)
    if name in COMPARABLE or first is None:
        first = name
    if first not in COMPARABLE:
        raise UnknownNameError("metric", name, COMPARABLE)
    return first


def find_side(name: str, *, study: str, results: Path) -> Side:
    """Return the model that a name means.

    Parameters
    ----------
    name
        A model of the study, or ``STUDY/MODEL``.
    study
        Name of the study.
    results
        Folder of results; a study has a folder of its name in it.

    Raises
    ------
    UnknownNameError
        There is no such study; the nearest are suggested.
    """
    named, slash, model = name.partition("/")
    found = load_study(named if slash else study, results)
    return Side(found, model if slash else name, results / found.name / "clika.duckdb")


def compare(first: Side, second: Side, question: Question | None = None) -> CompareView:
    """Compare two models on the items that both were asked.

    Parameters
    ----------
    first, second
        The models; a difference is the second's value minus the first's.
    question
        ``None`` for the defaults.

    Returns
    -------
    CompareView

    Raises
    ------
    PrerequisiteError
        There is no database, or no answer in it.
    UnknownNameError
        A model, the rule, a metric or a name in ``where`` is not known; the nearest are suggested.
    ConfigError
        The two have no answers in common, or their items have other right options; a condition
        names models; Holm's procedure could never reject.
    """
    question = question or Question()
    metrics = list(dict.fromkeys(metric_id(name) for name in question.metrics))
    studies = first.study, second.study
    rule = first.study.rule if question.rule is None else check_rule(question.rule)
    languages = tuple(code for code in first.study.languages if code in second.study.languages)
    if not languages:
        raise ConfigError(f"{studies[0].name} and {studies[1].name} share no language.")
    axes = _axes(question, first.study, languages)
    answers = read_sides((first, second), rule, languages, threads=question.sampling.threads)
    joined = _join(first.study, answers, languages)
    places = [languages.index(code) for code in axes.sources]
    compared = {
        task.name: compare_models(task, metrics, sources=places, sampling=question.sampling)
        for task, _ in joined
    }
    return CompareView(
        names=_names(studies, answers),
        rule=rule,
        question=question,
        models=(answers[0].model, answers[1].model),
        tasks=tuple(
            _shown(about, axes) for _, about in joined if about.task.name in axes.shown.tasks
        ),
        left_out=tuple(_left_out(studies)),
        families=tuple(
            build_family(
                metric,
                {task: by_metric[metric] for task, by_metric in compared.items()},
                axes,
                adjustment=question.adjustment,
                replicates=question.sampling.replicates,
            )
            for metric in metrics
        ),
    )


def _axes(question: Question, study: Study, languages: tuple[str, ...]) -> Axes:
    if any(condition.startswith("model=") for condition in question.where):
        raise ConfigError("--where model= chooses nothing here: the two models are named already.")
    shown = parse_where(question.where, study, models=["both"])
    chosen = any(condition.startswith("source=") for condition in question.where)
    wanted = shown.sources if chosen else (study.pivot,)
    return Axes(languages, tuple(code for code in languages if code in wanted), shown)


def _shown(task: ComparedTask, axes: Axes) -> ComparedTask:
    """Return a task without the flips of languages that were not asked for."""
    flips = (each for each in task.flips if axes.shows(task.task.name, each.language, None))
    return task._replace(flips=tuple(flips))


def _join(
    study: Study, answers: Sequence[SideAnswers], languages: Sequence[str]
) -> list[tuple[PairedTask, ComparedTask]]:
    first, second = answers
    found = [
        joined
        for task in study.tasks
        if task.name in second.tasks
        if (joined := join_task(task, first.tasks[task.name], second.tasks[task.name], languages))
    ]
    if not found:
        raise ConfigError(f"{first.model} and {second.model} were asked no item in common.")
    return found


def _names(studies: tuple[Study, Study], answers: Sequence[SideAnswers]) -> tuple[str, str]:
    first, second = answers
    if studies[0].name == studies[1].name:
        return first.model, second.model
    return f"{studies[0].name}/{first.model}", f"{studies[1].name}/{second.model}"


def _left_out(studies: tuple[Study, Study]) -> list[str]:
    """Say what only one of two studies has."""
    sentences = []
    for one, other in (studies, studies[::-1]):
        for kind, names, others in (
            ("language", one.languages, other.languages),
            ("task", [task.name for task in one.tasks], [task.name for task in other.tasks]),
        ):
            alone = [name for name in names if name not in others]
            if alone:
                plural = "s" * (len(alone) > 1)
                sentences.append(f"Only {one.name} has the {kind}{plural} {', '.join(alone)}.")
    return sentences
