"""Count one share of a study's items, for ``clika merge`` to add up."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from clika.metrics.task_sums import count_share
from clika.registry import families
from clika.shares import Block, Share, ShareHeader, parse_share, places_of_share
from clika.steps.score import score_key
from clika.steps.score_cards import answered_models, task_answers
from clika.store.connection import meta, open_database
from clika.store.scores import read_answers, read_items
from clika.store.sums import write_sums

if TYPE_CHECKING:
    from pathlib import Path

    from clika.shares import Quantities
    from clika.store.connection import Connection
    from clika.store.scores import TaskItems
    from clika.study import Study

__all__ = ["SHARES", "ShareReport", "score_share", "study_header"]

#: The folder of the shares, in that of the scores.
SHARES = "shards"


class ShareReport(NamedTuple):
    """What was counted.

    Attributes
    ----------
    path
        The file of the share.
    models
        Models with answers.
    items
        How many items of each task the share has.
    """

    path: Path
    models: tuple[str, ...]
    items: dict[str, int]


def score_share(
    study: Study, *, database: Path, scores: Path, shard: str, threads: int | None = None
) -> ShareReport:
    """Count one share of the items of every task, for all models, by all rules of a study.

    Parameters
    ----------
    study
        Its tasks, languages and rules.
    database
        The database that ``clika load`` built; only read, and of the answers only those to the
        items of the share.
    scores
        Folder of the scores; the share becomes a file in ``shards/`` below it.
    shard
        Which share, ``i/n``: 1 <= i <= n.
    threads
        ``None`` = as many as the process may run on. No number depends on it.

    Returns
    -------
    ShareReport

    Raises
    ------
    ConfigError
        ``shard`` names no share.
    PrerequisiteError
        There is no database, or no answer in it.
    StaleStoreError
        It is of another schema version.
    FileSystemError
        The disk is full or the folder is read-only.
    """
    share = parse_share(shard)
    load = f"clika load {study.name}"
    with closing(open_database(database, command=load, threads=threads)) as connection:
        models = answered_models(connection, database, command=load)
        header = study_header(study, connection, models=models, share=share)
        blocks = [
            _count(study, connection, block, share=share, models=models, threads=threads)
            for block in header.blocks
        ]
        path = scores / SHARES / share.file_name
        write_sums(connection, path, header, blocks)
    of_rule = [block for block in header.blocks if block.rule == study.rules[0]]
    return ShareReport(path, models, {block.task: block.end - block.first for block in of_rule})


def study_header(
    study: Study, connection: Connection, *, models: tuple[str, ...], share: Share
) -> ShareHeader:
    """Return the header of a share of a study, without what its file adds to it."""
    spans = {}
    for task in study.tasks:
        items = read_items(connection, task.name, languages=study.languages)
        _, span = places_of_share(items.clusters, share)
        origins = max(len(study.languages), int(items.strata.max(initial=-1)) + 1)
        spans[task.name] = (origins, span.start, span.stop)
    key = meta(connection).get("content_key", "")
    return ShareHeader(
        kind="study",
        name=study.name,
        inputs=score_key(study, key, study.rules, ()),
        share=share,
        models=models,
        languages=tuple(study.languages),
        blocks=tuple(
            Block(rule, task.name, task.options, *spans[task.name])
            for rule in study.rules
            for task in study.tasks
        ),
    )


def _count(
    study: Study,
    connection: Connection,
    block: Block,
    *,
    share: Share,
    models: tuple[str, ...],
    threads: int | None,
) -> Quantities:
    items = _items_of_share(study, connection, block.task, share)
    found = read_answers(
        connection,
        tasks=[block.task],
        rules=[block.rule],
        models=models,
        languages=study.languages,
        items={block.task: items},
    )[block.rule, block.task]
    # Counts are the same whatever RA refers to.
    answers = task_answers(study.task(block.task), found, families=families(models), reference=None)
    return count_share(answers, origins=block.origins, threads=threads)


def _items_of_share(study: Study, connection: Connection, task: str, share: Share) -> TaskItems:
    items = read_items(connection, task, languages=study.languages)
    return items.at(places_of_share(items.clusters, share)[0])
