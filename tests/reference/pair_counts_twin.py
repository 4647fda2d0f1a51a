"""Slow twin of the pair counts: one loop over items for every pair of languages."""

from __future__ import annotations

INVALID, NOT_ASKED = -1, -2

MATRICES = (
    *("n", "both_right", "right_source", "right_target", "agree", "agree_wrong", "wrong_both"),
    "valid_both",
)
CUBES = (
    *("gold_n", "gold_right_source", "gold_right_target", "letters_source", "letters_target"),
    *("letters_source_valid", "letters_target_valid"),
)

Matrix = list[list[int]]
Cube = list[list[list[int]]]


def pair_counts(
    codes: list[list[int]], gold: list[int], n_languages: int, n_options: int
) -> dict[str, Matrix | Cube]:
    """Count, for every ordered pair of languages, over the items asked in both."""
    languages = range(n_languages)
    matrices = {name: [[0] * n_languages for _ in languages] for name in MATRICES}
    cubes = {name: [[[0] * n_options for _ in languages] for _ in languages] for name in CUBES}
    for source in languages:
        for target in languages:
            for row, right in zip(codes, gold, strict=True):
                a, b = row[source], row[target]
                if NOT_ASKED in (a, b):
                    continue
                counted = {
                    "n": True,
                    "both_right": a == right and b == right,
                    "right_source": a == right,
                    "right_target": b == right,
                    "agree": a == b != INVALID,
                    "agree_wrong": a == b != INVALID and a != right,
                    "wrong_both": right not in (a, b),
                    "valid_both": INVALID not in (a, b),
                }
                for name, holds in counted.items():
                    matrices[name][source][target] += holds
                cubes["gold_n"][source][target][right] += 1
                cubes["gold_right_source"][source][target][right] += a == right
                cubes["gold_right_target"][source][target][right] += b == right
                for side, code in (("source", a), ("target", b)):
                    if code != INVALID:
                        cubes[f"letters_{side}"][source][target][code] += 1
                    if INVALID not in (a, b):
                        cubes[f"letters_{side}_valid"][source][target][code] += 1
    return {**matrices, **cubes}
