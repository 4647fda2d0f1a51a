"""The functions for a notebook: answers in any table, numbers with their intervals out."""

from __future__ import annotations

from clika.api.alignment import Alignment
from clika.api.functions import consistency, performance
from clika.api.values import CellValues, OverallValues, PairValues, Value

__all__ = [
    "Alignment",
    "CellValues",
    "OverallValues",
    "PairValues",
    "Value",
    "consistency",
    "performance",
]
