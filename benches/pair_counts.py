"""Counts over all pairs, against the best NumPy form that we know.

The NumPy form writes one 0/1 column for each option and language and multiplies matrices: float32,
so that BLAS does it (exact, since no count passes 2**24).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from timing import Row, paired

from clika import _native

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["run"]

OPTIONS = 4
SIZES = ((10, 1_000), (17, 6_792), (53, 3_070), (460, 1_880))
INVALID_SHARE = 0.02


def _answers(respondents: int, items: int) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    generator = np.random.default_rng(20240404)
    codes = generator.integers(0, OPTIONS, (items, respondents), dtype=np.int8)
    codes[generator.random(codes.shape) < INVALID_SHARE] = -1
    return codes, generator.integers(0, OPTIONS, items, dtype=np.int8)


def _numpy_agreement(codes: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    valid = (codes >= 0).astype(np.float32)
    agree = np.zeros((codes.shape[1], codes.shape[1]), np.float32)
    for option in range(OPTIONS):
        chosen = (codes == option).astype(np.float32)
        agree += chosen.T @ chosen
    return agree.astype(np.int64), (valid.T @ valid).astype(np.int64)


def _numpy_counts(codes: NDArray[np.int8], gold: NDArray[np.int8]) -> dict[str, object]:
    """Count what `pair_counts` counts where every item is asked in every language."""
    right = (codes == gold[:, None]).astype(np.float32)
    valid = (codes >= 0).astype(np.float32)
    chosen = [(codes == option).astype(np.float32) for option in range(OPTIONS)]
    both_right = right.T @ right
    agree = sum(columns.T @ columns for columns in chosen)
    wrong = 1 - right
    of_gold = [right[gold == option].sum(axis=0) for option in range(OPTIONS)]
    return {
        "both_right": both_right,
        "agree": agree,
        "agree_wrong": agree - both_right,
        "wrong_both": wrong.T @ wrong,
        "valid_both": valid.T @ valid,
        "gold_right": np.stack(of_gold),
        "letters": np.stack([columns.sum(axis=0) for columns in chosen]),
        "letters_source_valid": np.stack([columns.T @ valid for columns in chosen]),
    }


def _check(codes: NDArray[np.int8], gold: NDArray[np.int8]) -> None:
    counted, peer = _native.pair_counts(codes, gold, n_options=OPTIONS), _numpy_counts(codes, gold)
    for name in ("both_right", "agree", "agree_wrong", "wrong_both", "valid_both"):
        assert np.array_equal(counted[name], peer[name]), name
    agree, valid = _native.agreement_counts(codes, n_options=OPTIONS)
    assert np.array_equal(agree, _numpy_agreement(codes)[0])
    assert np.array_equal(valid, _numpy_agreement(codes)[1])


def run() -> list[Row]:
    """Time both at four sizes, after checking that they count the same."""
    rows = []
    for respondents, items in SIZES:
        codes, gold = _answers(respondents, items)
        _check(codes, gold)
        size = f"{respondents} x {items:,}"
        rows += [
            paired(
                f"all counts of all pairs, {size}",
                partial(_native.pair_counts, codes, gold, n_options=OPTIONS),
                "NumPy, float32 matrix products",
                partial(_numpy_counts, codes, gold),
            ),
            paired(
                f"agreement of all pairs, {size}",
                partial(_native.agreement_counts, codes, n_options=OPTIONS),
                "NumPy, float32 matrix products",
                partial(_numpy_agreement, codes),
            ),
        ]
    return rows
