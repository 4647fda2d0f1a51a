"""The long tables: one row for each number, as ``scores/`` keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clika.metrics.intervals.uncertainty import no_interval
from clika.schema import Coded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from clika.metrics.measure import Bools, Floats, Interval, Ints, Reasons
    from clika.metrics.scorecard import Score, Scorecard
    from clika.report.scored import Scored

__all__ = ["consistency_columns", "performance_columns"]

_NO_CI = "not asked for: score with --ci"

Columns = dict[str, "NDArray[np.generic] | Coded"]


class _Places(NamedTuple):
    """Where the rows of one block stand in the arrays of a scorecard, and what they share.

    Attributes
    ----------
    in_values
        Indices into the values: model; model and language; or model, source and target.
    in_counts
        Indices into the counts of pairs: those of a cell lie on the diagonal, and those of a model
        are the diagonals of all its languages.
    """

    in_values: tuple[Ints, ...]
    in_counts: tuple[Ints, ...]

    @property
    def length(self) -> int:
        """How many rows the block has."""
        return len(self.in_values[0])

    def language(self, axis: int) -> Ints:
        """Return the language of each row along an axis of the values, -1 where there is none."""
        if axis < len(self.in_values):
            return self.in_values[axis]
        return np.full(self.length, -1, np.int64)


class _Block(NamedTuple):
    """The rows of one metric of one task by one rule."""

    rule: str
    task: str
    entry: Score
    card: Scorecard
    places: _Places


def performance_columns(scored: Scored) -> Columns:
    """Return the columns of ``performance.parquet``: one row for each PF number of each cell.

    Parameters
    ----------
    scored
        The scores; a cell passes the selection by its language as ``source``.

    Returns
    -------
    dict
        Columns of :data:`clika.schema.SCORE_COLUMNS` in the order rule, task, metric, model,
        language; those that are NULL in every row are left out. A cell that was never asked is
        missing: it has no row.
    """
    models = _chosen(scored.models, scored.selection.models)
    languages = _chosen(scored.study.languages, scored.selection.sources)

    def places(card: Scorecard) -> _Places:
        asked = np.diagonal(card.counts.n, axis1=1, axis2=2) > 0
        model, language = np.nonzero(models[:, None] & languages & asked)
        return _Places((model, language), (model, language, language))

    blocks = [
        _Block(rule, task, entry, card, where)
        for rule, task, card in _selected(scored)
        for where in [places(card)]
        for entry in card.cells
    ]
    return _columns(scored, blocks)


def consistency_columns(scored: Scored) -> Columns:
    """Return the columns of ``consistency.parquet``: one row for each CT number of each pair.

    As :func:`performance_columns`, with the target language after the source. The metrics of all
    languages together come after those of pairs, one row for each model without a language; a
    selection of languages leaves them out, since they are no part of what is asked for.
    """
    models = _chosen(scored.models, scored.selection.models)
    sources = _chosen(scored.study.languages, scored.selection.sources)
    targets = _chosen(scored.study.languages, scored.selection.targets)
    wanted = models[:, None, None] & sources[:, None] & targets

    def places(card: Scorecard) -> _Places:
        found = np.nonzero(wanted & (card.counts.n > 0))
        return _Places(found, found)

    def together(card: Scorecard) -> _Places:
        (model,) = np.nonzero(models & wanted.all(axis=(1, 2)) & card.counts.n.any(axis=(1, 2)))
        every = np.arange(len(sources))
        return _Places((model,), (model[:, None], every, every))

    blocks = [
        _Block(rule, task, entry, card, where)
        for rule, task, card in _selected(scored)
        for where, entries in [(places(card), card.pairs), (together(card), card.overall)]
        for entry in entries
    ]
    columns = _columns(scored, blocks)
    columns["target_language"] = Coded(
        _joined([block.places.language(2) for block in blocks]), scored.study.languages
    )
    columns["n_invalid_target"] = _joined(
        [_invalid(block, block.card.counts.letters_target) for block in blocks]
    )
    return columns


def _selected(scored: Scored) -> Iterator[tuple[str, str, Scorecard]]:
    for rule in scored.rules:
        for task in scored.study.tasks:
            if task.name in scored.selection.tasks:
                yield rule, task.name, scored.cards[rule, task.name]


def _chosen(known: Sequence[str], wanted: Sequence[str]) -> Bools:
    return np.array([name in wanted for name in known], dtype=np.bool_)


def _columns(scored: Scored, blocks: Sequence[_Block]) -> Columns:
    lengths = [block.places.length for block in blocks]

    def constant(texts: Sequence[str | None]) -> Coded:
        known = tuple(dict.fromkeys(text for text in texts if text is not None))
        codes = [-1 if text is None else known.index(text) for text in texts]
        return Coded(np.repeat(np.array(codes, np.int64), lengths), known)

    flags, reasons = _Texts(), _Texts()
    return {
        "study": constant([scored.study.name for _ in blocks]),
        "rule": constant([block.rule for block in blocks]),
        "metric": constant([block.entry.metric for block in blocks]),
        "variant": constant([block.entry.variant for block in blocks]),
        "task": constant([block.task for block in blocks]),
        "model": Coded(_joined([block.places.in_values[0] for block in blocks]), scored.models),
        "source_language": Coded(
            _joined([block.places.language(1) for block in blocks]), scored.study.languages
        ),
        "value": _joined_values(
            [block.entry.measure.value[block.places.in_values] for block in blocks]
        ),
        **_interval_columns(blocks),
        "n": _joined([block.entry.n[block.places.in_values] for block in blocks]),
        "n_invalid_source": _joined(
            [_invalid(block, block.card.counts.letters_source) for block in blocks]
        ),
        "flags": flags.column([_flags(block, flags) for block in blocks]),
        "reason": reasons.column([_reasons(block, reasons) for block in blocks]),
    }


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([np.empty(0, np.int64), *parts])


def _joined_values(parts: Sequence[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *parts])


def _invalid(block: _Block, letters: Ints) -> Ints:
    asked = block.card.counts.n[block.places.in_counts]
    invalid = asked - letters[block.places.in_counts].sum(axis=-1)
    every: Ints = invalid.sum(axis=tuple(range(1, invalid.ndim)))
    return every


class _Texts:
    """The distinct texts of a column, in the order in which they are first met."""

    def __init__(self) -> None:
        self._code: dict[str, int] = {}

    def code(self, text: str) -> int:
        return self._code.setdefault(text, len(self._code))

    def column(self, parts: Sequence[Ints]) -> Coded:
        return Coded(_joined(parts), tuple(self._code))


def _flags(block: _Block, texts: _Texts) -> Ints:
    names = list(block.entry.flags)
    held = np.zeros(block.places.length, np.int64)
    for bit, name in enumerate(names):
        held |= block.entry.flags[name][block.places.in_values].astype(np.int64) << bit
    met, where = np.unique(held, return_inverse=True)
    codes = [
        texts.code(",".join(name for bit, name in enumerate(names) if combination >> bit & 1))
        for combination in met.tolist()
    ]
    joined: Ints = np.array(codes, np.int64)[where]
    return joined


def _reasons(block: _Block, texts: _Texts) -> Ints:
    return _codes(block.entry.measure.reason[block.places.in_values], texts)


def _interval_columns(blocks: Sequence[_Block]) -> Columns:
    reasons = _Texts()
    if all(block.entry.measure.interval is None for block in blocks):
        everywhere = np.full(sum(block.places.length for block in blocks), reasons.code(_NO_CI))
        return {"interval_reason": reasons.column([everywhere])}
    intervals = [_interval(block) for block in blocks]
    return {
        "low": _joined_values([interval.low for interval in intervals]),
        "high": _joined_values([interval.high for interval in intervals]),
        "interval_reason": reasons.column(
            [_codes(interval.reason, reasons) for interval in intervals]
        ),
    }


def _interval(block: _Block) -> Interval:
    """Return the intervals of a block's rows."""
    measure = block.entry.measure
    found = no_interval(measure, _NO_CI) if measure.interval is None else measure.interval
    return found.at(block.places.in_values)


def _codes(reasons: Reasons, texts: _Texts) -> Ints:
    """Return the codes of reasons, -1 for ``None``."""
    codes = np.full(len(reasons), -1, np.int64)
    given = np.flatnonzero(reasons)
    codes[given] = [texts.code(reason) for reason in reasons[given].tolist()]
    return codes
