"""The layout of a paper-shaped table: rounding, means, what an empty mean wants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clika.report.tables import NumberStyle, PaperTable, TableHead, Values, build_table

PERCENT = NumberStyle(scale=100, decimals=1)
SHARE = NumberStyle(scale=1, decimals=2)
CLIPPED = NumberStyle(scale=1, decimals=2, floor=0.0)


def one_row(members: dict[str, Values], *, columns: tuple[str, ...] = ("en", "de")) -> PaperTable:
    head = TableHead("acc_made", "Made: accuracy", PERCENT)
    return build_table(head, members, groups={"m": "Made"}, columns=columns, averaged=("de", "he"))


@pytest.mark.parametrize(
    ("style", "value", "printed"),
    [
        (PERCENT, 0.746, "74.6"),
        (PERCENT, 1.0, "100.0"),
        (PERCENT, 0.0, "0.0"),
        (SHARE, -0.004, "0.00"),
        (SHARE, -0.006, "-0.01"),
        (CLIPPED, -0.3, "0.00"),
        (CLIPPED, 1.25, "1.25"),
        (SHARE, None, ""),
    ],
)
def test_a_number_is_printed(style: NumberStyle, value: float | None, printed: str) -> None:
    assert style.render(value) == printed


def test_the_mean_is_over_all_averaged_languages_and_never_over_the_pivot() -> None:
    values: Values = {("m", "en"): 1.0, ("m", "de"): 0.5, ("m", "he"): 0.1}
    for columns in (("en", "de", "he"), ("en", "de"), ("en",)):
        (row,) = one_row({"t": values}, columns=columns).rows
        assert row.cells[-1] == "30.0"
        assert row.missing == ()


def test_a_mean_wants_what_is_missing_and_not_the_pivot() -> None:
    (row,) = one_row({"t": {("m", "en"): None, ("m", "de"): 0.5}}).rows
    assert row.cells == ("", "50.0", "")
    assert row.missing == ("he",)


def test_a_mean_over_tasks_wants_each_gap_and_a_whole_task_by_its_name() -> None:
    full: Values = {("m", code): 0.5 for code in ("en", "de", "he")}
    (row,) = one_row({"t": full, "u": {("m", "de"): 0.7}}).rows
    assert row.cells == ("", "60.0", "")
    assert row.missing == ("u en", "u he")
    (row,) = one_row({"t": full, "u": {}}).rows
    assert row.cells == ("", "", "")
    assert row.missing == ("u",)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_a_mean_does_not_depend_on_the_order_of_its_members(
    shares: list[float], source: object
) -> None:
    languages = [f"l{place}" for place in range(len(shares))]
    values: Values = {("m", code): share for code, share in zip(languages, shares, strict=True)}
    head = TableHead("t", "t", NumberStyle(scale=1, decimals=17))
    shuffled = [*languages]
    source.shuffle(shuffled)  # type: ignore[attr-defined]
    cells = {
        build_table(head, {"t": values}, groups={"m": ""}, columns=(), averaged=order).rows[0].cells
        for order in (languages, shuffled)
    }
    assert len(cells) == 1
