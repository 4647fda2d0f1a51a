# The docstrings are those of the compiled module: see help(clika._native).

from collections.abc import Sequence
from typing import Final, Protocol, TypedDict, final, type_check_only

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EXTRACTION_RULES",
    "LOOKALIKE_LETTERS",
    "ArrowStreamExport",
    "ParsedResponses",
    "__version__",
    "agreement_counts",
    "bootstrap_intervals",
    "bootstrap_replicates",
    "build_info",
    "capa_sums",
    "extract_answer",
    "extract_answers",
    "jeffreys_intervals",
    "pair_counts",
    "parse_responses",
    "rankc_counts",
    "resample_weights",
    "stream_agreement_counts",
    "stream_pair_counts",
    "swap_statistics",
    "thread_count",
]

__version__: Final[str]
EXTRACTION_RULES: Final[tuple[str, ...]]
# A letter of another script -> the Latin letters it can stand for.
LOOKALIKE_LETTERS: Final[dict[str, str]]

@type_check_only
class ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@type_check_only
class BuildInfo(TypedDict):
    version: str
    profile: str
    architecture: str
    instructions: str
    instructions_available: list[str]
    threads: int

@type_check_only
class CapaSums(TypedDict):
    # Matrices: source language by target language.
    n: NDArray[np.int64]
    agreement: NDArray[np.float64]
    gold_source: NDArray[np.float64]
    gold_target: NDArray[np.float64]
    spread: NDArray[np.float64]

@type_check_only
class PairCounts(TypedDict):
    # Matrices: source language by target language.
    n: NDArray[np.int64]
    both_right: NDArray[np.int64]
    right_source: NDArray[np.int64]
    right_target: NDArray[np.int64]
    agree: NDArray[np.int64]
    agree_wrong: NDArray[np.int64]
    wrong_both: NDArray[np.int64]
    valid_both: NDArray[np.int64]
    # Cubes: source language by target language by option.
    gold_n: NDArray[np.int64]
    gold_right_source: NDArray[np.int64]
    gold_right_target: NDArray[np.int64]
    letters_source: NDArray[np.int64]
    letters_target: NDArray[np.int64]
    letters_source_valid: NDArray[np.int64]
    letters_target_valid: NDArray[np.int64]

@type_check_only
class BootstrapIntervals(TypedDict):
    # Metric by model by source language by target language.
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    outcome: NDArray[np.uint8]

@final
class ArrowStreamExport:
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class ParsedResponses:
    @property
    def sha256(self) -> list[str]: ...
    @property
    def rows(self) -> list[int]: ...
    @property
    def notes(self) -> list[list[str]]: ...
    @property
    def problems(self) -> list[tuple[int, int, str | None, str]]: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

def agreement_counts(
    codes: NDArray[np.int8], *, n_options: int, threads: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
def bootstrap_intervals(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    n_options: int,
    metrics: Sequence[str],
    clusters: NDArray[np.int32] | None = None,
    strata: NDArray[np.int32] | None = None,
    replicates: int = 10_000,
    seed: int = 20_240_404,
    purpose: int = 0,
    level: float = 0.95,
    threads: int | None = None,
) -> BootstrapIntervals: ...
def bootstrap_replicates(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    n_options: int,
    metrics: Sequence[str],
    source: int | None = None,
    clusters: NDArray[np.int32] | None = None,
    strata: NDArray[np.int32] | None = None,
    replicates: int = 10_000,
    seed: int = 20_240_404,
    purpose: int = 0,
    threads: int | None = None,
) -> NDArray[np.float64]: ...
def build_info() -> BuildInfo: ...
def capa_sums(
    probabilities: NDArray[np.float64],
    options: NDArray[np.uint8],
    gold: NDArray[np.int8],
    *,
    threads: int | None = None,
) -> CapaSums: ...
def extract_answer(
    response: str, n_options: int, options: Sequence[str] | None, rule: str
) -> tuple[int, str]: ...
def extract_answers(
    stream: ArrowStream, rule: str, *, threads: int | None = None
) -> ArrowStreamExport: ...
def jeffreys_intervals(
    tables: NDArray[np.int64],
    functions: Sequence[str],
    *,
    replicates: int,
    seed: int,
    level: float = 0.95,
    threads: int | None = None,
) -> NDArray[np.float64]: ...
def pair_counts(
    codes: NDArray[np.int8],
    gold: NDArray[np.int8],
    *,
    n_options: int,
    threads: int | None = None,
) -> PairCounts: ...
def parse_responses(
    files: Sequence[bytes],
    *,
    n_options: int,
    threads: int | None = None,
    max_line_bytes: int = 8388608,
) -> ParsedResponses: ...
def rankc_counts(
    ranks: NDArray[np.uint8], options: NDArray[np.uint8], *, threads: int | None = None
) -> dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]]: ...
def resample_weights(
    n_items: int,
    *,
    clusters: NDArray[np.int32] | None = None,
    strata: NDArray[np.int32] | None = None,
    replicates: int,
    seed: int,
    purpose: int,
    threads: int | None = None,
) -> NDArray[np.uint16]: ...
def swap_statistics(
    numerators: NDArray[np.int64],
    denominators: NDArray[np.int64],
    *,
    replicates: int,
    seed: int,
    purpose: int,
    threads: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def stream_agreement_counts(
    stream: ArrowStream, *, n_options: int, threads: int | None = None
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]: ...
def stream_pair_counts(
    stream: ArrowStream, *, gold: str, n_options: int, threads: int | None = None
) -> tuple[list[str], PairCounts]: ...
def thread_count(threads: int | None = None) -> int: ...
