"""Show: one item in all its languages, or what a model knows in one language and not in another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from clika.answers import check_rule
from clika.errors import ConfigError, PrerequisiteError, UnknownNameError
from clika.report.paper import row_order
from clika.store import view_queries
from clika.store.connection import meta, open_database
from clika.store.scores import present_models
from clika.where import known_language, known_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clika.store.connection import Connection
    from clika.store.view_queries import ItemAnswer, ItemFacts, ItemText, LostItem, PairCounts
    from clika.study import Study, Task

__all__ = [
    "Choice",
    "ItemView",
    "LostView",
    "chosen_models",
    "chosen_rule",
    "command_for_texts",
    "show_item",
    "show_lost",
]

# As many digits as every BIGINT has room for.
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Choice:
    """Which part of a study to show; names may be spelled in any of the accepted ways.

    Attributes
    ----------
    task
        ``None`` where the item says it.
    models
        Empty for every model with answers.
    languages
        Empty for every language of the study.
    rule
        ``None`` for the study's headline rule.
    """

    task: str | None = None
    models: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    rule: str | None = None


class ItemView(NamedTuple):
    """One item in all its languages, and how models answered it.

    Attributes
    ----------
    study
        Name of the study.
    task
        The item's task.
    facts
        The item without its text.
    uuid
        The source's own id; ``None`` where it has none.
    rule
        Extraction rule that the answers were read by.
    models, languages
        What is shown, in the order of the tables.
    texts
        Text by language; empty where the study came without texts.
    answers
        Answer by (model, language); missing where it was not asked.
    """

    study: str
    task: Task
    facts: ItemFacts
    uuid: str | None
    rule: str
    models: tuple[str, ...]
    languages: tuple[str, ...]
    texts: Mapping[str, ItemText]
    answers: Mapping[tuple[str, str], ItemAnswer]


class LostView(NamedTuple):
    """What a model has right in one language and wrong in another.

    Attributes
    ----------
    study, model, rule
        Whose answers, and the rule that they were read by.
    task
        The task.
    right, wrong
        The two languages.
    counts
        How many items were asked in both, are right, and are lost.
    items
        The lost ones, in the order of their ids.
    """

    study: str
    model: str
    task: Task
    rule: str
    right: str
    wrong: str
    counts: PairCounts
    items: tuple[LostItem, ...]


def show_item(study: Study, item: str, choice: Choice | None = None, *, database: Path) -> ItemView:
    """Return one item in all its languages, with each model's answer.

    Parameters
    ----------
    study
        The study.
    item
        ``TASK:ID``, ``ID`` with a task chosen, or the source's own id.
    choice
        Which part to show; ``None`` for all.
    database
        The study's database; only read.

    Raises
    ------
    PrerequisiteError
        There is no database, or it was made from answer codes alone; names the ``fetch`` it needs.
    UnknownNameError
        The item, task, a model, a language or the rule is not known; the nearest are suggested.
    ConfigError
        Items of several tasks are meant, or a model of the study has no answers.
    """
    choice = choice or Choice()
    connection = open_database(database, command=command_for_texts(study))
    try:
        if meta(connection).get("origin") == "codes":
            raise PrerequisiteError(
                f"{database} was made from answer codes, which hold no question and no response.",
                command=command_for_texts(study),
            )
        rule = chosen_rule(connection, study, choice)
        models = chosen_models(connection, study, choice)
        languages = _languages(study, choice)
        facts = _find_item(connection, study, item, choice.task)
        answers = view_queries.item_answers(connection, facts.task, facts.item, rule=rule)
        return ItemView(
            study=study.name,
            task=study.task(facts.task),
            facts=facts,
            uuid=view_queries.uuid_of_item(connection, facts.task, facts.item),
            rule=rule,
            models=models,
            languages=languages,
            texts=view_queries.item_texts(connection, facts.task, facts.item),
            answers={(answer.model, answer.language): answer for answer in answers},
        )
    finally:
        connection.close()


def show_lost(study: Study, choice: Choice, *, right: str, wrong: str, database: Path) -> LostView:
    """Return the items that a model has right in one language and wrong in another.

    Parameters
    ----------
    study
        The study.
    choice
        With exactly one model, and the task.
    right, wrong
        The two languages.
    database
        The study's database; only read.

    Raises
    ------
    PrerequisiteError
        There is no database, or it was made from answer codes alone: the sentence says how many
        items are lost, and names the ``fetch`` that their texts need.
    UnknownNameError
        The task, the model, a language or the rule is not known; the nearest are suggested.
    ConfigError
        Not exactly one model and a task are chosen, or both languages are the same.
    """
    if len(choice.models) != 1 or choice.task is None or choice.languages:
        raise ConfigError("Choose one model and a task (--model, --task) and no --language for it.")
    task = study.task(choice.task)
    pair = known_language(right, study), known_language(wrong, study)
    if pair[0] == pair[1]:
        raise ConfigError(f"Nothing can be right and wrong in the same language, {pair[0]}.")
    connection = open_database(database, command=command_for_texts(study))
    try:
        rule = chosen_rule(connection, study, choice)
        (model,) = chosen_models(connection, study, choice)
        cells = {"model": model, "task": task.name, "rule": rule}
        cells |= {"right": pair[0], "wrong": pair[1]}
        counts = view_queries.pair_counts(connection, cells)
        if not counts.n:
            raise ConfigError(
                f"{model} was not asked the same items of {task.name} in {pair[0]} and {pair[1]}."
            )
        if meta(connection).get("origin") == "codes":
            raise PrerequisiteError(
                f"{counts.n_lost} of {counts.n} items of {task.name} are right in {pair[0]} and "
                f"wrong in {pair[1]} for {model}, by answer codes alone: {database} was made from "
                "them, and they hold no question and no response.",
                command=command_for_texts(study),
            )
        items = tuple(view_queries.lost_items(connection, cells))
        return LostView(study.name, model, task, rule, *pair, counts, items)
    finally:
        connection.close()


def command_for_texts(study: Study) -> str:
    """Return the command that brings a study's texts into its database."""
    if study.kind != "released":
        return f"clika load {study.name}"
    return f"clika fetch released && clika reproduce {study.name}"


