"""What is stored: tables, columns, metric ids, flags.

One list each; SQL and docs are checked against it. Every value of a metric is a share, never a
percentage. An undefined value is NULL with a reason; NaN is never stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "COMPARISON_COLUMNS",
    "CONDUCTIVITY_FILE",
    "CONDUCTIVITY_METRICS",
    "DATABASE_TABLES",
    "FLAGS",
    "INVALID",
    "METRICS",
    "NOT_ASKED",
    "QUESTION_SETS",
    "SCHEMA_VERSION",
    "SCORE_COLUMNS",
    "SCORE_FILES",
    "Coded",
    "Column",
    "letters",
]

#: Raised whenever a stored table changes; files of another version are refused and derived again.
SCHEMA_VERSION = 1

#: Code of an answer from which no option was read: asked, never right, never agrees with another.
INVALID = -1

#: Code of an item that was not asked; such rows are absent from the store, never INVALID.
NOT_ASKED = -2


class Column(NamedTuple):
    """One column: its name, DuckDB type, whether NULL is allowed, and what it means."""

    name: str
    type: str
    nullable: bool
    meaning: str


class Coded(NamedTuple):
    """A text column on its way to the store, as codes into its distinct texts.

    Attributes
    ----------
    codes
        int64 ``(n_rows,)``: 0-based place in ``texts``; -1 = NULL.
    texts
        The distinct texts.
    """

    codes: NDArray[np.int64]
    texts: tuple[str, ...]


def _required(name: str, type_: str, meaning: str) -> Column:
    return Column(name, type_, nullable=False, meaning=meaning)


def _optional(name: str, type_: str, meaning: str) -> Column:
    return Column(name, type_, nullable=True, meaning=meaning)


_MODEL = _required("model", "VARCHAR", "model, as the registry spells it")
_TASK = _required("task", "VARCHAR", "task, as the study names it")
_LANGUAGE = _required("language", "VARCHAR", "language code")
_ITEM = _required("item", "BIGINT", "item id: the same question in every language")
_GOLD = _required("gold", "TINYINT", "right option, 0-based; the same in every language")
_SOURCE_SHA256 = _required("source_sha256", "VARCHAR", "SHA-256 of the source file, hexadecimal")

#: The tables of ``clika.duckdb``, in the order of their creation.
DATABASE_TABLES: dict[str, tuple[Column, ...]] = {
    "meta": (
        _required("key", "VARCHAR", "schema_version, content_key, origin, study"),
        _required("value", "VARCHAR", "its value"),
    ),
    "items": (
        _TASK,
        _ITEM,
        _required("k", "TINYINT", "number of options"),
        _GOLD,
        _required("cluster", "INTEGER", "items of one cluster (a person, a premise) share a code"),
        _optional("stratum", "VARCHAR", "language that the item's entity comes from"),
    ),
    "item_texts": (
        _TASK,
        _LANGUAGE,
        _ITEM,
        _required("question", "VARCHAR", "the question as asked in the language"),
        _required("options", "VARCHAR[]", "the options' texts, in the order of the letters"),
    ),
    "responses": (
        _MODEL,
        _TASK,
        _LANGUAGE,
        _ITEM,
        _optional("uuid", "VARCHAR", "the source's own id of the item"),
        _required("response", "VARCHAR", "what the model answered, unaltered"),
        _GOLD,
        _optional("prompt_hash", "VARCHAR", "first 128 bits of the SHA-256 of the prompt"),
        _required("source_file", "VARCHAR", "file that the row was read from"),
        _SOURCE_SHA256,
    ),
    "answers": (
        _MODEL,
        _TASK,
        _LANGUAGE,
        _ITEM,
        _GOLD,
        _required("rule", "VARCHAR", "extraction rule"),
        _required("code", "TINYINT", "option read, 0-based; -1 = INVALID"),
        _required("fired", "VARCHAR", "which part of the rule decided"),
        _SOURCE_SHA256,
    ),
    "option_scores": (
        _MODEL,
        _TASK,
        _LANGUAGE,
        _ITEM,
        _required("scores", "DOUBLE[]", "log-score of each option of the item"),
        _required("ranks", "UTINYINT[]", "rank of each option, 1 = the highest score"),
    ),
    "outcomes": (
        _TASK,
        _MODEL,
        _required("seed", "INTEGER", "training seed"),
        _required("source_language", "VARCHAR", "language in which all facts were taught"),
        _required("target_language", "VARCHAR", "language in which half of them were"),
        _required("question_set", "VARCHAR", "what was asked: one of the question sets"),
        _required("item", "BIGINT", "place or person; of a continent's name, the continent"),
        _required("cluster", "INTEGER", "the right continent"),
        _optional("answered", "INTEGER", "continent that the answer names; -1: none or several"),
        _required("is_right", "BOOLEAN", "whether the answer is right"),
        _required("is_identical", "BOOLEAN", "whether the continent's name is the same in both"),
        _required("is_ambiguous", "BOOLEAN", "whether places on two continents share the name"),
        _optional("response", "VARCHAR", "what the model answered, unaltered"),
    ),
}

#: What is asked for conductivity: the names of places, people and continents from source to target,
#: and facts of type 0 (taught in both languages) and 1 (in the source alone), asked in either.
QUESTION_SETS: tuple[str, ...] = (
    "place",
    "continent",
    "source-0",
    "source-1",
    "target-0",
    "target-1",
)

#: The columns of every file under ``scores/``.
SCORE_COLUMNS: tuple[Column, ...] = (
    _required("study", "VARCHAR", "study"),
    _required("rule", "VARCHAR", "extraction rule that the answers were read by"),
    _required("metric", "VARCHAR", "metric id"),
    _optional("variant", "VARCHAR", "variant of the metric; NULL where it has none"),
    _TASK,
    _MODEL,
    _optional("source_language", "VARCHAR", "language; of a pair, its first (row); NULL: all"),
    _optional("target_language", "VARCHAR", "of a pair, its second (column); else NULL"),
    _optional("value", "DOUBLE", "the number; NULL where it is undefined"),
    _optional("low", "DOUBLE", "lower end of the 95 % interval; NULL where there is none"),
    _optional("high", "DOUBLE", "upper end of the 95 % interval; NULL where there is none"),
    _optional("interval_reason", "VARCHAR", "why there is no interval"),
    _required("n", "BIGINT", "items that the number rests on: its denominator"),
    _optional("n_invalid_source", "BIGINT", "INVALID in the source or in all, of what was asked"),
    _optional("n_invalid_target", "BIGINT", "INVALID in the target, of the items asked in both"),
    _required("flags", "VARCHAR", "flags, comma-separated; empty for none"),
    _optional("reason", "VARCHAR", "why the value is NULL"),
)

#: The columns of a comparison of two models, as ``clika compare --write`` writes them.
COMPARISON_COLUMNS: tuple[Column, ...] = (
    _required("first_model", "VARCHAR", "first model, A; with its study where the two differ"),
    _required("second_model", "VARCHAR", "second model, B"),
    _required("rule", "VARCHAR", "extraction rule that the answers were read by"),
    _required("metric", "VARCHAR", "metric id"),
    _optional("variant", "VARCHAR", "variant of the metric; NULL where it has none"),
    _TASK,
    _required("source_language", "VARCHAR", "language; of a pair, its first (row)"),
    _optional("target_language", "VARCHAR", "of a pair, its second (column); else NULL"),
    _optional("first", "DOUBLE", "the first model's value; NULL where it is undefined"),
    _optional("second", "DOUBLE", "the second model's value; NULL where it is undefined"),
    _optional("difference", "DOUBLE", "second minus first"),
    _optional("low", "DOUBLE", "lower end of the 95 % interval of the difference"),
    _optional("high", "DOUBLE", "upper end of the 95 % interval of the difference"),
    _optional("only_first", "BIGINT", "items that count for the first model alone"),
    _optional("only_second", "BIGINT", "items that count for the second model alone"),
    _optional("p", "DOUBLE", "two-sided p-value; NULL where the metric has no test"),
    _optional("p_adjusted", "DOUBLE", "p-value adjusted over the family"),
    _optional("method", "VARCHAR", "how p was found: mcnemar or swaps; NULL: no test"),
    _required("adjustment", "VARCHAR", "how p was adjusted: max-t or holm"),
    _required("n_tests", "BIGINT", "tests of the family: the metric in all languages and tasks"),
    _required("n_first", "BIGINT", "items that the first value rests on: its denominator"),
    _required("n_second", "BIGINT", "items that the second value rests on"),
    _required("flags_first", "VARCHAR", "flags of the first value, comma-separated"),
    _required("flags_second", "VARCHAR", "flags of the second value, comma-separated"),
    _optional("reason", "VARCHAR", "why a value, the difference or its interval is NULL"),
    _optional("verdict", "VARCHAR", "lost, gained, undecided, flagged; NULL: no test"),
    _required("replicates", "BIGINT", "bootstrap replicates, and random swaps"),
    _required("seed", "UBIGINT", "seed of all of them"),
)

#: The columns of a file of sums, one row for each sum; its metadata says how they make arrays.
SUMS_COLUMNS: tuple[Column, ...] = (
    _required("rule", "VARCHAR", "extraction rule; empty for a matrix that is no study's"),
    _required("task", "VARCHAR", "task; empty likewise"),
    _required("quantity", "VARCHAR", "what is counted"),
    _required("sums", "BIGINT", "how many items of the share: one element of the quantity's array"),
)

#: The files under ``scores/``; each is seen as a view of that name when a database is opened.
SCORE_FILES: tuple[str, ...] = ("performance", "consistency")

#: A file beside them, for a study with outcomes of conductivity.
CONDUCTIVITY_FILE = "conductivity"

_STRATA = ("non-identical", "identical", "all", "with-ambiguous")
#: Metric ids of conductivity with their variants: of shares and ratios these are strata of items.
CONDUCTIVITY_METRICS: dict[str, tuple[str, ...]] = {
    "gate": ("translate", "source-0", "source-1", "target-0", "continents"),
    "seeds": (),
    "a_s1": _STRATA,
    "a_t1": _STRATA,
    "xrr": _STRATA,
    "xrr_sd": _STRATA,
    "xrr_raw": _STRATA,
    "xrr_output": _STRATA,
    "xrr_c": _STRATA,
    "xrr_c_sd": _STRATA,
    "xrr_c_clustered": _STRATA,
}

#: Metric ids with their variants; a metric without variants has the empty tuple.
METRICS: dict[str, tuple[str, ...]] = {
    "acc": (),
    "ra": (),
    "bias": (),
    "acc_origin": ("own", "other", "advantage"),
    "acc_without_origin": ("least", "most"),
    "co": ("union", "source", "min"),
    "co_star": ("gold-letter", "marginal"),
    "co_star_max": ("gold-letter", "marginal"),
    "log_or": (),
    "ag": (),
    "ag_wrong": (),
    "kappa": (),
    "kappa_valid": (),
    "co_origin": ("own", "other"),
    "excess": (),
    "excess_models": (),
    "rankc": ("softmax", "norm1", "norm2"),
    "rankc_star": ("softmax", "norm1", "norm2"),
    "capa": (),
    "alpha": (),
    "cochran_q": (),
    "cochran_q_p": (),
    "right_in_all": (),
    "right_in_none": (),
}

#: Flags: a flagged number is shown and carries no verdict.
FLAGS: dict[str, str] = {
    "not-above-chance": "accuracy is not above what the answers' and golds' letters give by chance",
    "position-bound": "too few items leave the most frequent letters: n (1 - m_l)(1 - m_h) < 5",
    "gate-partly": "some training seeds missed the gate: the number is of the others",
    "borderline": "the Wilson interval of a figure of the gate contains .90",
    "few": "too few right or wrong items in both languages: n min(p, 1-p) min(q, 1-q) < 1",
}


def letters(count: int) -> tuple[str, ...]:
    """Return the letters of the first ``count`` options: A, B, C, ...

    Examples
    --------
    >>> letters(3)
    ('A', 'B', 'C')
    """
    return tuple(chr(ord("A") + index) for index in range(count))
