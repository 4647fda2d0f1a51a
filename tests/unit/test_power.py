"""The minimum detectable difference: METRICS' figures, a simulation, the docs' table."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clika.metrics.comparison.power import discordant_share, minimum_detectable_difference
from clika.metrics.counts import count_pairs

DOCS = Path(__file__).resolve().parents[2] / "docs/metrics.md"
Z = 1.9599639845400545 + 0.8416212335729143


def detectable(n: int, discordant: float) -> float:
    return float(minimum_detectable_difference(np.array(n), np.array(discordant)).value)


@pytest.mark.parametrize(("n", "points"), [(180, 9.3), (500, 5.6), (1000, 4.0)])
def test_the_stated_figures(n: int, points: float) -> None:
    assert round(100 * detectable(n, 0.2), 1) == points


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_it_is_the_formula_where_it_does_not_exceed_the_discordant_share(n: int, d: float) -> None:
    found = minimum_detectable_difference(np.array(n), np.array(d))
    wanted = Z * math.sqrt(d / n)
    if wanted > d * (1 + 1e-12):
        assert np.isnan(found.value)
        assert found.reason[()] == "more than the discordant items"
    elif wanted < d * (1 - 1e-12):
        assert found.value == pytest.approx(wanted, rel=1e-12)


def test_nothing_asked_is_undefined() -> None:
    found = minimum_detectable_difference(np.array([0]), np.array([0.2]))
    assert found.reason.tolist() == ["nothing was asked"]


def test_the_test_finds_it_about_as_often_as_promised() -> None:
    # 20,000 made-up comparisons; McNemar's z without correction; the power is an approximation.
    n, d = 1000, 0.2
    first = (d + detectable(n, d)) / 2
    counts = np.random.default_rng(7).multinomial(n, [first, d - first, 1 - d], size=20_000)
    b, c = counts[:, 0], counts[:, 1]
    found = (np.abs(b - c) / np.sqrt(b + c) > 1.96).mean()
    assert 0.78 < found < 0.83


def test_the_discordant_share_is_counted_between_two_models() -> None:
    codes = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [-1, 0], [-2, 0]], np.int8)
    counts = count_pairs(codes, np.zeros(6, np.int8), options=2)
    assert discordant_share(counts).value.tolist() == [[0, 3 / 5], [3 / 5, 0]]


def test_the_table_in_the_docs_is_what_the_function_gives() -> None:
    text = DOCS.read_text("utf-8").partition("## Minimum detectable difference")[2]
    rows = re.findall(r"^\| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE)
    assert len(rows) == 5
    for n, *points in rows:
        wanted = [f"{100 * detectable(int(n.replace(',', '')), d):.1f}" for d in (0.1, 0.2, 0.3)]
        assert points == wanted