def chosen_rule(connection: Connection, study: Study, choice: Choice) -> str:
    """Return the rule that is chosen.

    Raises
    ------
    UnknownNameError
        The answers were not read by it.
    """
    rule = study.rule if choice.rule is None else check_rule(choice.rule)
    applied = view_queries.rules(connection)
    if rule not in applied:
        raise UnknownNameError(f"rule of study {study.name}", rule, applied)
    return rule


def chosen_models(connection: Connection, study: Study, choice: Choice) -> tuple[str, ...]:
    """Return the models that are chosen, in the order of the tables.

    Raises
    ------
    UnknownNameError
        A name is not known; the nearest are suggested.
    ConfigError
        A model of the study has no answers.
    """
    there = row_order(present_models(connection))
    if not choice.models:
        return there
    chosen = {known_model(name, row_order({*there, *study.models})) for name in choice.models}
    absent = [model for model in row_order(chosen) if model not in there]
    if absent:
        raise ConfigError(
            f"There are no answers of {', '.join(absent)}: `clika status {study.name}` lists "
            "what is there."
        )
    return row_order(chosen)


def _languages(study: Study, choice: Choice) -> tuple[str, ...]:
    chosen = {known_language(name, study) for name in choice.languages} or set(study.languages)
    return tuple(code for code in study.languages if code in chosen)


def _find_item(connection: Connection, study: Study, name: str, task: str | None) -> ItemFacts:
    known = {(facts.task, facts.item): facts for facts in view_queries.items(connection)}
    named, colon, rest = name.partition(":")
    if colon and (named in {each.name for each in study.tasks} or task is None):
        if task not in (None, named):
            raise ConfigError(f"{name!r} names another task than --task {task}.")
        task, wanted = study.task(named).name, rest
    else:
        wanted = name
    tasks = [study.task(task).name] if task is not None else [each.name for each in study.tasks]
    # An item's number goes before the source's id: in the release some of those are numbers too.
    number = int(wanted) if _NUMBER.fullmatch(wanted) else None
    found = [key for key in ((each, number) for each in tasks) if key in known]
    found = found or [
        key for key in view_queries.items_of_uuid(connection, wanted) if key[0] in tasks
    ]
    if not found:
        subject = "item" if task is None else f"item of {task}"
        raise UnknownNameError(subject, wanted if task else name, _names(known, tasks, task))
    if len(found) > 1:
        choices = ", ".join(f"{each}:{item}" for each, item in found)
        raise ConfigError(f"{name!r} may be any of {choices}: name one of them.")
    return known[found[0]]


def _names(
    known: Mapping[tuple[str, int], object], tasks: Sequence[str], task: str | None
) -> list[str]:
    return [
        str(item) if task is not None else f"{of_task}:{item}"
        for of_task, item in known
        if of_task in tasks
    ]
