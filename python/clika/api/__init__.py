"""The functions for a notebook: answers in any table, numbers with their intervals out."""

from __future__ import annotations

from clika.api.alignment import Alignment
from clika.api.functions import consistency, performance
from clika.api.partial_counts import MergedCounts, merge_counts, save_counts
from clika.api.values import CellValues, OverallValues, PairValues, Value

__all__ = [
    "Alignment",
    "CellValues",
    "MergedCounts",
    "OverallValues",
    "PairValues",
    "Value",
    "consistency",
    "merge_counts",
    "performance",
    "save_counts",
]
